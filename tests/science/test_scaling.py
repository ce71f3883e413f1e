"""Pictures at another size and at one level of grey."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nital.science.scaling import resized, standardise


def _picture(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(np.float32)


SIDES = st.integers(16, 90)


@settings(max_examples=40, deadline=None)
@given(SIDES, SIDES, SIDES, SIDES)
@pytest.mark.parametrize("kind", ["float32", "bool", "uint8"])
def test_any_picture_gets_the_shape_that_is_wanted_and_keeps_its_type(kind, rows, cols, new_rows, new_cols):
    image = (_picture(rows, cols) > 99 if kind == "bool" else _picture(rows, cols)).astype(kind)
    found = resized(image, (new_rows, new_cols))
    assert found.shape == (new_rows, new_cols) and found.dtype == image.dtype


def test_a_picture_of_the_wanted_shape_is_given_back_as_it_is():
    image = _picture(7, 9)
    assert resized(image, (7, 9)) is image


def test_labels_are_never_mixed():
    labels = np.repeat(np.repeat(np.array([[3, 90], [7, 200]]), 11, 0), 11, 1)
    assert set(np.unique(resized(labels, (13, 40)))) == {3, 7, 90, 200}


@pytest.mark.parametrize("shape", [(12, 16), (11, 15)])
def test_area_means_keep_the_mean_of_a_picture(shape):
    image = _picture(48, 64)
    assert resized(image, shape, shrink_by="area").mean() == pytest.approx(image.mean(), rel=0.01)


def test_a_tile_with_the_statistics_of_its_picture_is_a_tile_of_the_standardised_picture():
    image = _picture(40, 50)
    whole = standardise(image)
    tile = standardise(image[5:20, 7:30], float(image.mean()), float(image.std()))
    np.testing.assert_allclose(tile, whole[5:20, 7:30], atol=1e-5)


def test_each_crop_gets_mean_0_and_spread_1_of_its_own():
    crops = np.stack([_picture(16, 16), 3 * _picture(16, 16, seed=1) + 50])
    found = standardise(crops)
    assert found.shape == (2, 16, 16) and found.dtype == np.float32
    np.testing.assert_allclose(found.mean((1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(found.std((1, 2)), 1, atol=1e-5)


def test_with_the_grey_of_all_pictures_brighter_stays_brighter():
    crops = np.stack([np.full((16, 16), 100.0), np.full((16, 16), 120.0)])
    found = standardise(crops, 100, 10)
    assert (found[0] == 0).all() and (found[1] == 2).all()


def test_a_flat_picture_is_all_zero():
    assert (standardise(np.full((1, 16, 16), 37.0)) == 0).all()


def test_outliers_are_clipped_at_six_spreads():
    crops = np.zeros((1, 32, 32))
    crops[0, 0, 0] = 1e6
    assert standardise(crops).max() == 6
    assert standardise(-crops).min() == -6
