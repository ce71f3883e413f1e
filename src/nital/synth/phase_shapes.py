"""Particles and plates stamped into a map. Lengths in px, angles in radians."""

import math
from typing import NamedTuple

import numpy as np

from nital.core.errors import need
from nital.synth.noise import smooth_noise
from nital.synth.polycrystals import Polycrystal

numba = need("numba", "train", "Simulating phases")

__all__ = ["Shapes", "plates", "scatter", "stamp", "warped"]

Shape = tuple[int, int]


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


def warped(rng: np.random.Generator, shape: Shape, size_px: float, amount: float) -> tuple[np.ndarray, np.ndarray]:
    """Shifts of pixels that bend outlines by a share of a particle's size."""
    scale = max(size_px * rng.uniform(0.4, 1.2), 2)
    shifts = [(amount * size_px * smooth_noise(rng, shape, scale)).astype(np.float32) for _ in range(2)]
    return shifts[0], shifts[1]


def scatter(
    rng: np.random.Generator, blocked: np.ndarray, n: int, size_px: float, fraction: float, gap: float | None,
    round_only: bool = False,
) -> np.ndarray:  # fmt: skip
    """Up to n particles of one family anywhere, with random outlines; bool (rows, cols)."""
    shape = blocked.shape
    centres = rng.uniform(-0.05, 1.05, (n, 2)) * shape
    spread = rng.uniform(0.05, 0.6)
    kind = "round" if round_only else rng.choice(["round", "angular", "long", "lobed"], p=[0.5, 0.2, 0.2, 0.1])
    radius = size_px / 2 * np.exp(spread * np.clip(rng.standard_normal(n), -2, 2))
    aspect = np.exp(np.abs(rng.standard_normal(n)) * rng.uniform(0.05, 0.4)) * (
        rng.uniform(2, 6) if kind == "long" else 1
    )
    common = rng.uniform(0, math.pi)
    angle = common + rng.choice([0.05, 2.0]) * rng.standard_normal(n)
    shapes = Shapes(
        centres[:, 0], centres[:, 1], radius, aspect, angle, np.full(n, rng.choice([2.0, 2.0, 4.0])),
        rng.uniform(-0.25, 0.3, n) if kind == "lobed" else np.zeros(n),
        rng.integers(3, 7, n) if kind == "angular" else np.zeros(n),
    )  # fmt: skip
    warp = warped(rng, shape, size_px, rng.choice([0.02, rng.uniform(0.05, 0.3)], p=[0.25, 0.75]))
    return stamp(blocked, shapes, warp, fraction * blocked.size, gap) > 0


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
    warp = warped(rng, grain.shape, 6 * width_px, 0.04)
    which = stamp(np.zeros(grain.shape, bool), shapes, warp, grain.size, None)
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
