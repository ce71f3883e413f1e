"""Whether one model is better than another, told from their errors on the same folds."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nital.core.errors import InputError

__all__ = ["PairedTest", "corrected_paired_test"]

Numbers = np.ndarray | Sequence[float] | Sequence[int]


@dataclass(frozen=True)
class PairedTest:
    """How two models differ over folds.

    Attributes:
        difference: mean over folds of first minus second, in the unit of the scores.
        low, high: interval of the difference; NaN for a single fold.
        p: two-sided p value; NaN for a single fold.
        folds: number of folds.
    """

    difference: float
    low: float
    high: float
    p: float
    folds: int

    @property
    def certain(self) -> bool:
        """True where the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def certainly_lower(self) -> bool:
        """True where the whole interval says that the first model's scores are smaller."""
        return self.high < 0


def corrected_paired_test(
    first: Numbers,
    second: Numbers,
    n_train: Numbers | float | int,
    n_test: Numbers | float | int,
    *,
    confidence: float = 0.95,
) -> PairedTest:
    """Paired t test over (repeated) cross-validation folds, with the variance corrected for shared training rows.

    se^2 = (1/J + n_test/n_train) s^2 for J folds whose differences have the variance s^2. Without the second term,
    which stands for the overlap of the training sets, differences are called significant far too often.

    Args:
        first, second: shape (J,), the two models' scores on the same folds.
        n_train, n_test: rows in the two parts of each fold, shape (J,) or one number.
        confidence: of the interval, 0 to 1.

    Raises:
        InputError: unequal numbers of folds, or scores that are not finite.

    Valid for: random subsampling, and in practice repeated k-fold cross-validation.
    Source: Nadeau and Bengio 2003, doi:10.1023/A:1024068626366; for repeated folds Bouckaert and Frank 2004,
        doi:10.1007/978-3-540-24775-3_3.

    >>> test = corrected_paired_test([2.0, 3.0, 4.0], [1.0, 1.0, 1.0], 80, 20)
    >>> round(test.difference, 3), round(test.low, 3), round(test.high, 3), round(test.p, 3)
    (2.0, -1.286, 5.286, 0.12)
    """
    from scipy.stats import t as student

    one, other = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if one.ndim != 1 or one.shape != other.shape or not one.size:
        raise InputError(f"The models have scores of {one.size} and {other.size} folds; both need the same folds.")
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise InputError("Scores of folds are not finite. Look for values that overflow.")
    difference, folds = one - other, len(one)
    mean = float(difference.mean())
    if folds < 2:
        return PairedTest(mean, math.nan, math.nan, math.nan, folds)
    overlap = float(np.mean(np.asarray(n_test, dtype=float) / np.asarray(n_train, dtype=float)))
    error = math.sqrt((1 / folds + overlap) * float(difference.var(ddof=1)))
    if error == 0:
        return PairedTest(mean, mean, mean, 1.0 if mean == 0 else 0.0, folds)
    half = float(student.ppf((1 + confidence) / 2, folds - 1)) * error
    return PairedTest(mean, mean - half, mean + half, float(2 * student.sf(abs(mean) / error, folds - 1)), folds)
