"""Whether a row is like those that were learned from: nearest neighbours, ranges, columns that never varied."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nital.core.plain import plain
from nital.tasks.properties.models import Rows

__all__ = ["Domain", "learn_domain"]

NEIGHBOURS = 3
MOST_POINTS = 2000
QUANTILE = 0.95
BEYOND = 0.05
"""Share of a column's range by which a value may leave it without a warning."""
FACTOR = 0.1
"""Share of its smallest value by which a positive column may fall below it without a warning."""


@dataclass(frozen=True)
class Domain:
    """What the training rows looked like.

    Attributes:
        points: shape (m, c), training rows in units of each column's spread; at most 2,000, drawn at random.
        mean, scale: shape (c,), of the columns. low, high: shape (c,), ranges seen; equal where a column never varied.
        limit: distance, root mean square over columns, that 95 % of training rows have to the third nearest row of
            other groups.
        gaps: shape (c,), whether a column had missing values in training.
        names: of the columns.
    """

    points: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    low: np.ndarray
    high: np.ndarray
    gaps: np.ndarray
    limit: float
    names: tuple[str, ...]

    def distances(self, matrix: np.ndarray) -> np.ndarray:
        """Distance of each row to its third nearest training row, shape (n,); missing values count as average."""
        return _kth_distance(_scaled(matrix, self.mean, self.scale), self.points)

    def warnings(self, matrix: np.ndarray, distances: np.ndarray) -> list[str]:
        """Sentences for people, one per column that leaves its range, never varied or lacks values, one on distance."""
        found, beyond, lacking = [], self._beyond(matrix), self._lacking(matrix)
        found += [
            f"'{self.names[number]}' was never missing in training and is in {_rows(lacking[:, number])}; "
            "its median stands in."
            for number in np.flatnonzero(lacking.any(axis=0))
        ]
        for number in np.flatnonzero(beyond.any(axis=0)):
            rows, name, low, high = _rows(beyond[:, number]), self.names[number], self.low[number], self.high[number]
            if low == high:
                found.append(f"'{name}' was {low:g} in all training rows and differs in {rows}: its effect is unknown.")
            else:
                found.append(f"'{name}' leaves the range of the training rows, {low:g} to {high:g}, in {rows}.")
        far = int((distances > self.limit).sum())
        if far:
            found.append(
                f"{far} of {len(matrix)} rows lie further from the training rows than 95 % of these do from rows of "
                "other groups."
            )
        return found

    def reasons(self, matrix: np.ndarray, distances: np.ndarray) -> list[list[str]]:
        """For each row why it lies outside of the domain; nothing where it is inside."""
        beyond, lacking, far = self._beyond(matrix), self._lacking(matrix), distances > self.limit
        return [
            [*(f"{self.names[k]} out of range" for k in np.flatnonzero(beyond[n])),
             *(f"{self.names[k]} missing" for k in np.flatnonzero(lacking[n])),
             *(["far from all training rows"] if far[n] else [])]
            for n in range(len(matrix))
        ]  # fmt: skip

    def _beyond(self, matrix: np.ndarray) -> np.ndarray:
        slack = BEYOND * (self.high - self.low)
        # Near zero a small step is a large factor: a third of the smallest grain is another material.
        below = np.where(self.low > 0, np.minimum(slack, FACTOR * self.low), slack)
        with np.errstate(invalid="ignore"):
            return (matrix < self.low - below) | (matrix > self.high + slack)

    def _lacking(self, matrix: np.ndarray) -> np.ndarray:
        return np.isnan(matrix) & ~self.gaps

    def as_json(self) -> dict[str, Any]:
        """Plain data without the points, which are kept apart."""
        return {name: plain(value) for name, value in vars(self).items() if name != "points"}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Domain":
        """The domain of `as_json`, without points: distances come from the model's file."""
        arrays = {name: np.array(data[name]) for name in ("mean", "scale", "low", "high", "gaps")}
        limit = np.inf if data["limit"] is None else float(data["limit"])
        points = np.zeros((0, len(arrays["mean"])))
        return cls(points, **arrays, limit=limit, names=tuple(data["names"]))


def _rows(chosen: np.ndarray) -> str:
    """`row 3`, or `4 rows (2, 5, 6, ...)`; the first row of the table is 1."""
    numbers = (np.flatnonzero(chosen) + 1).tolist()
    if len(numbers) == 1:
        return f"row {numbers[0]}"
    return f"{len(numbers)} rows ({', '.join(map(str, numbers[:3]))}{', ...' if len(numbers) > 3 else ''})"


def learn_domain(rows: Rows, names: tuple[str, ...], seed: int = 0) -> Domain:
    """Learn what is usual in the given columns.

    Args:
        names: of the columns of the rows' matrix.
    """
    matrix = rows.given
    given, names = ~np.isnan(matrix), names[: matrix.shape[1]]
    low, high = np.where(given, matrix, np.inf).min(axis=0), np.where(given, matrix, -np.inf).max(axis=0)
    low, high = (np.where(given.any(axis=0), end, 0.0) for end in (low, high))  # a blank column has no range
    count = np.maximum(given.sum(axis=0), 1)
    mean = np.where(given, matrix, 0).sum(axis=0) / count
    scale = np.sqrt(np.where(given, (matrix - mean) ** 2, 0).sum(axis=0) / count)
    scale = np.where(high > low, np.where(scale > 0, scale, 1.0), 1.0)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(matrix))[:MOST_POINTS])
    points = _scaled(matrix[chosen], mean, scale).astype(np.float32).astype(np.float64)
    labels = np.unique(rows.groups[chosen], return_inverse=True)[1]
    distances = _kth_distance(points, points, labels)
    finite = distances[np.isfinite(distances)]
    limit = float(np.quantile(finite, QUANTILE)) if len(finite) else np.inf
    return Domain(points, mean, scale, low, high, np.array(~given.all(axis=0)), limit, names)


def _scaled(matrix: np.ndarray, mean: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.clip((np.where(np.isnan(matrix), mean, matrix) - mean) / scale, -1e3, 1e3)


def _kth_distance(rows: np.ndarray, points: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """Root mean square distance to the third nearest point; of another group if `labels` of these are given."""
    found = np.full(len(rows), np.inf)
    place = min(NEIGHBOURS, len(points)) - 1
    for start in range(0, len(rows), 500):
        part = rows[start : start + 500]
        square = ((part**2).sum(1)[:, None] + (points**2).sum(1) - 2 * part @ points.T) / max(1, rows.shape[1])
        if labels is not None:
            square = np.where(labels[start : start + 500, None] == labels, np.inf, square)
        found[start : start + 500] = np.sqrt(np.maximum(np.partition(square, place, axis=1)[:, place], 0))
    return found
