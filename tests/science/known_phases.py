"""Structures of two phases whose true fraction is known, for fields of any size."""

import math

import numpy as np
from known_structures import voronoi
from scipy import fft
from scipy.spatial import KDTree
from scipy.special import ndtri

__all__ = ["cells", "discs", "regular_discs", "waves"]


def cells(rng: np.random.Generator, side: int, n: int, fraction: float) -> tuple[np.ndarray, np.ndarray]:
    """About n Poisson-Voronoi cells, each of the phase with a chance of `fraction`: phase (bool), and cells 1..n."""
    margin = 4 * side / math.sqrt(n)
    count = rng.poisson(n * ((side + 2 * margin) / side) ** 2)
    grains = voronoi(rng.random((count, 2)) * (side + 2 * margin) - margin, (side, side))
    return (rng.random(grains.max() + 1) < fraction)[grains], grains


def discs(rng: np.random.Generator, side: int, radius: float, fraction: float, cluster: float = 0) -> np.ndarray:
    """Discs of log-normal radii at random places; they may overlap and cover `fraction`.

    In clusters of a mean number they overlap more, and cover less: their fraction is not known.
    """
    margin = radius * (20 if cluster else 4)
    wide = side + 2 * margin
    density = -math.log1p(-fraction) / (math.pi * radius**2 * math.exp(2 * 0.3**2))
    if cluster:
        parents = rng.random((rng.poisson(density * wide**2 / cluster), 2)) * wide
        centres = np.repeat(parents, rng.poisson(cluster, len(parents)), axis=0)
        centres = centres + rng.normal(0, 3 * radius, centres.shape)
    else:
        centres = rng.random((rng.poisson(density * wide**2), 2)) * wide
    radii = radius * np.exp(0.3 * rng.standard_normal(len(centres)))
    phase = np.zeros((side, side), np.bool_)
    for row, col, size in zip(*(centres - margin).T, radii, strict=True):
        top, left = max(math.ceil(row - size), 0), max(math.ceil(col - size), 0)
        window = phase[top : max(int(row + size) + 1, 0), left : max(int(col + size) + 1, 0)]
        rows, cols = np.ogrid[top : top + window.shape[0], left : left + window.shape[1]]
        window |= (rows - row) ** 2 + (cols - col) ** 2 <= size**2
    return phase


def regular_discs(rng: np.random.Generator, side: int, spacing: float, fraction: float) -> np.ndarray:
    """Discs of one size on a lattice of triangles, each a little off its place."""
    radius = math.sqrt(fraction * spacing**2 * math.sqrt(3) / 2 / math.pi)
    i, j = np.mgrid[-3 : side / spacing / 0.866 + 4, -3 : side / spacing + 4]
    centres = np.stack([i * 0.866 * spacing, (j + i % 2 / 2) * spacing], axis=-1).reshape(-1, 2)
    centres += rng.random(2) * spacing + rng.normal(0, 0.15 * spacing, centres.shape) - 2 * spacing
    return KDTree(centres).query(np.mgrid[:side, :side].reshape(2, -1).T)[0].reshape(side, side) < radius


def waves(
    rng: np.random.Generator, side: int, period: float, fraction: float, *, spinodal: bool = True, stretch: float = 1.0
) -> np.ndarray:
    """Gaussian noise cut at a level: of one wavelength (bicontinuous) or with longer ones (blobs), or stretched."""
    down, across = np.fft.fftfreq(2 * side)[:, None], np.fft.rfftfreq(2 * side)[None]
    k = np.hypot(down, across * stretch) * period
    spectrum = np.exp(-(((k - 1) / 0.15) ** 2) / 2) if spinodal else np.exp(-2 * k**2)
    noise = fft.irfft2(np.asarray(fft.rfft2(rng.standard_normal((2 * side, 2 * side)))) * spectrum, k.shape[:1] * 2)
    twice = np.r_[1, np.full(k.shape[1] - 2, 2), 1]
    return np.asarray(noise)[:side, :side] > -ndtri(fraction) * math.sqrt((spectrum**2 * twice).sum()) / (2 * side)
