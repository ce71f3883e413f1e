"""Crops show the whole picture, at one side."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nital.tasks.classes.prepare import LARGEST_CROPS, crops_of, scaled, zoom_of


def _picture(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, shape).astype(np.float32)


def test_without_pixel_size_the_shorter_side_becomes_one_crop():
    assert zoom_of((300, 200), 50) == 0.25
    assert zoom_of((20, 200), 40) == 2


@pytest.mark.parametrize(("size", "common"), [(None, 0.5), (0.5, None)])
def test_one_pixel_size_alone_changes_nothing(size, common):
    assert zoom_of((300, 200), 50, size, common) == 0.25


def test_with_a_common_pixel_size_the_picture_is_brought_to_it():
    assert zoom_of((300, 200), 50, 0.25, 0.5) == 0.5
    assert zoom_of((300, 200), 50, 0.75, 0.5) == 1.5


def test_a_picture_is_never_shrunk_below_one_crop():
    assert zoom_of((300, 200), 50, 0.01, 0.5) == 0.25


@pytest.mark.parametrize("zoom", [0.5, 0.25, 0.125])
def test_shrinking_keeps_the_mean(zoom):
    image = _picture(48, 64)
    small = scaled(image, zoom)
    assert small.shape == (48 * zoom, 64 * zoom) and small.dtype == np.float32
    assert small.mean() == pytest.approx(image.mean(), abs=1e-3)


def test_shrinking_by_a_whole_number_gives_the_means_of_the_blocks():
    image = _picture(12, 16)
    np.testing.assert_allclose(scaled(image, 0.25), image.reshape(3, 4, 4, 4).mean((1, 3)), rtol=1e-5)


def test_enlarging_keeps_the_mean_of_a_smooth_picture_and_deep_greys_are_not_clipped():
    image = np.linspace(1000, 60_000, 32 * 32).reshape(32, 32)
    large = scaled(image, 2.5)
    assert large.shape == (80, 80)
    assert large.mean() == pytest.approx(image.mean(), rel=1e-3)
    assert large.max() > 59_000


def test_no_zoom_leaves_the_picture_as_it_is():
    image = _picture(7, 9)
    np.testing.assert_array_equal(scaled(image, 1), image)


@settings(max_examples=60, deadline=None)
@given(st.integers(16, 80), st.integers(16, 80))
def test_crops_are_where_they_say_and_cover_every_pixel_up_to_the_largest_number(rows, cols):
    side = 16
    image = np.arange(rows * cols, dtype=np.float32).reshape(rows, cols)
    crops, places = crops_of(image, side)
    assert len(crops) == len(places) <= LARGEST_CROPS
    covered = np.zeros(image.shape, bool)
    for crop, (top, left) in zip(crops, places, strict=True):
        np.testing.assert_array_equal(crop, image[top : top + side, left : left + side])
        covered[top : top + side, left : left + side] = True
    if -(-rows // side) * -(-cols // side) <= LARGEST_CROPS:
        assert covered.all()
    else:
        assert covered[0, 0] and covered[-1, -1], "a sample of places still reaches both ends"


@pytest.mark.parametrize("length", [17, 20, 25, 33, 36, 41, 50, 63, 64])
def test_neighbouring_crops_overlap_evenly(length):
    _, places = crops_of(np.zeros((16, length)), 16)
    lefts = [left for _, left in places]
    steps = np.diff(lefts)
    assert lefts[0] == 0 and lefts[-1] == length - 16
    assert steps.max() <= 16
    assert np.ptp(steps) <= 1


def test_a_long_strip_is_sampled_evenly_from_end_to_end():
    _, places = crops_of(np.zeros((16, 16 * 40)), 16)
    lefts = np.array([left for _, left in places])
    assert len(lefts) == LARGEST_CROPS
    assert (lefts[0], lefts[-1]) == (0, 16 * 39)
    assert np.ptp(np.diff(lefts)) <= 16


def test_a_square_of_one_side_is_one_crop():
    crops, places = crops_of(np.ones((16, 16)), 16)
    assert crops.shape == (1, 16, 16) and places == [(0, 0)]
