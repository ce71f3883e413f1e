"""What a synthetic multi-phase micrograph shows: the map of its constituents, and particles stamped into such a map."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from nital.core.errors import need
from nital.synth.noise import smooth_noise
from nital.synth.polycrystals import Polycrystal

numba = need("numba", "train", "Simulating phases")

__all__ = ["CONSTITUENTS", "Layout", "Shapes", "highest", "plates", "stamp"]

CONSTITUENTS = (
    "matrix", "martensite", "pearlite", "large precipitates", "small precipitates", "pores", "boundary phase",
    "particle region", "plates", "laths", "second phase", "eutectic", "dark inclusions", "bright inclusions",
)  # fmt: skip
"""Names of all labels; the index is the label's value."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A structure before it is painted. All maps are (rows, cols).

    Attributes:
        labels: uint8, indices into CONSTITUENTS. finest_px: width of the finest thing that optics must not wipe out.
        crystal: grains, whose boundaries and grey contrast may show in the constituents `grained`.
        textures: by label, float32 of mean 0 and spread 1, what the constituent looks like inside.
        roomy: labels whose regions are large enough for a texture to tell them.
        signs: by label, 1 or -1 where the constituent is always brighter or always darker than the matrix.
        spotless: small particles are a constituent, so no texture or dirt may look like them.
        debris: float32, grey of things that are no constituent, in units of the contrast.
    """

    labels: np.ndarray
    finest_px: float
    crystal: Polycrystal | None = None
    grained: tuple[int, ...] = (0,)
    textures: Mapping[int, np.ndarray] = field(default_factory=dict)
    roomy: tuple[int, ...] = ()
    signs: Mapping[int, int] = field(default_factory=dict)
    spotless: bool = False
    debris: np.ndarray | None = None


def highest(score: np.ndarray, fraction: float) -> np.ndarray:
    """Bool map of the pixels with the highest score, as many as the area fraction says."""
    n = score.size - max(round(fraction * score.size), 1)
    return score > np.partition(score.ravel(), n - 1)[n - 1]


class Shapes(NamedTuple):
    """Outlines of particles, each (n,).

    Attributes:
        row, col: centre. radius: of the circle of about the same area. aspect: length over width. angle: of the length.
        power: 2 ellipse, 4 and more a rounded rectangle. lobe: -0.2 to 0.4, corners drawn out and sides drawn in.
        sides: 0 for none, 3 and more for a polygon.
    """

    row: np.ndarray
    col: np.ndarray
    radius: np.ndarray
    aspect: np.ndarray
    angle: np.ndarray
    power: np.ndarray
    lobe: np.ndarray
    sides: np.ndarray


def stamp(
    blocked: np.ndarray, shapes: Shapes, warp: tuple[np.ndarray, np.ndarray], target_px: float, gap_px: float | None
) -> np.ndarray:
    """Which shape covers each pixel, int32 from 1; 0 where none does.

    Args:
        blocked: bool (rows, cols), where no shape may lie. shapes: stamped in turn. warp: shifts of the pixels in rows
            and columns, which make outlines irregular. target_px: area at which to stop.
        gap_px: least distance between shapes; None lets them overlap.
    """
    table = np.stack(np.broadcast_arrays(*shapes), 1).astype(np.float64)
    return _stamp(blocked.copy(), table, warp[0], warp[1], target_px, gap_px or 0.0, gap_px is None)


def plates(
    rng: np.random.Generator, crystal: Polycrystal, starts: np.ndarray, width_px: float, length_px: float, sets: int
) -> np.ndarray:
    """Sets of thin plates, parallel to a few directions of their grain and ending at its border; bool (rows, cols).

    Args:
        starts: bool, where plates begin. sets: number of sets, each of one to seven plates.
    """
    grain = crystal.grain
    places = np.flatnonzero(starts)
    if not len(places):
        return np.zeros(grain.shape, bool)
    root, per_set = rng.choice(places, sets), rng.integers(1, rng.integers(2, 8), sets)
    turn = rng.uniform(0, math.pi, int(grain.max()) + 1)[grain.ravel()[root]]
    turn = turn + math.pi / 3 * rng.integers(0, 2, sets)
    way = np.repeat(rng.choice([-1.0, 1.0], sets), per_set)
    root, turn = np.repeat(root, per_set), np.repeat(turn, per_set)
    n = len(root)
    long = length_px * rng.uniform(0.4, 1, n)
    offset = width_px * rng.uniform(-8, 8, n)
    row, col = np.divmod(root, grain.shape[1])
    shapes = Shapes(
        row + way * long / 2 * np.sin(turn) + offset * np.cos(turn),
        col + way * long / 2 * np.cos(turn) - offset * np.sin(turn),
        np.sqrt(long * width_px * np.exp(0.3 * rng.standard_normal(n))) / 2, long / width_px,
        turn + 0.04 * rng.standard_normal(n), np.full(n, rng.choice([2.0, 2.0, 5.0])), np.zeros(n), np.zeros(n),
    )  # fmt: skip
    warp = [(0.4 * width_px * smooth_noise(rng, grain.shape, 4 * width_px)).astype(np.float32) for _ in range(2)]
    which = stamp(np.zeros(grain.shape, bool), shapes, (warp[0], warp[1]), grain.size, None)
    home = np.append(0, grain.ravel()[root])
    return (which > 0) & (home[which] == grain)


@numba.njit(cache=True, nogil=True)
def _corner(sides):
    """How far the corners of a polygon lie from its centre, over the radius."""
    return 0.5 + 0.5 / np.cos(np.pi / sides)


@numba.njit(cache=True, nogil=True)
def _inside(y, x, sin, cos, shape, far, margin):
    """Whether a point relative to a shape's centre lies in it, widened by a margin; `far` bounds its reach."""
    _, _, radius, aspect, _, power, lobe, sides = shape
    root = np.sqrt(aspect)
    u, v = abs(x * cos + y * sin) / (radius * root + margin), abs(y * cos - x * sin) / (radius / root + margin)
    if u > far or v > far:
        return False
    if power == 2:
        r = np.sqrt(u * u + v * v)
    elif power == 4:
        r = np.sqrt(np.sqrt(u * u * u * u + v * v * v * v))
    else:
        r = (u**power + v**power) ** (1 / power)
    if r > far:
        return False
    if lobe != 0:  # cos(4 t) from cos(2 t)
        double = (u * u - v * v) / max(u * u + v * v, 1e-9)
        r /= 1 - lobe * (2 * double * double - 1)
    if sides > 0:
        step = 2 * np.pi / sides
        turn = np.arctan2(y * cos - x * sin, x * cos + y * sin) % step - step / 2
        r *= np.cos(turn) / np.cos(step / 2) / _corner(sides)
    return r < 1


@numba.njit(cache=True, nogil=True)
def _stamp(blocked, shapes, warp_r, warp_c, target, gap, overlap):
    rows, cols = blocked.shape
    ids = np.zeros((rows, cols), np.int32)
    area = 0
    bend = 1 + max(np.abs(warp_r).max(), np.abs(warp_c).max())
    for k in range(len(shapes)):
        if area >= target:
            break
        shape = (
            shapes[k, 0], shapes[k, 1], shapes[k, 2], shapes[k, 3], shapes[k, 4], shapes[k, 5], shapes[k, 6],
            shapes[k, 7],
        )  # fmt: skip
        row, col, radius, aspect, angle, _, lobe, sides = shape
        if 0 <= row < rows and 0 <= col < cols and blocked[int(row), int(col)]:
            continue
        far = (1 + abs(lobe)) * (_corner(sides) if sides > 0 else 1.0)
        sin, cos = np.sin(angle), np.cos(angle)
        long, short = far * radius * np.sqrt(aspect), far * radius / np.sqrt(aspect)
        down = long * abs(sin) + short * abs(cos) + gap + bend
        across = long * abs(cos) + short * abs(sin) + gap + bend
        top, bottom = max(int(row - down), 0), min(int(row + down) + 2, rows)
        left, right = max(int(col - across), 0), min(int(col + across) + 2, cols)
        hit = False
        for i in range(top, bottom):
            for j in range(left, right):
                if blocked[i, j]:
                    y, x = i + warp_r[i, j] - row, j + warp_c[i, j] - col
                    if _inside(y, x, sin, cos, shape, far, gap):
                        hit = True
                        break
            if hit:
                break
        if hit:
            continue
        for i in range(top, bottom):
            for j in range(left, right):
                y, x = i + warp_r[i, j] - row, j + warp_c[i, j] - col
                if _inside(y, x, sin, cos, shape, far, 0.0):
                    area += ids[i, j] == 0
                    ids[i, j] = k + 1
                    if not overlap:
                        blocked[i, j] = True
    return ids
