"""Transformations of grain size, temperature and time that physical laws ask for. Arrays in, arrays out.

What has no value (a missing number, a negative size) gives NaN, so that rows stay rows.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from nital.core.errors import InputError

__all__ = [
    "CARBON_EQUIVALENTS", "UNITS", "hollomon_jaffe", "in_base_unit", "inverse_root", "inverse_temperature",
    "log10_positive",
]  # fmt: skip

CARBON_EQUIVALENTS: dict[str, tuple[dict[str, float], str, str, str]] = {
    "ce_iiw": (
        {"C": 1, "Mn": 1 / 6, "Cr": 1 / 5, "Mo": 1 / 5, "V": 1 / 5, "Ni": 1 / 15, "Cu": 1 / 15},
        "C + Mn/6 + (Cr + Mo + V)/5 + (Ni + Cu)/15", "steels with more than 0.18 wt% C",
        "IIW Doc. IX-535-67; EN 1011-2, annex C.2",
    ),
    "pcm": (
        {"C": 1, "Si": 1 / 30, "Mn": 1 / 20, "Cu": 1 / 20, "Cr": 1 / 20, "Ni": 1 / 60, "Mo": 1 / 15, "V": 1 / 10,
         "B": 5},
        "C + Si/30 + (Mn + Cu + Cr)/20 + Ni/60 + Mo/15 + V/10 + 5 B", "steels with 0.07 to 0.22 wt% C",
        "Ito and Bessyo 1968, IIW Doc. IX-576-68",
    ),
    "cet": (
        {"C": 1, "Mn": 1 / 10, "Mo": 1 / 10, "Cr": 1 / 20, "Cu": 1 / 20, "Ni": 1 / 40},
        "C + (Mn + Mo)/10 + (Cr + Cu)/20 + Ni/40", "steels with 0.05 to 0.32 wt% C, Cr to 1.5, Ni to 2.5",
        "Uwer and Hoehne 1991, IIW Doc. IX-1631-91; EN 1011-2, annex C.3",
    ),
}  # fmt: skip
"""Name -> weight of each element in wt% per wt% (others count as 0), formula, range and source in words."""


def _times(factor: float) -> Callable[[np.ndarray], np.ndarray]:
    return lambda values: values * factor


UNITS: dict[str, dict[str, Callable[[np.ndarray], np.ndarray]]] = {
    "temperature": {
        "K": _times(1.0), "degC": lambda celsius: celsius + 273.15, "degF": lambda degf: (degf + 459.67) / 1.8
    },
    "time": {"s": _times(1 / 3600), "min": _times(1 / 60), "h": _times(1.0), "d": _times(24.0)},
    "size": {
        "um": _times(1.0), "nm": _times(1e-3), "mm": _times(1e3), "cm": _times(1e4), "m": _times(1e6),
        "angstrom": _times(1e-4),
    },
}  # fmt: skip
"""Quantity -> unit -> what turns values into K, h or um; the most usual units first."""


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


def in_base_unit(values: ArrayLike, unit: str, quantity: str) -> np.ndarray:
    """Temperatures in K, times in h, sizes in um.

    Args:
        values: in `unit`, one of `UNITS[quantity]`.
        quantity: 'temperature', 'time' or 'size'.

    Raises:
        InputError: another unit.

    >>> float(in_base_unit(25.0, "degC", "temperature")), float(in_base_unit(90.0, "min", "time"))
    (298.15, 1.5)
    """
    if unit not in UNITS[quantity]:
        raise InputError(f"'{unit}' is no unit of {quantity}. Use one of: {', '.join(UNITS[quantity])}.")
    return UNITS[quantity][unit](np.asarray(values, dtype=np.float64))
