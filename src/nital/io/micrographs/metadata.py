"""The pixel size that a microscope wrote into a TIFF file.

Each vendor has its own place and unit. What none of them means is the plain TIFF resolution: 72, 96 or
300 dots per inch describe a screen or a page, never the specimen, and are not read here.
"""

import contextlib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import tifffile

from nital.core.errors import InputError
from nital.core.units import LARGEST_PIXEL_UM, SMALLEST_PIXEL_UM, to_um

__all__ = ["PixelSize", "pixel_size_from_tiff", "rescaled"]

# Dots per inch that printers and screens use; ImageJ passes them on as "unit=cm" or "unit=inch".
_PRINT_DPI = (
    72, 75, 90, 96, 100, 120, 144, 150, 180, 192, 200, 220, 240, 250, 300, 350, 360, 400, 600, 720, 1200, 2400,
)  # fmt: skip

ZEISS_REFERENCE_WIDTH = 1024
"""Zeiss states some sizes for a picture of this width, whatever the width of the file."""


@dataclass(frozen=True)
class PixelSize:
    """A pixel size that a file states.

    Attributes:
        pixel_size_um: micrometres per pixel of this very image.
        detail: where it was found, for people.
        notes: sentences for the user, such as that the image was resized after it was taken.
        specimen_rows: rows that show specimen when the file says so (the rest is the data bar), else None.
    """

    pixel_size_um: float
    detail: str
    notes: tuple[str, ...] = ()
    specimen_rows: int | None = None


def pixel_size_from_tiff(tiff: tifffile.TiffFile, page_index: int = 0) -> PixelSize | None:
    """Find the pixel size in the metadata of an open TIFF file.

    Read, in this order: FEI/Thermo (tags 34680, 34682), Zeiss SEM (34118), TESCAN (50431), Olympus SIS
    (33560, 33471), JEOL (SightX report in the description), OME-XML, ImageJ.

    Args:
        tiff: an open file.
        page_index: counted from 0; vendors that describe pages one by one are asked for this one.

    Returns:
        None when nothing states a size that a microscope could have. Damaged metadata count as none.

    Source: tag layouts as in tifffile's readers, and for each vendor as named in `docs/reference/file-formats.md`.
    """
    readers: tuple[Callable[[tifffile.TiffFile, tifffile.TiffPage], PixelSize | None], ...] = (
        _fei, _zeiss, _tescan, _olympus_sis, _jeol_sightx, _ome, _imagej,
    )  # fmt: skip
    for read in readers:
        # Metadata are as untrusted as pixels: a reader that stumbles has found nothing.
        with contextlib.suppress(Exception):
            found = read(tiff, tiff.pages[page_index].aspage())
            if found is not None and SMALLEST_PIXEL_UM <= found.pixel_size_um <= LARGEST_PIXEL_UM:
                return found
    return None


def rescaled(pixel_size_um: float, taken: tuple[int, int], stored: tuple[int, int]) -> tuple[float, tuple[str, ...]]:
    """Correct a pixel size for an image that was resized after it was taken.

    Width and height changed by one factor mean resizing; a different width alone means cropping, which
    leaves the pixel size as it was.

    Args:
        pixel_size_um: as stated for the image as taken.
        taken: (width, height) in pixels that the metadata state.
        stored: (width, height) of the file.

    Returns:
        the pixel size of the stored image, and sentences about what was changed.

    >>> rescaled(0.1, (2048, 1536), (1024, 768))[0]
    0.2
    """
    if min(*taken, *stored) <= 0 or taken[0] == stored[0]:
        return pixel_size_um, ()
    across, down = taken[0] / stored[0], taken[1] / stored[1]
    said = f"Metadata speak of {taken[0]} x {taken[1]} px, the file has {stored[0]} x {stored[1]}"
    if math.isclose(across, down, rel_tol=0.02):
        return pixel_size_um * across, (f"{said}: taken as resized, and the pixel size corrected for it.",)
    return pixel_size_um, (f"{said}: taken as cropped, and the pixel size left as stated.",)


def _fei(tiff: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    meta: dict[str, Any] = tiff.fei_metadata or {}
    image = meta.get("Image", {})
    taken = (int(image.get("ResolutionX", 0) or 0), int(image.get("ResolutionY", 0) or 0))
    stored = (page.imagewidth, page.imagelength)
    for section in ("Scan", "EScan", "IScan"):
        width_m, height_m = (meta.get(section, {}).get(key) for key in ("PixelWidth", "PixelHeight"))
        if not width_m or float(width_m) <= 0:
            continue
        size, notes = float(width_m) * 1e6, ()
        # A data bar adds rows under the scanned ones: only a changed width can mean resizing.
        if taken[0] != stored[0]:
            size, notes = rescaled(size, taken, stored)
        rows = taken[1] if taken[0] == stored[0] and 0 < taken[1] < stored[1] else None
        notes += _not_square(size, float(height_m) * 1e6 if height_m and not notes else size)
        return PixelSize(size, f"FEI/Thermo metadata, {section}/PixelWidth", notes, rows)
    return None


def _zeiss(tiff: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    meta: dict[str, Any] = tiff.sem_metadata or {}
    stored = (page.imagewidth, page.imagelength)
    # AP_IMAGE_PIXEL_SIZE is the stored picture's; AP_PIXEL_SIZE is that of the microscope's own
    # 1024-pixel screen and differs from it for 0.5k, 2k and 3k pictures.
    entry = meta.get("ap_image_pixel_size")
    if entry is not None and len(entry) == 3:
        size, notes = to_um(float(entry[1]), str(entry[2])), ()
        kept = re.fullmatch(r"\s*(\d+)\s*\*\s*(\d+)\s*", str(meta.get("dp_image_store", ("", ""))[1]))
        if kept:
            size, notes = rescaled(size, (int(kept[1]), int(kept[2])), stored)
        return PixelSize(size, "Zeiss metadata, AP_IMAGE_PIXEL_SIZE", notes)
    entry = meta.get("ap_pixel_size")
    if entry is not None and len(entry) == 3:
        size = to_um(float(entry[1]), str(entry[2])) * ZEISS_REFERENCE_WIDTH / stored[0]
        return PixelSize(size, f"Zeiss metadata, AP_PIXEL_SIZE for {ZEISS_REFERENCE_WIDTH} px")
    # Without names: the fourth bare value is that screen's pixel size in metres.
    bare = meta.get("", ())
    if len(bare) > 3 and isinstance(bare[3], float) and bare[3] > 0:
        size = bare[3] * 1e6 * ZEISS_REFERENCE_WIDTH / stored[0]
        return PixelSize(size, "Zeiss metadata, unnamed pixel size")
    return None


def _tescan(tiff: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    tag = page.tags.get(50431)
    if tag is None:
        return None
    blob = tag.value if isinstance(tag.value, bytes) else str(tag.value).encode("latin-1", "replace")
    # A binary thumbnail may come first; the text after it is "key=value" lines.
    text = blob.decode("latin-1")
    return tescan_text(text, (page.imagewidth, page.imagelength), "TESCAN metadata, PixelSizeX")


def tescan_text(text: str, stored: tuple[int, int], detail: str) -> PixelSize | None:
    """Read `PixelSizeX=` (metres) from TESCAN's key=value text, which stands in tag 50431 and in .hdr files."""
    width_m = re.search(r"(?:^|[^A-Za-z])PixelSizeX\s*=\s*([0-9.eE+-]+)", text)
    if width_m is None:
        return None
    height_m = re.search(r"(?:^|[^A-Za-z])PixelSizeY\s*=\s*([0-9.eE+-]+)", text)
    strip = re.search(r"ImageStripSize\s*=\s*(\d+)", text)
    size = float(width_m[1]) * 1e6
    rows = stored[1] - int(strip[1]) if strip and 0 < int(strip[1]) < stored[1] // 2 else None
    return PixelSize(size, detail, _not_square(size, float(height_m[1]) * 1e6 if height_m else size), rows)


def _olympus_sis(tiff: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    for candidate in (page, *(other.aspage() for other in tiff.pages[:8])):
        for code in (33560, 33471):
            meta = candidate.tags.get(code)
            if meta is not None and isinstance(meta.value, dict) and meta.value.get("pixelsizex"):
                x, y = (float(meta.value[key]) * 1e6 for key in ("pixelsizex", "pixelsizey"))
                return PixelSize(x, "Olympus SIS metadata, pixelsizex", _not_square(x, y))
    return None


def _jeol_sightx(tiff: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    make = page.tags.valueof(271)
    report = page.tags.valueof(270)
    if make != "JEOL Ltd." or not isinstance(report, str) or "TemReporter" not in report:
        return None
    mode, kind, magnification = (
        re.search(rf"<{name}[^>]*>\s*([^<]*?)\s*</{name}>", report)
        for name in ("EosMode", "ModeString", "SelectorValue")
    )
    if not (mode and kind and magnification) or mode[1] != "eosTEM" or kind[1] != "MAG":
        return None
    per_unit = _resolution(page)
    unit_um = 1e4 if int(page.tags.valueof(296, 2)) == 3 else 25400.0
    return PixelSize(unit_um / per_unit / float(magnification[1]), "JEOL metadata, resolution and magnification")


def _ome(tiff: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    text = tiff.ome_metadata
    if not text:
        return None
    element = re.search(r"<(?:\w+:)?Pixels\b[^>]*>", text)
    if element is None:
        return None
    stated = dict(re.findall(r'(\w+)\s*=\s*"([^"]*)"', element[0]))
    if "PhysicalSizeX" not in stated:
        return None
    # The OME schema's default unit is the micrometre.
    x, y = (
        to_um(float(stated[f"PhysicalSize{axis}"]), stated.get(f"PhysicalSize{axis}Unit", "µm"))
        if f"PhysicalSize{axis}" in stated
        else math.nan
        for axis in "XY"
    )
    size, notes = rescaled(
        x, (int(stated.get("SizeX", 0)), int(stated.get("SizeY", 0))), (page.imagewidth, page.imagelength)
    )
    return PixelSize(size, "OME-XML, PhysicalSizeX", notes + _not_square(x, x if math.isnan(y) else y))


def _imagej(tiff: tifffile.TiffFile, page: tifffile.TiffPage) -> PixelSize | None:
    meta: dict[str, Any] = tiff.imagej_metadata or {}
    # ImageJ writes the micro sign escaped, as the six characters \u00B5.
    unit = str(meta.get("unit", "")).replace("\\u00B5", "µ").strip()
    if not unit or unit.lower() in ("inch", "in", "pixel", "pixels"):
        return None
    per_unit = _resolution(page)
    if unit.lower() == "cm" and any(math.isclose(per_unit * 2.54, dpi, rel_tol=5e-3) for dpi in _PRINT_DPI):
        return None
    try:
        size = to_um(1.0 / per_unit, unit)
    except InputError:
        return None
    down = page.tags.valueof(283)
    y = to_um(down[1] / down[0], unit) if down and all(down) else size
    return PixelSize(size, f"ImageJ metadata, {unit} per pixel", _not_square(size, y))


def _resolution(page: tifffile.TiffPage) -> float:
    above, below = page.tags.valueof(282)
    return above / below


def _not_square(x_um: float, y_um: float) -> tuple[str, ...]:
    if math.isclose(x_um, y_um, rel_tol=0.01):
        return ()
    return (
        f"Metadata say that pixels are not square ({x_um:g} x {y_um:g} um): lengths use the horizontal size. "
        "Resample the image to square pixels for exact results.",
    )
