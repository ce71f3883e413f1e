"""Pictures of a segmentation."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from nital.science.labels.overlay import as_rgb
from nital.science.scaling import resized

__all__ = ["COLOURS", "legend", "phase_overlay", "phase_picture"]

COLOURS = (
    (86, 180, 233), (230, 159, 0), (0, 158, 115), (204, 121, 167), (240, 228, 66), (0, 114, 178), (213, 94, 0),
    (150, 150, 150), (60, 60, 60), (255, 255, 255),
)  # fmt: skip
"""Of the phases in their order, told apart with any kind of colour vision (Okabe and Ito 2008)."""

LARGEST_SIDE_PX = 2400
TINT = 0.45


def phase_picture(labels: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """Phases in flat colours, black where there is no specimen; uint8 (rows, cols, 3), at most 2400 px long."""
    shape = _shown(labels.shape)
    colour = np.array(COLOURS, np.uint8)[resized(labels, shape)]
    return colour if valid is None else np.where(resized(valid, shape)[..., None], colour, np.uint8(0))


def phase_overlay(image: np.ndarray, labels: np.ndarray, valid: np.ndarray | None = None) -> np.ndarray:
    """The picture tinted in the colours of its phases; dimmed where there is no specimen.

    Args:
        image: grey (rows, cols) or colour (rows, cols, 3). labels: (rows, cols).

    Returns:
        uint8 (rows, cols, 3), at most 2400 px long.
    """
    shape = _shown(labels.shape)
    step = max(1, image.shape[0] // (2 * shape[0]))
    picture = Image.fromarray(as_rgb(image[::step, ::step])).resize((shape[1], shape[0]), Image.Resampling.LANCZOS)
    grey = np.asarray(picture).astype(np.float32)
    tinted = (1 - TINT) * grey + TINT * phase_picture(labels)
    if valid is not None:
        tinted = np.where(resized(valid, shape)[..., None], tinted, 0.45 * grey)
    return tinted.round().astype(np.uint8)


def legend(classes: Sequence[str]) -> str:
    """Names of the phases with the names of their colours."""
    names = ("sky blue", "orange", "green", "pink", "yellow", "dark blue", "red", "grey", "dark grey", "white")
    return ", ".join(f"{name}: {colour}" for name, colour in zip(classes, names, strict=False))


def _shown(shape: tuple[int, ...]) -> tuple[int, int]:
    shrink = min(1.0, LARGEST_SIDE_PX / max(shape))
    return max(round(shape[0] * shrink), 1), max(round(shape[1] * shrink), 1)
