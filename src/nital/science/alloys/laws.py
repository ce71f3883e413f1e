"""Transformations of grain size, temperature and time that physical laws ask for. Arrays in, arrays out.

What has no value (a missing number, a negative size) gives NaN, so that rows stay rows.
"""

import numpy as np
from numpy.typing import ArrayLike

from nital.core.errors import InputError

__all__ = [
    "GAS_CONSTANT", "hollomon_jaffe", "inverse_root", "inverse_temperature", "log10_positive", "to_hours", "to_kelvin",
    "to_micrometres",
]  # fmt: skip

GAS_CONSTANT = 8.314462618
"""R in J/(mol K); CODATA 2018, exact since the SI of 2019."""

_HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0}
_MICROMETRES = {"um": 1.0, "nm": 1e-3, "mm": 1e3, "cm": 1e4, "m": 1e6, "angstrom": 1e-4}


def _positive(values: ArrayLike) -> np.ndarray:
    array = np.asarray(values, dtype=np.float64)
    return np.where(array > 0, array, np.nan)


def inverse_root(d_um: ArrayLike) -> np.ndarray:
    """Hall-Petch term of a grain size or spacing: d^-1/2.

    Args:
        d_um: size in um, > 0, any shape.

    Returns:
        um^-1/2, same shape; NaN where the size is missing or not above zero.

    Valid for: grains above some 0.1 um; below, strength rises less steeply or falls (inverse Hall-Petch).
    Source: Hall 1951, doi:10.1088/0370-1301/64/9/303; Petch 1953, J. Iron Steel Inst. 174, 25.

    >>> inverse_root([4.0, 100.0])
    array([0.5, 0.1])
    """
    return _positive(d_um) ** -0.5


def log10_positive(values: ArrayLike) -> np.ndarray:
    """Decimal logarithm; NaN where the value is missing or not above zero.

    Valid for: sizes and times that spread over decades. A power law of any exponent is a straight line in log-log.
    Source: own; that data on grain size do not single out the exponent -1/2 is shown by Dunstan and Bushby 2014,
    doi:10.1016/j.ijplas.2013.07.004.

    >>> log10_positive([0.1, 100.0, 0.0])
    array([-1.,  2., nan])
    """
    return np.log10(_positive(values))


def hollomon_jaffe(temperature_k: ArrayLike, time_h: ArrayLike, constant: float = 20.0) -> np.ndarray:
    """Hollomon-Jaffe parameter of tempering: P = T (C + log10 t).

    Args:
        temperature_k: tempering temperature T in K, > 0.
        time_h: time t at temperature in h, > 0; same shape.
        constant: C; about 20 for low and medium carbon steels, 14 to 18 for high carbon.

    Returns:
        P in K (divide by 1000 for the customary figure), NaN where T or t is missing or not above zero.

    Valid for: isothermal tempering of martensite, some 150 degC to Ac1; not where secondary hardening is sought.
    Source: Hollomon and Jaffe 1945, Trans. AIME 162, 223.

    >>> round(float(hollomon_jaffe(873.15, 1.0)), 6)
    17463.0
    """
    return _positive(temperature_k) * (constant + log10_positive(time_h))


def inverse_temperature(temperature_k: ArrayLike) -> np.ndarray:
    """Arrhenius coordinate: 1000 / T.

    Args:
        temperature_k: in K, > 0.

    Returns:
        1000/K. The logarithm of a thermally activated rate is linear in it, with the slope -Q / (1000 R ln 10).

    Valid for: one thermally activated mechanism.
    Source: Arrhenius 1889, doi:10.1515/zpch-1889-0416.

    >>> float(inverse_temperature(500.0))
    2.0
    """
    return 1000.0 / _positive(temperature_k)


def to_kelvin(values: ArrayLike, unit: str) -> np.ndarray:
    """Temperatures in K; NaN below absolute zero.

    Args:
        values: in `unit`: 'K', 'degC' or 'degF'.

    Raises:
        InputError: another unit.

    >>> float(to_kelvin(25.0, "degC"))
    298.15
    """
    array = np.asarray(values, dtype=np.float64)
    if unit == "K":
        kelvin = array
    elif unit == "degC":
        kelvin = array + 273.15
    elif unit == "degF":
        kelvin = (array + 459.67) / 1.8
    else:
        raise InputError(f"'{unit}' is no unit of temperature. Use K, degC or degF.")
    return _positive(kelvin)


def to_hours(values: ArrayLike, unit: str) -> np.ndarray:
    """Times in h.

    Args:
        values: in `unit`: 's', 'min', 'h' or 'd'.

    Raises:
        InputError: another unit.

    >>> float(to_hours(90.0, "min"))
    1.5
    """
    return _scaled(values, unit, _HOURS, "time")


def to_micrometres(values: ArrayLike, unit: str) -> np.ndarray:
    """Lengths in um.

    Args:
        values: in `unit`: 'nm', 'um', 'mm', 'cm', 'm' or 'angstrom'.

    Raises:
        InputError: another unit.

    >>> float(to_micrometres(250.0, "nm"))
    0.25
    """
    return _scaled(values, unit, _MICROMETRES, "length")


def _scaled(values: ArrayLike, unit: str, factors: dict[str, float], quantity: str) -> np.ndarray:
    if unit not in factors:
        raise InputError(f"'{unit}' is no unit of {quantity}. Use one of: {', '.join(factors)}.")
    return np.asarray(values, dtype=np.float64) * factors[unit]
