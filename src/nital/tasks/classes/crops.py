"""What the network is shown: square crops of a picture that is scaled to one side.

Training and predicting use the same functions, so a picture is seen alike in both.
"""

import math

import numpy as np

from nital.core.errors import InputError
from nital.science.scaling import resized

__all__ = ["LARGEST_CROPS", "crops_of", "scaled", "zoom_of"]

LARGEST_SIDE_PX = 20_000
LARGEST_CROPS = 12
"""A picture gives at most so many crops; a long strip is sampled evenly."""


def zoom_of(
    shape: tuple[int, ...], side_px: int, pixel_size_um: float | None = None, common_um: float | None = None
) -> float:
    """How much a picture is scaled before crops are taken.

    Args:
        shape: (rows, cols) of the picture. side_px: of the crops.
        pixel_size_um: of the picture. common_um: pixel size that all pictures are brought to; None: the shorter side
            of the picture becomes one crop.

    Raises:
        InputError: the common pixel size would make the picture larger than 20,000 px.

    >>> zoom_of((480, 640), 120)
    0.25
    """
    zoom = side_px / min(shape)
    if common_um is not None and pixel_size_um is not None:
        zoom = max(pixel_size_um / common_um, zoom)
    if zoom * max(shape) > LARGEST_SIDE_PX:
        raise InputError(
            f"A picture of {shape[0]} x {shape[1]} px at {pixel_size_um} µm would become {zoom:.0f} times as large at "
            f"{common_um} µm per pixel. Check its pixel size."
        )
    return zoom


def scaled(image: np.ndarray, zoom: float) -> np.ndarray:
    """The picture at another size, float32; area means when it shrinks.

    Args:
        image: (rows, cols), any real type.
    """
    rows, cols = (max(1, round(side * zoom)) for side in image.shape)
    return resized(np.asarray(image, np.float32), (rows, cols), shrink_by="area")


def crops_of(image: np.ndarray, side_px: int) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """Squares that cover the picture, overlapping where they do not fit evenly.

    Args:
        image: (rows, cols), both at least `side_px`.

    Returns:
        (n, side_px, side_px), and (top, left) of each.

    >>> crops_of(np.zeros((120, 160)), 120)[1]
    [(0, 0), (0, 40)]
    """
    tops, lefts = (_starts(side, side_px) for side in image.shape)
    places = [(top, left) for top in tops for left in lefts]
    if len(places) > LARGEST_CROPS:
        places = [places[n] for n in np.linspace(0, len(places) - 1, LARGEST_CROPS).round().astype(int)]
    return np.stack([image[top : top + side_px, left : left + side_px] for top, left in places]), places


def _starts(length: int, side: int) -> list[int]:
    number = math.ceil(length / side)
    return [round(n * (length - side) / max(number - 1, 1)) for n in range(number)]
