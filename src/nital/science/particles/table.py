"""One row for each particle of a label map."""

from collections import Counter
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

__all__ = ["COLUMNS", "measure_particles"]

COLUMNS = (
    "particle", "row", "column", "area_px", "diameter_px", "perimeter_px", "circularity", "aspect", "touches_edge",
    "neighbour", "group",
)  # fmt: skip
"""Of `measure_particles`; lengths in px."""


def measure_particles(labels: np.ndarray, valid: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Place, size and shape of each particle.

    Args:
        labels: int (rows, cols), 1 to n. valid: bool, False where the picture shows no specimen.

    Returns:
        COLUMNS -> (n,): place of the middle; area; diameter of the circle of the same area; perimeter (Crofton's, by
        four directions); circularity 4 pi area / perimeter^2, at most 1; aspect, long over short axis of the ellipse of
        the same moments; whether the picture's edge cuts it; number of particles that touch it;
        number of the group that touches, 1 to g, 0 for particles alone.
    """
    from skimage.measure import regionprops

    found = regionprops(np.asarray(labels, np.int32))
    cut = _at_edge(labels, valid)
    pairs = _touching(labels)
    beside = Counter(number for pair in pairs for number in pair)
    group = _groups(pairs, int(labels.max(initial=0)))
    rows: list[tuple[float, ...]] = []
    for one in found:
        area, around = float(one.area), float(one.perimeter_crofton)
        round_ = min(4 * np.pi * area / around**2, 1.0) if around else 1.0
        short = max(float(one.axis_minor_length), 1.0)
        rows.append((
            one.label, *one.centroid, area, 2 * np.sqrt(area / np.pi), around, round_,
            max(float(one.axis_major_length), 1.0) / short, one.label in cut, beside[int(one.label)],
            int(group[one.label]),
        ))  # fmt: skip
    columns = np.array(rows, float).reshape(-1, len(COLUMNS)).T
    kinds = {"particle": int, "touches_edge": bool, "neighbour": int, "group": int}
    return {name: column.astype(kinds.get(name, float)) for name, column in zip(COLUMNS, columns, strict=True)}


def _at_edge(labels: np.ndarray, valid: np.ndarray | None) -> set[int]:
    """Particles that the picture's edge, or that of the specimen, cuts."""
    border = np.zeros(labels.shape, bool)
    border[[0, -1], :] = border[:, [0, -1]] = True
    if valid is not None:
        from scipy import ndimage

        border |= ~np.asarray(ndimage.binary_erosion(valid), bool)
    return set(np.unique(labels[border]).tolist()) - {0}


def _touching(labels: np.ndarray) -> set[tuple[int, int]]:
    """Pairs of particles that share an edge of a pixel."""
    pairs: set[tuple[int, int]] = set()
    for one, other in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        meet = (one != other) & (one > 0) & (other > 0)
        both = np.unique(np.stack([one[meet], other[meet]], 1), axis=0)
        pairs |= {(min(a, b), max(a, b)) for a, b in both.tolist()}
    return pairs


def _groups(pairs: set[tuple[int, int]], number: int) -> np.ndarray:
    """Number of the group of each label, (number + 1,); 0 for labels that touch none."""
    ends = np.array(sorted(pairs), int).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(number + 1, number + 1))
    parts: Any = connected_components(graph, directed=False)
    part = np.asarray(parts[1], int)
    group = np.zeros(number + 1, int)
    touching = np.unique(ends)
    group[touching] = np.unique(part[touching], return_inverse=True)[1] + 1
    return group
