"""Particles that were found against those that are there, by their boxes."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

__all__ = ["Matched", "boxes_of", "match_boxes"]

SAME_BOX = 0.5


@dataclass(frozen=True)
class Matched:
    """How detections and truth agree.

    Attributes:
        found, true: their numbers. centres: pairs whose middles lie within half the side of the true box. boxes: pairs
            whose boxes share at least half of their union. size_error: median side found over the median true side,
            less 1; None where either has none. pairs: (centres, 2), indices of what was found and of the truth.
    """

    found: int
    true: int
    centres: int
    boxes: int
    size_error: float | None
    pairs: np.ndarray

    @property
    def f1(self) -> float:
        """Twice the pairs over both numbers; 1 where there is nothing and nothing was found."""
        return _f1(self.centres, self.found + self.true)

    @property
    def f1_boxes(self) -> float:
        """The same for boxes."""
        return _f1(self.boxes, self.found + self.true)


def _f1(pairs: int, both: int) -> float:
    return 2 * pairs / both if both else 1.0


def boxes_of(labels: np.ndarray) -> np.ndarray:
    """Boxes of the particles of a label map, float64 (n, 4): top, left, bottom, right; 0 is none."""
    found: list[tuple[slice, ...] | None] = [*ndimage.find_objects(np.asarray(labels))]
    rows = [(box[0].start, box[1].start, box[0].stop, box[1].stop) for box in found if box]
    return np.array(rows, float).reshape(-1, 4)


def match_boxes(found: np.ndarray, true: np.ndarray) -> Matched:
    """Pair what was found with what is there, each once, the nearest first.

    Args:
        found, true: (n, 4) and (m, 4), top, left, bottom, right.

    >>> match_boxes(np.array([[0.0, 0, 8, 8]]), np.array([[1.0, 1, 9, 9], [20, 20, 30, 30]])).f1
    0.6666666666666666
    """
    pairs = _by_centres(found, true)
    sides = [np.sqrt(np.prod(one[:, 2:] - one[:, :2], axis=1)) for one in (found, true)]
    error = None
    if len(found) and len(true):
        error = float(np.median(sides[0]) / np.median(sides[1])) - 1
    return Matched(len(found), len(true), len(pairs), _by_overlap(found, true), error, pairs)


def _by_centres(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    middles = [(one[:, :2] + one[:, 2:]) / 2 for one in (found, true)]
    apart = np.hypot(*(middles[0][:, None] - middles[1][None]).transpose(2, 0, 1))
    half = np.sqrt(np.prod(true[:, 2:] - true[:, :2], axis=1)) / 2
    return _paired(apart, np.broadcast_to(half, apart.shape))


def _by_overlap(found: np.ndarray, true: np.ndarray) -> int:
    low = np.maximum(found[:, None, :2], true[None, :, :2])
    high = np.minimum(found[:, None, 2:], true[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=2)
    area = [np.prod(one[:, 2:] - one[:, :2], axis=1) for one in (found, true)]
    shared: np.ndarray = common / np.maximum(area[0][:, None] + area[1][None] - common, 1e-9)
    return len(_paired(1 - shared, np.full_like(shared, 1 - SAME_BOX)))


def _paired(cost: np.ndarray, most: np.ndarray) -> np.ndarray:
    """Pairs of rows and columns with a cost of at most `most`, each once, the cheapest first; int (pairs, 2)."""
    rows, cols = np.nonzero(np.asarray(cost <= most))
    taken: tuple[set[int], set[int]] = (set(), set())
    pairs: list[tuple[int, int]] = []
    order: list[int] = np.argsort(cost[rows, cols], kind="stable").tolist()
    for place in order:
        row, col = int(rows[place]), int(cols[place])
        if row not in taken[0] and col not in taken[1]:
            taken[0].add(row)
            taken[1].add(col)
            pairs.append((row, col))
    return np.array(pairs, int).reshape(-1, 2)
