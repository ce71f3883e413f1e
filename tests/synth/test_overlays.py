"""Bars are drawn where the truth says, as long as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.errors import InputError
from nital.io.micrographs.scale_bar import find_scale_bar
from nital.synth.overlays import add_scale_bar, round_length_um

GREY = np.random.default_rng(0).integers(90, 170, (480, 640)).astype(np.uint8)


@pytest.mark.parametrize(
    "style", [{"white_box": True}, {"white_box": False, "ink": 255}, {"white_box": False, "ink": 0}]
)
@pytest.mark.parametrize("pixel_size_um", [0.0125, 0.5, 2.0])
def test_the_bar_is_as_long_as_its_number_says(style, pixel_size_um) -> None:
    image, covered = add_scale_bar(GREY, pixel_size_um, **style)
    ink = 0 if style.get("white_box") else style["ink"]
    wanted = round_length_um(640, pixel_size_um) / pixel_size_um
    assert (image == ink).sum(1).max() == round(wanted)
    np.testing.assert_array_equal(image[~covered], GREY[~covered])


def test_the_bar_is_found_and_read_again() -> None:
    bar = find_scale_bar(add_scale_bar(GREY, 0.5)[0])
    assert bar is not None
    assert bar.pixel_size_um == pytest.approx(0.5, rel=0.02)


@given(st.integers(100, 5000), st.floats(1e-4, 100))
def test_round_lengths_are_one_two_or_five_and_fit(width_px, pixel_size_um) -> None:
    length = round_length_um(width_px, pixel_size_um)
    assert f"{length:.0e}"[0] in "125"
    assert 0.08 * width_px * pixel_size_um <= length * 1.0000001 <= 0.2000001 * width_px * pixel_size_um


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InputError, match="does not fit"):
        add_scale_bar(GREY, 0.5, length_um=1000)
    with pytest.raises(InputError, match="pixel size"):
        add_scale_bar(GREY, -1.0)
    with pytest.raises(InputError, match="8 bit"):
        add_scale_bar(GREY.astype(float), 0.5)
