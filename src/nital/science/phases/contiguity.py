"""Contiguity: how much of a phase's particle surface is shared with other particles of the phase."""
# pyright: standard

from dataclasses import dataclass

import numpy as np

from nital.core.errors import InputError
from nital.science.labels import check_label_map, fill_boundaries
from nital.science.phases.lineal import DIRECTIONS
from nital.science.phases.phase_map import is_phase
from nital.science.stereology.lattice import lattice_vector, tally_lattice
from nital.science.stereology.parts import FINE, merge_blocks, parts_per_side, relative_halfwidth

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
    other = np.int32(grains.max() + 1)
    grains = np.where(inside, grains, other).astype(np.int32)
    two = np.where(inside, np.int32(1), np.int32(2))
    if mask is not None:
        grains[~mask] = two[~mask] = 0
    all_met, to_others = _per_length(grains), _per_length(two)
    return _ratio(np.maximum(all_met - to_others, 0.0), to_others, inside.shape)


def _per_length(labels: np.ndarray) -> np.ndarray:
    """Boundaries met per length of line, the mean over directions, as shares of FINE x FINE blocks."""
    total = np.zeros((FINE, FINE))
    for angle in DIRECTIONS:
        vector = lattice_vector(angle)
        if vector is not None:
            hits, length = tally_lattice(labels, vector)
            total += hits / max(float(length.sum()), 1.0) / len(DIRECTIONS)
    return total


def _ratio(aa: np.ndarray, ab: np.ndarray, shape: tuple[int, ...]) -> Contiguity:
    n_aa, n_ab = float(aa.sum()), float(ab.sum())
    surface = 2 * aa + ab
    if surface.sum() <= 0:
        return Contiguity(None, None, n_aa, n_ab)
    value = 2 * n_aa / (2 * n_aa + n_ab)
    parts = [parts_per_side(side, 1 / (n_aa + n_ab)) for side in shape]
    half = relative_halfwidth(merge_blocks(2 * aa, *parts), merge_blocks(surface / surface.sum(), *parts))
    interval = None if half is None else (max(value * (1 - half), 0.0), min(value * (1 + half), 1.0))
    return Contiguity(value, interval, n_aa, n_ab)
