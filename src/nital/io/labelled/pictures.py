"""One picture of a collection: grey, cut to the specimen, with its pixel size."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nital.core.units import Calibration
from nital.io.micrographs import open_micrograph

__all__ = ["Picture", "cut_to_specimen", "open_picture"]

CROP_PX = 300
"""Pictures that are smaller than this are crops of a specimen: they have no banner, scale bar or margin."""


@dataclass(frozen=True)
class Picture:
    """One decoded picture.

    Attributes:
        grey: (rows, cols), cut to the rows and columns of the specimen; 16 bit are brought to the range of 8.
        calibration: its pixel size. warnings: sentences for the user.
    """

    grey: np.ndarray
    calibration: Calibration
    warnings: tuple[str, ...] = ()


def open_picture(path: Path, *, page: int | None = None, pixel_size_um: float | None = None) -> Picture:
    """Open one picture as it is learned from and classified: the one way for both.

    Raises:
        InputError: the file cannot be used; the message names it.
    """
    found = open_micrograph(path, page=page, pixel_size_um=pixel_size_um, smallest_searched_px=CROP_PX)
    grey = cut_to_specimen(np.asarray(found.image), found.valid)
    if grey.dtype == np.uint16:
        grey = grey.astype(np.float32) / np.float32(257)
    return Picture(grey, found.calibration, tuple(found.warnings))


def cut_to_specimen(image: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
    """The largest whole rows and columns of a picture that show the specimen alone.

    Args:
        image: (rows, cols). valid: (rows, cols) bool, or None: everything is specimen.

    >>> mask = np.ones((6, 4), bool); mask[5] = False
    >>> cut_to_specimen(np.zeros((6, 4)), mask).shape
    (5, 4)
    """
    if valid is None:
        return image
    rows = np.flatnonzero(valid.mean(1) > 0.5)
    cols = np.flatnonzero(valid.mean(0) > 0.5)
    if not len(rows) or not len(cols):
        return image
    return image[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
