"""Carbon equivalents: how much carbon would harden a weld's heat-affected zone as much as all elements together do.

Each takes wt% as keyword arguments, numbers or arrays of one shape; an element that is not given counts as 0.
"""

import numpy as np
from numpy.typing import ArrayLike

from nital.core.errors import InputError

__all__ = ["CARBON_EQUIVALENTS", "ce_iiw", "cet", "pcm"]

CARBON_EQUIVALENTS: dict[str, dict[str, float]] = {
    "ce_iiw": {"C": 1, "Mn": 1 / 6, "Cr": 1 / 5, "Mo": 1 / 5, "V": 1 / 5, "Ni": 1 / 15, "Cu": 1 / 15},
    "pcm": {
        "C": 1, "Si": 1 / 30, "Mn": 1 / 20, "Cu": 1 / 20, "Cr": 1 / 20, "Ni": 1 / 60, "Mo": 1 / 15, "V": 1 / 10, "B": 5,
    },
    "cet": {"C": 1, "Mn": 1 / 10, "Mo": 1 / 10, "Cr": 1 / 20, "Cu": 1 / 20, "Ni": 1 / 40},
}  # fmt: skip
"""Name -> element -> weight in wt% per wt%."""


def ce_iiw(**wt_percent: ArrayLike) -> np.ndarray:
    """Carbon equivalent of the International Institute of Welding: C + Mn/6 + (Cr + Mo + V)/5 + (Ni + Cu)/15.

    Returns:
        wt%.

    Valid for: carbon and low-alloy steels with more than 0.18 wt% C.
    Source: IIW Doc. IX-535-67 (1967); EN 1011-2, annex C.2.

    >>> round(float(ce_iiw(C=0.18, Mn=1.5)), 3)
    0.43
    """
    return _sum("ce_iiw", wt_percent)


def pcm(**wt_percent: ArrayLike) -> np.ndarray:
    """Crack parameter of Ito and Bessyo: C + Si/30 + (Mn + Cu + Cr)/20 + Ni/60 + Mo/15 + V/10 + 5 B.

    Returns:
        wt%.

    Valid for: low-carbon high-strength steels, C 0.07 to 0.22, Mn 0.4 to 1.4, Si to 0.6, B to 0.005 wt%.
    Source: Ito and Bessyo 1968, J. Japan Weld. Soc. 37, 983; IIW Doc. IX-576-68.

    >>> round(float(pcm(C=0.10, Si=0.3, Mn=1.4, B=0.002)), 3)
    0.19
    """
    return _sum("pcm", wt_percent)


def cet(**wt_percent: ArrayLike) -> np.ndarray:
    """Carbon equivalent of Uwer and Hoehne: C + (Mn + Mo)/10 + (Cr + Cu)/20 + Ni/40.

    Returns:
        wt%.

    Valid for: C 0.05 to 0.32, Si to 0.8, Mn 0.5 to 1.9, Cr to 1.5, Cu to 0.7, Mo to 0.75, Ni to 2.5 wt%.
    Source: Uwer and Hoehne 1991, IIW Doc. IX-1631-91; EN 1011-2, annex C.3.

    >>> round(float(cet(C=0.18, Mn=1.5, Cr=0.2)), 3)
    0.34
    """
    return _sum("cet", wt_percent)


def _sum(name: str, wt_percent: dict[str, ArrayLike]) -> np.ndarray:
    if "C" not in wt_percent:
        raise InputError("A carbon equivalent needs carbon. Give C in wt%.")
    total = np.zeros(())
    for symbol, weight in CARBON_EQUIVALENTS[name].items():
        if symbol in wt_percent:
            amount = np.asarray(wt_percent[symbol], dtype=np.float64)
            total = total + weight * np.where(amount >= 0, amount, np.nan)
    return total
