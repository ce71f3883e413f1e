import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.errors import InputError
from nital.core.units import SOURCES, UNCALIBRATED, Calibration, checked_pixel_size_um, to_um


@pytest.mark.parametrize(
    ("value", "unit", "length_um"),
    [
        (1, "m", 1e6), (1, "cm", 1e4), (2.5, "mm", 2500), (3, "um", 3), (3, "µm", 3), (3, "μm", 3), (3, "micron", 3),
        (250, "nm", 0.25), (1e6, "pm", 1), (1e4, "Å", 1), (1e4, "Angstrom", 1), (1, "inch", 25400), (1, " MM ", 1000),
    ],
)  # fmt: skip
def test_lengths_become_micrometres(value, unit, length_um):
    assert to_um(value, unit) == pytest.approx(length_um, rel=1e-12)


@pytest.mark.parametrize("unit", ["px", "", "kg", "m/s"])
def test_what_is_no_length_is_refused_by_its_name(unit):
    with pytest.raises(InputError, match=f"'{unit}' is not a unit of length"):
        to_um(1, unit)


@given(st.floats())
def test_a_pixel_size_is_one_that_a_microscope_has_or_refused_with_its_place(value):
    if math.isfinite(value) and 1e-6 <= value <= 1e4:
        assert checked_pixel_size_um(value, where="scale bar") == value
    else:
        with pytest.raises(InputError, match=r"^scale bar gives a pixel size of"):
            checked_pixel_size_um(value, where="scale bar")


def test_a_calibration_has_a_size_exactly_when_it_has_a_source():
    assert Calibration(0.5, "argument").known
    assert not UNCALIBRATED.known
    assert UNCALIBRATED.source in SOURCES
    for size, source in ((None, "metadata"), (0.5, "none")):
        with pytest.raises(InputError, match="exactly when it has a source"):
            Calibration(size, source)


def test_a_calibration_refuses_unknown_sources_and_impossible_sizes():
    with pytest.raises(InputError, match="'guess' is not a source"):
        Calibration(0.5, "guess")
    with pytest.raises(InputError, match="FEI metadata gives a pixel size of 0 µm"):
        Calibration(0.0, "metadata", "FEI metadata")
