"""The inner loops of the polycrystals: the two nearest grains of every pixel, Lloyd steps, twin lamellae."""

from typing import NamedTuple

import numpy as np
from scipy.spatial import KDTree

from nital.core.errors import need

numba = need("numba", "train", "Simulating structures")

__all__ = ["Seeds", "cut_twins", "join", "lloyd", "nearest_two"]

TILE = 8  # pixels per side that share one list of seeds


class Seeds(NamedTuple):
    """Seeds of a structure.

    Attributes:
        place: float64 (n, 2), rows and columns in grain space. weight: float64 (n,). owner: int64 (n,), the grain of
        each. additive: whether a weight is taken from the distance, or from its square.
    """

    place: np.ndarray
    weight: np.ndarray
    owner: np.ndarray
    additive: bool


class _Buckets(NamedTuple):
    """Seeds in square buckets of side `cell`: their order, the first of each bucket, origin and size of the grid."""

    order: np.ndarray
    start: np.ndarray
    low_r: float
    low_c: float
    n_r: int
    n_c: int
    cell: float


@numba.njit(cache=True, nogil=True)
def _buckets(seeds, cell):
    """The `_Buckets` of places (n, 2)."""
    low_r, low_c = seeds[0, 0], seeds[0, 1]
    high_r, high_c = low_r, low_c
    for k in range(len(seeds)):
        low_r, high_r = min(low_r, seeds[k, 0]), max(high_r, seeds[k, 0])
        low_c, high_c = min(low_c, seeds[k, 1]), max(high_c, seeds[k, 1])
    n_r, n_c = int((high_r - low_r) / cell) + 1, int((high_c - low_c) / cell) + 1
    start = np.zeros(n_r * n_c + 1, np.int64)
    home = np.empty(len(seeds), np.int64)
    for k in range(len(seeds)):
        home[k] = int((seeds[k, 0] - low_r) / cell) * n_c + int((seeds[k, 1] - low_c) / cell)
        start[home[k] + 1] += 1
    for b in range(n_r * n_c):
        start[b + 1] += start[b]
    order = np.empty(len(seeds), np.int64)
    fill = start[:-1].copy()
    for k in range(len(seeds)):
        order[fill[home[k]]] = k
        fill[home[k]] += 1
    return _Buckets(order, start, low_r, low_c, n_r, n_c, cell)


@numba.njit(cache=True, nogil=True)
def _tile_candidates(disc, seeds, heaviest, buckets, chosen, lower):
    """Seeds that can be first or second anywhere in a disc (row, column, radius); written to `chosen`."""
    u0, v0, radius = disc
    places, weights, owner, additive = seeds
    order, start, low_r, low_c, n_r, n_c, cell = buckets
    home_r, home_c = int(np.floor((u0 - low_r) / cell)), int(np.floor((v0 - low_c) / cell))
    n = 0
    best, best_upper, bound = -1, 1e300, 1e300  # no second grain can be worse than `bound` in this tile
    ring = 0
    while True:
        for r in range(max(home_r - ring, 0), min(home_r + ring, n_r - 1) + 1):
            step = 1 if abs(r - home_r) == ring or ring == 0 else 2 * ring
            for c in range(home_c - ring, home_c + ring + 1, step):
                if c < 0 or c >= n_c:
                    continue
                for k in range(start[r * n_c + c], start[r * n_c + c + 1]):
                    s = order[k]
                    away = np.sqrt((u0 - places[s, 0]) ** 2 + (v0 - places[s, 1]) ** 2)
                    near, far = max(away - radius, 0.0), away + radius
                    upper = (far if additive else far * far) - weights[s]
                    low = (near if additive else near * near) - weights[s]
                    if low > bound or n == len(chosen):
                        continue
                    chosen[n], lower[n] = s, low
                    n += 1
                    if upper < best_upper:
                        if best >= 0 and owner[s] != owner[best]:
                            bound = min(bound, best_upper)
                        best, best_upper = s, upper
                    elif upper < bound and owner[s] != owner[best]:
                        bound = upper
        reach = max(ring * cell - radius, 0.0)
        if (bound < 1e300 and (reach if additive else reach * reach) - heaviest > bound) or ring > n_r + n_c:
            break
        ring += 1
    kept = 0
    for k in range(n):
        if lower[k] <= bound:
            chosen[kept] = chosen[k]
            kept += 1
    return kept


@numba.njit(cache=True, nogil=True)
def _slope(u, v, best, other, additive, matrix):
    """How fast the difference of two seeds' metrics grows, per pixel; the power metric's is the same everywhere."""
    if additive:
        near = max(np.hypot(u - best[0], v - best[1]), 1e-9)
        far = max(np.hypot(u - other[0], v - other[1]), 1e-9)
        gu = (u - other[0]) / far - (u - best[0]) / near
        gv = (v - other[1]) / far - (v - best[1]) / near
    else:
        gu = 2 * (best[0] - other[0])
        gv = 2 * (best[1] - other[1])
    return np.hypot(matrix[0, 0] * gu + matrix[1, 0] * gv, matrix[0, 1] * gu + matrix[1, 1] * gv)


@numba.njit(cache=True, nogil=True)
def _swap(near, kin, chosen, i, j):
    """Let two entries of a list of seeds change places."""
    for k in range(3):
        near[i, k], near[j, k] = near[j, k], near[i, k]
    kin[i], kin[j] = kin[j], kin[i]
    chosen[i], chosen[j] = chosen[j], chosen[i]


@numba.njit(cache=True, nogil=True)
def nearest_two(seeds, cell, matrix, shift_r, shift_c):
    """For every pixel the seed that reaches it first and the first seed of another grain.

    Metric: |u - s|^2 - w (power distance), or |u - s| - w if additive, with u = matrix @ (pixel + shift).
    Per tile of pixels, bounds on the metric leave a short list that surely holds both: the answer is exact.

    Args:
        seeds: Seeds. cell: bucket size. matrix: (2, 2). shift_r, shift_c: float32 (rows, cols).

    Returns:
        first, second: int32, what `owner` says of the two seeds; distance: float32, pixels to the boundary between.
    """
    places, weights, owner, additive = seeds
    buckets = _buckets(places, cell)
    rows, cols = shift_r.shape
    first = np.empty((rows, cols), np.int32)
    second = np.empty((rows, cols), np.int32)
    distance = np.empty((rows, cols), np.float32)
    chosen, lower = np.empty(len(places), np.int64), np.empty(len(places))
    near = np.empty((len(places), 3))  # row, column and weight of the chosen seeds, side by side
    kin = np.empty(len(places), np.int64)
    tile_u, tile_v = np.empty((TILE, TILE)), np.empty((TILE, TILE))
    heaviest = weights.max()
    pair_best, pair_other, slope = -1, -1, 0.0
    for top in range(0, rows, TILE):
        for left in range(0, cols, TILE):
            height, width = min(TILE, rows - top), min(TILE, cols - left)
            low_u, high_u, low_v, high_v = 1e300, -1e300, 1e300, -1e300
            for a in range(height):
                for b in range(width):
                    y, x = top + a + shift_r[top + a, left + b], left + b + shift_c[top + a, left + b]
                    u, v = matrix[0, 0] * y + matrix[0, 1] * x, matrix[1, 0] * y + matrix[1, 1] * x
                    tile_u[a, b], tile_v[a, b] = u, v
                    low_u, high_u, low_v, high_v = min(low_u, u), max(high_u, u), min(low_v, v), max(high_v, v)
            radius = np.sqrt((high_u - low_u) ** 2 + (high_v - low_v) ** 2) * 0.5000001  # a little for rounding
            disc = (low_u + high_u) / 2, (low_v + high_v) / 2, radius
            n = _tile_candidates(disc, seeds, heaviest, buckets, chosen, lower)
            for k in range(n):
                s = chosen[k]
                near[k, 0], near[k, 1], near[k, 2], kin[k] = places[s, 0], places[s, 1], weights[s], owner[s]
            for a in range(height):
                for b in range(width):
                    u, v = tile_u[a, b], tile_v[a, b]
                    best, best_value, other, other_value = -1, 1e300, -1, 1e300
                    for k in range(n):
                        du, dv = u - near[k, 0], v - near[k, 1]
                        value = du * du + dv * dv
                        value = (np.sqrt(value) if additive else value) - near[k, 2]
                        if value < best_value:
                            if best >= 0 and kin[k] != kin[best]:
                                other, other_value = best, best_value
                            best, best_value = k, value
                        elif value < other_value and kin[k] != kin[best]:
                            other, other_value = k, value
                    if other < 0:  # a single grain: no boundary anywhere
                        other, other_value = best, 1e12
                    i, j = top + a, left + b
                    first[i, j], second[i, j] = kin[best], kin[other]
                    if additive or chosen[best] != pair_best or chosen[other] != pair_other:
                        pair_best, pair_other = chosen[best], chosen[other]
                        slope = _slope(u, v, places[pair_best], places[pair_other], additive, matrix)
                    distance[i, j] = min((other_value - best_value) / max(slope, 1e-6), 1e6)
                    if best:  # the next pixel tries these two first, and most others then lose at once
                        _swap(near, kin, chosen, best, 0)
                        other = other if other else best
                    if other > 1:
                        _swap(near, kin, chosen, other, 1)
    return first, second, distance


@numba.njit(cache=True, nogil=True)
def join(owner, joining, nearest):
    """Let the grain of each seed in `joining` in turn become part of its nearest neighbour's, in place."""
    for seed in joining:
        old, new = owner[seed], owner[nearest[seed]]
        for k in range(len(owner)):
            if owner[k] == old:
                owner[k] = new


def lloyd(seeds: np.ndarray, spacing: float, steps: int) -> np.ndarray:
    """Move every seed to the centroid of its Voronoi cell, `steps` times.

    Cells are sampled on a grid of `spacing` / 4.

    Source: Lloyd 1982, doi:10.1109/TIT.1982.1056489.
    """
    low, high = seeds.min(0), seeds.max(0)
    axes = [np.arange(low[k] + spacing / 8, high[k], spacing / 4) for k in range(2)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, 2)
    for _ in range(steps):
        cell = _nearest(seeds, spacing, points)
        # Centroids of grid points do lie equally far from other grid points. The tree's choice, which depends on
        # its leafsize, is part of what a seed means: trained models are reproduced from it.
        if (tied := cell < 0).any():
            cell[tied] = KDTree(seeds, leafsize=16).query(points[tied])[1]
        count = np.bincount(cell, minlength=len(seeds))
        total = np.stack([np.bincount(cell, points[:, k], len(seeds)) for k in range(2)], 1)
        seeds = np.where(count[:, None] > 0, total / np.maximum(count, 1)[:, None], seeds)
    return seeds


@numba.njit(cache=True, nogil=True)
def _nearest(seeds, cell, points):
    """Index of the seed nearest to each point; -1 where two are equally near within rounding."""
    order, start, low_r, low_c, n_r, n_c, _ = _buckets(seeds, cell)
    nearest = np.empty(len(points), np.int64)
    for p in range(len(points)):
        u, v = points[p]
        home_r, home_c = int(np.floor((u - low_r) / cell)), int(np.floor((v - low_c) / cell))
        best, best_value, next_value = -1, 1e300, 1e300
        ring = 0
        while best < 0 or ((ring - 1) * cell) ** 2 <= 1.000001 * best_value:  # what lies further out is further away
            for r in range(max(home_r - ring, 0), min(home_r + ring, n_r - 1) + 1):
                step = 1 if abs(r - home_r) == ring or ring == 0 else 2 * ring
                for c in range(home_c - ring, home_c + ring + 1, step):
                    if c < 0 or c >= n_c:
                        continue
                    for k in range(start[r * n_c + c], start[r * n_c + c + 1]):
                        s = order[k]
                        value = (u - seeds[s, 0]) ** 2 + (v - seeds[s, 1]) ** 2
                        if value < best_value:
                            best, best_value, next_value = s, value, best_value
                        elif value < next_value:
                            next_value = value
            ring += 1
        nearest[p] = best if next_value - best_value > 1e-9 * (best_value + cell**2) else -1
    return nearest


@numba.njit(cache=True, nogil=True)
def cut_twins(grain, centres, angle, lamellae, ends, parts_per_grain):
    """Cut grains by straight lamellae around their centres.

    Args:
        grain: int32 (rows, cols), index of the grain. centres: (n, 2) in pixels. angle: (n,) radians.
        lamellae: (n, 3, 2), first and last edge of each along the normal; equal edges: no lamella.
        ends: (n,), the lamellae exist only where the coordinate along them exceeds this.

    Returns:
        part: int32, unique per part; distance to the nearest twin boundary: float32; inside: bool.
    """
    rows, cols = grain.shape
    part = np.empty((rows, cols), np.int32)
    distance = np.full((rows, cols), np.float32(1e6))
    inside = np.zeros((rows, cols), np.bool_)
    for i in range(rows):
        for j in range(cols):
            g = grain[i, j]
            piece = 0
            if lamellae[g, 0, 1] > lamellae[g, 0, 0]:
                y, x = i - centres[g, 0], j - centres[g, 1]
                across = y * np.sin(angle[g]) + x * np.cos(angle[g])
                along = y * np.cos(angle[g]) - x * np.sin(angle[g])
                whole = ends[g] < -1e8
                for k in range(3):
                    low, high = lamellae[g, k, 0], lamellae[g, k, 1]
                    if high <= low:
                        break
                    if low < across < high and along > ends[g]:
                        inside[i, j] = True
                        piece = 2 * k + 1
                        nearest = min(across - low, high - across)
                        if not whole:
                            nearest = min(nearest, along - ends[g])
                    else:
                        if whole and across >= high:
                            piece = 2 * k + 2
                        gap_across = max(low - across, across - high, 0.0)
                        gap_along = max(ends[g] - along, 0.0)
                        nearest = np.hypot(gap_across, gap_along)
                    distance[i, j] = min(distance[i, j], np.float32(nearest))
            part[i, j] = (g + 1) * parts_per_grain + piece
    return part, distance, inside
