import numpy as np
import pytest
import torch

from nital.core.errors import InputError
from nital.nets.receptive_field import receptive_field
from nital.nets.unet import UNet


def reach(network: UNet, side: int) -> int:
    """Side of the square of inputs that have any gradient from the middle output; weights made positive."""
    for parameter in network.parameters():
        torch.nn.init.constant_(parameter, 0.01)
    image = torch.ones(1, 1, side, side, requires_grad=True)
    network.eval()(image)[0, :, side // 2 : side // 2 + 1, side // 2 : side // 2 + 1].sum().backward()
    assert image.grad is not None
    touched = np.flatnonzero(image.grad[0, 0].abs().amax(dim=0) > 0)
    return int(touched[-1] - touched[0] + 1)


@pytest.mark.parametrize(("height", "width"), [(16, 16), (16, 48), (80, 32)])
def test_any_multiple_gives_logits_of_the_same_size(height, width):
    network = UNet(width=4, depth=4)
    assert network.multiple == 16
    assert network(torch.zeros(2, 1, height, width)).shape == (2, 3, height, width)


@pytest.mark.parametrize(("in_channels", "out_channels", "depth"), [(1, 1, 1), (3, 2, 2), (2, 5, 5)])
def test_channels_and_depth_are_as_asked(in_channels, out_channels, depth):
    network = UNet(in_channels, out_channels, width=2, depth=depth)
    assert network(torch.zeros(2, in_channels, 64, 64)).shape == (2, out_channels, 64, 64)


def test_the_default_network_is_as_large_as_documented():
    assert sum(parameter.numel() for parameter in UNet().parameters()) == 450_812


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_no_input_outside_the_receptive_field_matters(depth):
    network = UNet(width=2, depth=depth)
    found = reach(network, 128)
    # The pixel's place within its block decides how much of the receptive field it sees.
    assert network.receptive_field - network.multiple <= found <= network.receptive_field


def test_a_shift_by_the_multiple_shifts_the_answer():
    torch.manual_seed(0)
    network = UNet(width=4, depth=3).eval()
    image = torch.rand(1, 1, 256, 256)
    shift = network.multiple
    margin = network.receptive_field
    with torch.no_grad():
        here = network(image)[..., margin:-margin, margin:-margin]
        there = network(torch.roll(image, (shift, shift), (2, 3)))[..., margin + shift :, margin + shift :]
    torch.testing.assert_close(there[..., : here.shape[2], : here.shape[3]], here, atol=1e-5, rtol=0)


def test_a_size_that_is_no_multiple_is_refused_with_the_size():
    with pytest.raises(InputError, match=r"64 x 40 px .* multiples of 16"):
        UNet(width=2, depth=4)(torch.zeros(1, 1, 64, 40))


@pytest.mark.parametrize("sizes", [{"width": 0}, {"depth": 0}, {"out_channels": -1}])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(InputError, match=next(iter(sizes))):
        UNet(**sizes)


def test_the_receptive_field_of_vgg16_is_212():
    # A. Araujo et al. (2019), doi:10.23915/distill.00021, table of common networks: VGG-16 has 212.
    blocks = [(3, 1)] * 2 + [(2, 2)], [(3, 1)] * 3 + [(2, 2)]
    layers = blocks[0] * 2 + blocks[1] * 3
    assert receptive_field(layers) == 212
