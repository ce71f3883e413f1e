"""The measured receptive field against the formula."""

import pytest
import torch
from torch import nn

from nital.core.errors import InputError, UnknownName
from nital.learn.measured_receptive_field import measure_receptive_field
from nital.nets.classics import two_convolutions
from nital.nets.receptive_field import receptive_field
from nital.nets.resnet import micrograph_resnet


@pytest.mark.parametrize(
    ("build", "channels"),
    [
        (lambda: micrograph_resnet(2), 1),
        (lambda: micrograph_resnet(2, widths=(4, 8), blocks=2), 1),
        (lambda: micrograph_resnet(2, in_channels=3, widths=(16, 32, 64)), 3),
    ],
)
def test_reach_and_places_are_those_of_the_formula(build, channels):
    torch.manual_seed(1)
    network = build()
    found = measure_receptive_field(network, torch.randn(1, channels, 96, 80))
    assert found.reach_px == receptive_field(network.layers)
    assert not found.cut
    assert found.first_px == 0, "odd kernels, padded on both sides"
    steps = torch.tensor([stride for _, stride in network.layers]).prod().item()
    assert found.stride_px == steps
    assert found.effective_px < found.reach_px


def test_a_plain_mean_is_seen_whole_and_evenly():
    network = nn.Sequential(nn.AvgPool2d(4), nn.Flatten(), nn.Linear(64, 2))
    found = measure_receptive_field(network, torch.randn(1, 1, 32, 32), "0")
    assert (found.reach_px, found.effective_px, found.stride_px, found.first_px) == (4, 4, 4, 1.5)


def test_a_field_that_meets_the_edges_is_called_cut():
    torch.manual_seed(0)
    found = measure_receptive_field(micrograph_resnet(2), torch.randn(1, 1, 20, 20))
    assert found.cut and found.reach_px <= 20


def test_max_pooling_sees_no_more_than_the_formula():
    torch.manual_seed(0)
    network = two_convolutions()
    found = measure_receptive_field(network, torch.randn(1, 1, 28, 28))
    assert found.reach_px <= receptive_field(network.layers)


def test_layers_that_cannot_be_measured_are_named():
    torch.manual_seed(0)
    network, image = micrograph_resnet(2, widths=(4, 8)), torch.randn(1, 1, 32, 32)
    with pytest.raises(UnknownName, match="body"):
        measure_receptive_field(network, image, "body.99")
    with pytest.raises(InputError, match="earlier layer"):
        measure_receptive_field(network, image, "head.0")
