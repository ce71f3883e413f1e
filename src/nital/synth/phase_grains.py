"""Constituents that follow the grains of a polycrystal: islands, colonies, networks, packets, grains of two phases."""

import numpy as np
from scipy import ndimage

from nital.synth.noise import smooth_noise
from nital.synth.phase_layout import CONSTITUENTS, Layout, highest
from nital.synth.phase_shapes import plates
from nital.synth.phase_textures import (
    RESOLVED_PX,
    fine_particles,
    lamellae,
    laths,
    log_uniform,
    plain_texture,
    some_area,
    spots,
    streaks,
)
from nital.synth.polycrystals import Polycrystal, Structure, grow

__all__ = ["dual_phase", "laths_beside_matrix", "network", "pearlite", "two_phase_grains"]

Shape = tuple[int, int]
MARTENSITE, PEARLITE, FILM, REGION, PLATES, LATHS, SECOND = (
    CONSTITUENTS.index(name)
    for name in ("martensite", "pearlite", "boundary phase", "particle region", "plates", "laths", "second phase")
)


def _grains(rng: np.random.Generator, shape: Shape, low: float, high: float) -> tuple[Polycrystal, float]:
    """A polycrystal with grains of a diameter between two bounds, of any regularity; and that diameter."""
    size = log_uniform(rng, low, high)
    structure = Structure(
        shape=shape, grain_diameter_px=size, lloyd_steps=int(rng.integers(0, 2)), size_spread=rng.uniform(0.1, 0.5),
        kind=rng.choice(["voronoi", "laguerre", "growth"]), waviness=rng.choice([0.0, rng.uniform(0, 0.2)]),
        elongation=1 + rng.exponential(0.3), direction_deg=rng.uniform(0, 180), roughness_px=rng.uniform(0, 0.8),
    )  # fmt: skip
    return grow(structure, rng), size


def _best_cells(cell: np.ndarray, score: np.ndarray, fraction: float) -> np.ndarray:
    """Bool map of whole cells with the highest mean score, whose area comes nearest to a fraction."""
    flat = cell.ravel()
    size = np.bincount(flat)
    mean = np.bincount(flat, score.ravel()) / np.maximum(size, 1)
    order = np.argsort(-np.where(size > 0, mean, -np.inf), kind="stable")
    n = max(int(np.abs(np.cumsum(size[order]) - fraction * flat.size).argmin()), 0) + 1
    chosen = np.zeros(len(size), bool)
    chosen[order[: min(n, max(np.count_nonzero(size) - 1, 1))]] = True
    return chosen[cell]


def _bands(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """Segregation in bands, as rolled sheet has it, or patches; a few times nothing."""
    if rng.random() < 0.3:
        width = log_uniform(rng, 6, 50)
        return rng.uniform(0.3, 1.5) * streaks(rng, shape, rng.normal(0, 0.2), width, 8 * width)
    return rng.exponential(0.3) * smooth_noise(rng, shape, log_uniform(rng, 30, 120))


def _at_boundaries(rng: np.random.Generator, crystal: Polycrystal, size: float) -> np.ndarray:
    """A score that is high at triple points, or along boundaries that differ from place to place."""
    shape = crystal.grain.shape
    if rng.random() < 0.5:
        edge = (crystal.distance_px < 1.5).astype(np.float32)
        score = ndimage.gaussian_filter(edge, max(0.12 * size, 1), truncate=2)
        score /= max(float(score.std()), 1e-3)
    else:
        score = -crystal.distance_px / (0.1 * size)
    return score + rng.uniform(0.3, 1.5) * smooth_noise(rng, shape, size * rng.uniform(0.2, 1.2))


def _whole_grains(rng: np.random.Generator, crystal: Polycrystal) -> np.ndarray:
    """A score that is the same all over a grain."""
    return rng.standard_normal(int(crystal.grain.max()) + 1, dtype=np.float32)[crystal.grain]


def dual_phase(rng: np.random.Generator, shape: Shape) -> Layout:
    """Martensite islands at the boundaries of ferrite grains, or in place of grains, often blocky."""
    crystal, size = _grains(rng, shape, 14, 120)
    place = rng.random()
    score = _at_boundaries(rng, crystal, size) if place < 0.75 else 3 * _whole_grains(rng, crystal)
    score += _bands(rng, shape)
    block = max(size * rng.uniform(0.12, 0.45), 5.0)
    cells = grow(
        Structure(shape=shape, grain_diameter_px=block, waviness=rng.uniform(0, 0.2), roughness_px=rng.uniform(0, 1)),
        rng,
    )
    fraction = some_area(rng, 0.04, 0.65)
    if rng.random() < 0.65:
        martensite = _best_cells(cells.grain, score, fraction)
    elif place < 0.75:
        martensite = highest(ndimage.gaussian_filter(score, 0.8), fraction)
    else:
        martensite = _best_cells(crystal.grain, score, fraction)
    texture = _lath_texture(rng, cells.grain, log_uniform(rng, 1.5, max(0.15 * size, 3)))
    labels = np.where(martensite, MARTENSITE, 0).astype(np.uint8)
    roomy = (MARTENSITE,) if block > 10 else ()
    return Layout(labels=labels, finest_px=0.3 * block, crystal=crystal, textures={MARTENSITE: texture}, roomy=roomy)


def _lath_texture(rng: np.random.Generator, packet: np.ndarray, width_px: float) -> np.ndarray:
    """Martensite inside: laths, islands that differ in tone, or a rough attack."""
    kind = rng.random()
    if kind < 0.55:
        return laths(rng, packet, width_px)
    if kind < 0.8:
        tone = rng.standard_normal(int(packet.max()) + 1, dtype=np.float32)[packet]
        return (0.7 * tone + 0.7 * plain_texture(rng, packet.shape)).astype(np.float32)
    return spots(rng, packet.shape, rng.uniform(1.5, 4), rng.uniform(0.2, 0.6))


def pearlite(rng: np.random.Generator, shape: Shape) -> Layout:
    """Colonies of lamellae, resolved or not, among ferrite grains."""
    crystal, size = _grains(rng, shape, 20, 160)
    film = rng.random() < 0.25  # ferrite only along the boundaries of former austenite
    score = -_at_boundaries(rng, crystal, size) if film else 2 * _whole_grains(rng, crystal)
    score += _bands(rng, shape)
    colony = grow(Structure(shape=shape, grain_diameter_px=max(size * rng.uniform(0.25, 0.7), 6), waviness=0.15), rng)
    fraction = rng.uniform(0.6, 0.93) if film else some_area(rng, 0.05, 0.85)
    cell = crystal.grain if rng.random() < 0.5 else colony.grain
    region = highest(ndimage.gaussian_filter(score, 1.0), fraction) if film else _best_cells(cell, score, fraction)
    spacing = log_uniform(rng, 2, max(0.1 * size, 4))
    textures = {PEARLITE: lamellae(rng, colony.grain, spacing)}
    labels = np.where(region, PEARLITE, 0).astype(np.uint8)
    roomy = (PEARLITE,) if spacing > RESOLVED_PX else ()
    finest = spacing * rng.uniform(0.25, 0.8)
    return Layout(labels=labels, finest_px=finest, crystal=crystal, textures=textures, roomy=roomy)


def network(rng: np.random.Generator, shape: Shape) -> Layout:
    """A film along grain boundaries, a zone free of particles beside it, particles inside grains, sometimes plates."""
    crystal, size = _grains(rng, shape, 45, 250)
    distance = crystal.distance_px
    thick = min(log_uniform(rng, 2, 36), 0.18 * size)
    uneven = 1 + rng.uniform(0, 0.6) * smooth_noise(rng, shape, max(0.7 * thick, 3))
    uneven += rng.uniform(0, 0.8) * smooth_noise(rng, shape, 0.3 * size)
    film = distance < thick / 2 * np.maximum(uneven, 0)
    labels = np.zeros(shape, np.uint8)
    textures = {}
    if rng.random() < 0.75:
        zone = thick * rng.uniform(0.1, 1.5) * (1 + 0.3 * smooth_noise(rng, shape, thick))
        labels[distance > thick / 2 * uneven + zone] = REGION
        textures[REGION] = fine_particles(rng, shape)
    if rng.random() < 0.4:
        width = log_uniform(rng, 1.5, max(0.5 * thick, 4))
        starts = distance < thick / 2 + 1
        labels[plates(rng, crystal, starts, width, width * rng.uniform(15, 60), int(rng.integers(3, 24)))] = PLATES
    labels[film] = FILM
    return Layout(labels=labels, finest_px=min(thick, 4.0), crystal=None, textures=textures, roomy=(REGION,))


def laths_beside_matrix(rng: np.random.Generator, shape: Shape) -> Layout:
    """Packets of laths beside a matrix that did not transform, or single plates in it."""
    crystal, size = _grains(rng, shape, 30, 200)
    width, fraction = log_uniform(rng, 1.5, 10), some_area(rng, 0.1, 0.7)
    if rng.random() < 0.4:
        starts = smooth_noise(rng, shape, 60) > rng.uniform(-2, 0)
        length = width * rng.uniform(6, 20)
        sets = min(int(fraction * shape[0] * shape[1] / (2 * width * length)) + 8, 300)
        plate = plates(rng, crystal, starts, width, length, sets)
        return Layout(labels=np.where(plate, LATHS, 0).astype(np.uint8), finest_px=width, crystal=crystal)
    packet = grow(
        Structure(shape=shape, grain_diameter_px=max(size * rng.uniform(0.3, 0.8), 10), waviness=rng.uniform(0, 0.22)),
        rng,
    )
    score = 2 * _whole_grains(rng, packet) + _bands(rng, shape)
    if rng.random() < 0.5:
        region = highest(score + 2 * smooth_noise(rng, shape, 0.3 * size), fraction)
    else:
        region = _best_cells(packet.grain, score, fraction)
    labels = np.where(region, LATHS, 0).astype(np.uint8)
    textures = {LATHS: laths(rng, packet.grain, width)}
    return Layout(
        labels=labels, finest_px=width, crystal=crystal, textures=textures, roomy=(LATHS,) if width > 2 else ()
    )


def two_phase_grains(rng: np.random.Generator, shape: Shape) -> Layout:
    """Grains of two phases, often elongated; the second is the rarer and may be lamellar inside."""
    size = log_uniform(rng, 12, 90)
    structure = Structure(
        shape=shape, grain_diameter_px=size, lloyd_steps=int(rng.integers(0, 2)), size_spread=0.3,
        kind=rng.choice(["voronoi", "growth"]), elongation=rng.choice([1.0, 1 + rng.exponential(1.0)]),
        direction_deg=rng.uniform(0, 180), waviness=rng.uniform(0, 0.22), merged=rng.choice([0.0, 0.4]),
        twinned=rng.choice([0.0, rng.uniform(0, 0.8)]),
    )  # fmt: skip
    crystal = grow(structure, rng)
    score = _whole_grains(rng, crystal) + _bands(rng, shape)
    second = _best_cells(crystal.grain, score, some_area(rng, 0.06, 0.48))
    textures = {}
    if rng.random() < 0.3:
        textures[SECOND] = lamellae(rng, crystal.grain, log_uniform(rng, 3, max(0.2 * size, 5)))
    labels = np.where(second, SECOND, 0).astype(np.uint8)
    roomy = (SECOND,) if size > 24 else ()
    return Layout(
        labels=labels, finest_px=0.15 * size, crystal=crystal, grained=(0, SECOND), textures=textures, roomy=roomy
    )
