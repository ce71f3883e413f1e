"""Headers as people write them."""

import pytest

from nital.science.headers import split_header


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("yield strength [MPa]", "yield strength", "MPa"),
        ("grain size (µm)", "grain size", "um"),
        ("T / K", "T", "K"),
        ("Rp0,2 / MPa", "Rp0,2", "MPa"),
        ("T, °C", "T", "degC"),
        ("temperature_C", "temperature", "degC"),
        ("test_temperature_C", "test_temperature", "degC"),
        ("Tempering Temperature (ºC)", "Tempering Temperature", "degC"),
        ("time_s", "time", "s"),
        ("hold time h", "hold time", "h"),
        ("c_wtpct", "c", "wt%"),
        ("C [wt. %]", "C", "wt%"),
        ("Cr (wt.-%)", "Cr", "wt%"),
        ("wt% C", "C", "wt%"),
        ("%C", "C", "%"),
        ("C%", "C", "%"),
        ("Al_at_frac", "Al", "at_frac"),
        ("N_ppm", "N", "ppm"),
        ("hardness_HV", "hardness", "HV"),
        ("Härte HV10", "Härte", "HV"),
        ("density_calc_g_cm3", "density_calc", "g/cm3"),
        ("strain rate / s-1", "strain rate", "1/s"),
        ("signal [counts]", "signal", "counts"),
    ],
)
def test_a_unit_in_a_header_is_told_from_the_name(header: str, name: str, unit: str) -> None:
    assert split_header(header) == (name, unit)


@pytest.mark.parametrize(
    "header",
    ["yield_strength_min", "Al_C", "V", "K", "C", "heat (as cast)", "row_id", "alloy_system", "lattice", "Ni/Cr", ""],
)
def test_what_is_no_unit_stays_in_the_name(header: str) -> None:
    assert split_header(header) == (header, None)
