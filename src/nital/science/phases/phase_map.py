"""What every measurement of a phase map demands of it, and its pixels counted in blocks."""

from collections.abc import Sequence

import numpy as np

from nital.core.errors import InputError
from nital.science.labels import check_valid
from nital.science.phases.covariance import block_side

__all__ = ["OUTSIDE", "check_phase_map", "count_in_blocks", "is_phase"]

OUTSIDE = 255
"""The value that `check_phase_map` gives to pixels that are not specimen."""


def check_phase_map(labels: np.ndarray, classes: Sequence[str], valid: np.ndarray | None = None) -> np.ndarray:
    """Return a phase map as uint8, `OUTSIDE` where it is not specimen.

    Args:
        labels: integers, (rows, cols): k in the phase `classes[k]`; outside `valid` anything.
        classes: names of the phases, 1 to 255.
        valid: bool, (rows, cols), True on specimen; None: everywhere.

    Raises:
        InputError: not a phase map, a number without a class, or a mask that does not fit.
    """
    array = _checked(labels)
    if not 1 <= len(classes) <= OUTSIDE:
        raise InputError(f"{len(classes)} phases cannot be measured. Name 1 to {OUTSIDE} classes.")
    mask = check_valid(valid, array.shape)
    known = (array >= 0) & (array < len(classes))
    if mask is not None:
        known |= ~mask
    if not known.all():
        raise InputError(
            f"The phase map holds {array[~known][0]}, but its {len(classes)} classes are numbered 0 to "
            f"{len(classes) - 1}. Name all classes, and set `valid` to False on pixels without one."
        )
    phases = np.ascontiguousarray(array, dtype=np.uint8)
    return phases if mask is None else np.where(mask, phases, np.uint8(OUTSIDE))


def is_phase(labels: np.ndarray, phase: int, valid: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray | None]:
    """Say where one phase is on the specimen.

    Args:
        labels, valid: as for `check_phase_map`. phase: its number in the map.

    Returns:
        bool (rows, cols), and the mask: bool (rows, cols), or None where all is specimen.

    Raises:
        InputError: not a phase map, or a mask that does not fit.
    """
    array = _checked(labels)
    mask = check_valid(valid, array.shape)
    inside = array == phase
    return (inside if mask is None else inside & mask), mask


def _checked(labels: np.ndarray) -> np.ndarray:
    array = np.asarray(labels)
    if array.ndim != 2 or array.size == 0 or not np.issubdtype(array.dtype, np.integer):
        raise InputError(
            f"The phase map is {array.dtype} of shape {array.shape}. Give integers in rows and columns, k in phase k."
        )
    return array


def count_in_blocks(phases: np.ndarray, n_classes: int) -> np.ndarray:
    """Count the pixels of every phase in square blocks of side `block_side`.

    Args:
        phases: uint8, (rows, cols), from `check_phase_map`.
        n_classes: phases 0 to n_classes - 1 are counted.

    Returns:
        int64, (n_classes, rows of blocks, columns of blocks).
    """
    side = block_side(phases.shape)
    width: int = phases.shape[1]
    cols = np.arange(0, width, side)
    counts = np.empty((n_classes, -(-len(phases) // side), len(cols)), np.int64)
    for block in range(counts.shape[1]):
        strip = phases[block * side : (block + 1) * side]
        for phase in range(n_classes):
            counts[phase, block] = np.add.reduceat(np.count_nonzero(strip == phase, axis=0), cols)
    return counts
