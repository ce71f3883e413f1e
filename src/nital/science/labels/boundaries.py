"""From boundary maps to label maps and back."""

import numpy as np
from scipy import ndimage

from nital.core.errors import InputError
from nital.science.labels.checks import check_label_map, check_valid
from nital.science.labels.gaps import bridge_gaps
from nital.science.labels.merging import drop_small

__all__ = ["boundaries_from_label_map", "fill_boundaries", "label_map_from_boundaries", "line_width_px"]

# Rows that are filled at once, and rows beside them that may hold the nearest grain: bounds the memory.
_STRIP, _HALO = 512, 64


def label_map_from_boundaries(
    boundary: np.ndarray, valid: np.ndarray | None = None, *, close_gaps: float = 0.0, min_area_px: int = 0
) -> np.ndarray:
    """Number the regions that closed boundaries enclose.

    Regions are the 4-connected components of what is not boundary, so that a line that is only
    diagonally connected still separates. An open boundary separates nothing.

    Args:
        boundary: bool, (rows, cols), True on boundary lines of any thickness.
        valid: bool, (rows, cols), True on specimen; None: everywhere.
        close_gaps: longest gap in px through which a dangling end is joined to the line before it; 0: none.
        min_area_px: smaller regions are no grains (holes inside a thickly traced line); they become boundary.

    Returns:
        int32, (rows, cols): grains 1..n, 0 = boundary or outside.

    Raises:
        InputError: not a boolean array of rows and columns, or a mask that does not fit.

    Source: own.

    >>> import numpy as np
    >>> label_map_from_boundaries(np.array([[False, True, False]]))
    array([[1, 0, 2]], dtype=int32)
    """
    lines = np.asarray(boundary)
    if lines.ndim != 2 or lines.size == 0 or lines.dtype != np.bool_:
        raise InputError(
            f"The boundary map is {lines.dtype} of shape {lines.shape}. Give booleans in rows and columns."
        )
    mask = check_valid(valid, lines.shape)
    if close_gaps > 0:
        lines = bridge_gaps(lines, close_gaps)
    inside = ~lines if mask is None else ~lines & mask
    label_map = np.empty(lines.shape, np.int32)
    ndimage.label(inside, output=label_map)
    return drop_small(label_map, min_area_px) if min_area_px > 1 else label_map


def boundaries_from_label_map(label_map: np.ndarray, thickness_px: int = 1) -> np.ndarray:
    """Draw the boundaries of a label map.

    A pixel is boundary where it is 0, or where its right or lower neighbour is another grain.

    Args:
        label_map: integers, (rows, cols): grains 1..n, 0 = boundary or outside.
        thickness_px: of lines between grains that touch, at least 1; zones of zeros keep their own.

    Returns:
        bool, (rows, cols).

    Raises:
        InputError: not a label map, or a thickness below 1.

    Source: own.

    >>> import numpy as np
    >>> boundaries_from_label_map(np.array([[1, 1, 2, 2]]))
    array([[False,  True, False, False]])
    """
    labels = check_label_map(label_map)
    if thickness_px < 1:
        raise InputError(f"A boundary {thickness_px} px thick cannot be drawn. Give 1 or more.")
    lines = np.zeros(labels.shape, np.bool_)
    for here, there in (((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
                        ((slice(None, -1), slice(None)), (slice(1, None), slice(None)))):  # fmt: skip
        lines[here] |= (labels[here] != labels[there]) & (labels[here] > 0) & (labels[there] > 0)
    if thickness_px > 1:
        square = np.ones((thickness_px, thickness_px), np.bool_)
        lines = ndimage.binary_dilation(lines, square)
    return lines | (labels == 0)


def fill_boundaries(label_map: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """Give each boundary pixel to the nearest grain: a partition without lines.

    A thick boundary is divided along its middle, and one with the same grain on both sides (a
    dangling end) vanishes.

    Args:
        label_map: integers, (rows, cols): grains 1..n, 0 = boundary or outside.
        valid: bool, (rows, cols), True on specimen; None: everywhere.

    Returns:
        int32, (rows, cols): 0 only outside `valid`, or everywhere where there is no grain at all.
        The array that was given, where there is nothing to fill.

    Raises:
        InputError: not a label map, or a mask that does not fit.

    Source: own; distances are Euclidean (scipy.ndimage.distance_transform_edt).

    >>> import numpy as np
    >>> fill_boundaries(np.array([[1, 0, 0, 0, 2], [1, 1, 0, 2, 2]]))[0]
    array([1, 1, 1, 2, 2], dtype=int32)
    """
    labels = check_label_map(label_map)
    mask = check_valid(valid, labels.shape)
    if mask is None and labels.all():
        return labels
    if mask is not None and labels[~mask].any():
        labels = np.where(mask, labels, 0)
    gaps = labels == 0 if mask is None else (labels == 0) & mask
    if not gaps.any() or not labels.any():
        return labels
    filled = labels.copy()
    for top in range(0, len(labels), _STRIP):
        rows, cols = np.nonzero(gaps[top : top + _STRIP])
        filled[rows + top, cols] = _nearest_labels(labels, rows + top, cols)
    return filled


def _nearest_labels(labels: np.ndarray, rows: np.ndarray, cols: np.ndarray) -> np.ndarray:
    """The label nearest to each pixel; looks at the rows around them first, at all rows where that is too few."""
    if rows.size == 0:
        return np.empty(0, np.int32)
    low, high = max(int(rows[0]) - _HALO, 0), min(int(rows[-1]) + _HALO + 1, len(labels))
    part = labels[low:high]
    if part.any():
        near_row, near_col = _nearest(part)
        near_row, near_col = near_row[rows - low, cols], near_col[rows - low, cols]
        farthest = np.hypot(near_row - (rows - low), near_col - cols).max()
        if farthest <= _HALO or len(part) == len(labels):
            return part[near_row, near_col]
    near_row, near_col = _nearest(labels)
    return labels[near_row[rows, cols], near_col[rows, cols]]


def _nearest(labels: np.ndarray) -> np.ndarray:
    """Row and column of the nearest grain pixel, for every pixel."""
    return np.asarray(ndimage.distance_transform_edt(labels == 0, return_distances=False, return_indices=True))


def line_width_px(boundary: np.ndarray) -> float:
    """Measure the mean width of the lines of a boundary map: their area over their thinned length in pixels.

    A region smaller than the square of this is a hole that the pen left in its own line, not a grain that
    somebody traced: give that square as `min_area_px` to `label_map_from_boundaries`.

    Args:
        boundary: bool, (rows, cols).

    Returns:
        the width in px; 0 without any line.

    Source: own.

    >>> import numpy as np
    >>> stripe = np.zeros((40, 200), bool)
    >>> stripe[10:13] = True
    >>> round(line_width_px(stripe), 1)
    3.0
    """
    from skimage.morphology import skeletonize

    lines = np.asarray(boundary, np.bool_)
    length = int(np.count_nonzero(skeletonize(lines))) if lines.any() else 0
    return float(np.count_nonzero(lines) / length) if length else 0.0
