"""Class-activation maps and pictures of them, without a network library."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nital.core.errors import InputError
from nital.science.activation_maps import blend, enlarge, tile_pictures

FINITE = st.floats(-1e3, 1e3, width=32)


@given(arrays(np.float32, (3, 5), elements=FINITE), st.integers(1, 4))
def test_enlarging_stays_between_the_values_and_turns_with_the_map(heat, times):
    shape = (3 * times, 5 * times)
    large = enlarge(heat, shape)
    assert large.shape == shape
    assert heat.min() - 1e-3 <= large.min() and large.max() <= heat.max() + 1e-3
    np.testing.assert_allclose(enlarge(np.rot90(heat), shape[::-1]), np.rot90(large), atol=1e-2)


def test_the_peak_comes_to_the_middle_of_its_share_of_the_image():
    heat = np.zeros((4, 4))
    heat[1, 2] = 1
    large = enlarge(heat, (32, 32))
    rows, columns = np.nonzero(large == large.max())
    assert (rows.mean(), columns.mean()) == (11.5, 19.5)


def test_with_odd_padded_kernels_the_values_stand_on_multiples_of_the_stride():
    heat = np.zeros((5, 5))
    heat[3, 1] = 1
    large = enlarge(heat, (33, 33), stride_px=8, first_px=0)
    assert np.unravel_index(large.argmax(), large.shape) == (24, 8)


def test_values_that_are_not_finite_are_refused():
    with pytest.raises(InputError, match="finite"):
        enlarge(np.array([[np.inf]]), (2, 2))


def test_no_heat_leaves_the_image_as_it_is():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    for heat in (np.zeros((16, 16)), np.full((16, 16), -3.0)):
        assert (blend(heat, grey) == grey[..., None]).all()


def test_bytes_and_shares_of_one_give_the_same_picture():
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    heat = np.random.default_rng(0).random((16, 16))
    np.testing.assert_array_equal(blend(heat, grey), blend(heat, grey / 255))


def lightness(rgb: np.ndarray) -> np.ndarray:
    """Relative luminance by IEC 61966-2-1."""
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def test_on_black_more_heat_is_always_lighter():
    heat = np.linspace(0, 1, 64)[None]
    steps = np.diff(lightness(blend(heat, np.zeros((1, 64), np.uint8), 1.0))[0])
    assert (steps > -1e-3).all() and steps.sum() > 0.7


@pytest.mark.parametrize(
    ("grey", "strength", "word"),
    [
        (np.zeros((3, 4)), 0.5, "Enlarge"),
        (np.zeros((4, 4)), 1.5, "share"),
        (np.full((4, 4), 7.0), 0.5, "between 0 and 1"),
    ],
)
def test_what_cannot_be_blended_is_named(grey, strength, word):
    with pytest.raises(InputError, match=word):
        blend(np.ones((4, 4)), grey, strength)


def test_ten_tiles_stand_in_four_columns_with_white_between_them():
    tiles = np.tile(np.array([[0.0, 1.0], [1.0, 0.0]]), (10, 1, 1))
    picture = tile_pictures(tiles, zoom=3)
    assert picture.shape == (3 * 7 - 1, 4 * 7 - 1)
    assert (picture[6] == 255).all() and (picture[-6:, -6:] == 255).all()
    assert (picture[:3, :3] == 0).all() and (picture[:3, 3:6] == 255).all()


def test_a_flat_tile_is_no_division_by_zero():
    assert (tile_pictures(np.zeros((1, 2, 2))) == 0).all()


def test_tiles_of_another_shape_are_refused():
    with pytest.raises(InputError, match="n, h, w"):
        tile_pictures(np.zeros((2, 2)))
