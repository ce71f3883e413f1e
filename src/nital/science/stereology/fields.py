"""What a mean over fields, or over parts of one field, is worth: confidence intervals and %RA."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from nital.core.errors import InputError
from nital.science.stereology.e112 import (
    DENSITY_SLOPE,
    INTERCEPT_SLOPE,
    grain_size_number_from_density,
    grain_size_number_from_intercept,
)

if TYPE_CHECKING:
    from nital.science.stereology.counting import Planimetric
    from nital.science.stereology.lineal import Intercepts

__all__ = ["FINE", "FieldStatistics", "combine_fields", "merge_blocks", "parts_per_side", "relative_halfwidth"]

# A picture is tallied in FINE x FINE blocks, which are merged to the parts that the interval rests on.
FINE = 12
# A part is at least so many mean intercepts wide, so that neighbouring parts are roughly independent.
_PART_INTERCEPTS = 4.0
_MOST_PER_SIDE = 6
_FEWEST_PARTS = 4


@dataclass(frozen=True)
class FieldStatistics:
    """A mean over several fields of view, as ASTM E112 reports it.

    Attributes:
        quantity: "mean_intercept_um", "mean_intercept_px", "grains_per_mm2" or "grains_per_px2".
        n_fields: fields that were averaged.
        mean, std: of the quantity over the fields, in its unit; std with n - 1.
        ci95_half: half width of the 95 % confidence interval of the mean, t s / sqrt(n).
        relative_accuracy_percent: %RA = 100 ci95_half / mean; E112 asks for 10 or less.
        grain_size_number: G of the mean; None without a pixel size.
        grain_size_number_ci95: G at the ends of the interval; None where the interval reaches 0.
    """

    quantity: str
    n_fields: int
    mean: float
    std: float
    ci95_half: float
    relative_accuracy_percent: float
    grain_size_number: float | None
    grain_size_number_ci95: tuple[float, float] | None


def combine_fields(fields: "Sequence[Intercepts] | Sequence[Planimetric]") -> FieldStatistics:
    """Average fields of view of one specimen: mean, 95 % confidence interval, %RA.

    CI = t s / sqrt(n), t of Student with n - 1 degrees of freedom (two-sided 95 %); %RA = 100 CI / mean.
    The fields count alike, as E112 counts them.

    Args:
        fields: at least two results of `intercepts` or `circle_intercepts`, or of `planimetric`; all with
            the same kind of pixel size (known or unknown).

    Raises:
        InputError: fewer than two fields, fields of unlike kinds, or a field without intersections or grains.

    Source: ASTM E112-13, section 15 (statistical analysis).
    """
    names = ("mean_intercept_um", "mean_intercept_px", "grains_per_mm2", "grains_per_px2")
    for name in names:
        values = [getattr(field, name, None) for field in fields]
        if len(values) >= 2 and all(value is not None for value in values):
            break
    else:
        raise InputError(
            f"{len(fields)} fields cannot be averaged. Give at least two results of the same function, "
            "each with grains in it, and all with a pixel size or all without."
        )
    data = np.array(values, dtype=np.float64)
    mean, std = float(data.mean()), float(data.std(ddof=1))
    half = float(stats.t.ppf(0.975, len(data) - 1)) * std / math.sqrt(len(data))
    number = {
        "mean_intercept_um": lambda: grain_size_number_from_intercept(mean / 1000),
        "grains_per_mm2": lambda: grain_size_number_from_density(mean),
    }.get(name, lambda: None)()
    slope = INTERCEPT_SLOPE if "intercept" in name else DENSITY_SLOPE
    return FieldStatistics(
        name, len(data), mean, std, half, 100 * half / mean, number, number_interval(number, half / mean, slope)
    )


def number_interval(number: float | None, relative: float | None, slope: float) -> tuple[float, float] | None:
    """G at the ends of an interval of x (1 -+ relative), where G = slope log10(x) + constant."""
    if number is None or relative is None or not relative < 1:
        return None
    ends = sorted(number + slope * math.log10(1 + sign * relative) for sign in (-1, 1))
    return ends[0], ends[1]


def relative_halfwidth(tallies: np.ndarray, shares: np.ndarray) -> float | None:
    """Half width of the 95 % interval of a ratio, over its value, from parts of one field.

    With R = sum y_b (the shares sum to 1), residuals e_b = y_b - R a_b, the variance of R is
    n / (n - 1) sum e_b^2, and the half width t_(n-1) times its root; for equal parts this is t s / sqrt(n).

    Args:
        tallies: y_b, each part's contribution to the total, shape (n,).
        shares: a_b, each part's share of the test line or area, shape (n,); parts of no share are left out.

    Returns:
        the relative half width; None for fewer than 4 parts or a total of 0.

    Source: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), chapter 6 (ratio estimates).
    """
    used = shares > 0
    y, a = tallies[used], shares[used] / shares.sum()
    total = float(y.sum())
    # Parts of unlike size are worth fewer than their number.
    n = int(1 / np.sum(a**2) + 1e-9) if len(a) else 0
    if n < _FEWEST_PARTS or total <= 0:
        return None
    variance = n / (n - 1) * float(np.sum((y - total * a) ** 2))
    return float(stats.t.ppf(0.975, n - 1)) * math.sqrt(variance) / total


def parts_per_side(length_px: float, mean_intercept_px: float) -> int:
    """Into how many parts a side is cut: a divisor of FINE, parts at least four mean intercepts wide.

    >>> parts_per_side(1000.0, 50.0)
    4
    """
    most = min(_MOST_PER_SIDE, length_px / (_PART_INTERCEPTS * mean_intercept_px))
    return max((k for k in range(1, FINE + 1) if FINE % k == 0 and k <= most), default=1)


def merge_blocks(blocks: np.ndarray, down: int, across: int) -> np.ndarray:
    """Sum FINE x FINE blocks to `down` x `across` parts, flattened."""
    return blocks.reshape(down, FINE // down, across, FINE // across).sum(axis=(1, 3)).ravel()
