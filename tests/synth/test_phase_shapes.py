"""Particles and plates stamped into a map."""

import math

import numpy as np
import pytest
from scipy import ndimage

pytest.importorskip("numba")

from nital.synth.phase_shapes import Shapes, plates, scatter, stamp, warped
from nital.synth.polycrystals import Structure, grow

FLAT = (np.zeros((200, 200), np.float32), np.zeros((200, 200), np.float32))
FREE = np.zeros((200, 200), bool)


def _one(**others: float) -> Shapes:
    values = {"row": 100.3, "col": 99.6, "radius": 40.0, "aspect": 1.0, "angle": 0.4, "power": 2.0, "lobe": 0.0}
    values |= {"sides": 0.0} | others
    return Shapes(**{name: np.array([value]) for name, value in values.items()})


@pytest.mark.parametrize(
    ("others", "area"),
    [
        ({}, math.pi * 40**2),
        ({"aspect": 3.0}, math.pi * 40**2),
        # Superellipse |x|^4 + |y|^4 = r^4: 4 r^2 Gamma(5/4)^2 / Gamma(3/2).
        ({"power": 4.0}, 4 * 40**2 * math.gamma(1.25) ** 2 / math.gamma(1.5)),
        # Its general form for another power.
        ({"power": 3.0}, 4 * 40**2 * math.gamma(4 / 3) ** 2 / math.gamma(5 / 3)),
        # r = R (1 - a cos 4t): pi R^2 (1 + a^2 / 2).
        ({"lobe": 0.3}, math.pi * 40**2 * (1 + 0.3**2 / 2)),
        # Square with corners at R (1 + sqrt 2) / 2.
        ({"sides": 4.0}, 2 * (40 * (1 + math.sqrt(2)) / 2) ** 2),
    ],
)
def test_a_shape_covers_the_area_of_its_outline(others, area):
    ids = stamp(FREE, _one(**others), FLAT, 1e9, None)
    assert (ids == 1).sum() == pytest.approx(area, rel=0.01)
    assert ids.max() == 1


def test_a_shape_is_long_along_its_angle():
    rows, cols = np.nonzero(stamp(FREE, _one(aspect=4.0, angle=0.0), FLAT, 1e9, None))
    assert np.ptp(cols) > 3.5 * np.ptp(rows)


def test_shapes_keep_their_gap_and_avoid_what_is_blocked():
    blocked = np.zeros((200, 200), bool)
    blocked[:, :60] = True
    rng = np.random.default_rng(1)
    n = 400
    shapes = Shapes(
        rng.uniform(0, 200, n), rng.uniform(0, 200, n), np.full(n, 8.0), np.ones(n), np.zeros(n), np.full(n, 2.0),
        np.zeros(n), np.zeros(n),
    )  # fmt: skip
    ids = stamp(blocked, shapes, FLAT, 1e9, 4.0)
    assert not ids[blocked].any()
    assert len(np.unique(ids)) > 10
    for own in np.unique(ids)[1:]:
        away = ndimage.distance_transform_edt(ids != own)
        assert away[(ids > 0) & (ids != own)].min() > 3


def test_stamping_stops_at_the_target():
    ids = scatter(np.random.default_rng(2), FREE, 5000, 6.0, 0.2, None)
    assert 0.2 <= ids.mean() < 0.23


def test_plates_end_at_the_border_of_their_grain_and_leave_no_trace_without_a_start():
    rng = np.random.default_rng(3)
    crystal = grow(Structure(shape=(200, 200), grain_diameter_px=90), rng)
    start = np.zeros((200, 200), bool)
    assert not plates(rng, crystal, start, 3.0, 60.0, 8).any()
    home = crystal.grain[100, 100]
    start[100, 100] = True
    drawn = plates(rng, crystal, start, 3.0, 400.0, 8)
    assert drawn.sum() > 50
    assert (crystal.grain[drawn] == home).all()


def test_warping_is_a_share_of_the_size():
    down, across = warped(np.random.default_rng(4), (200, 200), 10.0, 0.2)
    assert np.hypot(down, across).mean() == pytest.approx(2.5, rel=0.3)  # two shifts of spread 2: Rayleigh's mean
