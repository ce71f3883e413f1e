"""Particles from two maps: where particles are, and how deep inside of one each pixel lies."""

from typing import Any

import numpy as np
from scipy import ndimage
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import watershed

__all__ = ["part_by_depth"]

STANDS_OUT = 0.12
"""So much must the depth fall between the middles of two particles."""
DEEPEST_AT_LEAST = 0.35
FEWEST_PX = 12
"""A disc of 4 px diameter; the noise of a picture has smaller spots."""


def part_by_depth(inside: np.ndarray, depth: np.ndarray, threshold: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Number the particles, those that touch or overlap parted.

    Args:
        inside: (rows, cols), how likely a pixel is of a particle. depth: (rows, cols), 1 in the middle of a particle, 0
            at its outline, and low where two meet. threshold: of `inside`.

    Returns:
        int32 (rows, cols), 1 to n, 0 elsewhere; and how sure each is, (n,): mean of `inside` over it times its depth.
    """
    mask = np.asarray(inside > threshold)
    relief = np.where(mask, depth, 0).astype(np.float32)
    # Regional maxima of what is left when all peaks are cut down: each is a middle, however it wavers.
    cut = np.asarray(reconstruction(relief - np.float32(STANDS_OUT), relief), np.float32)
    markers, number = _numbered(local_maxima(cut) & (relief > 0))
    tops = np.asarray(ndimage.maximum(relief, markers, np.arange(1, number + 1)), float)
    markers, number = _numbered(np.isin(markers, np.flatnonzero(tops > DEEPEST_AT_LEAST) + 1))
    if not number:
        return np.zeros(mask.shape, np.int32), np.zeros(0)
    labels = np.asarray(watershed(-relief, markers, mask=mask), np.int32)
    size = np.bincount(labels.ravel(), minlength=number + 1)[1:]
    total = np.bincount(labels.ravel(), np.asarray(inside, float).ravel(), number + 1)[1:]
    deepest = np.asarray(ndimage.maximum(relief, labels, np.arange(1, number + 1)), float)
    keep = size >= FEWEST_PX
    new = np.concatenate([[0], np.where(keep, np.cumsum(keep), 0)]).astype(np.int32)
    return new[labels], (total / np.maximum(size, 1) * deepest)[keep]


def _numbered(mask: np.ndarray) -> tuple[np.ndarray, int]:
    found: Any = ndimage.label(mask, np.ones((3, 3)))
    return np.asarray(found[0], np.int32), int(found[1])
