"""What the network sees of a picture: square crops at one scale, and whether it is that of the training pictures.

Training and predicting use the same functions, so a picture is seen alike in both.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import InputError
from nital.io.labelled import Picture
from nital.science.scaling import resized, standardise

__all__ = [
    "LARGEST_CROPS",
    "Prepared",
    "crops_of",
    "magnification",
    "magnification_warnings",
    "prepare",
    "scaled",
    "zoom_of",
]

LARGEST_SIDE_PX = 20_000
LARGEST_CROPS = 12
"""A picture gives at most so many crops; a long strip is sampled evenly."""
ENLARGED = 1.5
"""Pictures that are smaller than this share of what the model was trained on get a warning."""
LEAST, MOST = 0.7, 1.4
"""Size of one pixel as the network sees it, over that of the training pictures; within these, structures look alike."""


@dataclass(frozen=True)
class Prepared:
    """What the network sees of a picture.

    Attributes:
        crops: squares of it. places: (top, left) of each in the scaled picture.
        scaled: (rows, cols), grey as it is. zoom: its scale. pixel_size_um: of the scaled picture; None: not known.
    """

    crops: np.ndarray
    places: list[tuple[int, int]]
    scaled: np.ndarray
    zoom: float
    pixel_size_um: float | None


def prepare(picture: Picture, path: Path, facts: Mapping[str, Any]) -> Prepared:
    """Scale a picture and cut it into crops, standardised as the model takes them, (n, 1, side, side).

    Args:
        path: for messages. facts: of the model.

    Raises:
        InputError: a pixel size that would make the picture far too large.
    """
    seen = cut(picture, path, int(facts["side_px"]), facts.get("common_pixel_size_um"))
    return replace(seen, crops=standardise(seen.crops, facts["grey_mean"], facts["grey_spread"])[:, None])


def cut(picture: Picture, file: Path | str, side_px: int, common_um: float | None) -> Prepared:
    """Scale a picture and cut it into crops of its own greys, (n, side, side); see `zoom_of` for the scale.

    Raises:
        InputError: a pixel size that would make the picture far too large; names the file.
    """
    size_um = picture.calibration.pixel_size_um
    try:
        zoom = zoom_of(picture.grey.shape, side_px, size_um, common_um)
    except InputError as error:
        raise InputError(f"{file}: {error}") from error
    grey = scaled(picture.grey, zoom)
    return Prepared(*crops_of(grey, side_px), grey, zoom, None if size_um is None else size_um / zoom)


def magnification(facts: Mapping[str, Any], seen: Prepared) -> str:
    """Whether structures appear at the size that they had in training, in words."""
    size, usual = seen.pixel_size_um, facts.get("seen_pixel_um")
    if usual is None:
        return "not checked: the training pictures have no pixel size"
    if size is None:
        return "not checked: this picture has no pixel size"
    return "as in training" if LEAST < size / usual < MOST else "another than in training"


def magnification_warnings(facts: Mapping[str, Any], seen: Prepared) -> list[str]:
    """What the scale of a picture takes from the answer."""
    warnings = []
    if seen.zoom > ENLARGED:
        warnings.append(
            f"The picture had to be enlarged {seen.zoom:.1f} times to the {facts['side_px']} px that the model looks "
            "at."
        )
    if magnification(facts, seen).startswith("another"):
        warnings.append(
            f"What the network sees has {seen.pixel_size_um:.4g} µm per pixel here and had "
            f"{facts['seen_pixel_um']:.4g} µm in the training pictures: structures appear at another size. Take "
            "pictures of that magnification and field."
        )
    if facts.get("common_pixel_size_um") and seen.pixel_size_um is None:
        warnings.append(
            "This picture has no pixel size, so it was scaled by its shorter side, not to the pixel size of the "
            "training pictures. Give `pixel_size_um`."
        )
    return warnings


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
