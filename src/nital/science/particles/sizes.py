"""The distribution of particle sizes: a log-normal fit, and whether the sizes are of such a distribution."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

__all__ = ["LogNormal", "fit_lognormal"]

FEWEST = 8
DRAWS = 400


@dataclass(frozen=True)
class LogNormal:
    """A log-normal distribution fitted to sizes.

    Attributes:
        median: in the unit of the sizes, with its 95 % interval. sigma: spread of the natural logarithm.
        p: how often samples of such a distribution lie as far from their own fit (Lilliefors); small: it is not one.
    """

    median: float
    median_ci95: tuple[float, float]
    sigma: float
    p: float


def fit_lognormal(sizes: np.ndarray, seed: int = 0) -> LogNormal | None:
    """Fit by the moments of the logarithms, which is the maximum of the likelihood.

    Args:
        sizes: (n,), positive. seed: of the samples that the test draws.

    Returns:
        None for fewer than eight sizes, or sizes that are all alike.

    Source: H. W. Lilliefors, J. Am. Stat. Assoc. 62, 399 (1967), doi:10.1080/01621459.1967.10482916, with drawn samples
        instead of his table.

    >>> fit = fit_lognormal(np.exp(np.random.default_rng(1).normal(1.0, 0.3, 500)))
    >>> round(fit.sigma, 2), fit.p > 0.05
    (0.27, True)
    """
    logs = np.log(np.asarray(sizes, float))
    n = len(logs)
    if n < FEWEST or logs.std() < 1e-9:
        return None
    sigma = float(logs.std(ddof=1))
    half = float(stats.t.ppf(0.975, n - 1)) * sigma / n**0.5
    middle = float(logs.mean())
    drawn = np.random.default_rng(seed).standard_normal((DRAWS, n))
    reached = float((_distance(drawn) >= _distance(logs[None])[0]).mean())
    ends = (float(np.exp(middle - half)), float(np.exp(middle + half)))
    return LogNormal(float(np.exp(middle)), ends, sigma, reached)


def _distance(samples: np.ndarray) -> np.ndarray:
    """Largest distance between each row's distribution and the normal one of its mean and spread, (rows,)."""
    n = samples.shape[1]
    ordered = np.sort(samples, axis=1)
    standard = (ordered - ordered.mean(1, keepdims=True)) / ordered.std(1, ddof=1, keepdims=True)
    share = np.asarray(stats.norm.cdf(standard), float)
    steps = np.linspace(0, 1, n + 1)
    return np.maximum(np.max(steps[1:] - share, axis=1), np.max(share - steps[:-1], axis=1))
