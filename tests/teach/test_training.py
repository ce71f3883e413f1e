"""Losses, optimisers and early stopping: against torch, and by what they promise."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from nital.teach.tensor import Tensor, constant, numerical_gradient
from nital.teach.training import (
    SGD,
    Adam,
    EarlyStopping,
    Momentum,
    Optimiser,
    binary_cross_entropy,
    categorical_cross_entropy,
    half_squared_error,
    l2_penalty,
    mean_absolute_error,
    mean_squared_error,
    minibatches,
)

UNHURRIED = settings(deadline=None, max_examples=40)  # the first call of torch takes long
CLOSE = {"rtol": 1e-10, "atol": 1e-10}
seeds = st.integers(0, 10**6)
shapes = st.lists(st.integers(1, 4), min_size=1, max_size=3).map(tuple)

LOSSES: dict[str, tuple[Callable, Callable]] = {
    "mse": (mean_squared_error, functional.mse_loss),
    "mae": (mean_absolute_error, functional.l1_loss),
    "half squared error": (half_squared_error, lambda p, t: ((p - t) ** 2).sum() / 2 / len(p)),
    "binary cross-entropy": (binary_cross_entropy, functional.binary_cross_entropy_with_logits),
}


def agree(loss: Tensor, expected: torch.Tensor, x: Tensor, x_torch: torch.Tensor) -> None:
    loss.backward()
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-10, abs=1e-10)
    assert x.grad is not None and x_torch.grad is not None
    np.testing.assert_allclose(x.grad, x_torch.grad.numpy(), **CLOSE)


@pytest.mark.parametrize("name", LOSSES)
@UNHURRIED
@given(shape=shapes, seed=seeds)
def test_losses_and_their_gradients_agree_with_torch(name: str, shape: tuple[int, ...], seed: int) -> None:
    ours, theirs = LOSSES[name]
    rng = np.random.default_rng(seed)
    array, truth = rng.normal(0, 3, shape), rng.random(shape)
    x, x_torch = Tensor(array), torch.tensor(array, requires_grad=True)
    agree(ours(x, truth), theirs(x_torch, torch.tensor(truth)), x, x_torch)


@UNHURRIED
@given(n=st.integers(1, 5), classes=st.integers(1, 5), seed=seeds, scale=st.sampled_from([1.0, 1e3]))
def test_categorical_cross_entropy_agrees_with_torch(n: int, classes: int, seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    array, labels = rng.normal(0, scale, (n, classes)), rng.integers(0, classes, n)
    x, x_torch = Tensor(array), torch.tensor(array, requires_grad=True)
    agree(categorical_cross_entropy(x, labels), functional.cross_entropy(x_torch, torch.tensor(labels)), x, x_torch)


def test_cross_entropies_stand_logits_far_out_and_have_the_right_slope_at_zero() -> None:
    far = Tensor([-1000.0, 1000.0, 0.0])
    loss = binary_cross_entropy(far, [1, 0, 1])
    loss.backward()
    assert loss.item() == pytest.approx((2000 + math.log(2)) / 3)
    np.testing.assert_allclose(far.grad, np.array([-1, 1, -0.5]) / 3)
    assert categorical_cross_entropy(Tensor([[0.0, 1000.0]]), [0]).item() == 1000


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_of_losses_are_those_of_finite_differences(name: str) -> None:
    rng = np.random.default_rng(0)
    at, truth = rng.normal(size=(3, 2)), rng.random((3, 2))
    x = Tensor(at)
    LOSSES[name][0](x, truth).backward()
    assert x.grad is not None
    expected = numerical_gradient(lambda a: LOSSES[name][0](constant(a), truth).item(), at)
    np.testing.assert_allclose(x.grad, expected, rtol=1e-6, atol=1e-6)


def test_the_penalty_is_half_the_sum_of_squares() -> None:
    weights = [Tensor([[3.0], [4.0]]), Tensor([1.0])]
    penalty = l2_penalty(weights)
    penalty.backward()
    assert penalty.item() == 13
    np.testing.assert_array_equal(weights[0].grad, weights[0].data)


# ---- optimisers ----

OPTIMISERS: dict[str, tuple[Callable, Callable]] = {
    "SGD": (lambda p, l2: SGD(p, 0.05, l2), lambda p, l2: torch.optim.SGD(p, 0.05, weight_decay=l2)),
    "momentum": (
        lambda p, l2: Momentum(p, 0.02, 0.8, l2),
        lambda p, l2: torch.optim.SGD(p, 0.02, momentum=0.8, weight_decay=l2),
    ),
    "Adam": (lambda p, l2: Adam(p, 0.03, l2=l2), lambda p, l2: torch.optim.Adam(p, 0.03, weight_decay=l2)),
    "Adam of other settings": (
        lambda p, l2: Adam(p, 0.01, (0.7, 0.99), 1e-4, l2),
        lambda p, l2: torch.optim.Adam(p, 0.01, (0.7, 0.99), 1e-4, weight_decay=l2),
    ),
}


@pytest.mark.parametrize("name", OPTIMISERS)
@pytest.mark.parametrize("l2", [0.0, 0.1])
def test_optimisers_walk_as_in_torch_for_a_hundred_steps(name: str, l2: float) -> None:
    rng = np.random.default_rng(0)
    start, target = rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    x, w, w_torch = rng.normal(size=(4, 3)), Tensor(start), torch.tensor(start, requires_grad=True)
    ours, theirs = OPTIMISERS[name][0]([w], l2), OPTIMISERS[name][1]([w_torch], l2)
    for _ in range(100):
        ours.zero_grad()
        mean_squared_error((x @ w).tanh(), target).backward()
        ours.step()
        theirs.zero_grad()
        functional.mse_loss(torch.tanh(torch.tensor(x) @ w_torch), torch.tensor(target)).backward()
        theirs.step()
        np.testing.assert_allclose(w.data, w_torch.detach().numpy(), **CLOSE)
    assert np.abs(w.data - start).max() > 0.1


def test_a_parameter_without_gradient_stays() -> None:
    used, unused = Tensor([1.0]), Tensor([1.0])
    optimiser = Adam([used, unused], 0.1, l2=1.0)
    (used * 2).sum().backward()
    optimiser.step()
    assert unused.data == 1 and used.data == pytest.approx(0.9)


def test_an_optimiser_without_a_rule_says_so() -> None:
    w = Tensor([1.0])
    (w * 2).sum().backward()
    with pytest.raises(TypeError, match="Optimiser is no optimiser"):
        Optimiser([w], 0.1).step()


# ---- early stopping and batches ----


def test_early_stopping_waits_out_its_patience_and_brings_the_best_back() -> None:
    w = Tensor([0.0])
    watch = EarlyStopping([w], patience=2)
    answers = []
    for epoch, loss in enumerate([3.0, 1.0, 2.0, 1.0, math.nan]):
        w.data = np.array([float(epoch)])
        answers.append(watch.should_stop(loss))
    assert answers == [False, False, False, False, True]  # three epochs after the second were no better
    watch.restore()
    assert w.data == 1 and watch.best_loss == 1


def test_an_improvement_starts_the_patience_anew() -> None:
    watch = EarlyStopping([Tensor([0.0])], patience=1)
    assert [watch.should_stop(loss) for loss in (3.0, 4.0, 2.0, 4.0, 4.0)] == [False, False, False, False, True]


def test_an_improvement_below_the_tolerance_counts_as_none_but_is_remembered() -> None:
    w = Tensor([0.0])
    watch = EarlyStopping([w], patience=1, tolerance=0.5)
    assert watch.should_stop(2) is False
    w.data = np.array([7.0])
    assert watch.should_stop(1.9) is False
    assert watch.should_stop(1.8) is True
    watch.restore()
    assert w.data == 7 and watch.best_loss == 1.8


def test_steps_do_not_change_the_best_parameters_that_are_kept() -> None:
    w = Tensor([1.0])
    watch, optimiser = EarlyStopping([w], patience=1), SGD([w], 0.1)
    watch.should_stop(1.0)
    w.grad = np.array([5.0])
    optimiser.step()
    assert w.data == 0.5
    watch.restore()
    assert w.data == 1


@UNHURRIED
@given(n=st.integers(1, 50), size=st.integers(1, 60), seed=seeds)
def test_batches_hold_each_sample_once_and_only_the_last_is_smaller(n: int, size: int, seed: int) -> None:
    batches = list(minibatches(np.random.default_rng(seed), n, size))
    assert sorted(np.concatenate(batches).tolist()) == list(range(n))
    assert all(len(batch) == size for batch in batches[:-1]) and 1 <= len(batches[-1]) <= size


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: mean_squared_error(x, [1.0, 2.0]), r"prediction \(2, 1\) and truth \(2,\) must have the same shape"),
        (lambda x: mean_absolute_error(x, [[1.0], [math.nan]]), "data holds 1 NaN"),
        (lambda x: half_squared_error(Tensor(np.ones((0, 1))), np.ones((0, 1))), "not empty"),
        (lambda x: binary_cross_entropy(x, [[0], [2]]), "targets must lie in 0 to 1, not in 0 to 2"),
        (lambda x: binary_cross_entropy(x, [0, 1]), "must have the same shape"),
        (lambda x: categorical_cross_entropy(x, [0.0, 0.0]), "labels N integers"),
        (lambda x: categorical_cross_entropy(x, [0, 1]), "labels must lie in 0 to 0, not in 0 to 1"),
        (lambda x: categorical_cross_entropy(x, [0]), r"not \(2, 1\) and int64 of shape \(1,\)"),
        (lambda x: SGD([], 0.1), "parameters is empty"),
        (lambda x: SGD([x], 0.0), "learning_rate must be above 0"),
        (lambda x: Adam([x], math.nan), "learning_rate must be above 0"),
        (lambda x: Momentum([x], 0.1, l2=-1.0), "l2 not below"),
        (lambda x: EarlyStopping([x], patience=0), "patience must be 1 or more"),
        (lambda x: minibatches(np.random.default_rng(0), 0, 5), "n and batch_size must be 1 or more, not 0 and 5"),
    ],
)
def test_bad_input_is_named_with_what_was_expected(call: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(Tensor([[1.0], [2.0]]))
