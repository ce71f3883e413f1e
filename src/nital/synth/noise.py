"""Smooth and white noise; the smooth is a coarse grid of random numbers under cubic B-splines."""

import math

import numpy as np

from nital.core.errors import need

numba = need("numba", "train", "Simulating structures")

__all__ = ["smooth_noise", "white_noise"]


@numba.njit(cache=True, nogil=True)
def _spline_weights(t):
    u = 1.0 - t
    return (
        u * u * u / 6.0,
        (3.0 * t * t * t - 6.0 * t * t + 4.0) / 6.0,
        (3.0 * u * u * u - 6.0 * u * u + 4.0) / 6.0,
        t * t * t / 6.0,
    )


@numba.njit(cache=True, nogil=True)
def _upsample(grid, rows, cols, spacing):
    """Separable cubic B-spline over a coarse grid; plain loops, so the same bytes everywhere."""
    coarse_rows = grid.shape[0]
    half = np.empty((coarse_rows, cols), np.float32)
    for j in range(cols):
        x = j / spacing
        k = int(x)
        a, b, c, d = _spline_weights(x - k)
        for i in range(coarse_rows):
            half[i, j] = a * grid[i, k] + b * grid[i, k + 1] + c * grid[i, k + 2] + d * grid[i, k + 3]
    noise = np.empty((rows, cols), np.float32)
    for i in range(rows):
        y = i / spacing
        k = int(y)
        a, b, c, d = _spline_weights(y - k)
        for j in range(cols):
            noise[i, j] = a * half[k, j] + b * half[k + 1, j] + c * half[k + 2, j] + d * half[k + 3, j]
    return noise


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], wavelength_px: float) -> np.ndarray:
    """Noise with zero mean and standard deviation about 1, smooth over `wavelength_px`.

    Args:
        rng: source of the grid of normal numbers.
        shape: (rows, cols).
        wavelength_px: spacing of the coarse grid, at least 1.

    Returns:
        float32 (rows, cols).

    Source: own (uniform cubic B-spline on white noise; its mean variance over a cell is (151/315)^2).
    """
    spacing = max(float(wavelength_px), 1.0)
    rows, cols = shape
    grid = rng.standard_normal((math.ceil(rows / spacing) + 4, math.ceil(cols / spacing) + 4), dtype=np.float32)
    noise = _upsample(grid, rows, cols, spacing)
    noise *= np.float32(315.0 / 151.0)
    return noise


def white_noise(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Independent standard normal numbers, float32."""
    return rng.standard_normal(shape, dtype=np.float32)
