"""The distribution of grain sizes, by number and by area, corrected for the frame."""

import math
from dataclasses import dataclass

import numpy as np

from nital.core.errors import InputError

__all__ = ["SizeDistribution", "size_distribution"]

# A grain so large that it seldom fits into the field would outweigh all others.
_SMALLEST_PROBABILITY = 0.05


@dataclass(frozen=True)
class SizeDistribution:
    """Equivalent circle diameters of the grains that lie wholly in the field.

    Attributes:
        unit: "um" or "px": that of all lengths here.
        n_grains: grains that were used.
        n_excluded: grains that touch the edge.
        mean, median, std: by number, each grain weighted by 1 / its probability of lying wholly in the field.
        area_weighted_mean, area_weighted_median, area_weighted_std: weighted also by area.
        lognormal_median, lognormal_sigma: exp of the mean, and standard deviation, of ln d (weighted by number).
        largest_area: of the largest grain that is not cut, unit squared (ALA grain of ASTM E930).
    """

    unit: str
    n_grains: int
    n_excluded: int
    mean: float
    median: float
    std: float
    area_weighted_mean: float
    area_weighted_median: float
    area_weighted_std: float
    lognormal_median: float
    lognormal_sigma: float
    largest_area: float


def size_distribution(table: dict[str, np.ndarray]) -> SizeDistribution | None:
    """Summarise a grain table: diameters by number and by area, without the bias of the frame.

    Grains that touch the edge are left out, since their size is unknown; large grains are left out more
    often, so the others are weighted with 1 / probability of inclusion (Miles-Lantuejoul). Weights are capped
    at 20.

    Args:
        table: from `grain_table`.

    Returns:
        the distribution, in micrometres where the table has a pixel size, else in px; None where every
        grain touches the edge.

    Raises:
        InputError: a table without the columns that are needed.

    Valid for: fields several grains wide; these are sizes in the section, not in space.

    Source: ASTM E1382; R. E. Miles, J. Microscopy 99 (1974) 257; C. Lantuejoul, Sci. Terre Ser. Inf. 15 (1980) 61;
    ASTM E930 (largest grain).

    >>> import numpy as np
    >>> from nital.science.stereology import grain_table
    >>> squares = np.kron(np.arange(1, 101).reshape(10, 10), np.ones((10, 10), int))
    >>> round(size_distribution(grain_table(squares)).mean, 3)  # 2 sqrt(100 / pi)
    11.284
    """
    missing = {"area_px", "area_um2", "touches_edge", "inclusion_probability"} - set(table)
    if missing:
        raise InputError(f"The grain table lacks {', '.join(sorted(missing))}. Make it with grain_table.")
    whole = ~table["touches_edge"].astype(np.bool_)
    if not whole.any():
        return None
    physical = bool(np.isfinite(table["area_um2"]).all())
    area = table["area_um2" if physical else "area_px"][whole].astype(np.float64)
    diameter = 2 * np.sqrt(area / np.pi)
    weight = 1 / np.maximum(table["inclusion_probability"][whole], _SMALLEST_PROBABILITY)
    by_number, by_area = _moments(diameter, weight), _moments(diameter, weight * area)
    log_mean, _, log_std = _moments(np.log(diameter), weight)
    return SizeDistribution(
        "um" if physical else "px", int(whole.sum()), int((~whole).sum()), *by_number, *by_area,
        lognormal_median=math.exp(log_mean), lognormal_sigma=log_std, largest_area=float(area.max()),
    )  # fmt: skip


def _moments(values: np.ndarray, weights: np.ndarray) -> tuple[float, float, float]:
    """Weighted mean, median and standard deviation."""
    share = weights / weights.sum()
    mean = float(np.sum(share * values))
    order = np.argsort(values)
    median = float(np.interp(0.5, np.cumsum(share[order]) - share[order] / 2, values[order]))
    return mean, median, math.sqrt(float(np.sum(share * (values - mean) ** 2)))
