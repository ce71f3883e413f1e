"""The measured receptive field against the formula, and its warning."""

import pytest
import torch
from torch import nn

from nital.core.errors import InputError, UnknownName
from nital.learn.measured_receptive_field import ReceptiveField, measure_receptive_field
from nital.nets.classics import two_convolutions
from nital.nets.receptive_field import receptive_field
from nital.nets.resnet import deep_stack, micrograph_resnet


@pytest.mark.parametrize(
    ("build", "channels"),
    [
        (lambda: micrograph_resnet(2), 1),
        (lambda: micrograph_resnet(2, widths=(4, 8), blocks=2), 1),
        (lambda: deep_stack(8), 3),
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


def receptive_field_of_25_px(pixel_size_um: float | None, cut: bool = False) -> ReceptiveField:
    return ReceptiveField("body", 25, 17, 4.0, 0.0, cut, pixel_size_um)


def test_the_warning_says_sizes_in_pixels_and_micrometres():
    text = receptive_field_of_25_px(0.5).warning(30.0)
    assert text is not None
    assert "25 px (12.5 um)" in text and "one grain (30 px (15 um))" in text and "pieces of grains" in text
    assert (receptive_field_of_25_px(0.5).reach_um, receptive_field_of_25_px(0.5).effective_um) == (12.5, 8.5)


def test_a_grain_between_effective_and_full_reach_is_warned_of_more_mildly():
    text = receptive_field_of_25_px(None).warning(20.0)
    assert text is not None and "95 %" in text and "pieces" not in text and "um" not in text
    assert receptive_field_of_25_px(None).reach_um is None


def test_a_field_cut_by_the_image_is_not_said_to_be_smaller_than_the_grain():
    text = receptive_field_of_25_px(None, cut=True).warning(30.0)
    assert text is not None and "pieces" not in text and "sees at least 25 px" in text


def test_small_grains_need_no_warning():
    assert receptive_field_of_25_px(0.5).warning(17) is None


def test_layers_and_sizes_that_cannot_be_are_named():
    torch.manual_seed(0)
    network, image = micrograph_resnet(2, widths=(4, 8)), torch.randn(1, 1, 32, 32)
    with pytest.raises(UnknownName, match="body"):
        measure_receptive_field(network, image, "body.99")
    with pytest.raises(InputError, match="pixel size"):
        measure_receptive_field(network, image, pixel_size_um=0.0)
    with pytest.raises(InputError, match="earlier layer"):
        measure_receptive_field(network, image, "head.0")
