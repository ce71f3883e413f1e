"""Pictures without their slow changes: each pixel against what lies around it."""

import numpy as np
from scipy import ndimage

from nital.science.scaling import CLIP

__all__ = ["evened"]

AROUND_PX = 49
"""Side of the box whose mean is taken twice: pixels count that are up to 48 px away, the nearer the more."""


def evened(grey: np.ndarray, valid: np.ndarray | None = None, *, floor: float = 0.1) -> np.ndarray:
    """Grey as (grey - mean around) / spread around, clipped to +-6, float32: a support that is thick here and thin
    there and the vacuum beside it become alike, and a crop looks as it does in its picture.

    Args:
        grey: (rows, cols), any real type. valid: bool, False where it shows no specimen.
        floor: share of the spread of the whole picture that is added to that around a pixel (as squares), so that the
            noise of an empty place is not blown up without bound.

    >>> hill = np.add.outer(np.arange(200.0), np.zeros(200))
    >>> hill[100, 100] += 50
    >>> even = evened(hill)
    >>> bool(even[100, 100] > 2), bool(abs(even[100, 50]) < 0.2)
    (True, True)
    """
    flat = np.array(grey, np.float32)
    known = np.ones(flat.shape, bool) if valid is None else valid
    few = flat[known] if known.any() else flat
    flat -= np.float32(few.mean())
    flat[~known] = 0
    share = 1.0 if valid is None else np.maximum(_around(known.astype(np.float32)), 1e-3)
    mean = _around(flat) / share
    variance = np.maximum(_around(flat**2) / share - mean**2, 0) + np.float32(floor * few.std()) ** 2
    even = (flat - mean) / np.sqrt(np.maximum(variance, 1e-12))
    even[~known] = 0
    return np.clip(even, -CLIP, CLIP).astype(np.float32)


def _around(values: np.ndarray) -> np.ndarray:
    once = ndimage.uniform_filter(values, AROUND_PX, mode="reflect")
    return np.asarray(ndimage.uniform_filter(once, AROUND_PX, mode="reflect"), np.float32)
