"""A systematic point count, the check that can be made by hand."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nital.core.errors import InputError
from nital.science.phases.phase_map import check_phase_map

__all__ = ["PointCount", "point_count"]


@dataclass(frozen=True)
class PointCount:
    """Points of a grid in one phase.

    Attributes:
        phase: its name.
        n_hits, n_points: points in the phase, and points on specimen.
        fraction: P_P = n_hits / n_points.
        standard_error: sqrt(P_P (1 - P_P) / n_points), what independent points would scatter by; a grid wider than
            the features scatters less.
    """

    phase: str
    n_hits: int
    n_points: int
    fraction: float
    standard_error: float


def point_count(
    labels: np.ndarray, classes: Sequence[str], *, valid: np.ndarray | None = None, points: int = 100
) -> tuple[PointCount, ...]:
    """Lay a square grid of points over a field and count those in each phase.

    The spacing follows from the specimen area; the grid begins half a spacing from the picture's corner. A point is
    the pixel under it, so that none lies on a boundary (by hand, such a point counts half).

    Args:
        labels, classes, valid: as for `phase_fractions`.
        points: about how many, at least 4.

    Returns:
        one for each class, in their order.

    Raises:
        InputError: not a phase map, a number without a class, a mask that does not fit, fewer than 4 points, or a
            specimen area that no point of the grid meets.

    Source: ASTM E562-02 (systematic point count); the error of independent points: J. E. Hilliard and J. W. Cahn,
        Trans. AIME 221 (1961) 344.

    >>> import numpy as np
    >>> halves = np.repeat([[0] * 50 + [1] * 50], 100, axis=0)
    >>> [(found.n_hits, found.n_points, found.standard_error) for found in point_count(halves, ["a", "b"])]
    [(50, 100, 0.05), (50, 100, 0.05)]
    """
    phases = check_phase_map(labels, classes, valid)
    if points < 4:
        raise InputError(f"A grid of {points} points says nothing. Give 4 or more; 100 is usual.")
    area = phases.size if valid is None else int(np.count_nonzero(valid))
    spacing = max(math.sqrt(area / points), 1.0)
    rows, cols = (np.arange(spacing / 2, side, spacing).astype(np.int64) for side in phases.shape)
    hits = np.bincount(phases[np.ix_(rows, cols)].ravel(), minlength=256)[: len(classes)]
    n = int(hits.sum())
    if n == 0:
        raise InputError(f"None of {points} points lies on the specimen. Give more points.")
    return tuple(
        PointCount(name, int(k), n, float(k / n), math.sqrt(k / n * (1 - k / n) / n))
        for name, k in zip(classes, hits, strict=True)
    )
