"""Scores by group, and intervals of their mean in which groups, not samples, are what is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nital.core.errors import InputError

__all__ = ["Comparison", "bootstrap_interval", "compare", "mean_interval", "score_by_group", "share_interval"]

Values = np.ndarray | Sequence[float]
Groups = np.ndarray | Sequence[str]
FEW_GROUPS = 10
"""With fewer groups an interval by redrawing comes out too narrow."""


def score_by_group(values: Values, groups: Groups) -> dict[str, float]:
    """Mean of the values of each group.

    Args:
        values: shape (n,), one score per sample.
        groups: shape (n,), one label per sample.

    Raises:
        InputError: unequal lengths, no values, or values that are not finite.

    >>> score_by_group([1.0, 3.0, 5.0], ["a", "a", "b"])
    {'a': 2.0, 'b': 5.0}
    """
    names, sums, counts = _sums(values, groups)
    return {str(name): float(total / count) for name, total, count in zip(names, sums, counts, strict=True)}


def bootstrap_interval(
    values: Values, groups: Groups, *, n: int = 2000, seed: int = 0, confidence: float = 0.95
) -> tuple[float, float]:
    """Interval of the mean when whole groups, not samples, are drawn again with replacement.

    Samples of one specimen are alike; drawing them one by one would make the interval too narrow.

    Args:
        values, groups: as for `score_by_group`.
        n: number of redrawings.
        confidence: share of redrawn means inside the interval, 0 to 1.

    Returns:
        (low, high); both NaN for a single group, of which nothing can be said about others.

    Raises:
        InputError: unequal lengths, no values, or values that are not finite.

    Valid for: ten groups or more; with fewer the interval comes out too narrow.

    Source: A. C. Davison, D. V. Hinkley (1997), "Bootstrap methods and their application", section 3.8,
        doi:10.1017/CBO9780511802843; percentile interval.

    >>> bootstrap_interval([0.0, 0.0, 1.0, 1.0], ["a", "a", "b", "b"])
    (0.0, 1.0)
    """
    names, sums, counts = _sums(values, groups)
    if len(names) < 2:
        return float("nan"), float("nan")
    drawn = np.random.default_rng(seed).integers(len(names), size=(n, len(names)))
    means = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def mean_interval(values: Values, groups: Groups, *, seed: int = 0) -> tuple[float, float]:
    """95 % interval of the mean over groups: by redrawing, and with fewer than ten groups by Student's t.

    For k groups with sums s and n samples each, and the mean m of all samples, the residuals r = (s - m n) / mean(n)
    have the standard deviation d over groups; the interval is m +- t(0.975, k - 1) d / sqrt(k).

    Args:
        values, groups: as for `score_by_group`.

    Returns:
        (low, high); both NaN for a single group.

    Raises:
        InputError: unequal lengths, no values, or values that are not finite.

    Valid for: means over groups that scatter about normally, where groups are few.

    Source: W. G. Cochran (1977), "Sampling techniques", eq. 6.9 (ratio of two sums); Student, Biometrika 6, 1 (1908),
        doi:10.1093/biomet/6.1.1.

    >>> low, high = mean_interval([1.0, 2.0, 3.0], ["a", "b", "c"])
    >>> round(low, 2), round(high, 2)
    (-0.48, 4.48)
    """
    from scipy.stats import t as student

    names, sums, counts = _sums(values, groups)
    if not 1 < len(names) < FEW_GROUPS:
        return bootstrap_interval(values, groups, seed=seed)
    mean = float(sums.sum() / counts.sum())
    residuals = (sums - mean * counts) / counts.mean()
    half = float(student.ppf(0.975, len(names) - 1) * residuals.std(ddof=1) / np.sqrt(len(names)))
    return mean - half, mean + half


def share_interval(values: Values, groups: Groups) -> tuple[float, float]:
    """`mean_interval` of a share, but exact where all values are 0 or all are 1: their spread would show no doubt.

    With k groups that are all right, the share of groups that are lies above 0.025^(1/k) (Clopper and Pearson).

    Args:
        values: shape (n,). groups: shape (n,).

    Returns:
        (low, high); both NaN for a single group.

    Source: C. J. Clopper, E. S. Pearson, Biometrika 26, 404 (1934), doi:10.1093/biomet/26.4.404.

    >>> low, high = share_interval([1.0, 1.0, 1.0], ["a", "b", "c"])
    >>> round(low, 3), high
    (0.292, 1.0)
    """
    low, high = mean_interval(values, groups)
    distinct = np.unique(np.asarray(values, dtype=float))
    if np.isnan(low):
        return low, high
    if len(distinct) > 1 or distinct[0] not in (0.0, 1.0):
        return max(low, 0.0), min(high, 1.0)
    reach = 0.025 ** (1 / len(np.unique(groups)))
    return (reach, 1.0) if distinct[0] == 1 else (0.0, 1 - reach)


@dataclass(frozen=True)
class Comparison:
    """How far a network stands above or below a baseline on the same samples.

    Attributes:
        difference: mean of network minus baseline, in the metric's unit.
        low, high: 95 % interval of the difference over groups; NaN for a single group.
        groups: number of groups.
    """

    difference: float
    low: float
    high: float
    groups: int

    @property
    def certain(self) -> bool:
        """True where the interval leaves out zero."""
        return self.low > 0 or self.high < 0


def compare(network_values: Values, baseline_values: Values, groups: Groups, *, seed: int = 0) -> Comparison:
    """Compare network and baseline sample by sample.

    Args:
        network_values, baseline_values: shape (n,), one score per sample, in the same order.
        groups: shape (n,), one label per sample.

    Raises:
        InputError: unequal lengths, no values, or values that are not finite.

    >>> found = compare([3.0, 4.1, 4.9, 6.0], [1.0, 2.0, 3.0, 4.0], ["a", "b", "c", "d"])
    >>> round(found.low, 2), round(found.high, 2), found.certain
    (1.87, 2.13, True)
    """
    network, baseline = np.asarray(network_values, dtype=float), np.asarray(baseline_values, dtype=float)
    if network.shape != baseline.shape:
        raise InputError(f"The network has {network.size} values, the baseline {baseline.size}; both need the same.")
    difference = network - baseline
    low, high = mean_interval(difference, groups, seed=seed)
    mean, number = float(difference.mean()), len(np.unique(groups))
    if high - low <= 1e-9 * abs(mean) and 1 < number < FEW_GROUPS:
        # Equal steps in few groups, as of right and wrong, have no spread: the share of groups that step so lies above
        # 0.025^(1/k), and the others could step the other way.
        least = mean * (2 * 0.025 ** (1 / number) - 1)
        low, high = min(least, mean), max(least, mean)
    return Comparison(mean, low, high, number)


def _sums(values: Values, groups: Groups) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Names, sums of values and numbers of samples of all groups."""
    numbers, labels = np.asarray(values, dtype=float), np.asarray(groups)
    if numbers.ndim != 1 or numbers.shape != labels.shape or not numbers.size:
        raise InputError(f"Scores need one group each: {numbers.shape} values, {labels.shape} groups.")
    if not np.isfinite(numbers).all():
        raise InputError(
            f"{np.count_nonzero(~np.isfinite(numbers))} of {numbers.size} scores are not finite. "
            "Leave out the samples without a score, and say in the report how many they are."
        )
    names, member = np.unique(labels, return_inverse=True)
    return names, np.bincount(member, weights=numbers), np.bincount(member)
