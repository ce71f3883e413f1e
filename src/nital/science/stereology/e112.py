"""ASTM E112's grain size number: its definition and the conversions."""

import math

from nital.core.errors import InputError

__all__ = [
    "DENSITY_SLOPE", "INTERCEPT_SLOPE", "grain_size_number_from_density", "grain_size_number_from_intercept",
    "number_interval",
]  # fmt: skip

# ASTM E112-13, equations of G: 3.321928 = 1 / log10(2), and twice that for a length.
DENSITY_SLOPE, DENSITY_INTERCEPT = 3.321928, -2.954
INTERCEPT_SLOPE, INTERCEPT_INTERCEPT = -6.643856, -3.288


def _positive(value: float, name: str) -> float:
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name} is {value:g}, from which no grain size number follows. Give a number above 0.")
    return value


def grain_size_number_from_intercept(mean_intercept_mm: float) -> float:
    """Grain size number G from a mean lineal intercept.

    G = -6.643856 log10(l) - 3.288.

    Args:
        mean_intercept_mm: l in millimetres, above 0.

    Raises:
        InputError: not a positive number.

    Valid for: equiaxed single-phase structures.

    Source: ASTM E112-13, sections 12 to 14 and its table of grain size relationships.

    >>> round(grain_size_number_from_intercept(0.0200), 2)
    8.0
    """
    return INTERCEPT_SLOPE * math.log10(_positive(mean_intercept_mm, "The mean intercept in mm")) + INTERCEPT_INTERCEPT


def grain_size_number_from_density(grains_per_mm2: float) -> float:
    """Grain size number G from the number of grains per area.

    G = 3.321928 log10(N_A) - 2.954.

    Args:
        grains_per_mm2: N_A in grains per square millimetre, above 0.

    Raises:
        InputError: not a positive number.

    Valid for: equiaxed single-phase structures. ISO 643 defines N_A = 8 * 2**G, which is .046 less in G.

    Source: ASTM E112-13, section 11 and its table of grain size relationships.

    >>> round(grain_size_number_from_density(1984.0), 2)
    8.0
    """
    return DENSITY_SLOPE * math.log10(_positive(grains_per_mm2, "The number of grains per mm2")) + DENSITY_INTERCEPT


def number_interval(number: float | None, relative: float | None, slope: float) -> tuple[float, float] | None:
    """G at the ends of an interval of x (1 -+ relative), where G = slope log10(x) + constant."""
    if number is None or relative is None or not relative < 1:
        return None
    ends = sorted(number + slope * math.log10(1 + sign * relative) for sign in (-1, 1))
    return ends[0], ends[1]
