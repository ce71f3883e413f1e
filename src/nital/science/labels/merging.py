"""Drop and renumber the grains of a label map."""

import numpy as np

from nital.science.labels.checks import check_label_map

__all__ = ["drop_small", "renumber"]


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
