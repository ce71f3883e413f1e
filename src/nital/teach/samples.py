"""Small synthetic data that several lessons use, drawn with numpy alone."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["draw_micrograph"]


def draw_micrograph(
    size: int = 128, grains: int = 25, noise: float = 0.05, seed: int = 0
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """A polycrystal as an etched micrograph shows it: grains of different grey, dark boundaries, noise.

    Each pixel belongs to the nearest of `grains` random points (a Voronoi tessellation); a pixel whose right or lower
    neighbour belongs to another grain is a boundary and is darkened.

    Args:
        size: height and width in pixels.
        grains: how many.
        noise: standard deviation of the added Gaussian noise; the grey scale runs from 0 to 1.
        seed: where chance starts; the same seed gives the same picture.

    Returns:
        The picture (float, shape (size, size), within 0 to 1) and the grain of each pixel (int, the same shape).

    Raises:
        ValueError: size or grains below 1, or a negative noise.

    Source: own.

    >>> image, grain = draw_micrograph(size=64, grains=9)
    >>> image.shape, int(grain.max()) + 1
    ((64, 64), 9)
    """
    if size < 1 or grains < 1 or noise < 0:
        raise ValueError(f"size={size} and grains={grains} must be at least 1, noise={noise} at least 0.")
    rng = np.random.default_rng(seed)
    points = rng.uniform(0, size, (grains, 2))
    pixels = np.moveaxis(np.mgrid[:size, :size], 0, -1)
    grain = ((pixels[:, :, None, :] - points) ** 2).sum(axis=-1).argmin(axis=-1)
    image = rng.uniform(0.45, 0.85, grains)[grain]
    below, right = np.roll(grain, -1, axis=0), np.roll(grain, -1, axis=1)
    boundary = (grain != below) | (grain != right)
    boundary[-1], boundary[:, -1] = False, False  # the picture's edge is no boundary
    image[boundary] = 0.15
    return np.clip(image + rng.normal(0, noise, image.shape), 0, 1), grain
