"""Grad-CAM finds an object whose place is known, and its map depends on what was learned."""

import numpy as np
import pytest
import torch
from marked_objects import OBJECTS, MarkedImages, marked_images
from torch import nn

from nital.core.errors import InputError
from nital.learn.explain import grad_cam, integrated_gradients, occlusion
from nital.learn.measured_receptive_field import measure_receptive_field
from nital.learn.sanity import SanityCheck, randomised, sanity_check
from nital.nets.resnet import micrograph_resnet

SIDE, CONTRAST = 48, 4.0


def draw(number: int, rng: np.random.Generator) -> MarkedImages:
    return marked_images(number, rng, side_px=SIDE, contrast=CONTRAST)


@pytest.fixture(scope="module")
def trained() -> nn.Module:
    """A few seconds of training: 250 batches of 16 images."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    images = draw(1600, np.random.default_rng(0))
    network = micrograph_resnet(len(OBJECTS), widths=(8, 16, 32)).to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(network.parameters(), fused=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 1e-2, total_steps=250)
    for step in range(250):
        batch = slice(start := step % 100 * 16, start + 16)
        logits = network(torch.from_numpy(images.image[batch, None]))
        loss = nn.functional.cross_entropy(logits, torch.from_numpy(images.kind[batch]))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
    torch.set_num_threads(threads)
    return network


@pytest.fixture(scope="module")
def fresh() -> MarkedImages:
    """100 images that each hold an object, never trained on."""
    images = draw(136, np.random.default_rng(1000))
    marked = np.flatnonzero(images.kind)[:100]
    return MarkedImages(images.image[marked], images.kind[marked], images.mask[marked])


def tensors(images: MarkedImages, number: int = 100) -> tuple[torch.Tensor, list[int]]:
    return torch.from_numpy(images.image)[:number, None], images.kind[:number].tolist()


def peaks_on_object(heat: np.ndarray, images: MarkedImages) -> float:
    peak = heat.reshape(len(heat), -1).argmax(1)
    return float(images.mask[: len(heat)].reshape(len(heat), -1)[np.arange(len(heat)), peak].mean())


def test_the_peak_of_grad_cam_lies_on_the_object_in_95_of_100_images(trained, fresh):
    image, kind = tensors(fresh)
    receptive_field = measure_receptive_field(trained, image)
    heat = grad_cam(trained, image, kind, stride_px=receptive_field.stride_px, first_px=receptive_field.first_px)
    share_of_area = fresh.mask.mean()
    assert share_of_area < 0.1, "by chance a tenth of the peaks would"
    assert peaks_on_object(heat, fresh) >= 0.95


def test_without_training_the_peak_is_mostly_elsewhere(trained, fresh):
    image, kind = tensors(fresh)
    assert peaks_on_object(grad_cam(randomised(trained, 0), image, kind), fresh) < 0.8


def test_occlusion_finds_the_object_as_well(trained, fresh):
    image, kind = tensors(fresh, 20)
    assert peaks_on_object(occlusion(trained, image, kind, window_px=8, stride_px=4), fresh) >= 0.9


@pytest.mark.parametrize(
    "method",
    [
        grad_cam,
        lambda model, image, kind: integrated_gradients(model, image, kind, steps=16).map,
        lambda model, image, kind: occlusion(model, image, kind, window_px=12, stride_px=6),
    ],
    ids=["grad_cam", "integrated_gradients", "occlusion"],
)
def test_maps_of_the_network_pass_the_sanity_check(trained, fresh, method):
    image, kind = tensors(fresh, 12)
    check = sanity_check(method, trained, image, kind)
    assert check.passed
    assert "depends on the network" in check.sentence()


def test_an_edge_detector_fails_the_sanity_check(trained, fresh):
    """Adebayo et al. 2018, figure 1: edges look like an explanation and know nothing of the network."""
    image, _ = tensors(fresh, 4)
    check = sanity_check(lambda _model, x, _kind: np.hypot(*np.gradient(x[:, 0].numpy(), axis=(1, 2))), trained, image)
    assert check.rank_correlation == pytest.approx(1)
    assert check.structural_similarity == pytest.approx(1)
    assert not check.passed
    assert "do not use it as a reason" in check.sentence()


def test_the_sanity_check_is_the_same_for_the_same_seed_and_leaves_all_else_alone(trained, fresh):
    image, kind = tensors(fresh, 4)
    before = {name: value.clone() for name, value in trained.state_dict().items()}
    state = torch.get_rng_state()
    first, again = (sanity_check(grad_cam, trained, image, kind, seed=7) for _ in range(2))
    assert first == again
    assert first != sanity_check(grad_cam, trained, image, kind, seed=8)
    assert torch.equal(state, torch.get_rng_state())
    assert all(torch.equal(before[name], value) for name, value in trained.state_dict().items())


def test_a_constant_map_correlates_with_nothing_and_counts_as_not_checked(trained, fresh):
    image, kind = tensors(fresh, 2)
    check = sanity_check(lambda _model, x, _kind: np.zeros((len(x), 48, 48)), trained, image, kind)
    assert check.rank_correlation == 0
    assert check.structural_similarity == pytest.approx(1)
    assert check.passed is None and check.words.startswith("not checked") and "shows nothing" in check.sentence()


def test_every_weight_of_a_randomised_network_is_another_one(trained):
    other = randomised(trained, 0)
    for (name, old), new in zip(trained.named_parameters(), other.parameters(), strict=True):
        assert not torch.equal(old, new), name


def test_parameters_of_modules_that_cannot_start_anew_are_shuffled():
    class Own(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.arange(50.0))

    other = randomised(Own(), 0).get_parameter("weight")
    assert not torch.equal(other, torch.arange(50.0))
    assert torch.equal(other.sort().values, torch.arange(50.0))


def test_no_draw_and_tiny_images_are_refused(trained, fresh):
    image, kind = tensors(fresh, 2)
    with pytest.raises(InputError, match="at least 1 draw"):
        sanity_check(grad_cam, trained, image, kind, draws=0)
    with pytest.raises(InputError, match="7 x 7"):
        sanity_check(grad_cam, trained, image[..., :6, :6], kind)


@pytest.mark.parametrize("rank", [0.1, 0.9])
def test_either_similarity_alone_can_fail_the_check(rank):
    assert SanityCheck(rank, 0.2, 3).passed == (rank < 0.5)
    assert not SanityCheck(0.2, 0.9, 3).passed
