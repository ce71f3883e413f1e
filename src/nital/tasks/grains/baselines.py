"""What the network must beat: classical pipelines without any learning, in the same form of answer."""

from typing import cast

import numpy as np
from scipy import ndimage
from skimage.morphology import h_maxima
from skimage.segmentation import watershed

__all__ = ["local_threshold_grains", "one_grain", "sobel_grains"]

WINDOW_PX = 51
OFFSET_SD = 0.35
CLOSING_PX = 3
PEAK_PX = 3.0  # how much a peak of the distance must stand out to be a grain
SMALLEST_GRAIN_PX = 30


def local_threshold_grains(image: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """Grains by local threshold, closing and distance watershed.

    Boundary where gaussian(1) of the image is below its gaussian mean over 51 px minus 0.35 standard deviations;
    closed by 3 x 3; then a watershed on the distance to the boundary, from peaks that stand out by 3 px. Sees dark
    lines only.

    Args:
        image: (rows, cols), grey. valid: bool, False outside the specimen.

    Returns:
        int32 (rows, cols): 1 to n, no lines between grains; 0 outside `valid`.
    """
    grey = ndimage.gaussian_filter(image.astype(np.float32), 1.0)
    mean = ndimage.gaussian_filter(grey, WINDOW_PX / 4)
    line = grey < mean - OFFSET_SD * float(grey.std() if valid is None else grey[valid].std())
    line = np.asarray(ndimage.binary_closing(line, np.ones((CLOSING_PX, CLOSING_PX), bool)), bool)
    if valid is not None:
        line |= ~valid
    distance = ndimage.gaussian_filter(np.asarray(ndimage.distance_transform_edt(~line), np.float32), 2.0)
    return _flooded(-distance, h_maxima(distance, PEAK_PX) > 0, valid)


def sobel_grains(image: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """Grains by watershed on the Sobel gradient, from the flat places of the smoothed image.

    Args and returns as in `local_threshold_grains`.
    """
    grey = ndimage.gaussian_filter(image.astype(np.float32), 2.0)
    slope = np.hypot(ndimage.sobel(grey, 0), ndimage.sobel(grey, 1))
    slope = ndimage.gaussian_filter(slope, 1.0)
    flat = slope < np.median(slope)
    distance = ndimage.gaussian_filter(np.asarray(ndimage.distance_transform_edt(flat), np.float32), 1.0)
    peaks = (distance == ndimage.maximum_filter(distance, size=15)) & (distance > 1)
    return _flooded(slope, peaks, valid)


def one_grain(image: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """The whole specimen as one grain, whatever the picture shows.

    Args and returns as in `local_threshold_grains`.
    """
    return np.ones(image.shape, np.int32) if valid is None else valid.astype(np.int32)


def _flooded(relief: np.ndarray, markers: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
    """Watershed from the markers; basins smaller than `SMALLEST_GRAIN_PX` are flooded again without theirs."""
    seeds = markers if valid is None else markers & valid
    labels, _ = cast(tuple[np.ndarray, int], ndimage.label(seeds, structure=np.ones((3, 3))))
    grains = watershed(relief, labels, mask=valid)
    small = np.bincount(grains.ravel()) < SMALLEST_GRAIN_PX
    small[0] = False
    if small.any():
        grains = watershed(relief, np.where(small[labels], 0, labels), mask=valid)
    _, dense = np.unique(grains, return_inverse=True)
    return (dense.reshape(grains.shape) + (0 if (grains == 0).any() else 1)).astype(np.int32)
