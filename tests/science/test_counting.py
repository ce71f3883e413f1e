"""Planimetric counts."""

import math

import numpy as np
import pytest
from known_structures import hexagons, poisson_voronoi, squares

from nital.science.stereology import combine_fields, planimetric
from nital.science.stereology.e112 import DENSITY_SLOPE


def g_error(found, true):
    return abs(DENSITY_SLOPE * math.log10(found / true))


@pytest.mark.parametrize("angle", [9.0, 30.0, 45.0])
@pytest.mark.parametrize("make", [lambda a: squares(20.0, (330, 330), a), lambda a: hexagons(400.0, (330, 330), a)])
def test_lattices_have_their_known_density(make, angle):
    assert g_error(planimetric(make(angle)).grains_per_px2, 1 / 400) <= 0.05


def test_poisson_voronoi_has_its_known_density():
    # 3,000 seeds: standard error 1.8 % = .026 in G.
    assert g_error(planimetric(poisson_voronoi(3000, (900, 900), 4)).grains_per_px2, 3000 / 900**2) <= 0.08


def test_the_rules_of_frame_and_corner_leave_no_bias():
    counts = [planimetric(poisson_voronoi(30, (100, 100), seed)).n_grains for seed in range(250)]
    # Standard error of the mean: sqrt(30 / 250) = .35; without the corner rule the count would be 1 too high.
    assert np.mean(counts) == pytest.approx(30, abs=0.8)


def test_the_general_rule_equals_the_rectangles_where_four_grains_hold_the_corners():
    labels = poisson_voronoi(100, (200, 200), 7)
    whole = planimetric(labels[10:190, 10:190])
    valid = np.zeros(labels.shape, bool)
    valid[10:190, 10:190] = True
    assert planimetric(labels, valid=valid) == whole
    valid[10, 10] = False  # no rectangle any more
    assert planimetric(labels, valid=valid).n_grains == pytest.approx(whole.n_grains, abs=0.5)


@pytest.mark.parametrize("shape", ["disc", "ring", "two pieces"])
def test_the_general_rule_leaves_no_bias_in_any_area(shape):
    rows, cols = np.mgrid[:140, :140]
    distance = np.hypot(rows - 69.5, cols - 69.5)
    valid = {
        "disc": distance < 65,
        "ring": (distance < 65) & (distance > 25),
        "two pieces": (distance < 65) & (abs(cols - 69.5) > 6),
    }[shape]
    density = [planimetric(poisson_voronoi(60, valid.shape, s), valid=valid).grains_per_px2 for s in range(120)]
    assert np.mean(density) * 140**2 == pytest.approx(60, rel=0.05)


def test_a_masked_speck_inside_one_grain_cuts_nothing():
    labels = squares(40.0, (330, 330), 20.0)
    valid = np.ones(labels.shape, bool)
    valid[-5:, :] = False
    valid[-5:, :10] = True  # no rectangle
    speck = valid.copy()
    middle = np.argwhere(labels == labels[165, 165]).mean(axis=0).astype(int)
    speck[middle[0], middle[1]] = False
    assert planimetric(labels, valid=speck).n_grains == planimetric(labels, valid=valid).n_grains


def test_the_interval_covers_the_truth_about_95_times_in_100():
    covered = []
    for seed in range(60):
        found = planimetric(poisson_voronoi(200, (200, 200), seed))
        covered.append(abs(found.grains_per_px2 * 200 - 1) <= found.relative_accuracy_percent / 100)
    assert sum(covered) >= 50


def test_fields_combine():
    found = combine_fields([planimetric(poisson_voronoi(200, (200, 200), s), pixel_size_um=1.0) for s in range(4)])
    assert found.quantity == "grains_per_mm2"
    assert found.mean == pytest.approx(200 / 0.04, rel=0.15)


def test_one_grain_that_fills_the_field_gives_no_density():
    found = planimetric(np.ones((30, 30), int), pixel_size_um=1.0)
    assert found.grains_per_px2 is None and found.grain_size_number is None


def test_the_density_in_mm2_follows_the_pixel_size():
    labels = squares(20.0, (330, 330), 30.0)
    fine, coarse = planimetric(labels, pixel_size_um=0.5), planimetric(labels, pixel_size_um=1.0)
    assert fine.grains_per_mm2 == pytest.approx(4 * coarse.grains_per_mm2)
    assert fine.grain_size_number == pytest.approx(coarse.grain_size_number + 2, abs=1e-5)
