"""The one door for a user's image: `open_micrograph`.

It decodes safely, finds the pixel size and who states it, and marks what is not specimen (data bar, scale bar,
empty margin).
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.core.units import UNCALIBRATED, Calibration, checked_pixel_size_um
from nital.io.micrographs.decoding import decode
from nital.io.micrographs.grey import grey_and_colour, without_nan
from nital.io.micrographs.metadata import PixelSize
from nital.io.micrographs.scale_bar import ScaleBar, find_scale_bar, specimen_mask, with_paper
from nital.io.micrographs.sidecar import pixel_size_from_sidecar

__all__ = ["Micrograph", "open_micrograph"]

LARGEST_SEARCHED = 100_000_000
"""Larger images are stitched maps: they are not searched for scale bars and margins, which would take minutes."""


@dataclass(frozen=True)
class Micrograph:
    """An image ready for analysis, with what is known about it.

    Attributes:
        path: the file.
        image: (rows, columns), uint8, uint16 or float32, grey levels as stored, not normalised; colour is
            turned to grey with the luma weights of Rec. 709 (0.2126 R + 0.7152 G + 0.0722 B); pixels that
            are not numbers hold the median grey and are marked in `valid`. A read-only memmap for large
            uncompressed TIFF files.
        valid: (rows, columns) bool, True on the specimen; None when everything is specimen.
        calibration: the pixel size and where it was learned.
        warnings: sentences for the user.
        colour: (rows, columns, 3) uint8 as stored, for overlays; None for grey images.
        scale_bar: the bar found in the picture, if any.
    """

    path: Path
    image: np.ndarray
    valid: np.ndarray | None
    calibration: Calibration
    warnings: Sequence[str] = ()
    colour: np.ndarray | None = None
    scale_bar: ScaleBar | None = None


def open_micrograph(
    path: str | os.PathLike[str],
    *,
    page: int | None = None,
    pixel_size_um: float | None = None,
    scale_bar_um: float | None = None,
    read_scale_bar: bool = True,
    smallest_searched_px: int = 0,
) -> Micrograph:
    """Open a micrograph: PNG, JPEG, TIFF, and with the extra `em` also .dm3, .dm4, .emd and .ser.

    The pixel size is the user's, else the one in the file's metadata or in the text file beside it,
    else the one that a readable scale bar gives, else none (`UNCALIBRATED`).

    Args:
        path: the file; what it is, is told from its first bytes.
        page: counted from 1; None: the first, with a warning when there are more.
        pixel_size_um: micrometres per pixel, 1e-6 to 1e4; wins over everything else.
        scale_bar_um: length in micrometres that the scale bar in the picture stands for.
        read_scale_bar: whether to look for a scale bar and read it; without it a bar counts as specimen.
        smallest_searched_px: pictures whose longest side is shorter are taken for crops of the specimen, in which no
            scale bar, banner or margin is looked for; that takes longer than a small network does.

    Raises:
        InputError: the file cannot be used, or a value is absurd; the message says what to do.
        MissingExtra: an electron-microscope file without the extra `em`.
    """
    path = Path(path)
    if pixel_size_um is not None:
        checked_pixel_size_um(pixel_size_um, where="`pixel_size_um`")
    if scale_bar_um is not None and not (np.isfinite(scale_bar_um) and scale_bar_um > 0):
        raise InputError(f"`scale_bar_um` is {scale_bar_um:g}. Give the length of the scale bar in um, above 0.")
    decoded = decode(path, page)
    notes = list(decoded.notes)
    image, colour = grey_and_colour(path, decoded.pixels)
    image, numbers = without_nan(path, image)
    metadata = decoded.metadata or pixel_size_from_sidecar(path, image.shape)
    bar, inside = None, None
    if max(image.shape) >= smallest_searched_px or scale_bar_um is not None:
        bar, inside = _look_around(image, colour, metadata, read_scale_bar, notes)
    if scale_bar_um is not None:
        bar = _with_length(path, bar, scale_bar_um, notes)
    valid = _joined(path, image, numbers, inside)
    calibration = _calibration(path, pixel_size_um, scale_bar_um, metadata, bar, notes)
    return Micrograph(path, image, valid, calibration, tuple(notes), colour, bar)


def _look_around(
    image: np.ndarray, colour: np.ndarray | None, metadata: PixelSize | None, read_scale_bar: bool, notes: list[str]
) -> tuple[ScaleBar | None, np.ndarray | None]:
    """The scale bar, and the mask of the specimen without bar, banner and margin."""
    if image.size > LARGEST_SEARCHED:
        notes.append(
            f"The image has {image.size / 1e6:,.0f} megapixels: it was not searched for a scale bar, banner or margin. "
            "Crop them off if it has any."
        )
        return None, None
    bar = find_scale_bar(colour if colour is not None else image) if read_scale_bar else None
    inside = specimen_mask(image, boxes=[with_paper(image, bar.box)] if bar else [])
    if metadata is not None and metadata.specimen_rows is not None:
        inside = np.ones(image.shape, dtype=bool) if inside is None else inside
        inside[metadata.specimen_rows :] = False
    return bar, inside


def _with_length(path: Path, bar: ScaleBar | None, scale_bar_um: float, notes: list[str]) -> ScaleBar:
    if bar is None:
        raise InputError(
            f"No scale bar was found in {path}, so `scale_bar_um` cannot be used. Give `pixel_size_um` instead."
        )
    size = checked_pixel_size_um(
        scale_bar_um / bar.length_px, where=f"A bar of {scale_bar_um:g} um on {bar.length_px:.0f} px"
    )
    if bar.pixel_size_um is not None and abs(bar.pixel_size_um / size - 1) > 0.05:
        notes.append(
            f"{path.name}: the bar was taken for {scale_bar_um:g} um, as you said, but its label reads "
            f"{bar.value:g} {bar.unit}. Check which is right."
        )
    return replace(bar, value=scale_bar_um, unit="um", pixel_size_um=size)


def check_contrast(micrograph: Micrograph) -> None:
    """Refuse a picture of one grey.

    Raises:
        InputError: names the file.
    """
    sample = micrograph.image[:: max(1, micrograph.image.shape[0] // 1000)]
    if sample.min() == sample.max():
        raise InputError(f"{micrograph.path} is one single grey ({sample.min()}): there is nothing to see in it.")


def _joined(path: Path, image: np.ndarray, numbers: np.ndarray | None, inside: np.ndarray | None) -> np.ndarray | None:
    masks = [mask for mask in (numbers, inside) if mask is not None]
    if not masks:
        return None
    valid = np.logical_and.reduce(masks)
    shown = image[valid]
    if shown.size == 0 or shown.min() == shown.max():
        raise InputError(f"{path} shows no specimen outside its banner and margins. Crop the image to the specimen.")
    return None if valid.all() else valid


def _calibration(
    path: Path, argument: float | None, scale_bar_um: float | None,
    metadata: PixelSize | None, bar: ScaleBar | None, notes: list[str],
) -> Calibration:  # fmt: skip
    """Who is believed: the user, then the metadata, then the bar; disagreement is said aloud."""
    told = None if argument is None else Calibration(argument, "argument", "given by the user")
    stated = None if metadata is None else Calibration(metadata.pixel_size_um, "metadata", metadata.detail)
    drawn = _from_bar(bar)
    order = (told, stated, drawn) if scale_bar_um is None else (told, drawn, stated)
    sources = [source for source in order if source is not None]
    if not sources:
        if bar is not None:
            notes.append(
                f"A scale bar of {bar.length_px:.0f} px was found but its number could not be read. "
                "Give `scale_bar_um`, its length, or `pixel_size_um`."
            )
        return UNCALIBRATED
    chosen = sources[0]
    if chosen.source == "metadata" and metadata is not None:
        notes.extend(metadata.notes)
    for other in sources[1:]:
        if abs(other.pixel_size_um / chosen.pixel_size_um - 1) > 0.05:  # type: ignore[operator]
            notes.append(
                f"{path.name}: the pixel size {chosen.pixel_size_um:.4g} um ({chosen.detail}) was used, but "
                f"{other.detail} gives {other.pixel_size_um:.4g} um. Check which is right."
            )
    return chosen


def _from_bar(bar: ScaleBar | None) -> Calibration | None:
    if bar is None or bar.pixel_size_um is None:
        return None
    return Calibration(bar.pixel_size_um, "scale_bar", f"scale bar, {bar.value:g} {bar.unit} on {bar.length_px:.1f} px")
