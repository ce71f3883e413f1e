"""The network on a picture: boundary probabilities at a chosen magnification, whole or window by window."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from nital.core.progress import Say
from nital.core.task import Network
from nital.nets.tiling import predict_tiled
from nital.science.scaling import resized, standardise

__all__ = ["MULTIPLE", "OVERLAP_PX", "TILE_PX", "View", "Window", "view"]

MULTIPLE = 32  # the network halves its input five times
TILE_PX = 1024
OVERLAP_PX = 192  # of neighbouring tiles; against the untiled picture 2 of 10,000 pixels change their class
SAMPLE_PX = 512  # side of the windows that the grey statistics of a large picture come from
BOUNDARY, TWIN = 1, 2  # channels of the network's answer

Window = tuple[slice, slice]
"""Rows and columns of the picture, in its own pixels."""


@dataclass(frozen=True)
class View:
    """A picture at one magnification.

    Attributes:
        image: (rows, cols) as stored, or a memory map.
        valid: bool (rows, cols) or None.
        scale: network pixels per picture pixel.
        mean, spread: grey level statistics of the specimen *at this magnification*.
    """

    image: np.ndarray
    valid: np.ndarray | None
    scale: float
    mean: float
    spread: float

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, cols) in network pixels."""
        return scaled_shape(self.image.shape, self.scale)

    def grey(self, window: Window | None = None) -> np.ndarray:
        """The picture, or a window of it, as the network is shown it: float32, resized and standardised."""
        return standardise(_resized_part(self.image, self.valid, self.scale, window, self.mean), self.mean, self.spread)

    def specimen(self, window: Window | None = None) -> np.ndarray | None:
        """The mask of the specimen at this magnification."""
        if self.valid is None:
            return None
        part = self.valid[window] if window else self.valid
        return resized(part, scaled_shape(part.shape, self.scale))

    def boundaries(
        self,
        network: Network,
        window: Window | None = None,
        *,
        twins: Literal["merge", "count"] = "merge",
        say: Say = None,
    ) -> np.ndarray:
        """Boundary probability, float32 in network pixels; twin boundaries belong to it only if they count."""

        def wanted(probability: np.ndarray) -> np.ndarray:
            return probability[BOUNDARY] + probability[TWIN] if twins == "count" else probability[BOUNDARY]

        grey = self.grey(window)
        tile = min(TILE_PX, -(-max(grey.shape) // MULTIPLE) * MULTIPLE)
        return predict_tiled(
            network, grey, tile=tile, overlap=min(OVERLAP_PX, tile // 2), multiple=MULTIPLE, output="probability",
            finish=wanted, say=say,
        )  # fmt: skip


def view(image: np.ndarray, valid: np.ndarray | None, scale: float) -> View:
    """Look at a picture at a magnification; its statistics come from all of it, or from windows if it is large."""
    side = round(SAMPLE_PX / scale)
    starts = [
        np.linspace(0, max(size - side, 0), 4 if size > 4 * side else -(-size // side)).astype(int)
        for size in image.shape
    ]
    low, high = 0.0, 255.0
    parts = []
    for row in np.unique(starts[0]):
        for column in np.unique(starts[1]):
            window = (slice(row, row + side), slice(column, column + side))
            inside = None if valid is None else valid[window]
            if inside is not None and inside.mean() < 0.05:
                continue
            fill = float(image[window].mean() if inside is None else image[window][inside].mean())
            grey = _resized_part(image, valid, scale, window, fill)
            parts.append(grey.ravel() if inside is None else grey[resized(inside, grey.shape)])
    grey = np.concatenate(parts) if parts else np.array([low, high])
    return View(image, valid, scale, float(grey.mean()), float(grey.std()))


def scaled_shape(shape: tuple[int, ...], scale: float) -> tuple[int, int]:
    """Rows and columns after magnification, at least one network block."""
    return max(round(shape[0] * scale), MULTIPLE), max(round(shape[1] * scale), MULTIPLE)


def _resized_part(
    image: np.ndarray, valid: np.ndarray | None, scale: float, window: Window | None, fill: float
) -> np.ndarray:
    """Grey values of a window at a magnification; what is not specimen gets the grey `fill`."""
    part = (image[window] if window else image[:]).astype(np.float32)
    if valid is not None:
        part = np.where(valid[window] if window else valid, part, np.float32(fill))
    return resized(part, scaled_shape(part.shape, scale))
