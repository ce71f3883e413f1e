"""The network on a whole picture: where particles are, tile by tile; very large ones by a look from farther away."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from nital.core.progress import Say, part
from nital.core.task import Network
from nital.nets.tiling import predict_tiled
from nital.science.greys import greys_of
from nital.science.particles import part_by_depth
from nital.science.scaling import resized

__all__ = ["Found", "find_particles"]

MULTIPLE = 32
TILE_PX, OVERLAP_PX = 768, 192
FLIPS = ((), (2,), (3,), (2, 3))
"""Of the axes of (1, 1, rows, cols)."""
FAR = 0.25
"""Magnification of the look from farther away."""
LARGE_PX = 110.0
"""Only particles at least so large are taken from it."""
MOSTLY_NEW = 0.5
"""A particle that is seen from farther away replaces pieces that fill less than this share of its area."""


@dataclass(frozen=True)
class Found:
    """Particles of a picture.

    Attributes:
        labels: int32 (rows, cols), 1 to n, 0 elsewhere. sure: (n,), how sure each is, 0 to 1.
        chance: uint8 (rows, cols), how likely each pixel is of a particle, in 255ths.
    """

    labels: np.ndarray
    sure: np.ndarray
    chance: np.ndarray


def find_particles(
    network: Network, grey: np.ndarray, valid: np.ndarray | None = None, *, threshold: float = 0.5,
    quick: bool = False, say: Say = None,
) -> Found:  # fmt: skip
    """Particles of a picture of any size.

    Args:
        grey: (rows, cols). valid: bool, False where there is no specimen. threshold: least chance of a pixel.
        quick: look once; else four times, mirrored, and take the mean.
    """
    near = _looked(network, grey, valid, quick, part(say, 0, 2))
    labels, sure = part_by_depth(near[0] / np.float32(255), near[1] / np.float32(255), threshold)
    shape = (round(grey.shape[0] * FAR), round(grey.shape[1] * FAR))
    if min(shape) >= 2 * MULTIPLE:
        small = resized(np.asarray(grey, np.float32), shape, shrink_by="area")
        inside = None if valid is None else resized(valid, shape)
        far = _looked(network, small, inside, quick, part(say, 1, 2))
        large = part_by_depth(far[0] / np.float32(255), far[1] / np.float32(255), threshold)
        labels, sure = _with_large(labels, sure, *large)
    if valid is not None:
        labels = np.where(valid, labels, 0)
    return Found(*_renumbered(labels, sure), near[0])


def _looked(network: Network, grey: np.ndarray, valid: np.ndarray | None, quick: bool, say: Say) -> np.ndarray:
    """Both answers of the network, uint8 (2, rows, cols), in 255ths."""

    def seen(tile: np.ndarray) -> dict[str, np.ndarray]:
        flips = FLIPS[:1] if quick else FLIPS
        found = [np.flip(network(np.ascontiguousarray(np.flip(tile, f)))["probability"], f) for f in flips]
        return {"probability": np.mean(found, axis=0)}

    tile = min(TILE_PX, -(-max(grey.shape) // MULTIPLE) * MULTIPLE)
    return predict_tiled(
        seen, grey, tile=tile, overlap=min(OVERLAP_PX, tile // 2), multiple=MULTIPLE, output="probability",
        prepare=greys_of(grey, valid).shown, finish=lambda chance: np.round(255 * chance).astype(np.uint8), say=say,
    )  # fmt: skip


def _with_large(
    labels: np.ndarray, sure: np.ndarray, far: np.ndarray, far_sure: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Particles larger than the network knows near by, from the look from farther away, where it is surer of them."""
    least = np.pi / 4 * (LARGE_PX * FAR) ** 2
    large = np.flatnonzero(np.bincount(far.ravel(), minlength=len(far_sure) + 1)[1:] >= least) + 1
    if not len(large):
        return labels, sure
    far = resized(far, (labels.shape[0], labels.shape[1]))
    places = ndimage.find_objects(far)
    for number in large.tolist():
        there, inside = places[number - 1], None
        if there is None:
            continue
        inside = far[there] == number
        count = np.bincount(labels[there][inside], minlength=len(sure) + 1)[1:]
        pieces = np.flatnonzero(count)
        if count.max(initial=0) > MOSTLY_NEW * inside.sum() and sure[count.argmax()] >= far_sure[number - 1]:
            continue  # it is known already
        labels[np.isin(labels, pieces + 1) & (far == number)] = 0
        labels[there][inside] = len(sure) + 1
        sure = np.append(sure, far_sure[number - 1])
    return labels, sure


def _renumbered(labels: np.ndarray, sure: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Particles 1 to n without gaps."""
    present = np.bincount(labels.ravel(), minlength=len(sure) + 1)[1:] > 0
    new = np.concatenate([[0], np.where(present, np.cumsum(present), 0)]).astype(np.int32)
    return new[labels], sure[present]
