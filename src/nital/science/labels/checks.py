"""What every function here demands of a label map and of its mask."""

import numpy as np

from nital.core.errors import InputError

__all__ = ["check_label_map", "check_valid"]


def check_label_map(label_map: np.ndarray, *, name: str = "The label map") -> np.ndarray:
    """Return `label_map` as a C-contiguous int32 array, without a copy where it is one already.

    Args:
        label_map: integers >= 0, shape (rows, cols): grains 1..n, 0 = boundary or outside.
        name: how an error calls it.

    Raises:
        InputError: not two-dimensional, empty, not integer, or with numbers below 0 or above 2**31 - 1.
    """
    array = np.asarray(label_map)
    if array.ndim != 2 or array.size == 0:
        raise InputError(f"{name} has shape {array.shape}. Give an array of rows and columns that is not empty.")
    if not np.issubdtype(array.dtype, np.integer):
        raise InputError(f"{name} holds {array.dtype}. Give integers: grains 1..n, 0 for boundary or outside.")
    lowest, highest = int(array.min()), int(array.max())
    if lowest < 0 or highest > np.iinfo(np.int32).max:
        raise InputError(f"{name} holds numbers from {lowest} to {highest}. Number the grains 1..n, boundaries 0.")
    return np.ascontiguousarray(array, dtype=np.int32)


def check_valid(valid: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray | None:
    """Return the mask of specimen pixels, or None when all pixels are specimen.

    Args:
        valid: bool, `shape`, or None.

    Raises:
        InputError: another shape, not boolean, or no specimen at all.
    """
    if valid is None:
        return None
    mask = np.asarray(valid)
    if mask.shape != shape or mask.dtype != np.bool_:
        raise InputError(f"The mask is {mask.dtype} of shape {mask.shape}. Give a boolean array of shape {shape}.")
    if not mask.any():
        raise InputError("The mask says that no pixel is specimen. At least one must be True.")
    return None if mask.all() else mask
