"""Parts of another model are taken over, kept as they are, or learn more slowly."""

from pathlib import Path

import pytest

pytest.importorskip("torch")

import torch
from safetensors.torch import save_file
from torch import nn

from nital.core.errors import ArtifactError, InputError
from nital.learn.transfer import freeze, load_part, parameter_groups


def network(width: int = 4) -> nn.Sequential:
    """Two stages with batch norms, and a head."""
    parts = {
        "first": nn.Sequential(nn.Linear(3, width), nn.BatchNorm1d(width)),
        "second": nn.Sequential(nn.Linear(width, width), nn.BatchNorm1d(width)),
        "head": nn.Linear(width, 2),
    }
    model = nn.Sequential()
    for name, part in parts.items():
        model.add_module(name, part)
    return model


@pytest.fixture
def source(tmp_path: Path) -> nn.Sequential:
    torch.manual_seed(7)
    other = network()
    save_file(other.state_dict(), tmp_path / "weights.safetensors")
    return other


def step(model: nn.Module, groups: list | None = None) -> None:
    optimiser = torch.optim.SGD(groups or model.parameters(), lr=0.1)
    model.train()
    model(torch.randn(16, 3, generator=torch.Generator().manual_seed(1)) + 5).square().sum().backward()
    optimiser.step()


def test_one_part_is_taken_over_and_the_rest_stays(source: nn.Sequential, tmp_path: Path) -> None:
    model = network()
    head = model.get_submodule("head").state_dict()["weight"].clone()
    load_part(model, "first", tmp_path)
    for name, value in source.get_submodule("first").state_dict().items():
        torch.testing.assert_close(model.get_submodule("first").state_dict()[name], value, rtol=0, atol=0)
    torch.testing.assert_close(model.get_submodule("head").state_dict()["weight"], head, rtol=0, atol=0)
    assert not torch.equal(model.get_parameter("second.0.weight"), source.get_parameter("second.0.weight"))


def test_a_part_of_another_shape_is_refused(source: nn.Sequential, tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="another shape"):
        load_part(network(5), "first", tmp_path)


def test_a_folder_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="nowhere"):
        load_part(network(), "first", tmp_path / "nowhere")


def test_a_frozen_stage_keeps_weights_and_statistics_while_the_others_learn() -> None:
    model = network()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    freeze(model, ("first",))
    step(model)
    changed = {name for name, value in model.state_dict().items() if not torch.equal(value, before[name])}
    assert not any(name.startswith("first.") for name in changed)
    assert {"second.0.weight", "second.1.running_mean", "head.weight"} <= changed


def test_a_stage_that_is_not_there_is_refused_and_those_beside_it_are_named() -> None:
    with pytest.raises(InputError, match=r"no stage 'third'.*first, second, head"):
        freeze(network(), ("third",))
    with pytest.raises(InputError, match=r"first\.0, first\.1"):
        freeze(network(), ("first.9",))


def test_each_stage_has_its_share_of_the_rate_and_every_parameter_stands_once_in_order() -> None:
    model = network()
    groups = parameter_groups(model, ("first", "second"), 0.1)
    assert [group["rate_share"] for group in groups] == pytest.approx([0.01, 0.1, 1])
    assert [id(p) for group in groups for p in group["params"]] == [id(p) for p in model.parameters()]


def test_with_equal_rates_there_is_one_group() -> None:
    assert len(parameter_groups(network(), ("first", "second"))) == 1


@pytest.mark.parametrize("share", [0.0, 1.5])
def test_a_share_that_cannot_be_is_refused(share: float) -> None:
    with pytest.raises(InputError, match="more than 0"):
        parameter_groups(network(), ("first",), share)
