"""The network on a whole picture: which phase is where, and how unsure that is; tile by tile, with bounded memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nital.core.progress import Say
from nital.core.task import Network
from nital.nets.mirrored import mean_of_mirrored
from nital.nets.tiling import predict_tiled
from nital.science.greys import Greys

__all__ = ["Segmented", "segment"]

MULTIPLE = 32
TILE_PX, OVERLAP_PX = 768, 192


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
        probability, answers = mean_of_mirrored(network, tile, "probability", quick=quick)
        for answer in answers:
            shown.extend(answer.get("structure", ()))
        return {"probability": probability}

    def decided(probability: np.ndarray) -> np.ndarray:
        few = probability if allowed is None else probability[list(allowed)]
        return np.stack([few.argmax(0), np.round(255 * few.max(0) / np.maximum(few.sum(0), 1e-6))]).astype(np.uint8)

    labels, chance = predict_tiled(
        seen, grey, tile=TILE_PX, overlap=OVERLAP_PX, multiple=MULTIPLE, output="probability",
        prepare=looks.shown, finish=decided, say=say,
    )  # fmt: skip
    return Segmented(labels, chance, np.mean(shown, axis=0) if shown else None)
