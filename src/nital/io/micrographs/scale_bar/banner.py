"""What of a picture shows the specimen: data bars, empty margins and black corners are found and left out.

Cautious on purpose: a large smooth grain is specimen. A margin must fill one whole side of the frame, be
much smoother than the rest, and be darker or brighter than nearly all of it.
"""

from collections.abc import Sequence

import numpy as np
from scipy import ndimage
from scipy.spatial import ConvexHull

from nital.io.micrographs.grey import as_8_bit

__all__ = ["specimen_mask"]

SMALLEST_BANNER_ROWS = 8
LARGEST_BANNER, LARGEST_MARGIN = 0.3, 0.6
"""Parts of the picture that a data bar, or a margin on one side, may take."""
SMALLEST_MARGIN = 0.02
_FLAT_ROW, _SPECIMEN_ROW = 0.45, 0.25
"""Share of one grey level (give or take 3) in the rows of a data bar, and at most in those of the specimen."""
_EXACT_ROW = 0.8
"""Share of one exact grey level (give or take 1) in the emptiest row of a data bar."""
_LEAST_PRINT = 0.002
"""Part of a data bar that is print; a strip without any must pass as a margin."""
_ROUNDNESS = 0.97
"""Area of what the black corners leave over, as a part of its convex hull."""
_SMOOTHER = 0.4
"""Local scatter in a margin, as a part of that in the specimen."""


def specimen_mask(image: np.ndarray, boxes: Sequence[tuple[int, int, int, int]] = ()) -> np.ndarray | None:
    """Find the part of a micrograph that shows specimen.

    Args:
        image: (rows, columns), any number type without NaN.
        boxes: (first row, end row, first column, end column) that are known to be no specimen, such as
            a scale bar with its label.

    Returns:
        (rows, columns) bool, True on the specimen; None when all of it is specimen.

    Valid for: data bars along the top or the bottom, margins that fill a whole side, corners of one
        exact black. Pictures of at least 64 x 64 px; in smaller ones only `boxes` are left out.

    Source: own.
    """
    inside = np.ones(image.shape, dtype=bool)
    for first, end, left, right in boxes:
        inside[first:end, left:right] = False
    if min(image.shape) >= 64:
        grey = as_8_bit(image)
        top, bottom = _banner_rows(grey), _banner_rows(grey[::-1])
        body = slice(top, image.shape[0] - bottom)
        inside[:top] = False
        inside[image.shape[0] - bottom :] = False
        if image.shape[0] - top - bottom >= 64:
            inside[body] &= ~_black_corners(grey[body])
            _cut_margins(grey[body], inside[body])
    return None if inside.all() else inside


def _banner_rows(grey: np.ndarray) -> int:
    """Rows of a data bar at the top: nearly all of each row is one grey level, and then the specimen begins."""
    rows = grey.shape[0]
    limit = int(LARGEST_BANNER * rows)
    share, level = _flatness(grey[: min(rows, 2 * limit + 8)])
    flat = share >= _FLAT_ROW
    outer = np.flatnonzero(flat[: max(4, rows // 100)])
    if not len(outer):
        return 0
    paper = int(np.median(level[:limit][flat[:limit]]))
    # Rows full of print, and a frame line, may break the paper for a little.
    same = np.abs(level - paper) <= 6
    patience, end, row = max(4, rows // 150), 0, 0
    while row < len(flat) and row - end <= patience:
        if flat[row] and same[row]:
            end = row + 1
        row += 1
    after = share[end : end + max(12, rows // 20)]
    if not SMALLEST_BANNER_ROWS <= end <= limit or np.median(after) > _SPECIMEN_ROW:
        return 0
    # Paper is drawn, so some rows are one exact level; a dark margin of the specimen has noise.
    exact = np.mean(np.abs(grey[:end].astype(np.int16) - paper) <= 1, axis=1)
    printed = float((np.abs(grey[:end].astype(np.int16) - paper) > 40).mean())
    return end if exact.max() >= _EXACT_ROW and printed >= _LEAST_PRINT else 0


def _flatness(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row the share of its commonest grey level (give or take 3), and that level."""
    share, level = np.empty(len(rows)), np.empty(len(rows), dtype=np.int64)
    window = np.ones(7)
    for number, row in enumerate(rows):
        counts = np.bincount(row, minlength=256)
        level[number] = counts.argmax()
        share[number] = np.convolve(counts, window, mode="same")[level[number]] / len(row)
    return share, level


def _black_corners(grey: np.ndarray) -> np.ndarray:
    """What lies outside the round field of an eyepiece or of a turned picture: one exact dark level."""
    corners = (grey[0, 0], grey[0, -1], grey[-1, 0], grey[-1, -1])
    empty = np.zeros(grey.shape, dtype=bool)
    black = grey <= 2
    if sum(int(corner) <= 2 for corner in corners) < 2 or black.mean() < 0.01:
        return empty
    labels = np.zeros(grey.shape, dtype=np.int32)
    ndimage.label(black, output=labels)
    wanted = {labels[row, column] for row in (0, -1) for column in (0, -1)} - {0}
    outside = np.isin(labels, sorted(wanted))
    # A round field or a turned picture is convex; dark specimen that happens to reach corners is not.
    step = max(1, min(grey.shape) // 256)
    points = np.argwhere(~outside[::step, ::step])
    if outside.mean() < 0.005 or len(points) < 100 or len(points) < _ROUNDNESS * ConvexHull(points).volume:
        return empty
    return outside


def _cut_margins(grey: np.ndarray, inside: np.ndarray) -> None:
    """Mark margins on the four sides of `grey` as not specimen, in place."""
    depths = [_margin_depth(np.rot90(grey, turns), np.rot90(inside, turns)) for turns in range(4)]
    for turns, depth in enumerate(depths):
        if depth is not None:
            view = np.rot90(inside, turns)
            view[np.arange(view.shape[0])[:, None] < depth[None, :]] = False


def _margin_depth(grey: np.ndarray, inside: np.ndarray) -> np.ndarray | None:
    """Rows of margin at the top, for each column; None when the top side is specimen."""
    step = max(1, min(grey.shape) // 512)
    small, known = grey[::step, ::step], inside[::step, ::step]
    rows, columns = small.shape
    strip = grey[: max(4, grey.shape[0] // 100)]
    level = float(np.median(strip))
    scatter = 1.4826 * float(np.median(np.abs(strip - level)))
    tolerance = max(8.0, 4 * scatter)
    if (np.abs(strip - level) > tolerance).mean() > 0.1:
        return None
    other = np.abs(small - level) > tolerance
    other &= known  # a scale bar on the margin is known already
    size = max(7, min(rows, columns) // 80)
    crowded = ndimage.uniform_filter(other.astype(np.float32), size) > 0.5
    rough = np.where(crowded.any(axis=0), crowded.argmax(axis=0), rows)
    rough = ndimage.median_filter(rough, size=max(9, columns // 10), mode="nearest")
    if rough.min() < SMALLEST_MARGIN * rows or rough.max() > LARGEST_MARGIN * rows:
        return None
    if not _is_margin(small, known, other, rough, level, scatter):
        return None
    full = np.repeat(rough * step, step)[: grey.shape[1]]
    full = np.pad(full, (0, grey.shape[1] - len(full)), mode="edge")
    return _refined(grey, full, level, size * step)


def _is_margin(
    grey: np.ndarray, inside: np.ndarray, other: np.ndarray, rough: np.ndarray, level: float, scatter: float
) -> bool:
    """Smooth, and beyond nearly all greys of the rest."""
    rows = np.arange(grey.shape[0])[:, None]
    margin = (rows < rough[None, :]) & inside
    rest = (rows > rough[None, :] + 0.02 * grey.shape[0]) & inside
    if margin.sum() < 100 or rest.sum() < 1000 or other[margin].mean() > 0.08:
        return False
    greys = grey[rest]
    # The margin on the other side, if there is one, is in the rest too: compare with the middle then.
    low, high = (50, 50) if float((np.abs(greys - level) < 10).mean()) > 0.08 else (10, 90)
    dark, bright = np.percentile(greys, [low, high])
    least = max(10.0, 3 * scatter)
    local = _local_scatter(grey)
    beyond = level < dark - least or level > bright + least
    return beyond and float(np.median(local[margin])) < _SMOOTHER * float(np.percentile(local[rest], 60))


def _local_scatter(grey: np.ndarray) -> np.ndarray:
    values = grey.astype(np.float32)
    size = max(7, min(grey.shape) // 64)
    mean = ndimage.uniform_filter(values, size)
    return np.sqrt(np.clip(ndimage.uniform_filter(values * values, size) - mean * mean, 0, None))


def _refined(grey: np.ndarray, rough: np.ndarray, level: float, size: int) -> np.ndarray:
    """The edge to a pixel or two: where the grey first passes half-way to that of the specimen."""
    rows = grey.shape[0]
    reach = 2 * size
    around = rough[None, :] + np.arange(-reach, reach)[:, None]
    band = np.take_along_axis(grey, np.clip(around, 0, rows - 1), axis=0)
    band = ndimage.uniform_filter(band.astype(np.float32), 3)
    beyond = np.clip(rough[None, :] + np.arange(size, 3 * size)[:, None], 0, rows - 1)
    behind = np.median(np.take_along_axis(grey, beyond, axis=0))
    half = (level + float(behind)) / 2
    passed = band > half if behind > level else band < half
    edge = np.where(passed.any(axis=0), around[0] + passed.argmax(axis=0), rough)
    return ndimage.median_filter(np.clip(edge, 0, rows), size=31, mode="nearest")
