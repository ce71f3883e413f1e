"""Filters, feature maps, Grad-CAM, integrated gradients and occlusion on networks whose answer is known."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from nital.core.errors import InputError, UnknownName
from nital.learn.explain import grad_cam, integrated_gradients, occlusion
from nital.learn.layers import feature_maps, first_layer_filters, list_layers
from nital.nets.classics import alexnet, lenet5
from nital.nets.resnet import micrograph_resnet


@pytest.fixture
def network() -> nn.Module:
    torch.manual_seed(3)
    return micrograph_resnet(3, widths=(4, 8))


@pytest.fixture
def images() -> torch.Tensor:
    return torch.randn(2, 1, 24, 32, generator=torch.Generator().manual_seed(0))


class Linear(nn.Module):
    """Logit of class c: the sum of the pixels under mask c, plus a constant."""

    def __init__(self, masks: torch.Tensor) -> None:
        super().__init__()
        self.masks = nn.Parameter(masks)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return torch.einsum("nijk,cjk->nc", image, self.masks) + 5


@pytest.fixture
def corner() -> Linear:
    masks = torch.zeros(2, 16, 16)
    masks[1, 8:, :8] = 1
    return Linear(masks)


def test_layers_are_listed_with_their_shapes_in_order(network, images):
    layers = list_layers(network, images)
    assert next(iter(layers)) == "body.0" and layers["body.0"] == (4, 24, 32)
    assert layers["body"] == (8, 12, 16) and layers["body.4.shortcut.0"] == (8, 12, 16)
    assert "head.2" not in layers, "logits are no feature maps"


def test_a_module_that_is_used_twice_is_not_offered():
    layers = list_layers(alexnet(classes=2), torch.zeros(1, 3, 224, 224))
    assert "body.1" not in layers, "one ReLU serves five convolutions"
    assert layers["body"] == (256, 6, 6)


def test_filters_are_the_weights_of_the_first_convolution(network):
    np.testing.assert_array_equal(first_layer_filters(network), network.body[0].weight.detach().numpy())


def test_a_network_without_convolutions_has_no_filters(corner):
    with pytest.raises(InputError, match="occlusion"):
        first_layer_filters(corner)
    with pytest.raises(InputError, match="occlusion"):
        grad_cam(corner, torch.zeros(1, 1, 16, 16))


def test_feature_maps_are_what_the_layer_gave_before_it_was_changed_in_place(network, images):
    network.eval()
    with torch.no_grad():
        expected = network.body[1](network.body[0](images)).numpy()
    found = feature_maps(network, images, "body.1")
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert found.min() < 0, "the ReLU that follows works in place"


def test_an_unknown_layer_is_named_with_its_neighbours(network, images):
    with pytest.raises(UnknownName, match=r"Did you mean 'body\.\d"):
        feature_maps(network, images, "bdy.3")
    with pytest.raises(UnknownName, match="body"):
        grad_cam(network, images, 0, layer="head.2")


def test_grad_cam_of_the_last_maps_is_the_positive_class_activation_map(network, images):
    """With one global mean and one dense layer, da / dA = w / (rows x cols): both maps are the same."""
    maps = feature_maps(network, images, "body")
    weights = network.head[2].weight.detach().numpy()
    expected = [np.tensordot(weights[1], m, axes=1).clip(0) / m[0].size for m in maps]
    small = grad_cam(network, images, 1, stride_px=1.0, first_px=0.0)[:, :12, :16]
    np.testing.assert_allclose(small, expected, atol=1e-6)
    assert small.max() > 0


def test_without_a_target_the_class_that_the_network_gives_is_explained(network, images):
    given = network.eval()(images).argmax(1).tolist()
    np.testing.assert_array_equal(grad_cam(network, images), grad_cam(network, images, given))
    assert grad_cam(network, images, layer="body.3").shape == (2, 24, 32)


@pytest.mark.parametrize("target", [3, -1, [0], [0, 7]])
@pytest.mark.parametrize("method", [grad_cam, integrated_gradients, occlusion])
def test_a_target_that_is_no_class_is_named(network, images, method, target):
    with pytest.raises(InputError, match="class from 0 to 2"):
        method(network, images, target)


def test_integrated_gradients_of_a_linear_network_are_exact(corner):
    image = torch.rand(2, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    found = integrated_gradients(corner, image, 1, baseline=0.0, steps=4)
    np.testing.assert_allclose(found.map, (image[:, 0] * corner.masks[1]).detach().numpy(), atol=1e-6)
    np.testing.assert_allclose(found.gap, 0, atol=1e-4)
    np.testing.assert_allclose(found.rise, found.map.sum((1, 2)), rtol=1e-5)
    assert found.sentence() == "The map accounts for the logit's change to within 0.0% of it."


def test_the_gap_is_what_is_missing_from_completeness_and_shrinks_with_steps(network, images):
    """Sundararajan et al. 2017, proposition 1: the shares sum to the rise of the output."""
    few, many = (integrated_gradients(network, images, 0, steps=steps) for steps in (2, 256))
    for found in (few, many):
        np.testing.assert_allclose(found.map.sum((1, 2)) - found.rise, found.gap, atol=1e-5)
    assert np.abs(many.gap).max() < 0.1 * np.abs(few.gap).max()
    assert np.abs(many.gap / many.rise).max() < 0.02


def test_a_large_gap_is_said(network, images):
    assert "take more steps" in integrated_gradients(network, 20 * images, 0, steps=2).sentence()


def test_occlusion_falls_by_what_was_covered(corner):
    image = torch.ones(1, 1, 16, 16)
    heat = occlusion(corner, image, 1, window_px=8, stride_px=8, fill=0.0)
    expected = np.zeros((1, 16, 16))
    expected[0, 8:, :8] = 64
    np.testing.assert_allclose(heat, expected, atol=1e-4)


def test_covering_with_the_mean_of_a_flat_image_changes_nothing(corner):
    np.testing.assert_allclose(occlusion(corner, torch.full((1, 1, 16, 16), 0.5), 1, window_px=4, stride_px=2), 0)


@pytest.mark.parametrize(("window", "stride"), [(40, 8), (8, 9), (0, 0)])
def test_a_window_that_does_not_cover_the_image_is_refused(network, images, window, stride):
    with pytest.raises(InputError, match="window"):
        occlusion(network, images, 0, window_px=window, stride_px=stride)


def test_one_step_is_no_integral(network, images):
    with pytest.raises(InputError, match="at least 2"):
        integrated_gradients(network, images, 0, steps=1)


@pytest.mark.parametrize("method", [grad_cam, integrated_gradients, occlusion])
def test_explaining_leaves_the_network_and_the_images_as_they_were(network, images, method):
    network.train()
    network.body[1].eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    kept = images.clone()
    with torch.no_grad():
        method(network, images, 0)
    assert network.training and not network.body[1].training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    assert all(parameter.grad is None for parameter in network.parameters())
    assert torch.equal(images, kept) and images.grad is None
    assert not any(module._forward_hooks for module in network.modules())


def test_a_network_for_one_size_can_be_explained_too():
    torch.manual_seed(0)
    image = torch.randn(1, 1, 28, 28)
    assert grad_cam(lenet5(), image).shape == (1, 28, 28)
    assert list_layers(lenet5(), image)["body.5"] == (16, 5, 5)


WITHOUT_TORCHVISION_OR_NETWORK = """
import sys
sys.modules["torchvision"] = None
def forbid(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "subprocess.Popen"):
        raise RuntimeError(event)
sys.addaudithook(forbid)
import torch
from nital.learn.explain import grad_cam, integrated_gradients, occlusion
from nital.nets.classics import lenet5
network, image = lenet5(), torch.randn(1, 1, 28, 28)
for method in (grad_cam, integrated_gradients, occlusion):
    method(network, image, 3)
print("done")
"""


def test_explaining_needs_no_torchvision_opens_no_connection_and_warns_of_nothing():
    command = [sys.executable, "-W", "error", "-c", WITHOUT_TORCHVISION_OR_NETWORK]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (answer.stdout, answer.stderr) == ("done\n", "")
