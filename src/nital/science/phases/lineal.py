"""Lineal analysis of a phase map: intercepts in each phase, free paths between its regions, interface in space."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nital.core.units import checked_pixel_size_um
from nital.science.phases.covariance import Blocks, block_side, relative_halfwidth
from nital.science.phases.phase_map import OUTSIDE, check_phase_map, count_in_blocks
from nital.science.stereology.lattice import LATTICE

__all__ = ["VECTORS", "PhaseIntercepts", "changes", "phase_intercepts"]

VECTORS = tuple(LATTICE.values())[::2]
"""Steps (rows, columns) in eight directions, each of which stands for the same angle."""

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
    regions. Both hold for any shape. The intervals are those of ratios over one field, under the same window as in
    `phase_fractions`.

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
    areas = count_in_blocks(phases, len(classes))
    per_length, met = np.zeros(areas.shape), np.zeros(len(classes), np.int64)
    for vector in VECTORS:
        hits, steps = _tally(phases, areas.shape, vector)
        met += hits.sum(axis=(1, 2))
        per_length += hits / (max(steps, 1) * math.hypot(*vector) * size * len(VECTORS))
    on = areas.sum(axis=0)
    blocks, unit = Blocks(on), "px" if pixel_size_um is None else "um"
    return tuple(
        _one(name, per_length[k], areas[k], on, blocks, n_intersections=int(met[k]), unit=unit)
        for k, name in enumerate(classes)
    )


def _tally(phases: np.ndarray, shape: tuple[int, ...], vector: tuple[int, int]) -> tuple[np.ndarray, int]:
    """How often lines along one lattice vector enter or leave each phase, in blocks; and their steps on specimen."""
    hits, made = np.zeros(math.prod(shape), np.int64), 0
    for block, start, end, steps in changes(phases, vector, outside=OUTSIDE):
        made += steps
        for phase in (start, end):
            hits += np.bincount(phase * np.int64(shape[1] * shape[2]) + block, minlength=len(hits))
    return hits.reshape(shape), made


def changes(
    labels: np.ndarray, vector: tuple[int, int], *, outside: int
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, int]]:
    """Find the steps along all lines of one lattice vector that lead from one label to another.

    Args:
        labels: integers, (rows, cols). vector: (rows >= 0, columns). outside: the label of what is not specimen.

    Yields:
        for each strip of rows: the flat number of the block in which each such step begins, the labels at its two
        ends, and how many steps there are on specimen, of whatever kind.
    """
    down, across = vector
    left, cols = max(-across, 0), labels.shape[1] - abs(across)
    side = block_side(labels.shape)
    width = -(-labels.shape[1] // side)
    for top in range(0, len(labels) - down if cols > 0 else 0, _STRIP):
        strip = labels[top : top + _STRIP + down]
        start, end = strip[: len(strip) - down, left : left + cols], strip[down:, left + across : left + across + cols]
        changed, steps = start != end, start.size
        inside = (start != outside) & (end != outside)
        if not inside.all():
            changed &= inside
            steps = int(np.count_nonzero(inside))
        row, col = np.divmod(np.flatnonzero(changed), cols)
        yield (row + top) // side * width + (col + left) // side, start[changed], end[changed], steps


def _one(
    phase: str, per_length: np.ndarray, area: np.ndarray, on: np.ndarray, blocks: Blocks, *,
    n_intersections: int, unit: str,
) -> PhaseIntercepts:  # fmt: skip
    total = float(per_length.sum())
    if total <= 0:
        return PhaseIntercepts(phase, None, None, None, None, None, None, 0, unit)
    fraction = float(area.sum() / on.sum())
    window = blocks.window(area - fraction * on)

    def interval(value: float, over: np.ndarray, *, inverse: bool) -> Interval | None:
        """Symmetric in P_L per `over`, of which a length is the inverse."""
        half = relative_halfwidth(per_length, over, window)
        if half is None or not half < 1:
            return None
        return (value / (1 + half), value / (1 - half)) if inverse else (value * (1 - half), value * (1 + half))

    intercept, free_path, surface = 2 * fraction / total, 2 * (1 - fraction) / total, 2 * total
    return PhaseIntercepts(
        phase, intercept, interval(intercept, area, inverse=True), free_path,
        interval(free_path, on - area, inverse=True), surface, interval(surface, on, inverse=False),
        n_intersections, unit,
    )  # fmt: skip
