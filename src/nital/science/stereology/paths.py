"""Intersections along any curve, such as the circles of ASTM E112."""

import math

import numpy as np

__all__ = ["Path", "circle_path", "tally_path"]

# A grain that is left and entered again within so many px is the staircase of a digitised boundary.
_RETURN_PX = 3

Path = tuple[np.ndarray, np.ndarray]
"""Rows and columns of points about 1 px apart."""


def circle_path(centre: tuple[float, float], radius_px: float) -> Path:
    """Points on a circle, the first again at the end."""
    angle = np.linspace(0, 2 * math.pi, max(round(2 * math.pi * radius_px), 8) + 1)
    return centre[0] - radius_px * np.sin(angle), centre[1] + radius_px * np.cos(angle)


def tally_path(labels: np.ndarray, path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Intersections and length of each step of a path.

    A step counts where both its ends are on specimen. A return to the same grain within 3 px takes
    both its intersections back.

    Args:
        labels: int32, (rows, cols), a partition without lines; 0 = outside.
        path: points on the picture, n of them.

    Returns:
        intersections (0 or 1) and length in px of each step, shape (n - 1,).
    """
    rows, cols = path
    seen = labels[np.rint(rows).astype(int), np.rint(cols).astype(int)]
    length = np.hypot(np.diff(rows), np.diff(cols))
    length[(seen[:-1] == 0) | (seen[1:] == 0)] = 0.0
    starts = np.flatnonzero(np.r_[True, seen[1:] != seen[:-1]])
    run = seen[starts]
    crossed = np.r_[False, (run[1:] > 0) & (run[:-1] > 0)]
    crossed &= ~_returns(run, np.diff(np.r_[starts, len(seen)]))
    hits = np.zeros(len(seen))
    hits[starts[crossed]] = 1.0
    return hits[1:], length


def _returns(run: np.ndarray, size: np.ndarray) -> np.ndarray:
    """For each run of labels, whether the crossing into it is taken back.

    Short runs between two runs of one grain, several in a row: A b A takes both crossings back,
    A b a B leaves one.
    """
    short = np.zeros(len(run), np.bool_)
    short[1:-1] = (run[2:] == run[:-2]) & (run[1:-1] > 0) & (run[2:] > 0) & (size[1:-1] <= _RETURN_PX)
    taken = short.copy()
    taken[1:] |= short[:-1]
    first = np.flatnonzero(short & ~np.r_[False, short[:-1]])
    after = np.flatnonzero(np.r_[False, short[:-1]] & ~short)
    taken[after[(after - first) % 2 == 0]] = False
    return taken
