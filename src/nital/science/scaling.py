"""Pictures as networks are shown them: brought to another size, and to one level of grey."""

from typing import Literal

import numpy as np
from PIL import Image

__all__ = ["resized", "standardise"]

CLIP = 6  # spreads; an outlier does not drown everything else


def resized(
    array: np.ndarray, shape: tuple[int, int], *, shrink_by: Literal["bicubic", "area"] = "bicubic"
) -> np.ndarray:
    """A picture or a mask at another size: integers and bool by the nearest pixel, floats by bicubic interpolation.

    Args:
        array: (rows, cols), float32, integers or bool. shape: (rows, cols) wanted.
        shrink_by: how floats become fewer: "bicubic" with anti-aliasing, or "area", the mean over what a pixel covers.

    >>> resized(np.arange(16, dtype=np.float32).reshape(4, 4), (2, 2), shrink_by="area")
    array([[ 2.5,  4.5],
           [10.5, 12.5]], dtype=float32)
    """
    rows, cols = shape
    if array.shape == (rows, cols):
        return array
    if array.dtype.kind != "f":
        places = ((np.arange(n) + 0.5) * old / n for n, old in zip(shape, array.shape, strict=True))
        row, col = (place.astype(int) for place in places)
        return array[row[:, None], col]
    picture = Image.fromarray(array)
    if shrink_by == "bicubic" or rows * cols > array.size:
        return np.asarray(picture.resize((cols, rows), Image.Resampling.BICUBIC))
    times = array.shape[0] // rows
    if array.shape == (times * rows, times * cols):
        return np.asarray(picture.reduce(times))  # the same means, faster
    return np.asarray(picture.resize((cols, rows), Image.Resampling.BOX))


def standardise(pictures: np.ndarray, mean: float | None = None, spread: float | None = None) -> np.ndarray:
    """Grey as (grey - mean) / spread, clipped to +-6; float32, of the same shape.

    Args:
        pictures: (..., rows, cols), any real type.
        mean, spread: of more than these pictures, such as of the picture that a tile is cut from; None: of each.

    >>> standardise(np.array([[0, 10], [0, 10]]))
    array([[-1.,  1.],
           [-1.,  1.]], dtype=float32)
    """
    grey = np.array(pictures, np.float32)  # a copy, which is worked on in place
    if mean is None or spread is None:
        middle = grey.mean((-2, -1), keepdims=True)
        width = np.maximum(grey.std((-2, -1), keepdims=True), 1e-6)
    else:
        middle, width = np.float32(mean), np.float32(max(spread, 1e-6))
    grey -= middle
    grey /= width
    return np.clip(grey, -CLIP, CLIP, out=grey)
