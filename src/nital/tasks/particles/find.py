"""The network on a whole picture: at several magnifications, after it has told whether particles are bright or dark."""

from dataclasses import dataclass

import numpy as np

from nital.core.progress import Say, part
from nital.core.task import Network
from nital.nets.mirrored import mean_of_mirrored
from nital.nets.tiling import predict_tiled
from nital.science.evening import evened
from nital.science.particles import Candidates, part_by_depth, strongest
from nital.science.scaling import resized

__all__ = ["Found", "find_particles"]

MULTIPLE = 32
TILE_PX, OVERLAP_PX = 768, 160
ZOOMS: dict[float, tuple[float, float]] = {1.0: (0.0, 45.0), 0.5: (5.0, 45.0), 0.25: (10.0, 60.0)}
"""Magnification of a look -> smallest and largest diameter, px of that look, of the particles taken from it: smaller
ones are better seen nearer, larger ones from farther away."""
TRIED_PX = 768
"""Side of the middle of each look by which it is told whether particles are bright."""


@dataclass(frozen=True)
class Found:
    """Particles of a picture.

    Attributes:
        labels: int32 (rows, cols), 1 to n, 0 elsewhere. sure: (n,), how sure each is, 0 to 1.
        chance: uint8 (rows, cols), how likely each pixel is of a particle, in 255ths. bright: whether they are bright.
    """

    labels: np.ndarray
    sure: np.ndarray
    chance: np.ndarray
    bright: bool


def find_particles(
    network: Network, grey: np.ndarray, valid: np.ndarray | None = None, *, threshold: float = 0.5,
    quick: bool = False, bright: bool | None = None, say: Say = None,
) -> Found:  # fmt: skip
    """Particles of a picture of any size.

    Args:
        grey: (rows, cols). valid: bool, False where there is no specimen. threshold: least chance of a pixel.
        quick: look once; else four times, mirrored, and take the mean. bright: whether particles are brighter than what
            they lie on; None: it is told by how much the network is sure of, either way.
    """
    looks = {zoom: _even(grey, valid, zoom) for zoom in ZOOMS if zoom == 1 or min(grey.shape) * zoom >= 2 * MULTIPLE}
    if bright is None:
        bright = _evidence(network, looks, 1, threshold) >= _evidence(network, looks, -1, threshold)
    shape = (grey.shape[0], grey.shape[1])
    chance = np.zeros(shape, np.uint8)
    candidates: list[Candidates] = []
    for number, (zoom, even) in enumerate(looks.items()):
        seen = _looked(network, even if bright else -even, quick, part(say, number, len(looks)))
        np.maximum(chance, resized(seen[0], shape), out=chance)
        labels, sure = part_by_depth(seen[0] / np.float32(255), seen[1] / np.float32(255), threshold)
        candidates.append(Candidates(labels, sure, *ZOOMS[zoom]))
    labels, sure = strongest(candidates, shape, valid)
    return Found(labels, sure, chance, bright)


def _even(grey: np.ndarray, valid: np.ndarray | None, zoom: float) -> np.ndarray:
    shape = (round(grey.shape[0] * zoom), round(grey.shape[1] * zoom))
    small = resized(np.asarray(grey, np.float32), shape, shrink_by="area")
    return evened(small, None if valid is None else resized(valid, shape))


def _evidence(network: Network, looks: dict[float, np.ndarray], sign: int, threshold: float) -> float:
    """Area that the network is sure of in the middles of all looks, with bright particles (1) or dark (-1). By area, as
    the grain of amorphous carbon has spots of either kind, many and small.
    """
    total = 0.0
    for zoom, even in looks.items():
        top, left = (max((side - TRIED_PX) // 2, 0) for side in even.shape)
        seen = _looked(network, sign * even[top : top + TRIED_PX, left : left + TRIED_PX], True, None)
        chance = seen / np.float32(255)
        labels, sure = part_by_depth(chance[0], chance[1], threshold)
        area = np.bincount(labels.ravel(), minlength=len(sure) + 1)[1:] / zoom**2
        total += float((sure**2 * area).sum())
    return total


def _looked(network: Network, even: np.ndarray, quick: bool, say: Say) -> np.ndarray:
    """Both answers of the network, uint8 (2, rows, cols), in 255ths."""

    def seen(tile: np.ndarray) -> dict[str, np.ndarray]:
        return {"probability": mean_of_mirrored(network, tile, "probability", quick=quick)[0]}

    return predict_tiled(
        seen, even, tile=TILE_PX, overlap=OVERLAP_PX, multiple=MULTIPLE, output="probability",
        finish=lambda chance: np.round(255 * chance).astype(np.uint8), say=say,
    )  # fmt: skip
