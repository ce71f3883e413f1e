"""Constituents that lie in a matrix without regard to its grains: precipitates, pores, inclusions, mixtures."""

import math

import numpy as np
from scipy import ndimage

from nital.synth.noise import smooth_noise
from nital.synth.phase_layout import CONSTITUENTS, Layout, highest
from nital.synth.phase_shapes import Shapes, scatter, stamp, warped
from nital.synth.phase_textures import RESOLVED_PX, lamellae, log_uniform, ring_noise, some_area, spots, standard
from nital.synth.polycrystals import Structure, grow

__all__ = ["eutectic", "inclusions", "pores", "precipitates", "spinodal"]

Shape = tuple[int, int]
LARGE, SMALL, PORES, SECOND, EUTECTIC, DARK, BRIGHT = (
    CONSTITUENTS.index(name)
    for name in (
        "large precipitates", "small precipitates", "pores", "second phase", "eutectic", "dark inclusions",
        "bright inclusions",
    )
)  # fmt: skip


def _lattice(rng: np.random.Generator, shape: Shape, step: float, angle: float, jitter: float) -> np.ndarray:
    """Centres (n, 2) on a square lattice, turned and shaken, in random order."""
    half = math.ceil(0.75 * max(shape) / step) + 1
    grid = np.stack(np.meshgrid(*2 * [np.arange(-half, half + 1)], indexing="ij"), -1).reshape(-1, 2) * step
    grid = grid + rng.uniform(-0.5, 0.5, 2) * step + jitter * step * rng.standard_normal(grid.shape)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    return rng.permutation(grid @ turn.T + np.array(shape) / 2)


def precipitates(rng: np.random.Generator, shape: Shape) -> Layout:
    """Precipitates as gamma prime in a superalloy: cuboids, rounded, butterflies or coalesced; often of two sizes."""
    size = log_uniform(rng, 8, 110)
    bimodal = rng.random() < 0.6
    fraction = rng.uniform(0.1, 0.6) if bimodal else rng.uniform(0.15, 0.7)
    large = _large_precipitates(rng, shape, size, fraction)
    labels = np.where(large, LARGE, 0).astype(np.uint8)
    small_px = max(size * rng.uniform(0.08, 0.35), 2.0)
    if bimodal and size > 12:
        near = ndimage.gaussian_filter(large.astype(np.float32), small_px * rng.uniform(0.4, 1.2), truncate=2) > 0.02
        if rng.random() < 0.4:  # they are found in some channels only
            near |= smooth_noise(rng, shape, size) > rng.uniform(0, 1.5)
        free = 1 - near.mean()
        gap = small_px * rng.uniform(0.15, 0.8)
        n = int(6 * free * large.size / (small_px + gap) ** 2) + 4
        small = scatter(rng, near, min(n, 8000), small_px, free * rng.uniform(0.08, 0.5), gap, True)
        labels[small] = SMALL
    finest = 0.5 * small_px if SMALL in labels else 0.3 * size
    return Layout(labels=labels, finest_px=finest, roomy=(LARGE,) if size > 30 else (), spotless=True)


def _large_precipitates(rng: np.random.Generator, shape: Shape, size: float, fraction: float) -> np.ndarray:
    """The large family, by one of three ways to be dense: stamped, cut from noise, or cells with channels between."""
    way = rng.random()
    angle = rng.uniform(0, math.pi / 2)
    if way < 0.4:
        step = min(size * math.sqrt(0.85 / fraction), 0.5 * min(shape))  # so that some lie in the frame
        ordered = rng.random() < 0.6
        jitter = (1 - fraction) ** 2 * rng.uniform(0.02, 0.3) if ordered else 0.6
        centres = _lattice(rng, shape, step, angle, jitter)
        n = len(centres)
        shapes = Shapes(
            centres[:, 0], centres[:, 1], size / 2 * np.exp(rng.uniform(0.02, 0.4) * rng.standard_normal(n)),
            np.exp(rng.uniform(0, 0.5) * np.abs(rng.standard_normal(n))),
            angle + math.pi / 2 * rng.integers(0, 2, n) + 0.05 * rng.standard_normal(n),
            np.full(n, rng.uniform(2, 7)), rng.uniform(-0.25, 0.3) * rng.random(n), np.zeros(n),
        )  # fmt: skip
        gap = None if rng.random() < 0.4 else rng.uniform(0.5, 3)
        warp = warped(rng, shape, size, rng.uniform(0, 0.08))
        return stamp(np.zeros(shape, bool), shapes, warp, fraction * shape[0] * shape[1], gap) > 0
    if way < 0.75:
        cubic = rng.choice([0.0, rng.uniform(0.5, 3)])
        return highest(ring_noise(rng, shape, 1.5 * size, rng.uniform(0.2, 0.6), cubic, angle), fraction)
    cells = grow(
        Structure(shape=shape, grain_diameter_px=size, lloyd_steps=int(rng.integers(1, 3)), waviness=0.08,
                  elongation=rng.uniform(1, 1.6), merged=rng.choice([0.0, rng.uniform(0, 0.5)])), rng
    )  # fmt: skip
    score = np.minimum(cells.distance_px, 0.4 * size) + 0.05 * size * smooth_noise(rng, shape, 0.3 * size)
    return highest(ndimage.gaussian_filter(score, rng.uniform(0.02, 0.12) * size, truncate=2), max(fraction, 0.25))


def pores(rng: np.random.Generator, shape: Shape) -> Layout:
    """Pores, round to irregular, in a matrix with inclusions that are none."""
    size = log_uniform(rng, 4, 60)
    crystal = grow(
        Structure(shape=shape, grain_diameter_px=log_uniform(rng, 16, 150), waviness=0.1, lloyd_steps=1), rng
    )
    fraction, way = some_area(rng, 0.02, 0.45), rng.random()
    nothing = np.zeros(shape, bool)
    if way < 0.6:
        n = int(6 * fraction * nothing.size / size**2) + 20
        pore = scatter(rng, nothing, n, size, fraction, None if rng.random() < 0.5 else 1.0)
        if rng.random() < 0.4:
            n = int(0.1 * nothing.size / (0.2 * size + 2) ** 2) + 4
            pore |= scatter(rng, nothing, n, 0.25 * size + 1.5, 0.02, None)
    elif way < 0.8:  # between sintered grains
        blur = ndimage.gaussian_filter((crystal.distance_px < 1.5).astype(np.float32), 0.25 * size, truncate=2)
        pore = highest(blur / blur.std() + smooth_noise(rng, shape, size), fraction)
    else:
        pore = highest(smooth_noise(rng, shape, size) + 0.3 * smooth_noise(rng, shape, 0.3 * size), fraction)
    sign = -1 if rng.random() < 0.85 else 1
    debris = None
    if rng.random() < 0.6:
        other = max(size * rng.uniform(0.3, 1.2), 3)
        foreign = scatter(rng, pore, int(rng.integers(3, 40)), other, 0.06, 1.0)
        debris = foreign * np.float32(-sign * rng.uniform(0.3, 1) if rng.random() < 0.6 else sign * 0.35)
    labels = np.where(pore, PORES, 0).astype(np.uint8)
    textures = {}
    if rng.random() < 0.5:  # a bottom that the light reaches from one side
        down, across = np.gradient(ndimage.gaussian_filter(pore.astype(np.float32), 0.2 * size + 0.5, truncate=2))
        turn = rng.uniform(0, 2 * math.pi)
        inner = standard((down * math.sin(turn) + across * math.cos(turn)) * pore)
        textures[PORES] = rng.uniform(0.3, 1) * inner + rng.uniform(0, 0.6) * smooth_noise(rng, shape, 0.3 * size)
    return Layout(
        labels=labels, finest_px=0.3 * size, crystal=crystal, textures=textures, signs={PORES: sign}, spotless=True,
        debris=debris,
    )  # fmt: skip


def inclusions(rng: np.random.Generator, shape: Shape) -> Layout:
    """Dispersed particles, darker or brighter than the matrix or both."""
    labels = np.zeros(shape, np.uint8)
    crystal = grow(Structure(shape=shape, grain_diameter_px=log_uniform(rng, 16, 200), lloyd_steps=1), rng)
    both = rng.random() < 0.5
    first = int(rng.choice([DARK, BRIGHT]))
    finest = 99.0
    for label in (first, DARK + BRIGHT - first)[: 1 + both]:
        size = log_uniform(rng, 3.5, 40)
        finest = min(finest, 0.4 * size)
        fraction = some_area(rng, 0.02, 0.3)
        n = int(4 * fraction * labels.size / size**2) + 20
        labels[scatter(rng, labels > 0, n, size, fraction, rng.choice([1.0, 4.0]))] = label
    return Layout(labels=labels, finest_px=finest, crystal=crystal, signs={DARK: -1, BRIGHT: 1}, spotless=True)


def spinodal(rng: np.random.Generator, shape: Shape) -> Layout:
    """Two phases that both hang together; the second is the rarer."""
    period = log_uniform(rng, 6, 60)
    noise = ring_noise(rng, shape, period, rng.uniform(0.08, 0.4), rng.choice([0.0, 0.0, rng.uniform(0.3, 2)]))
    labels = np.where(highest(noise, rng.uniform(0.28, 0.48)), SECOND, 0).astype(np.uint8)
    return Layout(labels=labels, finest_px=period / 4, roomy=(SECOND,) if period > 30 else ())


def eutectic(rng: np.random.Generator, shape: Shape) -> Layout:
    """Primary dendrites or rounded grains, and between them a fine eutectic of lamellae or rods."""
    size = log_uniform(rng, 16, 120)
    cells = grow(Structure(shape=shape, grain_diameter_px=size, lloyd_steps=1, waviness=0.1), rng)
    noise = smooth_noise(rng, shape, 0.3 * size)
    way = rng.random()
    if way < 0.4:
        score = -np.minimum(cells.distance_px, 0.4 * size) / size + rng.uniform(0.02, 0.1) * noise
        score = ndimage.gaussian_filter(score, 0.06 * size, truncate=2)
    elif way < 0.7:  # dendrite arms: two lengths of wave, lined up along two directions
        angle = rng.uniform(0, math.pi)
        score = ring_noise(rng, shape, 0.7 * size, 0.25, 2.5, angle) + ring_noise(rng, shape, 2.5 * size, 0.4, 1, angle)
    else:
        score = smooth_noise(rng, shape, 0.5 * size) + 0.4 * noise
    region = highest(score, some_area(rng, 0.08, 0.7))
    spacing = log_uniform(rng, 2.5, max(0.15 * size, 4))
    if rng.random() < 0.6:
        colony = grow(Structure(shape=shape, grain_diameter_px=max(spacing * rng.uniform(5, 15), 8), waviness=0.2), rng)
        texture = lamellae(rng, colony.grain, spacing)
    elif rng.random() < 0.5:
        texture = np.tanh(2 * ring_noise(rng, shape, spacing, 0.3)).astype(np.float32)
    else:
        texture = spots(rng, shape, 0.6 * spacing, rng.uniform(0.15, 0.45))
    labels = np.where(region, EUTECTIC, 0).astype(np.uint8)
    return Layout(
        labels=labels,
        finest_px=0.4 * spacing,
        textures={EUTECTIC: texture},
        roomy=(EUTECTIC,) if spacing > RESOLVED_PX else (),
    )
