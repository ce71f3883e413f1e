"""Label maps of objects: one number for each, or a mask whose connected parts are the objects."""

from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from nital.core.errors import InputError
from nital.io.labelled.stored import stored_values

__all__ = ["read_objects"]


def read_objects(path: Path, shape: tuple[int, int], *, empty: bool = False) -> np.ndarray:
    """Objects of a label map, int32 (rows, cols), 1 to n, 0 for none.

    Colours and numbers stand for an object each, 0 and black for none; of a map with one value besides 0, which is a
    mask, the connected parts are the objects.

    Args:
        shape: (rows, cols) of the picture that it belongs to. empty: somebody said that there is no object.

    Raises:
        InputError: a JPEG, fractions, numbers below 0, another size, or a map without any object.
    """
    values, _, _ = stored_values(path)
    if values.shape != shape:
        raise InputError(
            f"{path} has {values.shape[0]} x {values.shape[1]} px, its picture {shape[0]} x {shape[1]}. Save the "
            "labels at the size of the picture."
        )
    present = np.unique(values)
    if present[0] < 0:
        raise InputError(f"{path} holds numbers from {present[0]}. Number the objects from 1, with 0 for none.")
    if not present.any() and not empty:
        raise InputError(f"{path} marks no object: every pixel is 0. Mark some, or take the file out of the folder.")
    if len(present) <= 2:
        parts: Any = ndimage.label(values > 0, np.ones((3, 3)))
        return np.asarray(parts[0], np.int32)
    numbered = np.searchsorted(present, values).astype(np.int32)
    return numbered if present[0] == 0 else numbered + 1
