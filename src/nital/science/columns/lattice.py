"""The lattice that columns lie on, and its sites without a column."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from nital.core.errors import InputError

__all__ = ["Lattice", "fit_lattice"]

FEWEST = 9
ON_SITE = 0.3
"""A column belongs to a site that is nearer than this share of the shorter vector."""
SAME_STEP = 0.2


@dataclass(frozen=True)
class Lattice:
    """A lattice fitted to columns; lengths in px, (row, col).

    Attributes:
        origin: (2,), a site. vectors: (2, 2), the two shortest steps, each a row. sites: int (n, 2), the site of each
            column. off: (n,), how far each column lies from its site, px; NaN for columns on none.
        missing: (m, 2), sites inside the picture without a column.
    """

    origin: np.ndarray
    vectors: np.ndarray
    sites: np.ndarray
    off: np.ndarray
    missing: np.ndarray

    @property
    def lengths(self) -> tuple[float, float]:
        """Of the two vectors, px."""
        return float(np.hypot(*self.vectors[0])), float(np.hypot(*self.vectors[1]))

    @property
    def angle_deg(self) -> float:
        """Between the two vectors."""
        return float(np.degrees(np.arccos(np.dot(*self.vectors) / np.prod(self.lengths))))


def fit_lattice(places: np.ndarray, shape: tuple[int, int]) -> Lattice:
    """The lattice of columns, by the steps to their neighbours, then by least squares over all sites.

    Args:
        places: (n, 2), row and col. shape: of the picture; sites nearer to its edge than half a step are not missed.

    Raises:
        InputError: too few columns, or columns that lie on no lattice.

    Valid for: one column in a cell. With more, the others lie on no site.
    """
    if len(places) < FEWEST:
        raise InputError(f"Only {len(places)} columns were found; a lattice needs {FEWEST}. Take a larger field.")
    first, second = _steps(places)
    vectors = np.stack([first, second])
    middle = places[np.argmin(np.hypot(*(places - places.mean(0)).T))]
    origin, reach = middle.copy(), 3.0
    least = min(np.hypot(*first), np.hypot(*second))
    sites = np.zeros((len(places), 2), int)
    while True:  # outwards, so that a small error of the steps does not count wrongly far away
        sites = np.rint(np.asarray((places - origin) @ np.linalg.inv(vectors), float)).astype(int)
        off = _length(places - origin - sites @ vectors)
        known = (off < ON_SITE * least) & (np.hypot(*(places - middle).T) < reach * least)
        if known.sum() >= 4:
            design = np.column_stack([sites[known], np.ones(int(known.sum()))])
            solved = np.linalg.lstsq(design, places[known], rcond=None)[0]
            vectors, origin = solved[:2], solved[2]
        if reach * least > 1.5 * max(shape):
            break
        reach *= 1.5
    off = _length(places - origin - sites @ vectors)
    on = off < ON_SITE * least
    if on.mean() < 0.5:
        raise InputError("Most columns lie on no common lattice: several grains, or more than one column in a cell.")
    missing = _missing(sites[on], origin, vectors, shape, 0.5 * least)
    return Lattice(origin, vectors, sites, np.where(on, off, np.nan), missing)


def _steps(places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two shortest steps that most columns take to a neighbour, not along one line."""
    tree: Any = cKDTree(places)
    _, near = tree.query(places, k=min(9, len(places)))
    steps = (places[near[:, 1:]] - places[:, None]).reshape(-1, 2)
    steps = steps[(steps[:, 0] > 1e-9) | ((np.abs(steps[:, 0]) <= 1e-9) & (steps[:, 1] > 0))]
    usual = float(np.median(np.hypot(*(places[near[:, 1]] - places).T)))
    found: list[tuple[float, np.ndarray]] = []
    left = steps
    while len(left) > 0.1 * len(steps) and len(found) < 12:
        around: Any = cKDTree(left)
        shared = np.asarray(around.query_ball_point(left, SAME_STEP * usual, return_length=True), int)
        there = np.hypot(*(left - left[int(np.argmax(shared))]).T) < SAME_STEP * usual
        found.append((float(there.sum()), np.median(left[there], axis=0)))
        left = left[~there]
    often = max((count for count, _ in found), default=0.0)
    kept = sorted((step for count, step in found if count > 0.4 * often), key=lambda step: float(np.hypot(*step)))
    for other in kept[1:]:
        across = abs(kept[0][0] * other[1] - kept[0][1] * other[0])
        if across > 0.3 * np.hypot(*kept[0]) * np.hypot(*other):
            return kept[0], other
    raise InputError("The columns have no two directions in which they repeat. Take a field with a lattice in it.")


def _length(steps: np.ndarray) -> np.ndarray:
    return np.hypot(steps[:, 0], steps[:, 1])


def _missing(
    sites: np.ndarray, origin: np.ndarray, vectors: np.ndarray, shape: tuple[int, int], margin: float
) -> np.ndarray:
    low, high = sites.min(0), sites.max(0)
    grid = low + np.indices((int(high[0] - low[0]) + 1, int(high[1] - low[1]) + 1)).reshape(2, -1).T
    taken = {(int(a), int(b)) for a, b in sites}
    place = origin + grid @ vectors
    inside = ((place >= margin) & (place <= np.array(shape) - 1 - margin)).all(1)
    # Where the crystal ends, nothing is missing: a site counts if columns stand on most sides of it.
    around = np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    sides = np.array([sum((int(a), int(b)) in taken for a, b in site + around) for site in grid], int)
    free = np.array([(int(a), int(b)) not in taken for a, b in grid], bool)
    return place[inside & free & (sides >= 3)].reshape(-1, 2)
