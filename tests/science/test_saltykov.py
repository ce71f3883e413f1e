"""Saltykov's unfolding."""

import numpy as np
import pytest

from nital.core.errors import InputError
from nital.science.stereology import unfold_saltykov


def sections(diameters, seed):
    """Diameters of circles that a random plane cuts from spheres: spheres are hit in proportion to their diameter."""
    rng = np.random.default_rng(seed)
    hit = rng.choice(diameters, size=20000, p=diameters / diameters.sum())
    return hit * np.sqrt(1 - rng.random(20000) ** 2)


def test_the_coefficients_are_saltykovs():
    # Columns of Saltykov's table for linear classes: 1/sqrt(2k - 1) on the diagonal, then -.1547 and -.1529 above it
    # (Saltykov 1958; Underwood 1970, chapter 5).
    i, j = np.ogrid[1:4, 1:4]
    kernel = np.sqrt(np.maximum(j**2 - (i - 1) ** 2, 0)) - np.sqrt(np.maximum(j**2 - i**2, 0))
    kernel_inverse = np.linalg.inv(np.triu(kernel))
    np.testing.assert_allclose(np.diag(kernel_inverse), [1.0, 0.5774, 0.4472], atol=5e-5)
    np.testing.assert_allclose(np.diag(kernel_inverse, 1), [-0.1547, -0.1529], atol=5e-5)
    diameters = np.array([0.5] * 50 + [1.5] * 40 + [3.0] * 100)
    found = unfold_saltykov(diameters, 3)
    np.testing.assert_allclose(found.n_per_volume, np.clip(kernel_inverse @ [50, 40, 100], 0, None), rtol=1e-12)


def test_spheres_of_one_size_unfold_to_one_class():
    found = unfold_saltykov(sections(np.full(1, 10.0), 0), 8)
    assert found.n_per_volume[-1] / found.n_per_volume.sum() > 0.93


def test_two_sizes_of_spheres_come_back_in_their_ratio():
    # Three spheres of 4 for each of 10: sections alone would say 3 * 4 : 10.
    found = unfold_saltykov(sections(np.array([4.0, 4.0, 4.0, 10.0]), 1), 10)
    small, large = found.n_per_volume[3], found.n_per_volume[9]
    assert small / large == pytest.approx(3, rel=0.1)


def test_negative_classes_are_clipped_and_reported():
    found = unfold_saltykov(np.full(100, 10.0), 5)  # circles of one size cannot come from spheres
    assert (found.n_per_volume >= 0).all()
    assert found.n_clipped == 4 and found.clipped_share > 0.1


def test_densities_follow_the_area():
    diameters = sections(np.full(1, 10.0), 2)
    found = unfold_saltykov(diameters, 8, area_um2=1e6)
    # N_V = N_A / D for spheres of one size.
    assert found.n_per_volume.sum() == pytest.approx(20000 / 1e6 / 10, rel=0.05)


@pytest.mark.parametrize("bad", [[], [0.0], [-1.0], [np.nan]])
def test_diameters_that_are_not_positive_are_refused(bad):
    with pytest.raises(InputError, match="above 0"):
        unfold_saltykov(np.array(bad))
    with pytest.raises(InputError, match="classes"):
        unfold_saltykov(np.ones(3), 0)
