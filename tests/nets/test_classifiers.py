"""Classifiers: published parameter counts, sizes, receptive fields."""

import numpy as np
import pytest
import torch

from nital.core.errors import InputError, UnknownName
from nital.nets.classics import Classifier, alexnet, lenet5, two_convolutions
from nital.nets.receptive_field import receptive_field
from nital.nets.resnet import micrograph_resnet, resnet


def count(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (lenet5, 61_706),
        (two_convolutions, 421_642),
        (alexnet, 61_100_840),
        (lambda: resnet("resnet18"), 11_689_512),
        (lambda: resnet("resnet34"), 21_797_672),
        (lambda: resnet("resnet50"), 25_557_032),
        (lambda: resnet("resnet101"), 44_549_160),
        (lambda: resnet("resnet152"), 60_192_808),
    ],
)
def test_the_number_of_parameters_is_the_published_one(build, parameters):
    with torch.device("meta"):
        assert count(build()) == parameters


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        (lenet5(), (1, 28, 28)),
        (two_convolutions(4), (1, 28, 28)),
        (resnet("resnet18", classes=3, in_channels=1), (1, 64, 96)),
        (micrograph_resnet(5, widths=(4, 8)), (1, 33, 47)),
    ],
)
def test_every_image_gives_one_logit_per_class_and_feature_maps(network, shape):
    image = torch.zeros(2, *shape)
    logits, maps = network.eval()(image), network.maps(image)
    assert logits.ndim == 2
    assert maps.ndim == 4
    assert len(logits) == len(maps) == 2


def test_a_size_that_the_dense_layers_cannot_take_is_named():
    with pytest.raises(InputError, match="28 x 28 px, not 32 x 30"):
        lenet5()(torch.zeros(1, 1, 32, 30))


def test_an_unknown_name_is_refused():
    with pytest.raises(UnknownName, match="resnet18"):
        resnet("resnet19")


def reach(network: Classifier, side: int, channels: int) -> int:
    """Side of the square of inputs with any gradient from the middle feature; weights made positive."""
    for parameter in network.parameters():
        torch.nn.init.constant_(parameter, 0.01)
    image = torch.ones(1, channels, side, side, requires_grad=True)
    maps = network.eval().body(image)
    middle = maps.shape[-1] // 2
    maps[0, :, middle, middle].sum().backward()
    assert image.grad is not None
    touched = np.flatnonzero(image.grad[0].abs().amax(dim=(0, 1)).numpy() > 0)
    return int(touched[-1] - touched[0] + 1)


@pytest.mark.parametrize(
    ("network", "side", "channels"),
    [(micrograph_resnet(2, widths=(2, 4, 4), blocks=1), 128, 1), (two_convolutions(), 64, 1)],
)
def test_the_measured_receptive_field_is_that_of_the_formula(network, side, channels):
    # Max pooling passes gradient to one of equal inputs only; with equal weights that is the same place everywhere.
    found = reach(network, side, channels)
    expected = receptive_field(network.layers)
    assert found == expected or (
        any(isinstance(m, torch.nn.MaxPool2d) for m in network.modules()) and found <= expected
    )
