"""What nanoparticles lie on: films, porous and layered carbons, balls, rods, edges before vacuum."""

import math
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from nital.synth.noise import smooth_noise
from nital.synth.phase_textures import log_uniform

__all__ = ["Support", "draw_support"]

Shape = tuple[int, int]
KINDS = {"film": 0.25, "porous": 0.32, "balls": 0.2, "rods": 0.13, "vacuum": 0.1}


class Support(NamedTuple):
    """thickness: float32 (rows, cols), about 0 to 1. there: bool, where there is any."""

    thickness: np.ndarray
    there: np.ndarray


def draw_support(rng: np.random.Generator, shape: Shape) -> Support:
    """A support of random kind; nearly half of them end somewhere before vacuum."""
    kind = rng.choice(list(KINDS), p=list(KINDS.values()))
    size = log_uniform(rng, 6, 60)
    if kind == "porous":
        thickness = _porous(rng, shape, size)
    elif kind == "balls":
        thickness = _balls(rng, shape, 2.5 * size)
    elif kind == "rods":
        thickness = _rods(rng, shape, size)
    else:
        thickness = np.full(shape, 0.5, np.float32)
    if kind != "vacuum" and rng.random() < 0.8:  # uneven, or hills of what lies below
        thickness = thickness + np.float32(rng.uniform(0.1, 0.6)) * smooth_noise(rng, shape, log_uniform(rng, 25, 200))
    there = np.ones(shape, bool)
    if rng.random() < 0.45:
        border = smooth_noise(rng, shape, max(shape) * rng.uniform(0.4, 1)) + 0.15 * smooth_noise(rng, shape, 12)
        there = border > rng.uniform(-1, 0.4)
        soft = ndimage.gaussian_filter(there.astype(np.float32), rng.uniform(0.5, 6), truncate=3)
        thickness = thickness * soft
    thickness = np.maximum(thickness, 0)
    high = float(np.percentile(thickness[::4, ::4], 98))
    return Support(thickness / np.float32(max(high, 0.2)), there)


def _porous(rng: np.random.Generator, shape: Shape, size: float) -> np.ndarray:
    """Aggregates of several sizes, each half as strong as the next larger."""
    found = np.zeros(shape, np.float32)
    for octave in range(int(rng.integers(2, 5))):
        found += np.float32(0.62**octave) * smooth_noise(rng, shape, max(size / 2**octave, 2))
    found = np.maximum(found + np.float32(rng.uniform(0.2, 2)), 0)
    return ndimage.gaussian_filter(found, size * rng.uniform(0.03, 0.3), truncate=3) if rng.random() < 0.6 else found


def _balls(rng: np.random.Generator, shape: Shape, size: float) -> np.ndarray:
    """Overlapping balls, as carbon black or silica."""
    found = np.zeros(shape, np.float32)
    rows, cols = np.ogrid[: shape[0], : shape[1]]
    for _ in range(min(int(rng.uniform(0.5, 2.5) * shape[0] * shape[1] / size**2) + 2, 40)):
        radius = size * rng.uniform(0.3, 1)
        row, col = rng.uniform(-0.2, 1.2, 2) * shape
        apart = ((rows - row) ** 2 + (cols - col) ** 2).astype(np.float32) / np.float32(radius**2)
        found += np.sqrt(np.maximum(1 - apart, 0)) * np.float32(radius / size)
    return found


def _rods(rng: np.random.Generator, shape: Shape, size: float) -> np.ndarray:
    """Rods, needles and flakes in any direction."""
    found = np.full(shape, rng.uniform(0, 0.4), np.float32)
    rows, cols = np.ogrid[: shape[0], : shape[1]]
    for _ in range(int(rng.integers(3, 25))):
        row, col = rng.uniform(-0.1, 1.1, 2) * shape
        turn, long, wide = rng.uniform(0, math.pi), size * rng.uniform(1, 6), size * rng.uniform(0.15, 0.7)
        along = (rows - row) * math.sin(turn) + (cols - col) * math.cos(turn)
        beside = (rows - row) * math.cos(turn) - (cols - col) * math.sin(turn)
        inside = np.clip((long - np.abs(along)) / 3, 0, 1) * np.clip((wide - np.abs(beside)) / 3, 0, 1)
        round_ = np.sqrt(np.maximum(1 - (beside / wide) ** 2, 0)) if rng.random() < 0.5 else 1.0
        found += np.float32(rng.uniform(0.2, 0.8)) * (inside * round_).astype(np.float32)
    return found
