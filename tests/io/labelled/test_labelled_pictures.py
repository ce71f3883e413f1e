"""A picture is cut to the rows and columns that show the specimen."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nital.io.labelled import cut_to_specimen

masks = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=9))


@given(masks)
def test_a_cut_is_never_empty_and_is_a_window_of_the_picture(mask):
    image = np.arange(mask.size).reshape(mask.shape)
    cut = cut_to_specimen(image, mask)
    assert cut.size > 0
    row, col = np.unravel_index(cut[0, 0], mask.shape)
    np.testing.assert_array_equal(cut, image[row : row + cut.shape[0], col : col + cut.shape[1]])


@given(hnp.array_shapes(min_dims=2, max_dims=2, max_side=9))
def test_a_mask_that_is_all_specimen_changes_nothing(shape):
    image = np.arange(np.prod(shape)).reshape(shape)
    np.testing.assert_array_equal(cut_to_specimen(image, np.ones(shape, bool)), image)
    np.testing.assert_array_equal(cut_to_specimen(image, None), image)


@given(st.tuples(*[st.integers(0, 2)] * 4))
def test_a_banner_and_margins_are_cut_to_the_pixel(edges):
    top, bottom, left, right = edges
    image = np.arange(90).reshape(9, 10)
    window = (slice(top, 9 - bottom), slice(left, 10 - right))
    mask = np.zeros(image.shape, bool)
    mask[window] = True
    np.testing.assert_array_equal(cut_to_specimen(image, mask), image[window])
