"""Synthetic micrographs of several phases with exact labels."""

import dataclasses
import time

import numpy as np
import pytest

pytest.importorskip("numba")

from nital.core.errors import InputError
from nital.synth import phase_pictures
from nital.synth.phase_pictures import CONSTITUENTS, KIND_CONSTITUENTS, PHASE_KINDS, draw_phases

SHAPE = (96, 128)
DRAWS = 12


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng([0x70, seed])


@pytest.mark.parametrize("kind", PHASE_KINDS)
def test_the_same_seed_draws_the_same_bytes_and_another_seed_another_picture(kind):
    one, same, other = (draw_phases(kind, _rng(seed), SHAPE) for seed in (1, 1, 2))
    assert one.image.shape == one.labels.shape == SHAPE
    assert one.image.dtype == one.labels.dtype == np.uint8
    np.testing.assert_array_equal(one.image, same.image)
    np.testing.assert_array_equal(one.labels, same.labels)
    assert (one.image != other.image).mean() > 0.5


@pytest.mark.parametrize("kind", PHASE_KINDS)
def test_labels_are_of_the_kinds_constituents_and_nearly_all_draws_hold_two(kind):
    allowed = {CONSTITUENTS.index(name) for name in KIND_CONSTITUENTS[kind]}
    found = [set(np.unique(draw_phases(kind, _rng(seed), SHAPE).labels).tolist()) for seed in range(DRAWS)]
    assert all(labels <= allowed for labels in found)
    assert sum(len(labels) > 1 for labels in found) >= DRAWS - 1


@pytest.mark.parametrize("kind", PHASE_KINDS)
def test_every_constituent_of_a_kind_occurs_and_fractions_lie_in_the_drawn_range(kind):
    labels = np.stack([draw_phases(kind, _rng(seed), SHAPE).labels for seed in range(3 * DRAWS)])
    assert set(np.unique(labels)) == {CONSTITUENTS.index(name) for name in KIND_CONSTITUENTS[kind]}
    fraction = (labels > 0).mean((1, 2))
    most = 1.0 if kind == "network" else 0.95  # all but thin seams may be region of particles
    assert fraction.max() <= most
    assert np.median(fraction) > 0.02
    assert fraction.max() - fraction.min() > 0.1


@pytest.mark.parametrize("kind", ["two-phase grains", "spinodal"])
def test_the_second_of_two_like_phases_is_the_rarer(kind):
    fractions = [(draw_phases(kind, _rng(seed), (256, 256)).labels > 0).mean() for seed in range(DRAWS)]
    assert max(fractions) < 0.56


@pytest.mark.parametrize("kind", PHASE_KINDS)
def test_what_is_painted_changes_no_label(kind, monkeypatch):
    before = draw_phases(kind, _rng(3), SHAPE)
    monkeypatch.setattr(phase_pictures, "random_optics", lambda *_: {"blur_px": 5.0, "noise_white": 0.3})
    after = draw_phases(kind, _rng(3), SHAPE)
    np.testing.assert_array_equal(before.labels, after.labels)
    assert (before.image != after.image).mean() > 0.5


def test_boundaries_of_labels_are_where_the_grey_steps():
    draw, names = phase_pictures._KINDS["spinodal"]
    layout = dataclasses.replace(draw(_rng(5), SHAPE), textures={}, roomy=())
    level, _ = phase_pictures._levels(layout, np.array([0, CONSTITUENTS.index(names[1])]), 0.4, _rng(6))
    grey = level[layout.labels]
    np.testing.assert_array_equal(np.abs(np.diff(grey, axis=1)) > 0.1, np.diff(layout.labels, axis=1) != 0)


@pytest.mark.parametrize("kind", PHASE_KINDS)
def test_the_smallest_and_oblong_pictures_can_be_drawn(kind):
    for shape in ((32, 32), (32, 150), (150, 33)):
        assert draw_phases(kind, _rng(7), shape).labels.shape == shape


def test_pictures_below_32_px_and_unknown_kinds_are_refused():
    with pytest.raises(InputError, match="31 x 64 px is too small"):
        draw_phases("pores", _rng(0), (31, 64))
    with pytest.raises(InputError, match="no kind of structure 'jam'"):
        draw_phases("jam", _rng(0), (64, 64))


def test_ten_pictures_of_256_px_are_drawn_in_seconds():
    for kind in PHASE_KINDS:
        draw_phases(kind, _rng(0), (64, 64))
    start = time.process_time()
    for kind in PHASE_KINDS:
        draw_phases(kind, _rng(1), (256, 256))
    assert time.process_time() - start < 4
