"""Polycrystals with exact truth: which grain every pixel belongs to, and how far its boundary is.

A grain is the set of points that one seed (or a group of merged seeds) reaches first. The lecture's three knobs are
the number of seeds (here the grain size), the regularity (Lloyd steps) and the boundary thickness
(`Polycrystal.boundaries`); the rest is what real metals add: unequal and two-fold sizes, elongation, curved, rough and
concave boundaries, twins, particles of a second phase.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.spatial import KDTree

from nital.core.errors import InputError, need
from nital.synth.noise import smooth_noise
from nital.synth.tessellation import Seeds, cut_twins, join, lloyd, nearest_two

need("numba", "train", "Simulating structures")

__all__ = ["Polycrystal", "Structure", "grow"]

MARGIN_GRAINS = 2.5  # seeds are sown this many grain diameters beyond the frame
PARTS_PER_GRAIN = 8  # ids reserved for the parts that twins cut a grain into


@dataclass(frozen=True, kw_only=True)
class Structure:
    """Every number of a synthetic polycrystal.

    Attributes:
        shape: (rows, cols) in pixels.
        grain_diameter_px: equivalent circle diameter of the mean grain area, at least 4. In "laguerre" and
            "growth" large grains swallow small ones: with size_spread 0.3 about 10 % of them, with 0.5 a third.
        lloyd_steps: 0 gives Poisson-Voronoi; each step moves seeds to their cells' centroids.
        kind: "voronoi"; "laguerre" (weights from log-normal radii); "growth" (nuclei that start at
            different times, Johnson-Mehl: curved boundaries).
        size_spread: log-normal sigma of the radii in "laguerre", spread of the start times in "growth".
        fine_ratio: size of the fine grains over the coarse ones; 1 for one population.
        fine_share: share of the area that the fine population fills.
        elongation: aspect ratio, with the long axis at `direction_deg` (counter-clockwise from +x).
        waviness: amplitude of the curvature over the grain diameter, 0 to 0.3.
        roughness_px: amplitude of the fine raggedness of boundaries.
        merged: share of seeds that are merged with a neighbour into one concave grain.
        twinned: share of grains with annealing twins.
        particle_fraction: area fraction of second-phase particles, 0 to 0.5. They lie anywhere and end no boundary.
        particle_px, particle_spread: median diameter, and log-normal sigma of the diameters.
    """

    shape: tuple[int, int] = (256, 256)
    grain_diameter_px: float = 40.0
    lloyd_steps: int = 0
    kind: Literal["voronoi", "laguerre", "growth"] = "voronoi"
    size_spread: float = 0.0
    fine_ratio: float = 1.0
    fine_share: float = 0.5
    elongation: float = 1.0
    direction_deg: float = 0.0
    waviness: float = 0.0
    roughness_px: float = 0.0
    merged: float = 0.0
    twinned: float = 0.0
    particle_fraction: float = 0.0
    particle_px: float = 6.0
    particle_spread: float = 0.3

    def __post_init__(self) -> None:
        if min(self.shape) < 8 or not 4 <= self.grain_diameter_px <= 8 * max(self.shape):
            raise InputError(
                f"A structure of {self.shape} px with grains of {self.grain_diameter_px} px cannot be grown. "
                "Give at least 8 x 8 px and grains of 4 px or more."
            )
        if self.elongation < 1 or not 0 < self.fine_ratio <= 1 or not 0 <= self.merged <= 0.8:
            raise InputError("Use elongation >= 1, 0 < fine_ratio <= 1 and 0 <= merged <= 0.8.")
        if not 0 <= self.particle_fraction <= 0.5 or self.particle_px <= 0 or self.particle_spread < 0:
            raise InputError("Use 0 <= particle_fraction <= 0.5, particle_px > 0 and particle_spread >= 0.")


@dataclass(frozen=True)
class Polycrystal:
    """A grown structure. All arrays have shape (rows, cols).

    Attributes:
        grain: int32 from 1, no pixel left out; numbers of grains outside of the frame are missing.
        neighbour: int32, the grain across the nearest boundary.
        distance_px: float32, distance to that boundary (first order in the curvature).
        part: int32, unique for each part of a grain when twins count as grains.
        twin_distance_px: float32, distance to the nearest twin boundary inside the grain; large if none.
        in_twin: bool, inside a twin lamella.
        particle: bool, on a second-phase particle; the grain map goes on beneath it.
    """

    grain: np.ndarray
    neighbour: np.ndarray
    distance_px: np.ndarray
    part: np.ndarray
    twin_distance_px: np.ndarray
    in_twin: np.ndarray
    particle: np.ndarray

    def boundaries(self, thickness_px: float = 3.0) -> np.ndarray:
        """Bool map of the grain boundaries, `thickness_px` wide (the lecture's third knob)."""
        return self.distance_px <= thickness_px / 2


def grow(structure: Structure, rng: np.random.Generator) -> Polycrystal:
    """Grow a polycrystal.

    Args:
        structure: its numbers.
        rng: the only source of randomness; a generator in the same state gives the same structure.

    Source: Voronoi 1908; Laguerre (power) diagrams: Aurenhammer 1987, doi:10.1137/0216006; nuclei that
        start at different times: Johnson and Mehl 1939, Trans. AIME 135, 416.

    >>> grow(Structure(shape=(64, 64), grain_diameter_px=16), np.random.default_rng(1)).grain.shape
    (64, 64)
    """
    to_grain_space = _stretch(structure.elongation, structure.direction_deg)
    places, spacing = _sow(structure, to_grain_space, rng)
    if structure.lloyd_steps:
        places = lloyd(places, spacing, structure.lloyd_steps)
    weights = _weights(structure, len(places), rng)
    seeds = Seeds(places, weights, _merge(places, structure.merged, rng), structure.kind == "growth")
    shift_rows, shift_cols = _displacement(structure, rng)
    first, second, distance = nearest_two(seeds, spacing, to_grain_space, shift_rows, shift_cols)
    centres = places @ np.linalg.inv(to_grain_space).T
    part, twin_distance, in_twin = _twin(structure, centres, first, rng)
    return Polycrystal(first + 1, second + 1, distance, part, twin_distance, in_twin, _particles(structure, rng))


def _stretch(elongation: float, direction_deg: float) -> np.ndarray:
    """Matrix from pixel space (row, col) to the space where grains are equiaxed; determinant 1."""
    angle = math.radians(direction_deg)
    along = np.array([-math.sin(angle), math.cos(angle)])  # rows count downwards
    across = np.array([along[1], -along[0]])
    return np.outer(along, along) / math.sqrt(elongation) + np.outer(across, across) * math.sqrt(elongation)


def _sow(structure: Structure, matrix: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Random seeds over the frame and a margin, in grain space; and their typical spacing."""
    diameter = structure.grain_diameter_px
    corners = np.array([[0, 0], [0, structure.shape[1]], [structure.shape[0], 0], structure.shape], float) @ matrix.T
    margin = MARGIN_GRAINS * diameter
    low, high = corners.min(0) - margin, corners.max(0) + margin
    density = 4 / (math.pi * diameter**2) / (1 - structure.merged)
    ratio = structure.fine_ratio
    sown = density / ratio**2
    seeds = low + rng.random((int(rng.poisson(sown * np.prod(high - low))), 2)) * (high - low)
    if ratio < 1:  # thin the seeds out where the coarse population grows
        zone = smooth_noise(rng, (64, 64), 64 / 3.0)
        cell = ((seeds - low) / (high - low) * 64).astype(int)
        fine = zone[cell[:, 0], cell[:, 1]] > np.quantile(zone, 1 - structure.fine_share)
        seeds = seeds[fine | (rng.random(len(seeds)) < ratio**2)]
    if len(seeds) < 4:
        seeds = low + rng.random((4, 2)) * (high - low)
    return seeds, diameter * math.sqrt(math.pi / 4 * (1 - structure.merged)) * (0.5 + 0.5 * ratio)


def _weights(structure: Structure, n: int, rng: np.random.Generator) -> np.ndarray:
    """What a seed is ahead of the others: squared radii (laguerre), start times (growth)."""
    radius = structure.grain_diameter_px / 2 * structure.fine_ratio
    spread = rng.standard_normal(n)
    if structure.kind == "laguerre":
        return (radius * np.exp(np.minimum(structure.size_spread * spread, 1.2))) ** 2
    if structure.kind == "growth":
        return radius * structure.size_spread * np.clip(spread, -2, 2)
    return np.zeros(n)


def _merge(seeds: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """The grain that each seed belongs to: some seeds join their nearest neighbour's grain."""
    owner = np.arange(len(seeds))
    if share == 0:
        return owner
    _, nearest = KDTree(seeds, leafsize=16).query(seeds, k=2)
    join(owner, np.flatnonzero(rng.random(len(seeds)) < share), np.asarray(nearest)[:, 1])
    return owner


def _displacement(structure: Structure, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Row and column shifts in pixels that make boundaries curved and ragged."""
    shifts = []
    for _ in range(2):
        shift = np.zeros(structure.shape, np.float32)
        if structure.waviness:
            wave = smooth_noise(rng, structure.shape, 0.6 * structure.grain_diameter_px)
            shift += np.float32(structure.waviness * structure.grain_diameter_px * 0.5) * wave
        if structure.roughness_px:
            shift += np.float32(structure.roughness_px) * smooth_noise(rng, structure.shape, 5.0)
        shifts.append(shift)
    return shifts[0], shifts[1]


def _twin(
    structure: Structure, centres: np.ndarray, grain: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cut some grains by one to three straight lamellae, some of which end inside the grain."""
    if structure.twinned == 0:
        uncut = np.full(grain.shape, 1e6, np.float32), np.zeros(grain.shape, bool)
        return (grain + 1) * PARTS_PER_GRAIN, *uncut
    n = len(centres)
    angle = rng.random(n) * math.pi
    lamellae = np.zeros((n, 3, 2))
    for seed in np.flatnonzero(rng.random(n) < structure.twinned):
        edges = np.sort(rng.uniform(-0.55, 0.55, size=2 * int(rng.integers(1, 4)))).reshape(-1, 2)
        edges = edges[edges[:, 1] - edges[:, 0] > 0.05] * structure.grain_diameter_px
        lamellae[seed, : len(edges)] = edges
    ends = np.where(rng.random(n) < 0.3, rng.uniform(-0.2, 0.3, n) * structure.grain_diameter_px, -1e9)
    return cut_twins(grain, centres, angle, lamellae, ends, PARTS_PER_GRAIN)


def _particles(structure: Structure, rng: np.random.Generator) -> np.ndarray:
    """Discs at random places. Where they overlap the covered fraction is 1 - exp(-area of all discs / area)."""
    covered = np.zeros(structure.shape, bool)
    if structure.particle_fraction == 0:
        return covered
    margin = structure.particle_px / 2 * math.exp(3 * structure.particle_spread)
    size = np.add(structure.shape, 2 * margin)
    mean_area = math.pi / 4 * structure.particle_px**2 * math.exp(2 * structure.particle_spread**2)
    n = int(rng.poisson(-math.log1p(-structure.particle_fraction) / mean_area * size.prod()))
    centres = rng.random((n, 2)) * size - margin
    radii = structure.particle_px / 2 * np.exp(structure.particle_spread * np.minimum(rng.standard_normal(n), 3))
    for row, col, radius in zip(*centres.T, radii, strict=True):
        top, left = max(math.ceil(row - radius), 0), max(math.ceil(col - radius), 0)
        window = covered[top : max(int(row + radius) + 1, 0), left : max(int(col + radius) + 1, 0)]
        rows, cols = np.ogrid[top : top + window.shape[0], left : left + window.shape[1]]
        window |= (rows - row) ** 2 + (cols - col) ** 2 <= radius**2
    return covered
