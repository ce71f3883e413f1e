"""Places of atom columns to a fraction of a pixel."""

from typing import Any

import numpy as np
from scipy import fft, ndimage

from nital.core.errors import InputError

__all__ = ["find_columns", "spacing_of"]

LEAST_SPACING_PX, LARGEST_SPACING_SHARE = 4.0, 0.25
WINDOW = 0.22
"""Spread of the window that a middle is weighed in, as a share of the spacing."""
STEPS = 12
STANDS_OUT = 0.25
"""A column is at least so high, as a share of the usual height above what lies around it."""


def spacing_of(image: np.ndarray) -> float:
    """Distance of neighbouring columns in px, from the first ring of the autocorrelation.

    Args:
        image: (rows, cols).

    Raises:
        InputError: no lattice is seen.
    """
    grey = np.asarray(image, np.float64)
    grey = grey - _blurred(grey, 0.06 * max(grey.shape))
    window = np.outer(*(np.hanning(size) for size in grey.shape))
    power = np.abs(fft.rfft2(grey * window)) ** 2
    around = fft.fftshift(fft.irfft2(power, grey.shape))
    around = around / around.max()
    middle = (grey.shape[0] // 2, grey.shape[1] // 2)
    down, across = (np.array(range(size)) - start for size, start in zip(grey.shape, middle, strict=True))
    distance = np.hypot(down[:, None], across[None])
    smooth = _blurred(around, 1.0)
    peaks = (smooth == _highest(smooth, 5)) & (distance >= LEAST_SPACING_PX)
    peaks &= distance <= LARGEST_SPACING_SHARE * min(grey.shape)
    if not peaks.any() or (best := float(smooth[peaks].max())) < 0.05:
        raise InputError("No lattice is seen in this picture. Columns are found where they repeat; look for particles.")
    return float(distance[peaks & (smooth >= 0.6 * best)].min())


def find_columns(image: np.ndarray, spacing_px: float | None = None, *, bright: bool = True) -> np.ndarray:
    """Middles of the atom columns, (n, 3): row, col, height above what lies around.

    A middle is where a Gaussian window around it weighs both sides alike, found by iteration (windowed centroid), which
    is nearly as sharp as a fit of the column's shape and needs none.

    Args:
        image: (rows, cols). spacing_px: of neighbours; None: `spacing_of`. bright: columns are bright.

    Raises:
        InputError: no lattice is seen.

    Source: E. Bertin, S. Arnouts, Astron. Astrophys. Suppl. 117, 393 (1996), doi:10.1051/aas:1996164, windowed
        positions.
    """
    grey = np.asarray(image, np.float64) * (1 if bright else -1)
    spacing = spacing_px or spacing_of(grey)
    sigma = WINDOW * spacing
    flat = _blurred(grey, 0.6 * sigma) - _blurred(grey, 1.2 * spacing)
    side = max(int(0.6 * spacing) | 1, 3)
    peaks = (flat == _highest(flat, side)) & (flat > 0)
    usual = float(np.percentile(flat[peaks], 75)) if peaks.any() else 0.0
    places = np.argwhere(peaks & (flat > STANDS_OUT * usual)).astype(float)
    refined = _refined(grey - _blurred(grey, 1.2 * spacing), places, sigma)
    inside = ((refined >= 0) & (refined <= np.array(grey.shape) - 1)).all(1)
    near = np.hypot(*(refined - places).T) < 0.5 * spacing
    kept = refined[inside & near]
    filters: Any = ndimage
    return np.column_stack([kept, filters.map_coordinates(flat, kept.T, order=1)])


def _blurred(image: np.ndarray, sigma: float) -> np.ndarray:
    filters: Any = ndimage
    return filters.gaussian_filter(image, sigma)


def _highest(image: np.ndarray, side: int) -> np.ndarray:
    """The highest value within a square around each pixel."""
    filters: Any = ndimage
    return filters.maximum_filter(image, side)


def _refined(flat: np.ndarray, places: np.ndarray, sigma: float) -> np.ndarray:
    """Windowed centroids, (n, 2)."""
    reach = int(np.ceil(2.5 * sigma)) + 1
    padded = np.pad(flat, reach + 2, mode="reflect")
    steps = np.arange(-reach, reach + 1)
    middle = places.copy()
    start = np.round(places).astype(int)
    rows = start[:, 0, None, None] + steps[None, :, None]
    cols = start[:, 1, None, None] + steps[None, None, :]
    seen = padded[rows + reach + 2, cols + reach + 2]
    for _ in range(STEPS):
        down, across = rows - middle[:, 0, None, None], cols - middle[:, 1, None, None]
        weight = np.exp(-(down**2 + across**2) / (2 * sigma**2)) * np.maximum(seen, 0)
        total = np.maximum(weight.sum((1, 2)), 1e-12)
        move = np.stack([(weight * down).sum((1, 2)), (weight * across).sum((1, 2))], 1) / total[:, None]
        middle += np.clip(2 * move, -0.5, 0.5)
    return middle
