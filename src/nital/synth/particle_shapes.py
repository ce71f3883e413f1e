"""Nanoparticles in projection: round, faceted or long, alone, touching or over each other, with exact outlines."""

import math
from typing import NamedTuple

import numpy as np

__all__ = ["Particle", "Projection", "draw_particle", "project", "scatter_particles"]

Shape = tuple[int, int]
MOST_TRIES = 30
ROUGHEST = 0.12


class Particle(NamedTuple):
    """One particle; lengths in px, angles in radians.

    Attributes:
        row, col: of its middle. radius: of the circle of the same area, about. aspect: length over width.
        angle: of its long axis. corners: of its outline, 0: round. rounding: 0 sharp corners to 1 a circle.
        flatness: 2 for a sphere's thickness, more for a plate. wave: amplitude and phase of a ragged outline.
        fringe_px, fringe_angle: of its lattice fringes; 0: none are seen. twinned: whether they are mirrored half way.
        strength: of its contrast, as a share of the usual one.
    """

    row: float
    col: float
    radius: float
    aspect: float = 1.0
    angle: float = 0.0
    corners: int = 0
    rounding: float = 0.3
    flatness: float = 2.0
    wave: tuple[float, float] = (0.0, 0.0)
    fringe_px: float = 0.0
    fringe_angle: float = 0.0
    twinned: bool = False
    strength: float = 1.0


class Projection(NamedTuple):
    """What particles leave in a picture.

    Attributes:
        thickness: float32 (rows, cols), particles over each other add up; 1 in the middle of one of usual strength.
        fringes: float32 (rows, cols), -1 to 1 times the thickness, 0 where none are.
        labels: int32 (rows, cols), 1 to n, 0 for none; where particles overlap, of that whose middle is nearer.
        depth: float32 (rows, cols), 1 in the middle of a particle, 0 at its outline and outside.
    """

    thickness: np.ndarray
    fringes: np.ndarray
    labels: np.ndarray
    depth: np.ndarray


def project(particles: list[Particle], shape: Shape) -> Projection:
    """Draw particles one by one; labels are in their order, and one that is hidden has none."""
    thickness, fringes, depth = np.zeros((3, *shape), np.float32)
    labels = np.zeros(shape, np.int32)
    for number, one in enumerate(particles, 1):
        reach = one.radius * math.sqrt(one.aspect) * 1.5 + 1.5
        top, left = max(int(one.row - reach), 0), max(int(one.col - reach), 0)
        bottom, right = min(int(one.row + reach) + 2, shape[0]), min(int(one.col + reach) + 2, shape[1])
        if bottom <= top or right <= left:
            continue
        there = (slice(top, bottom), slice(left, right))
        profile, lattice, inside = draw_particle(one, top, left, bottom, right)
        thickness[there] += profile
        fringes[there] += lattice
        nearer = inside > depth[there]
        labels[there][nearer] = number
        np.maximum(depth[there], inside, out=depth[there])
    return Projection(thickness, fringes, labels, depth)


def draw_particle(
    one: Particle, top: int, left: int, bottom: int, right: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Thickness, fringes and depth below the outline (1 - (distance / outline)^2) of one particle in a window."""
    down = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(one.row)
    across = np.arange(left, right, dtype=np.float32)[None] - np.float32(one.col)
    sine, cosine = math.sin(one.angle), math.cos(one.angle)
    stretch = math.sqrt(one.aspect)
    along, beside = (across * cosine + down * sine) / stretch, (down * cosine - across * sine) * stretch
    distance = np.hypot(along, beside)
    outline = np.float32(one.radius)
    if one.corners or one.wave[0]:
        outline = outline * _outline(np.arctan2(beside, along), one)
    inside = np.clip(1 - (distance / outline) ** 2, 0, 1).astype(np.float32)
    profile = np.float32(one.strength) * (1 - (1 - inside) ** (one.flatness / 2)) ** np.float32(0.5)
    if not one.fringe_px:
        return profile, np.zeros_like(profile), inside
    angle = one.fringe_angle
    phase = down * math.sin(angle) + across * math.cos(angle)
    if one.twinned:
        mirrored = down * math.sin(angle + 1.23) + across * math.cos(angle + 1.23)  # 70.5 degrees, as {111} twins
        phase = np.where(beside > 0, phase, mirrored)
    return profile, profile * np.cos(2 * math.pi / one.fringe_px * phase, dtype=np.float32), inside


def _outline(turn: np.ndarray, one: Particle) -> np.ndarray:
    """Distance of the outline from the middle by direction, 1 on average, float32."""
    found = np.ones_like(turn)
    if one.corners:
        part = 2 * math.pi / one.corners
        flat = math.cos(part / 2) / np.cos((turn % part) - part / 2)
        flat = flat * math.sqrt(part / math.sin(part))  # of the area of the circle
        found = one.rounding + (1 - one.rounding) * flat
    amplitude, phase = one.wave
    return (found * (1 + amplitude * np.sin(3 * turn + phase) + 0.5 * amplitude * np.cos(5 * turn - phase))).astype(
        np.float32
    )


def scatter_particles(
    rng: np.random.Generator, where: np.ndarray, radii: np.ndarray, gap: float, clusters: int = 0
) -> np.ndarray:
    """Places for particles, one by one, the largest first.

    Args:
        where: bool (rows, cols), where their middles may lie. radii: (n,), px. gap: least distance of two middles as a
            share of the sum of the radii; below 1 they overlap. clusters: number of them; 0: no clusters.

    Returns:
        (m, 3): row, col, radius of those that found a place.
    """
    free = np.flatnonzero(where)
    if not len(free):
        return np.zeros((0, 3))
    middles = np.stack(np.unravel_index(rng.choice(free, max(clusters, 1)), where.shape), 1)
    placed = np.zeros((len(radii), 3))
    count = 0
    for radius in np.sort(radii)[::-1]:
        spots = np.stack(np.unravel_index(rng.choice(free, MOST_TRIES), where.shape), 1) + rng.random((MOST_TRIES, 2))
        if clusters:
            near = middles[rng.integers(clusters, size=MOST_TRIES)]
            near = near + rng.standard_normal((MOST_TRIES, 2)) * radius * rng.uniform(1, 6)
            spots = np.where(rng.random((MOST_TRIES, 1)) < 0.8, near, spots)
        apart = np.hypot(*(spots[:, None] - placed[None, :count, :2]).transpose(2, 0, 1))
        fits = (apart >= gap * (radius + placed[:count, 2])).all(1)
        if fits.any():
            placed[count] = *spots[int(fits.argmax())], radius
            count += 1
    return placed[:count]
