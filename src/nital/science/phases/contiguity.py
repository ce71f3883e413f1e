"""Contiguity: how much of a phase's particle surface is shared with other particles of the phase."""

import math
from dataclasses import dataclass

import numpy as np

from nital.core.errors import InputError
from nital.science.labels import check_label_map, fill_boundaries
from nital.science.phases.covariance import Blocks, Window, relative_halfwidth
from nital.science.phases.lineal import VECTORS, changes
from nital.science.phases.phase_map import OUTSIDE, count_in_blocks, is_phase

__all__ = ["Contiguity", "contiguity"]


@dataclass(frozen=True)
class Contiguity:
    """The contiguity of a phase.

    Attributes:
        value: C = 2 N_aa / (2 N_aa + N_ab), 0 (no particle touches another) to 1; None where lines meet no boundary.
        ci95: 95 % interval; None where the field has too few particles.
        n_aa, n_ab: boundaries between particles of the phase, and with other phases, met per px of line.
    """

    value: float | None
    ci95: tuple[float, float] | None
    n_aa: float
    n_ab: float


def contiguity(
    labels: np.ndarray, phase: int, particles: np.ndarray | None, *, valid: np.ndarray | None = None
) -> Contiguity | None:
    """Measure the contiguity of a phase by line intercepts, where its particles are told apart.

    A phase map does not show where one particle of a phase ends and its neighbour begins. So contiguity is defined
    only with a second map that parts them, from a watershed or from traced boundaries, and says as much about that
    parting as about the specimen. Without one look at `largest_share` and `spans` of `regions`.

    Args:
        labels: integers, (rows, cols): the phase of each pixel.
        phase: the number of the phase.
        particles: integers, (rows, cols): its particles 1..n, 0 between them and elsewhere; None: not known. What of
            the phase has no particle goes to the nearest one.
        valid: bool, (rows, cols), True on specimen; None: everywhere.

    Returns:
        None without `particles`.

    Raises:
        InputError: not a phase map, maps or a mask that do not fit, or particles none of which is in the phase.

    Valid for: particles of about 8 px and more.

    Source: J. Gurland, Trans. AIME 212 (1958) 452; E. E. Underwood, Quantitative Stereology (1970), chapter 4.

    >>> import numpy as np
    >>> phase = np.ones((40, 40), np.uint8)
    >>> contiguity(phase, 1, None) is None, contiguity(phase, 1, np.repeat([[1] * 20 + [2] * 20], 40, axis=0)).value
    (True, 1.0)
    """
    inside, mask = is_phase(labels, phase, valid)
    if particles is None:
        return None
    parted = check_label_map(particles, name="The map of particles")
    if parted.shape != inside.shape:
        raise InputError(
            f"The map of particles has shape {parted.shape}, the phase map {inside.shape}. Give maps of one field."
        )
    if not inside.any() or not parted[inside].any():
        raise InputError(f"No particle lies in phase {phase}. Give a map that parts this phase into particles.")
    grains = fill_boundaries(np.where(inside, parted, 0), inside)
    other = int(grains.max()) + 1
    grains = np.where(inside, grains, np.int32(other))
    if mask is not None:
        grains[~mask] = 0
    phases = np.where(grains == 0, np.uint8(OUTSIDE), inside.astype(np.uint8))
    areas = count_in_blocks(phases, 2)
    aa, ab = _tally(grains, other, areas.shape[1:])
    on = areas.sum(axis=0)
    window = Blocks(on).window(areas[1] - areas[1].sum() / on.sum() * on)
    return _ratio(aa, ab, window)


def _tally(grains: np.ndarray, other: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Boundaries between particles, and of particles with the rest, met per px of line, as shares of the blocks."""
    aa, ab = np.zeros(math.prod(shape)), np.zeros(math.prod(shape))
    for vector in VECTORS:
        hits, made = np.zeros((2, aa.size)), 0
        for block, start, end, steps in changes(grains, vector, outside=0):
            made += steps
            to_other = (start == other) | (end == other)
            for kind in (0, 1):
                hits[kind] += np.bincount(block[to_other == kind], minlength=aa.size)
        hits /= max(made, 1) * math.hypot(*vector) * len(VECTORS)
        aa, ab = aa + hits[0], ab + hits[1]
    return aa.reshape(shape), ab.reshape(shape)


def _ratio(aa: np.ndarray, ab: np.ndarray, window: Window | None) -> Contiguity:
    n_aa, n_ab = float(aa.sum()), float(ab.sum())
    if n_aa + n_ab <= 0:
        return Contiguity(None, None, n_aa, n_ab)
    value = 2 * n_aa / (2 * n_aa + n_ab)
    half = relative_halfwidth(2 * aa, 2 * aa + ab, window)
    interval = None if half is None else (max(value * (1 - half), 0.0), min(value * (1 + half), 1.0))
    return Contiguity(value, interval, n_aa, n_ab)
