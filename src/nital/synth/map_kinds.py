"""Maps as instruments give them: Gaussian fields, grains, phases, textures, counts of X-rays, scanned heights."""

from collections.abc import Callable

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from nital.core.errors import unknown_name
from nital.synth.map_fields import gaussian_field

__all__ = ["MAP_KINDS", "draw_map", "stationary"]

Shape = tuple[int, int]


def draw_map(kind: str, shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """A map of one channel, float64 (rows, cols), in units of its own.

    Args:
        kind: one of `MAP_KINDS`.

    Raises:
        UnknownName: another kind.
    """
    if kind not in MAP_KINDS:
        raise unknown_name("kind of map", kind, MAP_KINDS)
    return MAP_KINDS[kind](shape, rng)


def stationary(family: str, length_px: float, squared: np.ndarray) -> np.ndarray:
    """Correlations of Gaussian fields: "rough" (exponential), "smooth" (squared exponential), else Matern 3/2."""
    scaled = np.sqrt(squared) / length_px
    if family == "rough":
        return np.exp(-scaled)
    if family == "smooth":
        return np.exp(-(scaled**2) / 2)
    return (1 + np.sqrt(3) * scaled) * np.exp(-np.sqrt(3) * scaled)


def _field(shape: Shape, rng: np.random.Generator, low: float = 1.5, high: float = 8.0) -> np.ndarray:
    family = ("rough", "smooth", "between")[rng.integers(3)]
    length = float(np.exp(rng.uniform(np.log(low), np.log(high))))
    return gaussian_field(shape, lambda squared: stationary(family, length, squared), rng)


def _noisy(drawn: np.ndarray, rng: np.random.Generator, most: float = 0.25) -> np.ndarray:
    return drawn + rng.uniform(0, most) * drawn.std() * rng.standard_normal(drawn.shape)


def _gaussian(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    drawn = _field(shape, rng)
    return _noisy(drawn, rng, 0.5) if rng.random() < 0.6 else drawn


def _cells(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Numbers of Voronoi cells with slightly crooked boundaries, some stretched."""
    size = np.exp(rng.uniform(np.log(6), np.log(28)))
    number = max(int(shape[0] * shape[1] / size**2 * 4), 4)
    seeds = rng.uniform(-0.5, 1.5, (number, 2)) * shape
    where = np.mgrid[: shape[0], : shape[1]].astype(float)
    if rng.random() < 0.7:
        where += rng.uniform(0, 2) * np.stack([gaussian_field(shape, _crooked, rng) for _ in range(2)])
    stretch = np.array([1.0, rng.uniform(1, 2)])[:: rng.choice([-1, 1])]
    found = cKDTree(seeds * stretch).query(np.moveaxis(where, 0, -1) * stretch)[1]
    return np.asarray(found)


def _crooked(squared: np.ndarray) -> np.ndarray:
    return stationary("smooth", 3.0, squared)


def _grains(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Flat grains of many greys, in some maps with dark boundaries or a blur, as a band contrast map has them."""
    cells = _cells(shape, rng)
    drawn = rng.standard_normal(cells.max() + 1)[cells]
    if rng.random() < 0.4:
        edge = ndimage.maximum_filter(cells, 3) != ndimage.minimum_filter(cells, 3)
        drawn = drawn - rng.uniform(0.5, 3) * ndimage.gaussian_filter(edge.astype(float), 0.5)
    if rng.random() < 0.3:
        drawn = ndimage.gaussian_filter(drawn, rng.uniform(0.4, 1.2))
    return _noisy(drawn, rng)


def _phases(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Two or three levels: cells, or a field cut at heights, sharp or with the blur of a probe."""
    levels = int(rng.integers(2, 4))
    if rng.random() < 0.5:
        cells = _cells(shape, rng)
        drawn = rng.integers(0, levels, cells.max() + 1)[cells].astype(float)
    else:
        length = np.exp(rng.uniform(np.log(2.5), np.log(9)))
        field = gaussian_field(shape, lambda squared: stationary("smooth", length, squared), rng)
        drawn = np.digitize(field, np.sort(rng.uniform(-0.8, 0.8, levels - 1))).astype(float)
    if rng.random() < 0.3:
        drawn = ndimage.gaussian_filter(drawn, rng.uniform(0.4, 1.0))
    return _noisy(drawn, rng, 0.15) if rng.random() < 0.7 else drawn


def _textures(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Lamellae whose direction turns from place to place, or from grain to grain."""
    rows, cols = np.mgrid[: shape[0], : shape[1]].astype(float)
    if rng.random() < 0.5:
        cells = _cells(shape, rng)
        angle = rng.uniform(0, np.pi, cells.max() + 1)[cells]
    else:
        angle = rng.uniform(0, np.pi) + 0.3 * _field(shape, rng, 8, 20)
    spacing = np.exp(rng.uniform(np.log(4), np.log(14)))
    phase = 2 * np.pi * (rows * np.sin(angle) + cols * np.cos(angle)) / spacing
    drawn = np.tanh(rng.uniform(0.5, 5) * np.sin(phase + _field(shape, rng, 3, 9) * rng.uniform(0, 1)))
    return _noisy(drawn, rng)


def _counts(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """X-ray counts: phases of different content, blurred by the volume that is excited, counted."""
    content = ndimage.gaussian_filter(_phases(shape, rng), rng.uniform(0, 1.5))
    content = (content - content.min()) / max(float(np.ptp(content)), 1e-9)
    return rng.poisson(np.exp(rng.uniform(np.log(3), np.log(60))) * (0.1 + content)).astype(float)


def _scanned(shape: Shape, rng: np.random.Generator) -> np.ndarray:
    """Heights: domes on a tilted ground, lines of the scan shifted against each other."""
    rows, cols = np.mgrid[: shape[0], : shape[1]].astype(float)
    drawn = rng.normal(0, 0.01) * rows + rng.normal(0, 0.01) * cols + rng.uniform(0, 0.3) * _field(shape, rng)
    for _ in range(int(rng.integers(2, 12) * shape[0] * shape[1] / 4096)):
        radius = rng.uniform(3, 12)
        far = (rows - rng.uniform(0, shape[0])) ** 2 + (cols - rng.uniform(0, shape[1])) ** 2
        drawn = np.maximum(drawn, rng.uniform(0.5, 1.5) * np.sqrt(np.maximum(1 - far / radius**2, 0)))
    return _noisy(drawn + rng.uniform(0, 0.15) * rng.standard_normal((shape[0], 1)), rng, 0.08)


MAP_KINDS: dict[str, Callable[[Shape, np.random.Generator], np.ndarray]] = {
    "gaussian": _gaussian, "grains": _grains, "phases": _phases, "textures": _textures, "counts": _counts,
    "scanned": _scanned,
}  # fmt: skip
