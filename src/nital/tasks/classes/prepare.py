"""What the network sees of a picture, and whether that appears at the size of the training pictures."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import InputError
from nital.io.labelled import Picture
from nital.science.scaling import standardise
from nital.tasks.classes.crops import crops_of, scaled, zoom_of

__all__ = ["Prepared", "magnification", "magnification_warnings", "prepare"]

ENLARGED = 1.5
"""Pictures that are smaller than this share of what the model was trained on get a warning."""
LEAST, MOST = 0.7, 1.4
"""Size of one pixel as the network sees it, over that of the training pictures; within these, structures look alike."""


@dataclass(frozen=True)
class Prepared:
    """What the network sees of a picture.

    Attributes:
        crops: (n, 1, side, side), standardised. places: (top, left) of each in the scaled picture.
        scaled: (rows, cols), grey as it is. zoom: its scale. pixel_size_um: of the scaled picture; None: not known.
    """

    crops: np.ndarray
    places: list[tuple[int, int]]
    scaled: np.ndarray
    zoom: float
    pixel_size_um: float | None


def prepare(picture: Picture, path: Path, facts: Mapping[str, Any]) -> Prepared:
    """Scale a picture, and cut it into crops.

    Args:
        path: for messages. facts: of the model.

    Raises:
        InputError: a pixel size that would make the picture far too large.
    """
    side, size_um = int(facts["side_px"]), picture.calibration.pixel_size_um
    try:
        zoom = zoom_of(picture.grey.shape, side, size_um, facts.get("common_pixel_size_um"))
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    grey = scaled(picture.grey, zoom)
    crops, places = crops_of(grey, side)
    crops = standardise(crops, facts["grey_mean"], facts["grey_spread"])[:, None]
    return Prepared(crops, places, grey, zoom, None if size_um is None else size_um / zoom)


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
