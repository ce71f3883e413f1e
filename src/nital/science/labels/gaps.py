"""Join the dangling ends of a boundary map to the lines before them."""

import numpy as np
from scipy import ndimage
from scipy.spatial import KDTree

from nital.core.errors import InputError

__all__ = ["bridge_gaps"]

# Pixels of a line, from its end, that say where the line was going.
_TAIL_PX = 8
# Half opening of the cone before an end in which a line to join is looked for: cos 60 degrees.
_CONE_COSINE = 0.5


def bridge_gaps(boundary: np.ndarray, longest_px: float) -> np.ndarray:
    """Draw a straight line from each dangling end to the nearest line before it.

    An end is a pixel of the thinned map with one neighbour. It looks for other lines within
    `longest_px` and within 60 degrees of the direction of its last 8 pixels.

    Args:
        boundary: bool, (rows, cols).
        longest_px: longest gap that is closed, in px.

    Returns:
        bool, (rows, cols): the boundary map and the new lines.

    Raises:
        InputError: a length that is not a positive number.

    Valid for: traced or predicted lines; an end within `longest_px` of the picture's frame is led to the frame.

    Source: own.
    """
    from skimage.draw import line
    from skimage.morphology import skeletonize

    if not (np.isfinite(longest_px) and longest_px > 0):
        raise InputError(f"Gaps of {longest_px} px cannot be closed. Give a length above 0.")
    thin = skeletonize(boundary)
    neighbours = ndimage.convolve(thin.astype(np.uint8), np.ones((3, 3), np.uint8), mode="constant")
    ends = np.argwhere(thin & (neighbours == 2))
    # The frame is a line too: grains end there.
    frame = np.zeros(thin.shape, np.bool_)
    frame[[0, -1]] = frame[:, [0, -1]] = True
    points = np.argwhere(thin | frame)
    closed = np.array(boundary, dtype=np.bool_)
    if len(ends) == 0:
        return closed
    tree = KDTree(points)
    for end in ends:
        tail = _tail(thin, end)
        target = _target(end, end - tail.mean(axis=0), points[tree.query_ball_point(end, longest_px)], tail)
        if target is not None:
            closed[line(*end, *target)] = True
    return closed


def _tail(thin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The pixels of a thin line within `_TAIL_PX` steps of its end."""
    top, left = np.maximum(end - _TAIL_PX, 0)
    patch = thin[top : end[0] + _TAIL_PX + 1, left : end[1] + _TAIL_PX + 1]
    seed = np.zeros_like(patch)
    seed[end[0] - top, end[1] - left] = True
    reached = ndimage.binary_dilation(seed, np.ones((3, 3), np.bool_), iterations=_TAIL_PX, mask=patch)
    return np.argwhere(reached) + np.array([top, left])


def _target(end: np.ndarray, ahead: np.ndarray, points: np.ndarray, tail: np.ndarray) -> np.ndarray | None:
    """The nearest point in the cone before the end that is not of its own tail."""
    own = (points[:, None] == tail[None]).all(axis=2).any(axis=1)
    steps = points - end
    length = np.hypot(*steps.T)
    size = np.hypot(*ahead)
    if size == 0:
        return None
    good = ~own & (length > 0) & (steps @ ahead >= _CONE_COSINE * size * length)
    return points[good][np.argmin(length[good])] if good.any() else None
