"""The network on a whole picture: which phase is where, and how unsure that is; tile by tile, with bounded memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nital.core.progress import Say
from nital.core.task import Network
from nital.nets.tiling import predict_tiled
from nital.science.greys import Greys

__all__ = ["Segmented", "segment"]

MULTIPLE = 32
TILE_PX, OVERLAP_PX = 768, 192
FLIPS = ((), (2,), (3,), (2, 3))
"""Of the axes of (1, 1, rows, cols)."""


@dataclass(frozen=True)
class Segmented:
    """Phases of a picture.

    Attributes:
        labels: uint8 (rows, cols), index of the phase, of those that were allowed.
        chance: uint8 (rows, cols), probability of that phase, given that it is one of those allowed, in 255ths.
        structures: (structures,), how likely the picture shows each, the mean over its tiles; None: the model knows
            one.
    """

    labels: np.ndarray
    chance: np.ndarray
    structures: np.ndarray | None


def segment(
    network: Network, grey: np.ndarray, looks: Greys, *, allowed: Sequence[int] | None = None, quick: bool = False,
    say: Say = None,
) -> Segmented:  # fmt: skip
    """Phases of a picture of any size.

    Args:
        grey: (rows, cols), may be memory-mapped. looks: its greys. allowed: indices of the classes that there may be;
            None: all. quick: look once; else four times, mirrored, and take the mean.
    """

    shown: list[np.ndarray] = []

    def seen(tile: np.ndarray) -> dict[str, np.ndarray]:
        found = []
        for flip in FLIPS[:1] if quick else FLIPS:
            answer = network(np.ascontiguousarray(np.flip(tile, flip)))
            found.append(np.flip(answer["probability"], flip))
            shown.extend(answer.get("structure", ()))
        return {"probability": np.mean(found, axis=0)}

    def decided(probability: np.ndarray) -> np.ndarray:
        few = probability if allowed is None else probability[list(allowed)]
        return np.stack([few.argmax(0), np.round(255 * few.max(0) / np.maximum(few.sum(0), 1e-6))]).astype(np.uint8)

    tile = min(TILE_PX, -(-max(grey.shape) // MULTIPLE) * MULTIPLE)
    labels, chance = predict_tiled(
        seen, grey, tile=tile, overlap=min(OVERLAP_PX, tile // 2), multiple=MULTIPLE, output="probability",
        prepare=looks.shown, finish=decided, say=say,
    )  # fmt: skip
    return Segmented(labels, chance, np.mean(shown, axis=0) if shown else None)
