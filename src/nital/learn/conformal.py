"""Intervals for a specimen of a group that was never seen: conformal prediction with groups as the unit.

Rows of one heat err alike. Only groups can be taken for exchangeable, so each group has the same say in how wide an
interval must be, however many rows it has.
"""

import math
from collections.abc import Sequence

import numpy as np

from nital.core.errors import InputError
from nital.learn.intervals import score_by_group

__all__ = ["conformal_factor", "coverage_by_group", "fewest_groups", "half_widths", "stable_difficulty"]

Numbers = np.ndarray | Sequence[float] | Sequence[int]


def fewest_groups(confidence: float = 0.9) -> int:
    """The smallest number of groups from which an interval of that confidence can be promised.

    >>> fewest_groups(0.9)
    9
    """
    return math.ceil(round(confidence / (1 - confidence), 9))


def conformal_factor(
    residuals: Numbers, groups: np.ndarray, difficulty: Numbers | None = None, *, confidence: float = 0.9
) -> float:
    """What the difficulty of a new row is multiplied with to give half of its interval.

    With K groups, group k of n_k rows, and s = |residual| / difficulty: the `confidence` quantile of the s, where each
    row of group k weighs 1 / ((K + 1) n_k) and infinity weighs 1 / (K + 1), the place of the group to come.

    Args:
        residuals: shape (n,), of rows whose group was not in the model's training.
        groups: shape (n,).
        difficulty: shape (n,), positive; None: 1 for all rows.
        confidence: probability with which a row of a new group lies inside.

    Returns:
        A positive number, or infinity with fewer than `fewest_groups` groups.

    Raises:
        InputError: unequal lengths, or values that are not finite.

    Valid for: groups drawn from one population. Residuals of cross-validation, whose models are not the final one,
        make the promise an approximate one: measure it with `coverage_by_group`.
    Source: Dunn, Wasserman and Ramdas 2023, doi:10.1080/01621459.2022.2060112; Lee, Barber and Willett 2023,
        arXiv:2306.06342 (hierarchical conformal prediction); Lei et al. 2018, doi:10.1080/01621459.2017.1307116,
        section 5.2 (division by a difficulty).

    >>> conformal_factor([1.0, 2.0, 3.0, 4.0], np.array(["a", "b", "c", "d"]), confidence=0.8)
    4.0
    >>> conformal_factor([1.0, 2.0, 3.0, 4.0], np.array(["a", "b", "c", "d"]), confidence=0.9)
    inf
    """
    errors, labels = np.abs(np.asarray(residuals, dtype=float)), np.asarray(groups)
    scale = np.ones_like(errors) if difficulty is None else np.asarray(difficulty, dtype=float)
    if errors.ndim != 1 or not errors.shape == labels.shape == scale.shape or not errors.size:
        raise InputError(
            f"Each residual needs a group and a difficulty: {errors.size}, {labels.size} and {scale.size} were given."
        )
    if not np.isfinite(errors).all() or not (np.isfinite(scale).all() and (scale > 0).all()):
        raise InputError("Residuals must be finite, and difficulties positive and finite.")
    _, member, sizes = np.unique(labels, return_inverse=True, return_counts=True)
    scores = errors / scale
    order = np.argsort(scores)
    reached = np.cumsum(1 / ((len(sizes) + 1) * sizes[member][order]))
    place = int(np.searchsorted(reached, confidence - 1e-9))
    return float(scores[order][place]) if place < len(scores) else math.inf


def stable_difficulty(spread: Numbers, typical: float) -> np.ndarray:
    """Difficulty of a row: its spread plus the typical one, so that a spread of zero promises no certainty.

    Args:
        spread: shape (n,), how far the members of a model lie apart. typical: median spread of the training rows.

    >>> stable_difficulty([0.0, 2.0], 2.0)
    array([0.5, 1. ])
    """
    values = np.asarray(spread, dtype=float)
    return (values + typical) / (2 * typical) if typical > 0 else np.ones_like(values)


def half_widths(factor: float, difficulty: Numbers, largest: float) -> np.ndarray:
    """Half of each row's interval; where too few groups promise nothing, the largest difference that was seen.

    Args:
        factor: of `conformal_factor`. difficulty: shape (n,). largest: in the unit of the target.

    >>> half_widths(2.0, [1.0, 1.5], 9.0), half_widths(math.inf, [1.0, 1.5], 9.0)
    (array([2., 3.]), array([9., 9.]))
    """
    scale = np.asarray(difficulty, dtype=float)
    return factor * scale if math.isfinite(factor) else np.full_like(scale, largest)


def coverage_by_group(truth: Numbers, low: Numbers, high: Numbers, groups: np.ndarray) -> dict[str, float]:
    """Share of each group's rows that lie inside their intervals, ends included.

    Args:
        truth, low, high: shape (n,). groups: shape (n,).

    >>> coverage_by_group([1.0, 5.0, 2.0], [0.0, 0.0, 0.0], [2.0, 2.0, 2.0], np.array(["a", "a", "b"]))
    {'a': 0.5, 'b': 1.0}
    """
    values = np.asarray(truth, dtype=float)
    return score_by_group(((values >= np.asarray(low)) & (values <= np.asarray(high))).astype(float), groups)
