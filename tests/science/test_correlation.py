"""Two-point functions."""

import math

import numpy as np
import pytest
from known_structures import poisson_voronoi

from nital.core.errors import InputError
from nital.science.stereology import intercepts, same_grain_correlation, two_point_correlation


def random_discs(seed, n=400, radius=8, size=400):
    rng = np.random.default_rng(seed)
    rows, cols = np.mgrid[:size, :size]
    phase = np.zeros((size, size), bool)
    for r, c in rng.random((n, 2)) * (size + 4 * radius) - 2 * radius:
        phase |= (rows - r) ** 2 + (cols - c) ** 2 < radius**2
    return phase


def test_s2_starts_at_the_fraction_and_ends_at_its_square():
    phase = np.random.default_rng(0).random((300, 300)) < 0.3
    found = two_point_correlation(phase)
    assert found.distance_px[0] == 0
    assert found.correlation[0] == pytest.approx(phase.mean(), abs=1e-6)
    np.testing.assert_allclose(found.correlation[2:], phase.mean() ** 2, atol=0.005)


def test_overlapping_discs_have_their_known_s2():
    # Matrix between overlapping discs of number density rho: S2(r) = exp(-rho U(r)), U the area of two discs' union.
    found, rho, radius = None, 400 / 432**2, 8
    curves = [two_point_correlation(~random_discs(seed), max_distance_px=30) for seed in range(4)]
    found = np.mean([curve.correlation for curve in curves], axis=0)
    r = curves[0].distance_px
    half = np.minimum(r / 2 / radius, 1)
    union = 2 * math.pi * radius**2 - 2 * radius**2 * (np.arccos(half) - half * np.sqrt(1 - half**2))
    np.testing.assert_allclose(found, np.exp(-rho * union), atol=0.035)


def test_the_mask_takes_no_part():
    phase = random_discs(1)
    valid = np.ones(phase.shape, bool)
    valid[300:] = False
    spoilt = phase.copy()
    spoilt[300:] = True
    masked = two_point_correlation(spoilt, valid=valid, max_distance_px=50)
    cropped = two_point_correlation(phase[:300], max_distance_px=50)
    np.testing.assert_allclose(masked.correlation, cropped.correlation, atol=1e-5)


def test_a_direct_sum_gives_the_same():
    phase = random_discs(2, n=30, size=60)
    found = two_point_correlation(phase, max_distance_px=4)
    hits = pairs = 0
    ring = [(a, b) for a in range(5) for b in range(-4, 5) if round(math.hypot(a, b)) == 2]
    for dr, dc in ring:
        first = phase[: 60 - dr, max(-dc, 0) : 60 - max(dc, 0)]
        second = phase[dr:, max(dc, 0) : 60 - max(-dc, 0)]
        hits, pairs = hits + (first & second).sum(), pairs + first.size
    assert found.correlation[2] == pytest.approx(hits / pairs, abs=1e-6)


def test_the_same_grain_function_falls_with_the_inverse_mean_intercept():
    labels = poisson_voronoi(400, (600, 600), 3)
    found = same_grain_correlation(labels, max_distance_px=100)
    assert found.correlation[0] == 1
    slope = found.correlation[0] - found.correlation[1]
    assert slope == pytest.approx(1 / intercepts(labels).mean_intercept_px, rel=0.03)
    assert (np.diff(found.correlation) <= 0).all() and found.correlation[-1] < 0.01


@pytest.mark.parametrize("distance", [0, -3, 400])
def test_distances_that_do_not_fit_are_refused(distance):
    with pytest.raises(InputError, match="does not fit"):
        two_point_correlation(np.ones((50, 50), bool), max_distance_px=distance)
    with pytest.raises(InputError, match="does not fit"):
        same_grain_correlation(np.ones((50, 50), int), max_distance_px=distance)


def test_grey_values_are_no_phase():
    with pytest.raises(InputError, match="booleans"):
        two_point_correlation(np.ones((50, 50)))
