"""Two-point correlation: how likely two points at a distance are of one phase, or in one grain."""
# pyright: standard

import math
from typing import NamedTuple

import numpy as np
from scipy import fft

from nital.core.errors import InputError
from nital.science.labels import check_label_map, check_valid

__all__ = ["TwoPoint", "same_grain_correlation", "two_point_correlation"]


class TwoPoint(NamedTuple):
    """Distances in px, and the correlation at each."""

    distance_px: np.ndarray
    correlation: np.ndarray


def two_point_correlation(
    phase: np.ndarray, *, valid: np.ndarray | None = None, max_distance_px: int | None = None
) -> TwoPoint:
    """Measure S2(r): the chance that both ends of a segment of length r lie in the phase.

    S2(r) = <I(x) I(x + r)>, over all positions and directions for which both ends are on specimen.
    S2(0) is the area fraction, its limit the square of that, and its slope at 0 is -(boundary length per
    area) / pi.

    Args:
        phase: bool, (rows, cols), True in the phase; for one grain, `label_map == k`.
        valid: bool, (rows, cols), True on specimen; None: everywhere.
        max_distance_px: the longest distance; None: a third of the shorter side.

    Returns:
        distances 0, 1, 2 ... px (the mean of each ring) and S2 at them.

    Raises:
        InputError: not booleans in rows and columns, a mask that does not fit, or a distance that does not fit.

    Source: S. Torquato, Random Heterogeneous Materials (2002), chapter 2; by FFT, zero-padded, normalised
    with the mask's own correlation.

    >>> import numpy as np
    >>> stripes = np.tile(np.arange(64) % 4 < 2, (64, 1))
    >>> round(float(two_point_correlation(stripes).correlation[0]), 6)
    0.5
    """
    indicator = np.asarray(phase)
    if indicator.ndim != 2 or indicator.size == 0 or indicator.dtype != np.bool_:
        raise InputError(
            f"The phase is {indicator.dtype} of shape {indicator.shape}. Give booleans in rows and columns."
        )
    mask = check_valid(valid, indicator.shape)
    reach = max(min(indicator.shape) // 3, 1) if max_distance_px is None else int(max_distance_px)
    if not 0 < reach < max(min(indicator.shape), 2):
        raise InputError(f"A distance of {reach} px does not fit into a picture of shape {indicator.shape}.")
    on = np.ones(indicator.shape, np.float32) if mask is None else mask.astype(np.float32)
    pairs = _autocorrelation(on, reach)
    hits = _autocorrelation(on * indicator, reach)
    rows, cols = np.ogrid[: reach + 1, -reach : reach + 1]
    distance = np.hypot(rows, cols)
    ring = np.rint(distance).astype(int)
    # Whole pairs only: rounding of the transform must not count where the mask allows none.
    counted = (ring <= reach) & (pairs > 0.5)
    ring = ring[counted]
    weight = np.bincount(ring, pairs[counted], minlength=reach + 1)
    kept = weight > 0
    mean_distance = np.bincount(ring, pairs[counted] * distance[counted], minlength=reach + 1)[kept] / weight[kept]
    correlation = np.bincount(ring, hits[counted], minlength=reach + 1)[kept] / weight[kept]
    return TwoPoint(mean_distance, np.clip(correlation, 0.0, 1.0))


def _autocorrelation(values: np.ndarray, reach: int) -> np.ndarray:
    """Sums over x of f(x) f(x + r) for rows 0..reach and columns -reach..reach."""
    shape = tuple(fft.next_fast_len(side + reach, real=True) for side in values.shape)
    spectrum = np.abs(np.asarray(fft.rfft2(values, shape))) ** 2
    whole = np.asarray(fft.irfft2(spectrum, shape))
    return np.concatenate([whole[: reach + 1, -reach:], whole[: reach + 1, : reach + 1]], axis=1).astype(np.float64)


def same_grain_correlation(
    label_map: np.ndarray, *, valid: np.ndarray | None = None, max_distance_px: int | None = None
) -> TwoPoint:
    """Measure the chance that both ends of a segment of length r lie in the same grain.

    The mean over segments along rows, columns and both diagonals. Its slope at 0 is -1 / mean intercept.

    Args:
        label_map: integers, (rows, cols): grains 1..n, 0 = boundary or outside; segments with an end on 0 are
            not counted: call `fill_boundaries` first.
        valid: bool, (rows, cols), True on specimen; None: everywhere.
        max_distance_px: the longest distance; None: a third of the shorter side, at most 256.

    Returns:
        distances 0, 1, 2 ... px and the correlation at them.

    Raises:
        InputError: not a label map, a mask that does not fit, no grain, or a distance that does not fit.

    Source: S. Torquato, Random Heterogeneous Materials (2002), chapter 2 (two-point cluster function).

    >>> import numpy as np
    >>> same_grain_correlation(np.ones((9, 9), int)).correlation.tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    labels = check_label_map(label_map)
    mask = check_valid(valid, labels.shape)
    if mask is not None:
        labels = np.where(mask, labels, 0)
    if not labels.any():
        raise InputError("The label map holds no grain, so that there is nothing to correlate.")
    reach = min(max(min(labels.shape) // 3, 1), 256) if max_distance_px is None else int(max_distance_px)
    if not 0 < reach < max(min(labels.shape), 2):
        raise InputError(f"A distance of {reach} px does not fit into a picture of shape {labels.shape}.")
    straight = np.array([_same(labels, r, 0) + _same(labels, 0, r) for r in range(reach + 1)])
    steps = range(math.ceil(reach / math.sqrt(2)) + 1)
    diagonal = np.array([_same(labels, k, k) + _same(labels[:, ::-1], k, k) for k in steps])
    distance = np.arange(reach + 1, dtype=np.float64)
    slanting = np.interp(distance, np.array(steps) * math.sqrt(2), diagonal)
    return TwoPoint(distance, (straight + slanting) / 4)


def _same(labels: np.ndarray, down: int, across: int) -> float:
    """The share of pixel pairs, both in grains, that are in one grain."""
    first = labels[: labels.shape[0] - down, : labels.shape[1] - across]
    second = labels[down:, across:]
    both = (first > 0) & (second > 0)
    n = np.count_nonzero(both)
    return float(np.count_nonzero((first == second) & both) / n) if n else 0.0
