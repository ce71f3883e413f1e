"""Lengths between boundaries along test lines, as NIST's Grain Size Analysis Tools list them."""
# pyright: standard

import math

import numpy as np
from scipy import ndimage

from nital.science.stereology.paths import Path, circle_path

# Runs of so few pixels are not listed.
_SHORTEST_PX = 3
_GRID_ANGLES = (0.0, 45.0, 90.0, 135.0, 180.0)


def count_segments(boundary_map: np.ndarray, pattern: str = "e112", *, spacing_px: float = 60.0) -> np.ndarray:
    """List the lengths of grain between boundaries along a pattern, as NIST's tool does.

    Runs of pixels without boundary that have boundary at both ends; what touches the picture's edge,
    and runs of 2 px and less, are dropped. The boundary's own thickness is not counted, so that the mean is
    shorter than a mean lineal intercept by about that thickness.

    Args:
        boundary_map: bool, (rows, cols), True on boundaries.
        pattern: "e112": four lines and three circles in the central square; "line_grid": parallel lines at
            0, 45, 90, 135 and 180 degrees (the last repeats the first, as the tool has it).
        spacing_px: distance of the lines of "line_grid" in px.

    Returns:
        float64, one length in px for each run.

    Valid for: comparison with that tool; for grain size take `intercepts`.

    Source: NIST Grain Size Analysis Tools (github.com/usnistgov/grain-size-analysis-tools), re-implemented.
    """
    if pattern == "e112":
        side = min(boundary_map.shape)
        top, left = (boundary_map.shape[0] - side) // 2, (boundary_map.shape[1] - side) // 2
        square = boundary_map[top : top + side, left : left + side]
        found = [_runs(square[np.rint(r).astype(int), np.rint(c).astype(int)], (r, c), closed)
                 for (r, c), closed in _e112_pattern(side)]  # fmt: skip
    else:
        found = [_runs(row > 0.5, path, False) for row, path in _grid(boundary_map, spacing_px)]
    return np.concatenate(found) if found else np.empty(0)


def line_path(start: tuple[float, float], end: tuple[float, float]) -> Path:
    """Points about 1 px apart on a straight line, ends included, (row, column) in px."""
    n = max(round(math.dist(start, end)), 1) + 1
    return np.linspace(start[0], end[0], n), np.linspace(start[1], end[1], n)


def _e112_pattern(side: int) -> list[tuple[Path, bool]]:
    """Four lines and three circles in a square, each with whether it is closed."""
    last, margin, middle = side - 1, 0.05 * side, (side - 1) / 2
    straight = [
        line_path((last - margin, 0), (last - margin, last)),
        line_path((0, margin), (last, margin)),
        line_path((0, 0), (last, last)),
        line_path((0, last), (last, 0)),
    ]
    circles = [circle_path((middle, middle), share * side / 2) for share in (0.7958, 0.5305, 0.2653)]
    return [(path, False) for path in straight] + [(path, True) for path in circles]


def _grid(lines: np.ndarray, spacing_px: float) -> list[tuple[np.ndarray, Path]]:
    """Boundary values along parallel lines over the turned picture, each with its path."""
    rows, cols = lines.shape
    # The lines start as far above the centre as in a picture padded so that any turn of it fits.
    pad = math.ceil(0.55 * (math.ceil(math.hypot(rows, cols)) - min(rows, cols)))
    offsets = np.arange(0, rows + 2 * pad, spacing_px) - (rows + 2 * pad - 1) / 2
    along = np.arange(cols + 2 * pad) - (cols + 2 * pad - 1) / 2
    values, found = lines.astype(np.float32), []
    for angle in np.radians(_GRID_ANGLES):
        for offset in offsets:
            path = (
                (rows - 1) / 2 + offset * math.cos(angle) + along * math.sin(angle),
                (cols - 1) / 2 - offset * math.sin(angle) + along * math.cos(angle),
            )
            found.append((ndimage.map_coordinates(values, np.array(path), order=1, mode="constant"), path))
    return found


def _runs(on_boundary: np.ndarray, path: Path, closed: bool) -> np.ndarray:
    """Lengths of the runs of non-boundary that have boundary on both sides."""
    rows, cols = path
    step = float(np.mean(np.hypot(np.diff(rows), np.diff(cols))))
    if closed:
        first = int(np.argmax(on_boundary))
        ring = np.roll(on_boundary[:-1], -first)
        on_boundary = np.r_[ring, ring[0]]
    edges = np.flatnonzero(np.diff(on_boundary.astype(np.int8)))
    leaves = edges[on_boundary[edges]]
    enters = edges[~on_boundary[edges]]
    if leaves.size == 0:
        return np.empty(0)
    enters = enters[enters > leaves[0]]
    size = enters - leaves[: len(enters)]
    return size[size >= _SHORTEST_PX] * step
