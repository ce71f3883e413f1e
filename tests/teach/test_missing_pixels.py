"""The lecture's missing pixels: the generator against scipy, the ways of filling in against what must hold."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.interpolate import griddata

from nital.teach.missing_pixels import blur_uint8, draw_missing, interpolate, krige


def test_the_blur_is_that_of_scipy_bit_for_bit() -> None:
    image = np.random.default_rng(0).integers(0, 256, (50, 37)).astype(np.uint8)
    assert np.array_equal(blur_uint8(image), ndimage.gaussian_filter(image, 1))


def test_a_fifth_of_the_pixels_is_lost_and_the_others_are_the_truth() -> None:
    seen, truth = draw_missing(50, np.random.default_rng(1))
    assert (seen == 0).sum() == 500
    assert np.array_equal(seen[seen > 0], truth[seen > 0])
    assert 1 / 255 <= truth.min() <= truth.max() <= 1


def test_without_wrapping_the_truth_differs_where_noise_left_the_range() -> None:
    wrapped, clipped = (draw_missing(50, np.random.default_rng(1), wrap=wrap)[1] for wrap in (True, False))
    assert 0.1 < np.mean(wrapped != clipped) < 0.5


def test_kriging_beats_interpolation_and_interpolation_is_about_as_good_as_that_of_scipy() -> None:
    rng, errors = np.random.default_rng(2), []
    for seen, truth in (draw_missing(50, rng) for _ in range(6)):
        known, lost = np.argwhere(seen > 0), np.argwhere(seen == 0)
        triangles = griddata(known, seen[seen > 0], lost)
        inside = np.isfinite(triangles)
        fills = (krige(seen, 0.5)[seen == 0], interpolate(seen)[seen == 0], triangles)
        errors.append([np.mean((fill - truth[seen == 0])[inside] ** 2) for fill in fills])
    kriged, interpolated, by_triangles = np.mean(errors, axis=0)
    assert kriged < 0.1 * interpolated
    assert 0.8 < interpolated / by_triangles < 1.4


def test_kriging_without_known_neighbours_gives_the_mean_and_keeps_known_pixels() -> None:
    seen = np.zeros((9, 9))
    assert np.allclose(krige(seen, 0.3), 0.3)
    seen[0, 0] = 0.7
    assert krige(seen, 0.3)[0, 0] == 0.7


def test_bad_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        blur_uint8(np.zeros((9, 9)))  # pyright: ignore[reportArgumentType]
    with pytest.raises(ValueError, match="size=3"):
        draw_missing(3, np.random.default_rng(0))
    with pytest.raises(ValueError, match="row"):
        interpolate(np.array([[1.0, 2.0], [0.0, 0.0]]))
