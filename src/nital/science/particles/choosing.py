"""Particles that were found at several magnifications, each taken once, from where it is surest."""

from typing import Any, NamedTuple

import numpy as np
from scipy import ndimage

from nital.science.scaling import resized

__all__ = ["Candidates", "strongest"]

TAKEN = 0.3
"""A candidate is dropped if so large a share of it, or of a particle that is in already, is common to both."""
NEARER = 1.1
"""Sureness counts so much more at each next higher magnification: outlines are finer there."""


class Candidates(NamedTuple):
    """Particles found at one magnification.

    Attributes:
        labels: int32 (rows, cols) at that magnification, 1 to n. sure: (n,). least, most: diameters that may be taken,
            px of these labels.
    """

    labels: np.ndarray
    sure: np.ndarray
    least: float
    most: float


def strongest(
    candidates: list[Candidates], shape: tuple[int, int], valid: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """One label map of the particles of all magnifications, the surest first.

    Args:
        candidates: the highest magnification first. shape: (rows, cols) of the picture. valid: bool, False where there
            is no specimen.

    Returns:
        int32 (rows, cols), 1 to n, 0 elsewhere; and how sure each is, (n,).
    """
    offers: list[tuple[float, float, Any, np.ndarray]] = []
    for level, one in enumerate(candidates):
        size = np.bincount(one.labels.ravel(), minlength=len(one.sure) + 1)[1:]
        diameter = 2 * np.sqrt(size / np.pi)
        labels = resized(one.labels, shape)
        boxes: list[tuple[slice, ...] | None] = [*ndimage.find_objects(labels, len(one.sure))]
        for place, box in enumerate(boxes):
            if box is not None and one.least <= diameter[place] <= one.most:
                inside = labels[box] == place + 1
                if valid is not None:
                    inside &= valid[box]
                offers.append((float(one.sure[place]) / NEARER**level, float(one.sure[place]), box, inside))
    offers.sort(key=lambda offer: -offer[0])
    found, areas, sure = np.zeros(shape, np.int32), [0], list[float]()
    for _, how_sure, box, inside in offers:
        area = int(inside.sum())
        common = np.bincount(found[box][inside], minlength=len(areas))[1:]
        others = np.maximum(np.minimum(areas[1:], area), 1)
        if area == 0 or (common > TAKEN * others).any() or common.sum() > TAKEN * area:
            continue
        free = inside & (found[box] == 0)
        sure.append(how_sure)
        found[box][free] = len(sure)
        areas.append(int(free.sum()))
    return found, np.array(sure)
