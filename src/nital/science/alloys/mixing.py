"""Mixing rules: what a composition alone says of an alloy. Atomic fractions in, one value per alloy out.

Each takes the elements (length m) and atomic amounts of shape (..., m), which are divided by their sum; an alloy
with a missing or negative amount gives NaN.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from nital.science.alloys.composition import normalised
from nital.science.alloys.elements import property_of

__all__ = [
    "MIXING_RULES", "electronegativity_difference", "mean_deviation", "mean_property", "mixing_entropy",
    "size_mismatch",
]  # fmt: skip

GAS_CONSTANT = 8.314462618
"""R in J/(mol K); CODATA 2018, exact since the SI of 2019."""


def mean_property(symbols: Sequence[str], amounts: ArrayLike, name: str) -> np.ndarray:
    """Rule of mixtures: sum_i x_i p_i.

    Args:
        name: a field of `Element`: mass (g/mol), radius (pm), electronegativity, valence_electrons, melting_point (K).

    Returns:
        Shape (...), in the unit of the property.

    Source: the rule of mixtures by atoms; as a descriptor of alloys Ward et al. 2016, doi:10.1038/npjcompumats.2016.28.

    >>> float(mean_property(["Co", "Cr", "Fe", "Ni"], [1, 1, 1, 1], "melting_point"))
    1871.75
    """
    return _fractions(symbols, amounts) @ property_of(symbols, name)


def mean_deviation(symbols: Sequence[str], amounts: ArrayLike, name: str) -> np.ndarray:
    """Average deviation from the mean: sum_i x_i |p_i - mean|.

    Source: Ward et al. 2016, doi:10.1038/npjcompumats.2016.28 (the average deviation of the Magpie features).

    >>> float(mean_deviation(["Al", "Ni"], [1, 1], "valence_electrons"))
    3.5
    """
    fractions, values = _fractions(symbols, amounts), property_of(symbols, name)
    mean = (fractions @ values)[..., None]
    return (fractions * np.abs(values - mean)).sum(axis=-1)


def size_mismatch(symbols: Sequence[str], amounts: ArrayLike) -> np.ndarray:
    """Atomic size mismatch: delta = 100 sqrt(sum_i x_i (1 - r_i / r_mean)^2), r_mean = sum_i x_i r_i.

    Returns:
        Percent; 0 for a pure element. Solid solutions are found below some 6.6 %.

    Valid for: metals; interstitial B, C, N, O enter with a covalent radius and dominate delta.
    Source: Zhang, Zhou, Lin, Chen and Liaw 2008, doi:10.1002/adem.200700240.

    >>> round(float(size_mismatch(["Al", "Ni"], [1, 1])), 3)  # 143 and 124 pm: 100 * 9.5 / 133.5
    7.116
    """
    fractions, radii = _fractions(symbols, amounts), property_of(symbols, "radius")
    mean = (fractions @ radii)[..., None]
    return 100 * np.sqrt((fractions * (1 - radii / mean) ** 2).sum(axis=-1))


def electronegativity_difference(symbols: Sequence[str], amounts: ArrayLike) -> np.ndarray:
    """Electronegativity difference: delta chi = sqrt(sum_i x_i (chi_i - chi_mean)^2), Pauling's scale.

    Source: Fang, Xiao, Xia, Li and Dong 2003, doi:10.1016/S0022-3093(03)00155-8; for high-entropy alloys Guo and
    Liu 2011, doi:10.1016/S1002-0071(12)60080-X.

    >>> round(float(electronegativity_difference(["Al", "Ni"], [1, 1])), 3)
    0.15
    """
    fractions, chi = _fractions(symbols, amounts), property_of(symbols, "electronegativity")
    mean = (fractions @ chi)[..., None]
    return np.sqrt((fractions * (chi - mean) ** 2).sum(axis=-1))


def mixing_entropy(symbols: Sequence[str], amounts: ArrayLike) -> np.ndarray:
    """Ideal entropy of mixing: S = -R sum_i x_i ln x_i.

    Returns:
        J/(mol K); R ln n for n elements in equal parts, 0 for a pure element.

    Valid for: a random solid solution.
    Source: Yeh et al. 2004, doi:10.1002/adem.200300567.

    >>> round(float(mixing_entropy(["Co", "Cr", "Fe", "Mn", "Ni"], [1, 1, 1, 1, 1])), 3)  # R ln 5
    13.382
    """
    fractions = _fractions(symbols, amounts)
    logs = np.log(np.where(fractions > 0, fractions, 1.0))
    return np.where(np.isnan(fractions).any(axis=-1), np.nan, np.abs(GAS_CONSTANT * (fractions * -logs).sum(axis=-1)))


def _fractions(symbols: Sequence[str], amounts: ArrayLike) -> np.ndarray:
    return normalised(amounts, np.ones(len(symbols)))


_MAGPIE = "Ward et al. 2016, doi:10.1038/npjcompumats.2016.28"
MIXING_RULES: dict[str, tuple[Callable[[Sequence[str], np.ndarray], np.ndarray], str, str, str, str]] = {
    "vec": (partial(mean_property, name="valence_electrons"), "1", "sum x_i VEC_i (valence electrons per atom)",
            "solid solutions of transition metals and Al", "Guo et al. 2011, doi:10.1063/1.3587228"),
    "delta": (size_mismatch, "%", "100 sqrt(sum x_i (1 - r_i / mean r)^2) (atomic size mismatch)",
              "substitutional alloys", "Zhang et al. 2008, doi:10.1002/adem.200700240"),
    "delta_chi": (electronegativity_difference, "1", "sqrt(sum x_i (chi_i - mean chi)^2) (Pauling electronegativity)",
                  "metallic alloys", "Guo and Liu 2011, doi:10.1016/S1002-0071(12)60080-X"),
    "mixing_entropy": (mixing_entropy, "J/(mol K)", "-R sum x_i ln x_i", "a random solid solution",
                       "Yeh et al. 2004, doi:10.1002/adem.200300567"),
    "mean_melting_point": (partial(mean_property, name="melting_point"), "K", "sum x_i Tm_i",
                           "a rule of mixtures, no melting point of the alloy", _MAGPIE),
    "mean_mass": (partial(mean_property, name="mass"), "g/mol", "sum x_i M_i", "every alloy", _MAGPIE),
    "mean_radius": (partial(mean_property, name="radius"), "pm", "sum x_i r_i", "substitutional alloys", _MAGPIE),
    "mean_electronegativity": (partial(mean_property, name="electronegativity"), "1", "sum x_i chi_i",
                               "metallic alloys", _MAGPIE),
    "deviation_melting_point": (partial(mean_deviation, name="melting_point"), "K", "sum x_i |Tm_i - mean Tm|",
                                "every alloy", _MAGPIE),
    "deviation_mass": (partial(mean_deviation, name="mass"), "g/mol", "sum x_i |M_i - mean M|", "every alloy", _MAGPIE),
    "deviation_vec": (partial(mean_deviation, name="valence_electrons"), "1", "sum x_i |VEC_i - mean VEC|",
                      "metallic alloys", _MAGPIE),
}  # fmt: skip
"""Name -> rule of elements and amounts, its unit, formula, range and source in words."""
