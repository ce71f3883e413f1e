"""The ensemble: members are independent, stop on groups of their own, and come back as they were."""

import numpy as np
import torch

from nital.nets.mlp import PerceptronMembers
from nital.tasks.properties.network import _sides, train_ensemble


def test_a_member_of_the_batch_is_the_network_that_it_would_be_alone() -> None:
    torch.manual_seed(0)
    together = PerceptronMembers(3, 5, (8, 8))
    rows = torch.randn(3, 7, 5)
    for member in range(3):
        alone = PerceptronMembers(1, 5, (8, 8))
        with torch.no_grad():
            for own, all_ in zip(alone.parameters(), together.parameters(), strict=True):
                own.copy_(all_[member : member + 1])
        torch.testing.assert_close(alone(rows[member : member + 1])[0], together(rows)[member])


def test_the_gradient_of_one_members_error_leaves_the_others_alone() -> None:
    model = PerceptronMembers(3, 4, (8,))
    model(torch.randn(3, 6, 4))[1].square().sum().backward()
    for parameter in model.parameters():
        assert parameter.grad is not None
        assert parameter.grad[0].abs().sum() == 0 and parameter.grad[2].abs().sum() == 0
        assert parameter.grad[1].abs().sum() > 0


def test_no_group_stands_on_both_sides_of_a_members_early_stopping_and_all_groups_are_learned_from() -> None:
    groups = np.repeat(np.arange(11), 3)
    sides = _sides(groups, 7, seed=2)
    assert len(sides) == 7
    for train, held in sides:
        assert not set(groups[train]) & set(groups[held])
        assert len(train) + len(held) == len(groups)
    assert set(np.concatenate([groups[held] for _, held in sides[:5]])) == set(range(11))


def test_it_learns_a_bent_curve_and_the_same_seed_gives_the_same_weights() -> None:
    x = np.linspace(-1, 1, 120)[:, None]
    y = np.sin(4 * x[:, 0])
    groups = np.arange(120) // 3
    first, again = (train_ensemble(x, y, groups, 1, members=4, epochs=60) for _ in range(2))
    for one, other in zip(first.weights, again.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    members = first.apply(x)
    assert members.shape == (120, 4)
    assert np.abs(members.mean(axis=1) - y).mean() < 0.15


def test_the_torch_module_for_gradients_gives_what_the_arrays_give() -> None:
    x = np.random.default_rng(0).normal(size=(40, 3))
    weights = train_ensemble(x, x[:, 0], np.arange(40), 0, members=2, epochs=2)
    with torch.no_grad():
        given = weights.module()(torch.from_numpy(x.astype(np.float32)).expand(2, 40, 3))[:, :, 0].T
    np.testing.assert_allclose(given.numpy(), weights.apply(x), atol=1e-5)


def test_a_single_group_is_parted_by_rows() -> None:
    x = np.random.default_rng(0).normal(size=(20, 2))
    weights = train_ensemble(x, x[:, 0], np.zeros(20), 0, members=2, epochs=2)
    assert np.isfinite(weights.apply(x)).all()
