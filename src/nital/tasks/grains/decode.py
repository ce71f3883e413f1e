"""From boundary probabilities to grains: watershed, then merging of what no boundary separates."""

import heapq
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy import ndimage
from skimage.segmentation import watershed

__all__ = [
    "MERGE_BELOW", "MERGE_RANGE", "Edges", "decisiveness", "merge_weak_edges", "over_segment", "partition",
    "shared_edges",
]  # fmt: skip

MERGE_BELOW = 0.5  # mean boundary probability under which two neighbours are one grain
MERGE_RANGE = (0.35, 0.65)  # less and more willing: how far the answer depends on that choice
SMALLEST_GRAIN_PX = 12  # at the network's scale; smaller specks join the neighbour they are least separated from
DISTANCE_WEIGHT = 0.35  # how much the watershed cares for necks beside probabilities: closes gaps in etching
DISTANCE_CAP_PX = 20.0


@dataclass(frozen=True)
class Edges:
    """Boundaries between neighbouring regions.

    Attributes:
        first, second: int, region labels, first < second; shape (n,).
        strength: mean boundary probability along the shared edge, 0 to 1; shape (n,).
        length_px: number of pixel pairs that face each other across it; shape (n,).
    """

    first: np.ndarray
    second: np.ndarray
    strength: np.ndarray
    length_px: np.ndarray


def partition(boundary: np.ndarray, valid: np.ndarray | None = None, *, merge_below: float = MERGE_BELOW) -> np.ndarray:
    """Split a field into grains.

    Args:
        boundary: float32 (rows, cols), probability of a grain boundary.
        valid: bool (rows, cols), False outside the specimen; None: specimen everywhere.
        merge_below: neighbours whose shared edge is weaker than this are one grain.

    Returns:
        int32 (rows, cols): 1 to n without lines between grains; 0 outside `valid`.
    """
    regions = over_segment(boundary, valid)
    return merge_weak_edges(regions, shared_edges(regions, boundary), merge_below)


def over_segment(boundary: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """Watershed from every local depth: more regions than grains, with closed lines also across gaps.

    The relief is the probability, lowered with the distance to the nearest likely boundary, so that
    floods meet at the necks between grains where the etchant left a gap.
    """
    likely = boundary > 0.5
    if valid is not None:
        likely |= ~valid
    distance = np.full(boundary.shape, DISTANCE_CAP_PX, np.float32)
    if likely.any():  # else there is nothing to be distant from
        distance = np.minimum(np.asarray(ndimage.distance_transform_edt(~likely), np.float32), distance)
    relief = ndimage.gaussian_filter(boundary - DISTANCE_WEIGHT / DISTANCE_CAP_PX * distance, 1.0)
    lowest = (relief == ndimage.minimum_filter(relief, size=5)) & ~likely
    markers, _ = cast(tuple[np.ndarray, int], ndimage.label(lowest, structure=np.ones((3, 3))))
    return watershed(relief, markers, mask=valid).astype(np.int32)


def shared_edges(regions: np.ndarray, boundary: np.ndarray) -> Edges:
    """Every pair of touching regions with the mean probability and the length of their common edge."""
    n = int(regions.max()) + 1
    codes, values = [], []
    for a, b, p, q in (
        (regions[:, :-1], regions[:, 1:], boundary[:, :-1], boundary[:, 1:]),
        (regions[:-1], regions[1:], boundary[:-1], boundary[1:]),
    ):
        crossing = (a != b) & (a > 0) & (b > 0)
        low, high = np.minimum(a[crossing], b[crossing]), np.maximum(a[crossing], b[crossing])
        codes.append(low.astype(np.int64) * n + high)
        values.append(np.maximum(p[crossing], q[crossing]))
    pairs, which = np.unique(np.concatenate(codes), return_inverse=True)
    length = np.bincount(which, minlength=len(pairs))
    total = np.bincount(which, np.concatenate(values), len(pairs))
    return Edges(pairs // n, pairs % n, total / np.maximum(length, 1), length)


def decisiveness(edges: Edges) -> float:
    """How clearly boundaries stand out: share of sure ones among the likely ones, minus doubt.

    (length with strength > 0.8) / (length with strength > 0.3) - mean of 4 e (1 - e), weighted by length; e is the
    strength.
    """
    e, length = edges.strength, edges.length_px
    likely = length[e > 0.3].sum()
    if likely == 0:
        return -1.0
    return float(length[e > 0.8].sum() / likely - (length * 4 * e * (1 - e)).sum() / length.sum())


def merge_weak_edges(regions: np.ndarray, edges: Edges, merge_below: float) -> np.ndarray:
    """Merge regions across their weakest edge first, until every edge left is as strong as `merge_below`.

    Edges that come to separate the same two regions are pooled by length. Regions smaller than
    `SMALLEST_GRAIN_PX` then join the neighbour they are least separated from.

    Source: own; region merging on a weighted adjacency graph goes back to Haris et al. 1998, doi:10.1109/83.730380.
    """
    area = np.bincount(regions.ravel())
    neighbours: list[dict[int, tuple[float, float]]] = [{} for _ in area]
    for a, b, strength, length in zip(
        *(x.tolist() for x in (edges.first, edges.second, edges.strength, edges.length_px)), strict=True
    ):
        neighbours[a][b] = neighbours[b][a] = (strength * length, length)
    owner = list(range(len(area)))
    sizes = area.tolist()
    queue = [
        (s, a, b)
        for s, a, b in zip(edges.strength.tolist(), edges.first.tolist(), edges.second.tolist(), strict=True)
        if s < merge_below
    ]
    heapq.heapify(queue)
    while queue:
        strength, a, b = heapq.heappop(queue)
        edge = neighbours[a].get(b)
        if edge is None or edge[0] / edge[1] != strength:
            continue  # merged or pooled since
        _absorb(neighbours, owner, sizes, a, b)
        for c, (total, length) in neighbours[a].items():
            if total / length < merge_below:
                heapq.heappush(queue, (total / length, a, c))
    for region in np.argsort(area).tolist():
        while owner[region] == region and 0 < sizes[region] < SMALLEST_GRAIN_PX and neighbours[region]:
            weakest = min(neighbours[region], key=lambda c: neighbours[region][c][0] / neighbours[region][c][1])
            _absorb(neighbours, owner, sizes, weakest, region)
    return _relabelled(regions, owner, area)


def _absorb(
    neighbours: list[dict[int, tuple[float, float]]], owner: list[int], sizes: list[int], keep: int, gone: int
) -> None:
    """Region `gone` becomes part of `keep`; edges to common neighbours are pooled."""
    owner[gone] = keep
    sizes[keep] += sizes[gone]
    del neighbours[keep][gone]
    for c, (total, length) in neighbours[gone].items():
        if c == keep:
            continue
        del neighbours[c][gone]
        old = neighbours[keep].get(c, (0.0, 0.0))
        neighbours[keep][c] = neighbours[c][keep] = (old[0] + total, old[1] + length)
    neighbours[gone] = {}


def _relabelled(regions: np.ndarray, owner: list[int], area: np.ndarray) -> np.ndarray:
    """Labels 1 to n after following every region to the one that absorbed it."""
    root = np.asarray(owner)
    while not np.array_equal(root, root[root]):
        root = root[root]
    used = np.zeros(len(root), bool)
    used[root[area > 0]] = True
    used[0] = False  # outside
    table = np.where(used, np.cumsum(used), 0).astype(np.int32)
    return table[root][regions]
