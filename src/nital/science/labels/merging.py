"""Join, drop and renumber the grains of a label map."""
# pyright: standard

from collections.abc import Iterable

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from nital.core.errors import InputError
from nital.science.labels.checks import check_label_map

__all__ = ["drop_small", "merge_labels", "renumber"]


def merge_labels(label_map: np.ndarray, pairs: Iterable[tuple[int, int]]) -> np.ndarray:
    """Join grains: the two sides of a twin boundary become one grain.

    ASTM E112 leaves twins uncounted unless asked: join them, then measure; or measure the map as it is
    to count them. Pairs may form chains. Boundary pixels (0) stay: one with the same grain on both
    sides is no boundary to `science.stereology`.

    Args:
        label_map: integers, (rows, cols): grains 1..n, 0 = boundary or outside.
        pairs: labels that belong together.

    Returns:
        int32, (rows, cols), renumbered 1..m in the order of each grain's smallest old label.

    Raises:
        InputError: a label that the map does not hold.

    Source: ASTM E112, sections on the planimetric and intercept procedures (twins are ignored unless stated).

    >>> import numpy as np
    >>> merge_labels(np.array([[1, 2, 3, 4]]), [(1, 3), (3, 4)])
    array([[1, 2, 1, 1]], dtype=int32)
    """
    labels = check_label_map(label_map)
    present = np.bincount(labels.ravel()) > 0
    edges = np.array(list(pairs), dtype=np.int64).reshape(-1, 2)
    for label in np.unique(edges).tolist():
        if not (0 < label < len(present) and present[label]):
            raise InputError(f"Grain {label} is to be merged, but the label map does not hold it.")
    graph = sparse.coo_array((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(present), len(present)))
    _, group = connected_components(graph, directed=False)
    return renumber(np.where(labels > 0, group[labels] + 1, 0).astype(np.int32))


def drop_small(label_map: np.ndarray, min_area_px: int) -> np.ndarray:
    """Turn grains below an area into boundary (0) and renumber the others.

    Args:
        label_map: integers, (rows, cols): grains 1..n, 0 = boundary or outside.
        min_area_px: the smallest area that is kept, in px.

    Returns:
        int32, (rows, cols).

    Raises:
        InputError: not a label map.

    Source: own.

    >>> import numpy as np
    >>> drop_small(np.array([[1, 2, 2, 2]]), 2)
    array([[0, 1, 1, 1]], dtype=int32)
    """
    labels = check_label_map(label_map)
    kept = np.bincount(labels.ravel()) >= max(min_area_px, 1)
    kept[0] = False
    return _renumbered(labels, kept)


def renumber(label_map: np.ndarray) -> np.ndarray:
    """Number the grains 1..n without gaps, in the order of their labels; 0 stays 0.

    Args:
        label_map: integers, (rows, cols).

    Returns:
        int32, (rows, cols); the array that was given, where it has no gaps.

    Raises:
        InputError: not a label map, or labels so large that they are no grain numbers.

    Source: own.

    >>> import numpy as np
    >>> renumber(np.array([[7, 0, 9]]))
    array([[1, 0, 2]], dtype=int32)
    """
    labels = check_label_map(label_map)
    if labels.max() > 4 * labels.size:  # a table over the labels would be larger than the map itself
        values, inverse = np.unique(labels, return_inverse=True)
        return (inverse.reshape(labels.shape) + (0 if values[0] == 0 else 1)).astype(np.int32)
    kept = np.bincount(labels.ravel()) > 0
    kept[0] = False
    return labels if kept[1:].all() else _renumbered(labels, kept)


def _renumbered(labels: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The kept labels numbered 1..n, the others 0."""
    new = np.where(kept, np.cumsum(kept), 0).astype(np.int32)
    return new[labels]
