"""Ordinary kriging of missing pixels: the linear guess of least mean squared error from the nearest known pixels."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.ndimage import distance_transform_edt
from scipy.spatial import cKDTree

from nital.science.filling.covariance import Covariance

__all__ = ["Kriged", "krige_map", "neighbours", "weights_of"]

Numbers = NDArray[np.float64]
Whole = NDArray[np.intp]

AT_ONCE = 2048
"""So many missing pixels are solved for in one batch."""
TILE_PX = 512
LARGEST_TABLE = 1 << 21
"""Squared distance in px from which the correlation is taken as constant."""
JITTER = 1e-9
"""Added to the variance of the known pixels so that the equations of smooth maps can be solved in float64."""
MOST_TOGETHER = 4000
"""So many known pixels can be used together: work grows with their cube."""


@dataclass(frozen=True)
class Kriged:
    """A filled map.

    Attributes:
        values: float64 (rows, cols), known pixels as they were. sd: standard deviation of the error, in the map's
            unit, 0 where known.
    """

    values: Numbers
    sd: Numbers


def krige_map(values: Numbers, covariance: Covariance, *, count: int = 32) -> Kriged:
    """Fill the missing pixels of a map, tile by tile, so that memory beyond the map is bounded.

    Args:
        values: (rows, cols), NaN where missing; at least one known pixel. covariance: of the map.
        count: nearest known pixels that each guess is made from. Smooth maps without noise want more: there all known
            pixels are used together where they are at most 4,000.

    Source: Chiles and Delfiner, Geostatistics (2012), doi:10.1002/9781118136188, section 3.4.
    """
    filled, sd = values.astype(np.float64), np.zeros(values.shape)
    known = np.argwhere(np.isfinite(values))
    if covariance.tells_of_slopes and 0 < len(known) <= MOST_TOGETHER:
        return _from_all(values, known, covariance)
    for targets, places, near, distance in neighbours(np.isfinite(values), count):
        seen = values[tuple(places.T)]
        for part in range(0, len(targets), AT_ONCE):
            chosen = slice(part, part + AT_ONCE)
            weights, variance = weights_of(places[near[chosen]], distance[chosen], covariance)
            where = tuple(targets[chosen].T)
            filled[where] = (weights * seen[near[chosen]]).sum(1)
            sd[where] = np.sqrt(variance)
    return Kriged(filled, sd)


def _from_all(values: Numbers, known: Whole, covariance: Covariance) -> Kriged:
    """Fill from all known pixels at once: no neighbourhood is as good where a map is smooth and free of noise."""
    filled, sd = values.astype(np.float64), np.zeros(values.shape)
    matrix = covariance.correlation(_squared(known, known))
    matrix[np.diag_indices(len(known))] += covariance.nugget + JITTER
    algebra: Any = linalg
    factor = algebra.cho_factor(matrix, lower=True)
    ones: Numbers = algebra.cho_solve(factor, np.ones(len(known)))
    weighed: Numbers = algebra.cho_solve(factor, values[tuple(known.T)])
    mean = float(weighed.sum() / ones.sum())
    weighed = weighed - mean * ones
    targets = np.argwhere(~np.isfinite(values))
    for part in range(0, len(targets), AT_ONCE):
        chosen = targets[part : part + AT_ONCE]
        right = covariance.correlation(_squared(chosen, known))
        solved: Numbers = algebra.cho_solve(factor, right.T).T
        lacking = 1 - solved.sum(1)
        left = 1 + covariance.nugget - (right * solved).sum(1) + lacking**2 / float(ones.sum())
        where = tuple(chosen.T)
        filled[where] = mean + right @ weighed
        sd[where] = np.sqrt(covariance.variance * np.maximum(left, covariance.nugget + JITTER))
    return Kriged(filled, sd)


def _squared(one: Whole, other: Whole) -> Whole:
    """Squared distances in px, (n, m)."""
    return ((one[:, None] - other[None]) ** 2).sum(2)


def neighbours(known: NDArray[np.bool_], count: int) -> Iterator[tuple[Whole, Whole, Whole, Numbers]]:
    """Tile by tile: the missing pixels (n, 2), known pixels in and around the tile (m, 2), and for each missing one
    the nearest of these, as indices (n, k), with their distances in px."""
    if not known.any():
        raise ValueError("The map has no known pixel.")
    for top in range(0, known.shape[0], TILE_PX):
        for left in range(0, known.shape[1], TILE_PX):
            targets = np.argwhere(~known[top : top + TILE_PX, left : left + TILE_PX]) + np.array([top, left])
            if not len(targets):
                continue
            places = _known_around(known, top, left, count)
            tree: Any = cKDTree(places)
            wanted = np.arange(1, min(count, len(places)) + 1)
            distance, near = tree.query(targets, wanted)
            yield targets, places, near, distance


def _known_around(known: NDArray[np.bool_], top: int, left: int, count: int) -> Whole:
    """Known pixels near a tile: enough that the neighbours of a gap's innermost pixel are among them."""
    margin = 32
    while True:
        rows, cols = (slice(max(at - margin, 0), at + TILE_PX + margin) for at in (top, left))
        part = known[rows, cols]
        enough = part.sum() >= min(count, 8) and _reach(part, count) <= margin
        if enough or part.shape == known.shape:
            return np.argwhere(part) + np.array([rows.start, cols.start])
        margin *= 4


def _reach(part: NDArray[np.bool_], count: int) -> float:
    """Roughly how far the neighbours of the pixel deepest in a gap lie, in px."""
    depth: Any = distance_transform_edt(~part)
    return float(depth.max()) + math.sqrt(count / max(float(part.mean()), 1e-6))


def weights_of(places: Whole, distance: Numbers, covariance: Covariance) -> tuple[Numbers, Numbers]:
    """Weights of ordinary kriging, which sum to 1, and the variance of the error.

    Args:
        places: (n, k, 2), known pixels in px. distance: (n, k), to the pixel that is filled.

    Returns:
        (n, k), and (n,) in the square of the map's unit.
    """
    apart = places[:, :, None] - places[:, None]
    squared = np.einsum("nijd,nijd->nij", apart, apart)
    to_known = np.rint(distance**2).astype(np.intp)
    largest = min(int(max(squared.max(), to_known.max())), LARGEST_TABLE)
    table = covariance.correlation(np.arange(largest + 1))
    matrix = table[np.minimum(squared, largest)]
    diagonal = np.array(range(places.shape[1]))
    matrix[:, diagonal, diagonal] += covariance.nugget + JITTER
    right = np.ones((*distance.shape, 2))
    right[..., 0] = table[np.minimum(to_known, largest)]
    solved = np.linalg.solve(matrix, right)
    lacking = 1 - solved[..., 0].sum(1)
    ones = np.maximum(solved[..., 1].sum(1), 1e-12)
    weights = solved[..., 0] + (lacking / ones)[:, None] * solved[..., 1]
    left = 1 + covariance.nugget - (right[..., 0] * solved[..., 0]).sum(1) + lacking**2 / ones
    return weights, covariance.variance * np.maximum(left, covariance.nugget + JITTER)
