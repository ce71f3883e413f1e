"""Parting of particles that touch in a picture."""

from typing import cast

import numpy as np
from scipy import ndimage
from skimage.morphology import local_maxima, reconstruction
from skimage.segmentation import watershed

__all__ = ["part_touching"]


def part_touching(mask: np.ndarray, neck_px: float = 1.0) -> np.ndarray:
    """Number the particles of a mask, those that touch parted at their necks.

    A watershed on the distance to the edge: two particles are told apart where the way between their middles leads
    through a neck whose half width is smaller by `neck_px` than that of the smaller particle.

    Args:
        mask: bool (rows, cols), True on particles. neck_px: larger values part less.

    Returns:
        int32 (rows, cols): 1 to n, 0 elsewhere, without lines between particles.

    Valid for: particles that are roughly convex; long or ragged ones fall apart.

    Source: S. Beucher, C. Lantuéjoul, Workshop on Image Processing (1979); h-maxima: P. Soille, Morphological Image
        Analysis (2003), chapter 6.

    >>> rows, cols = np.indices((40, 70))
    >>> two = ((rows - 20) ** 2 + (cols - 22) ** 2 < 200) | ((rows - 20) ** 2 + (cols - 46) ** 2 < 200)
    >>> int(part_touching(two).max())
    2
    """
    inside = np.pad(np.asarray(mask, bool), 1)  # the picture's edge cuts particles, it is no neck
    distance = np.asarray(ndimage.distance_transform_edt(inside), np.float32)
    smooth = np.where(inside, ndimage.gaussian_filter(distance, 1.0), 0).astype(np.float32)
    # The regional maxima of what is left under the peaks: skimage's h_maxima counts two equal peaks of one dome twice.
    domes = np.asarray(reconstruction(smooth - np.float32(neck_px), smooth), np.float32)
    markers = _numbered(local_maxima(domes) & inside & (domes > 0))
    lost = _numbered(inside)
    kept = np.unique(lost[markers > 0])
    alone = inside & ~np.isin(lost, kept)  # too small for a peak that stands out: each is one particle
    markers = np.where(alone, lost + markers.max(), markers)
    found = watershed(-smooth, markers, mask=inside)[1:-1, 1:-1]
    _, dense = np.unique(found, return_inverse=True)
    return (dense.reshape(found.shape) + (0 if (found == 0).any() else 1)).astype(np.int32)


def _numbered(mask: np.ndarray) -> np.ndarray:
    labels, _ = cast(tuple[np.ndarray, int], ndimage.label(mask, np.ones((3, 3))))
    return labels
