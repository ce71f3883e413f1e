"""Structures whose grain size is known by formula."""

import numpy as np
from scipy.spatial import KDTree

__all__ = ["hexagons", "poisson_voronoi", "squares", "voronoi"]


def voronoi(seeds: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The partition of pixel centres by nearest seed; seeds are (row, column) in px."""
    pixels = np.mgrid[: shape[0], : shape[1]].reshape(2, -1).T + 0.5
    labels = KDTree(seeds).query(pixels)[1].reshape(shape)
    return (np.unique(labels, return_inverse=True)[1].reshape(shape) + 1).astype(np.int32)


def poisson_voronoi(n: int, shape: tuple[int, int], seed: int) -> np.ndarray:
    """About n Poisson-Voronoi cells in the field; seeds reach beyond it."""
    margin = 6 * np.sqrt(shape[0] * shape[1] / n)
    size = np.array(shape) + 2 * margin
    rng = np.random.default_rng(seed)
    count = rng.poisson(n * size.prod() / (shape[0] * shape[1]))
    return voronoi(rng.random((count, 2)) * size - margin, shape)


def _lattice(first: np.ndarray, second: np.ndarray, shape: tuple[int, int], angle_deg: float) -> np.ndarray:
    turn = np.radians(angle_deg)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    reach = int(3 * max(shape) / min(np.hypot(*first), np.hypot(*second))) + 3
    i, j = np.mgrid[-reach:reach, -reach:reach]
    seeds = i.reshape(-1, 1) * first + j.reshape(-1, 1) * second
    seeds = seeds @ rotation.T + np.array([0.31, 0.73])
    near = (seeds > -3 * np.hypot(*first)).all(axis=1) & (seeds < np.array(shape) + 3 * np.hypot(*first)).all(axis=1)
    return voronoi(seeds[near], shape)


def squares(side_px: float, shape: tuple[int, int], angle_deg: float = 0.0) -> np.ndarray:
    """A lattice of squares, turned."""
    return _lattice(np.array([side_px, 0.0]), np.array([0.0, side_px]), shape, angle_deg)


def hexagons(area_px: float, shape: tuple[int, int], angle_deg: float = 0.0) -> np.ndarray:
    """A lattice of regular hexagons, turned."""
    step = np.sqrt(2 * area_px / np.sqrt(3))  # distance of neighbouring centres
    return _lattice(np.array([step, 0.0]), np.array([step / 2, step * np.sqrt(3) / 2]), shape, angle_deg)
