"""What a mean over fields is worth: confidence interval and %RA."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from nital.core.errors import InputError
from nital.science.stereology.counting import Planimetric
from nital.science.stereology.e112 import (
    DENSITY_SLOPE,
    INTERCEPT_SLOPE,
    grain_size_number_from_density,
    grain_size_number_from_intercept,
    number_interval,
)
from nital.science.stereology.lineal import Intercepts

__all__ = ["FieldStatistics", "combine_fields"]


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


def combine_fields(fields: Sequence[Intercepts] | Sequence[Planimetric]) -> FieldStatistics:
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
