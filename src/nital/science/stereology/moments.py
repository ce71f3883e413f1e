"""Areas, centroids and second moments of all grains at once, by counting."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

__all__ = ["Moments", "frame_labels", "grain_moments", "label_counts"]

# Rows that are summed at once: bounds the memory to a few such strips of floats.
_STRIP = 128


class Moments(NamedTuple):
    """Per label 0..n: area in px, mean row and column, and variances about them with each pixel's own 1/12."""

    area: np.ndarray
    row: np.ndarray
    column: np.ndarray
    row_variance: np.ndarray
    column_variance: np.ndarray
    covariance: np.ndarray


def grain_moments(labels: np.ndarray) -> Moments:
    """Sum the moments of every label in one pass over strips of rows.

    Args:
        labels: int32, (rows, cols), 0..n.

    Returns:
        arrays of n + 1 numbers; NaN for means of labels that do not occur.
    """
    size = int(labels.max()) + 1
    sums = np.zeros((6, size))
    # Sums are taken about the middle of the picture: second moments of far grains keep their digits.
    origin_row, origin_col = (labels.shape[0] - 1) / 2, (labels.shape[1] - 1) / 2
    width: int = labels.shape[1]
    col = np.arange(width) - origin_col
    for top in range(0, len(labels), _STRIP):
        strip = labels[top : top + _STRIP]
        low = int(strip.min())
        flat = strip.ravel() - low
        row = np.repeat(np.arange(top, top + len(strip)) - origin_row, strip.shape[1])
        across = np.tile(col, len(strip))
        counts = np.bincount(flat)
        part = slice(low, low + len(counts))
        sums[0, part] += counts
        for k, weight in enumerate((row, across, row * row, across * across, row * across), start=1):
            sums[k, part] += np.bincount(flat, weight)
    with np.errstate(invalid="ignore", divide="ignore"):
        r, c, rr, cc, rc = sums[1:] / sums[0]
    return Moments(
        sums[0].astype(np.int64), r + origin_row, c + origin_col, rr - r * r + 1 / 12, cc - c * c + 1 / 12, rc - r * c
    )


def label_counts(labels: np.ndarray) -> np.ndarray:
    """How many pixels every label 0..n has."""
    counts = np.zeros(int(labels.max()) + 1, np.int64)
    for top in range(0, len(labels), _STRIP):
        strip = labels[top : top + _STRIP]
        low = int(strip.min())
        found = np.bincount(strip.ravel() - low)
        counts[low : low + len(found)] += found
    return counts


def frame_labels(labels: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """The labels that touch the picture's edge or a pixel outside the mask, sorted, without 0."""
    touching = [labels[0], labels[-1], labels[:, 0], labels[:, -1]]
    if mask is not None:
        rim = mask & (np.asarray(ndimage.binary_erosion(mask, border_value=1)) == 0)
        touching.append(labels[rim])
    found = np.unique(np.concatenate(touching))
    return found[found > 0]
