"""Scores per group, their intervals, and what may be said of network against baseline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nital.core.errors import InputError

__all__ = [
    "Comparison",
    "bootstrap_interval",
    "compare",
    "means_with_intervals",
    "score_by_group",
    "share_interval",
    "verdict",
]

Values = np.ndarray | Sequence[float]
Groups = np.ndarray | Sequence[str]
FEW_GROUPS = 10


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
        values: shape (n,), one score per sample.
        groups: shape (n,), one label per sample.
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


def share_interval(values: Values, groups: Groups) -> tuple[float, float]:
    """`bootstrap_interval`, but exact where all values are 0 or all are 1: drawing again would find no doubt then.

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
    low, high = bootstrap_interval(values, groups)
    distinct = np.unique(np.asarray(values, dtype=float))
    if np.isnan(low) or len(distinct) > 1 or distinct[0] not in (0.0, 1.0):
        return low, high
    reach = 0.025 ** (1 / len(np.unique(groups)))
    return (reach, 1.0) if distinct[0] == 1 else (0.0, 1 - reach)


def means_with_intervals(values: Mapping[str, Values], groups: Groups) -> dict[str, float | list[float] | None]:
    """One row of a report: for each metric its mean, and under `<metric>_ci95` the interval over groups.

    Args:
        values: metric -> shape (n,), one score per sample. groups: shape (n,).

    >>> means_with_intervals({"f1": [0.5, 0.7]}, ["a", "a"])
    {'f1': 0.6, 'f1_ci95': None}
    """
    row: dict[str, float | list[float] | None] = {}
    for name, scores in values.items():
        low, high = share_interval(scores, groups)
        row[name] = float(np.mean(scores))
        row[f"{name}_ci95"] = None if np.isnan(low) else [low, high]
    return row


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

    >>> compare([3.0, 4.0], [1.0, 2.0], ["a", "b"])
    Comparison(difference=2.0, low=2.0, high=2.0, groups=2)
    """
    network, baseline = np.asarray(network_values, dtype=float), np.asarray(baseline_values, dtype=float)
    if network.shape != baseline.shape:
        raise InputError(f"The network has {network.size} values, the baseline {baseline.size}; both need the same.")
    difference = network - baseline
    low, high = bootstrap_interval(difference, groups, seed=seed)
    return Comparison(float(difference.mean()), low, high, len(np.unique(groups)))


def verdict(comparison: Comparison, *, baseline: str, metric: str, higher_is_better: bool) -> str:
    """Say in words what a comparison allows to be said.

    Args:
        baseline: its name in the report.
        metric: its name and, where it has one, its unit, such as `"boundary F1"` or `"MAE (MPa)"`.
        higher_is_better: False for errors.

    >>> verdict(Comparison(0.081, 0.04, 0.12, 12), baseline="Sobel + watershed", metric="F1", higher_is_better=True)
    'The network is better than Sobel + watershed by 0.081 in F1 (95 % interval 0.04 to 0.12, 12 groups).'
    """
    size = f"{abs(comparison.difference):.3g} in {metric}"
    few = f" With {comparison.groups} groups such an interval is too narrow." if comparison.groups < FEW_GROUPS else ""
    if comparison.groups < 2:
        return (
            f"The network differs from {baseline} by {comparison.difference:+.3g} in {metric}, on one group: "
            "no difference can be shown. Evaluate on more groups."
        )
    if not comparison.certain:
        return (
            f"No difference between the network and {baseline} can be shown: {comparison.difference:+.3g} in {metric} "
            f"(95 % interval {comparison.low:.3g} to {comparison.high:.3g}, {comparison.groups} groups). "
            f"Use the simpler model, {baseline}.{few}"
        )
    low, high = sorted((abs(comparison.low), abs(comparison.high)))
    evidence = f"(95 % interval {low:.3g} to {high:.3g}, {comparison.groups} groups)"
    if (comparison.difference > 0) == higher_is_better:
        return f"The network is better than {baseline} by {size} {evidence}.{few}"
    return f"The network is worse than {baseline} by {size} {evidence}. Use the simpler model, {baseline}.{few}"


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
