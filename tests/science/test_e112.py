"""Grain size numbers against the table of ASTM E112."""

import pytest

from nital.core.errors import InputError
from nital.science.stereology import (
    grain_size_number_from_density,
    grain_size_number_from_intercept,
)

# ASTM E112-13, table of grain size relationships for uniform, randomly oriented, equiaxed grains:
# G, grains per mm2, mean intercept in mm.
E112_TABLE = [
    (0, 7.75, 0.3200), (1, 15.50, 0.2263), (2, 31.00, 0.1600), (3, 62.00, 0.1131), (4, 124.0, 0.0800),
    (5, 248.0, 0.0566), (6, 496.0, 0.0400), (7, 992.0, 0.0283), (8, 1984.0, 0.0200), (9, 3968.0, 0.0141),
    (10, 7936.0, 0.0100),
]  # fmt: skip


@pytest.mark.parametrize(("number", "per_mm2", "intercept_mm"), E112_TABLE)
def test_the_formulae_give_the_rows_of_e112s_table(number, per_mm2, intercept_mm):
    assert grain_size_number_from_density(per_mm2) == pytest.approx(number, abs=0.005)
    # The table gives the intercept to three digits: half a digit of 0.0100 mm is 0.014 in G, of 0.0141 0.010.
    assert grain_size_number_from_intercept(intercept_mm) == pytest.approx(number, abs=0.02)


@pytest.mark.parametrize("bad", [0.0, -1.0, float("nan"), float("inf")])
def test_no_grain_size_number_follows_from_a_length_that_is_not_positive(bad):
    with pytest.raises(InputError, match="above 0"):
        grain_size_number_from_intercept(bad)
    with pytest.raises(InputError, match="above 0"):
        grain_size_number_from_density(bad)
