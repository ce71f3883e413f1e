"""How a picture is shown to a network whatever its contrast: outliers cut off, then standardised."""

from dataclasses import dataclass

import numpy as np

from nital.science.scaling import standardise

__all__ = ["Greys", "greys_of"]

CLIPPED = (0.5, 99.5)
"""Percentiles of the grey that are cut off, so that a few bright specks do not set the scale."""

MOST_COUNTED = 4_000_000


@dataclass(frozen=True)
class Greys:
    """How a picture is shown to the network: the ends of its greys cut off, standardised.

    Attributes:
        low, high: greys beyond which it is cut. mean, spread: of what is left.
    """

    low: float
    high: float
    mean: float
    spread: float

    def shown(self, grey: np.ndarray) -> np.ndarray:
        """The picture, or a part of it, float32."""
        return standardise(np.clip(grey, self.low, self.high), self.mean, self.spread)


def greys_of(grey: np.ndarray, valid: np.ndarray | None = None) -> Greys:
    """The greys of a picture, of at most about four million of its pixels.

    Args:
        grey: (rows, cols). valid: bool, False where it shows no specimen.
    """
    step = max(1, round((grey.size / MOST_COUNTED) ** 0.5))
    few = np.asarray(grey[::step, ::step])
    few = few if valid is None else few[valid[::step, ::step]]
    low, high = np.percentile(few, CLIPPED) if few.size else (0.0, 1.0)
    cut = np.clip(few, low, high).astype(np.float32)
    return Greys(float(low), float(high), float(cut.mean()) if few.size else 0.0, float(cut.std()) if few.size else 1.0)
