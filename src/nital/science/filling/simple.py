"""The interpolations that everybody has: what a better one must beat."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator
from scipy.ndimage import distance_transform_edt
from scipy.spatial import QhullError

__all__ = ["biharmonic", "constant", "linear", "nearest"]

Numbers = NDArray[np.float64]


def constant(values: Numbers) -> Numbers:
    """The mean of the known pixels in every missing one (NaN) of a map (rows, cols)."""
    return np.where(np.isfinite(values), values, np.nanmean(values))


def nearest(values: NDArray[Any], known: NDArray[np.bool_] | None = None) -> NDArray[Any]:
    """The nearest known pixel's value in every missing one; any type of number.

    Args:
        values: (rows, cols). known: bool; None: what is not NaN.
    """
    seen = np.isfinite(values) if known is None else known
    where: Any = distance_transform_edt(~seen, return_distances=False, return_indices=True)
    return values[tuple(where)]


def linear(values: Numbers) -> Numbers:
    """Linear on the triangles between known pixels (Delaunay), the nearest outside them, as `scipy.griddata` has it."""
    seen = np.isfinite(values)
    filled, near = values.copy(), nearest(values)
    try:
        rise: Any = LinearNDInterpolator(np.argwhere(seen), values[seen])
    except (QhullError, ValueError):  # fewer than three, or all on one line
        return near
    filled[~seen] = rise(np.argwhere(~seen))
    return np.where(np.isfinite(filled), filled, near)


def biharmonic(values: Numbers) -> Numbers:
    """The smoothest surface through the known pixels, from scikit-image.

    Source: S. Damelin, N. Hoang (2018), doi:10.1155/2018/3950312.
    """
    from skimage.restoration import inpaint_biharmonic

    seen = np.isfinite(values)
    filled = inpaint_biharmonic(np.where(seen, values, 0.0), ~seen)
    return np.where(seen, values, filled)
