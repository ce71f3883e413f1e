"""Synthetic nanoparticles: the truth is what is drawn."""

import dataclasses

import numpy as np
import pytest

from nital.core.errors import InputError
from nital.synth.particle_pictures import Imaging, draw_particles, expose
from nital.synth.particle_shapes import Particle, project, scatter_particles
from nital.synth.particle_supports import Support, draw_support

SHAPE = (96, 128)


@pytest.mark.parametrize("corners", [0, 4, 6, 8])
def test_a_particle_has_the_area_of_its_circle_whatever_its_corners(corners: int) -> None:
    found = project([Particle(48, 64, 20, corners=corners, rounding=0.2, aspect=1.3)], SHAPE)
    assert (found.labels == 1).sum() == pytest.approx(np.pi * 400, rel=0.06)
    assert found.depth.max() == pytest.approx(1, abs=0.01)
    assert not found.depth[found.labels == 0].any()


def test_particles_over_each_other_add_up_and_each_keeps_what_is_nearer_to_it() -> None:
    found = project([Particle(48, 50, 18), Particle(48, 72, 18)], SHAPE)
    assert found.labels[48, 55] == 1 and found.labels[48, 67] == 2
    alone = project([Particle(48, 50, 18)], SHAPE)
    assert found.thickness[48, 61] > 1.5 * alone.thickness[48, 61]
    assert found.depth[48, 61] < 0.7


def test_particles_keep_the_gap_that_is_asked_for() -> None:
    rng = np.random.default_rng(0)
    placed = scatter_particles(rng, np.ones(SHAPE, bool), np.full(30, 5.0), 1.4)
    apart = np.hypot(*(placed[:, None, :2] - placed[None, :, :2]).transpose(2, 0, 1)) + 100 * np.eye(len(placed))
    assert len(placed) > 5 and apart.min() >= 14


@pytest.mark.parametrize("dark_field", [True, False])
def test_particles_are_bright_in_dark_field_and_dark_in_bright_field(dark_field: bool) -> None:
    found = project([Particle(48, 64, 12)], SHAPE)
    support = Support(np.full(SHAPE, 0.2, np.float32), np.ones(SHAPE, bool))
    look = Imaging(dark_field=dark_field, particle=0.5, support=0.2)
    for seed in range(5):
        grey = expose(found, support, look, np.random.default_rng(seed)).astype(float)
        inside, outside = grey[found.depth > 0.5].mean(), grey[found.labels == 0].mean()
        assert (inside > outside) == dark_field


def test_more_noise_is_more_noise() -> None:
    found = project([], SHAPE)
    support = Support(np.full(SHAPE, 0.5, np.float32), np.ones(SHAPE, bool))
    spread: list[float] = []
    for shot in (0.02, 0.2):
        look = Imaging(dark_field=True, particle=0.5, support=0.3, shot=shot, noise=0.0)
        spread.append(float(np.mean([expose(found, support, look, np.random.default_rng(s)).std() for s in range(4)])))
    assert spread[1] > 3 * spread[0]


def test_every_kind_of_support_is_drawn_and_is_finite() -> None:
    for seed in range(40):
        support = draw_support(np.random.default_rng(seed), SHAPE)
        assert support.thickness.shape == SHAPE and np.isfinite(support.thickness).all()
        assert (support.thickness >= 0).all()


def test_pictures_vary_and_repeat_with_their_seed() -> None:
    pictures = [draw_particles(np.random.default_rng(seed), SHAPE) for seed in range(30)]
    again = draw_particles(np.random.default_rng(7), SHAPE)
    assert all(np.array_equal(a, b) for a, b in zip(pictures[7][:3], again[:3], strict=True))
    assert {one.dark_field for one in pictures} == {True, False}
    assert any(one.labels.max() == 0 for one in pictures) or min(one.labels.max() for one in pictures) < 4
    assert all(one.image.dtype == np.uint8 and one.image.std() > 0 for one in pictures)


def test_a_picture_that_is_too_small_is_refused() -> None:
    with pytest.raises(InputError, match="20 x 64"):
        draw_particles(np.random.default_rng(0), (20, 64))


def test_imaging_is_plain_numbers() -> None:
    look = Imaging(dark_field=True, particle=0.5, support=0.3)
    assert all(isinstance(value, bool | float) for value in dataclasses.asdict(look).values())
