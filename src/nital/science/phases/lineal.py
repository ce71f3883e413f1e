"""Lineal analysis of a phase map: intercepts in each phase, free paths between its regions, interface in space."""
# pyright: standard

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nital.core.units import checked_pixel_size_um
from nital.science.phases.phase_map import OUTSIDE, check_phase_map, count_in_blocks
from nital.science.stereology.lattice import LATTICE_DIRECTIONS, lattice_vector
from nital.science.stereology.parts import FINE, merge_blocks, parts_per_side, relative_halfwidth

__all__ = ["DIRECTIONS", "PhaseIntercepts", "phase_intercepts"]

DIRECTIONS = LATTICE_DIRECTIONS[::2]
"""Degrees counter-clockwise from the rows, eight of them, each of which stands for the same angle."""
# Rows that are looked at at once: bounds the memory.
_STRIP = 256

Interval = tuple[float, float]


@dataclass(frozen=True)
class PhaseIntercepts:
    """What test lines say of one phase. Lengths are in um, or in px where no pixel size is known.

    Attributes:
        phase: its name.
        mean_intercept, mean_intercept_ci95: 2 V_V / P_L, the mean length that a line runs in a region of the phase.
        mean_free_path, mean_free_path_ci95: (1 - V_V) / N_L, the mean length between regions of the phase.
        surface_per_volume, surface_per_volume_ci95: S_V = 2 P_L, area of the phase's interface per volume, in 1/um
            (the same number as mm2 per mm3 / 1000), or 1/px.
        n_intersections: of all lines in 8 directions with the interface. Lines are one pixel apart, so that one
            boundary is met many times; this is no number of independent counts.
        unit: "um" or "px".

    Each value is None where the phase has no interface, each interval where the field has too few regions.
    """

    phase: str
    mean_intercept: float | None
    mean_intercept_ci95: Interval | None
    mean_free_path: float | None
    mean_free_path_ci95: Interval | None
    surface_per_volume: float | None
    surface_per_volume_ci95: Interval | None
    n_intersections: int
    unit: str


def phase_intercepts(
    labels: np.ndarray, classes: Sequence[str], *, valid: np.ndarray | None = None, pixel_size_um: float | None = None
) -> tuple[PhaseIntercepts, ...]:
    """Measure every phase along all lines through pixel centres in 8 directions.

    P_L is the number of times that the phase's interface is met per length of line, N_L = P_L / 2 the number of its
    regions. Both hold for any shape. The intervals are t s / sqrt(n) over up to 36 parts of the field, as those of
    `stereology.intercepts`.

    Args:
        labels, classes, valid: as for `phase_fractions`. pixel_size_um: micrometres per pixel; None: unknown.

    Returns:
        one for each class, in their order.

    Raises:
        InputError: not a phase map, a number without a class, a mask that does not fit, or an absurd pixel size.

    Valid for: regions some 5 px wide and more; thinner ones are stepped over in slanting directions. In space only
        where the section is typical: an isotropic structure, or sections in many directions.

    Source: E. E. Underwood, Quantitative Stereology (1970), chapters 2 to 4 (S_V = 2 P_L, also written 4 L_A / pi;
        mean intercept and mean free path); R. L. Fullman, Trans. AIME 197 (1953) 447.

    >>> import numpy as np
    >>> lamellae = np.tile(np.repeat([[0] * 30 + [1] * 10], 400, axis=0), 10)
    >>> found = phase_intercepts(lamellae, ["ferrite", "cementite"])[1]
    >>> round(found.mean_free_path / found.mean_intercept, 2)
    3.0
    """
    phases = check_phase_map(labels, classes, valid)
    size = 1.0 if pixel_size_um is None else checked_pixel_size_um(pixel_size_um, where="pixel_size_um")
    n = len(classes)
    per_length, met = np.zeros((n, FINE, FINE)), np.zeros(n, np.int64)
    for angle in DIRECTIONS:
        vector = lattice_vector(angle)
        if vector is not None:
            hits, steps = _tally(phases, n, vector)
            met += hits.sum(axis=(1, 2))
            per_length += hits / (max(steps, 1) * math.hypot(*vector) * size * len(DIRECTIONS))
    areas = _block_areas(phases, n)
    unit = "px" if pixel_size_um is None else "um"
    shape = (phases.shape[0] * size, phases.shape[1] * size)
    return tuple(
        _one(name, per_length[k], areas[k], areas.sum(axis=0), shape=shape, n_intersections=int(met[k]), unit=unit)
        for k, name in enumerate(classes)
    )


def _tally(phases: np.ndarray, n: int, vector: tuple[int, int]) -> tuple[np.ndarray, int]:
    """How often lines along one lattice vector enter or leave each phase, in FINE x FINE blocks; and their steps."""
    hits, steps = np.zeros(n * FINE * FINE, np.int64), 0
    whole = not (phases == OUTSIDE).any()
    for top, start, end in _strips(phases, vector):
        changed = start != end
        if whole:
            steps += start.size
        else:
            inside = (start != OUTSIDE) & (end != OUTSIDE)
            changed &= inside
            steps += int(np.count_nonzero(inside))
        flat = np.flatnonzero(changed)
        row, col = np.divmod(flat, changed.shape[1])
        block = (row + top) * FINE // phases.shape[0] * FINE
        block += (col + max(-vector[1], 0)) * FINE // phases.shape[1]
        for side in (start[changed], end[changed]):
            hits += np.bincount(side * np.int64(FINE * FINE) + block, minlength=len(hits))
    return hits.reshape(n, FINE, FINE), steps


def _strips(phases: np.ndarray, vector: tuple[int, int]) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """First row, and the two ends of every step that begins in a strip of rows."""
    down, across = vector
    left, cols = max(-across, 0), phases.shape[1] - abs(across)
    for top in range(0, len(phases) - down, _STRIP):
        strip = phases[top : top + _STRIP + down]
        if cols > 0:
            yield (
                top,
                strip[: len(strip) - down, left : left + cols],
                strip[down:, left + across : left + across + cols],
            )


def _block_areas(phases: np.ndarray, n: int) -> np.ndarray:
    """Pixels of every phase in the blocks; all in the first where the picture is too small to be parted."""
    if min(phases.shape) < FINE:
        counts = np.zeros((n, FINE, FINE))
        counts[:, 0, 0] = np.bincount(phases.ravel(), minlength=256)[:n]
        return counts
    rows, cols = (-(-np.arange(FINE) * side // FINE) for side in phases.shape)
    return count_in_blocks(phases, n, rows, cols).astype(np.float64)


def _one(
    phase: str, per_length: np.ndarray, area: np.ndarray, on: np.ndarray, *,
    shape: tuple[float, float], n_intersections: int, unit: str,
) -> PhaseIntercepts:  # fmt: skip
    total = float(per_length.sum())
    if total <= 0:
        return PhaseIntercepts(phase, None, None, None, None, None, None, 0, unit)
    fraction = float(area.sum() / on.sum())
    parts = [parts_per_side(side, 1 / total) for side in shape]

    def interval(value: float, over: np.ndarray, *, inverse: bool) -> Interval | None:
        """Symmetric in P_L per `over`, of which a length is the inverse."""
        half = relative_halfwidth(merge_blocks(per_length, *parts), merge_blocks(over / over.sum(), *parts))
        if half is None or not half < 1:
            return None
        return (value / (1 + half), value / (1 - half)) if inverse else (value * (1 - half), value * (1 + half))

    intercept, free_path, surface = 2 * fraction / total, 2 * (1 - fraction) / total, 2 * total
    return PhaseIntercepts(
        phase, intercept, interval(intercept, area, inverse=True), free_path,
        interval(free_path, on - area, inverse=True), surface, interval(surface, on, inverse=False),
        n_intersections, unit,
    )  # fmt: skip
