"""The pixel size that a microscope wrote into a small text file beside the image.

JEOL and Hitachi write `image.txt`, TESCAN writes `image.hdr` (or `image-tif.hdr`).
"""

import os
import re
from pathlib import Path

from nital.core.errors import InputError
from nital.core.units import LARGEST_PIXEL_UM, SMALLEST_PIXEL_UM, to_um
from nital.io.micrographs.metadata import PixelSize, rescaled, tescan_text

__all__ = ["pixel_size_from_sidecar", "sidecar_files"]

# Real ones have a few kilobytes; a larger file of that name is something else.
_LARGEST_SIDECAR = 256 * 1024


def pixel_size_from_sidecar(path: Path, shape: tuple[int, int]) -> PixelSize | None:
    """Find the pixel size in the text file that an SEM wrote beside its image.

    Args:
        path: the image.
        shape: its (rows, columns).

    Returns:
        None when there is no such file or it states no size that a microscope could have.

    Source: field names as listed in `docs/reference/file-formats.md`.
    """
    stored = (shape[1], shape[0])
    for beside in sidecar_files(path):
        try:
            if beside.stat().st_size > _LARGEST_SIDECAR:
                continue
            found = _read(_decoded(beside.read_bytes()), stored, beside.name)
        except (OSError, ValueError, ZeroDivisionError, OverflowError, InputError):
            continue
        if found is not None and SMALLEST_PIXEL_UM <= found.pixel_size_um <= LARGEST_PIXEL_UM:
            return found
    return None


def sidecar_files(path: Path) -> list[Path]:
    """The files beside an image in which its microscope may have written the pixel size."""
    stem, suffix = os.path.splitext(path)  # as text: for small pictures, building paths takes longer than looking
    names = [stem + ending for ending in (".txt", ".TXT", ".Txt", ".hdr", ".HDR", f"-{suffix.lstrip('.')}.hdr")]
    return [Path(name) for name in names if os.path.isfile(name) and name != str(path)]


def _decoded(data: bytes) -> str:
    # Hitachi writes UTF-16 on some instruments.
    return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "latin-1", "replace")


def _read(text: str, stored: tuple[int, int], name: str) -> PixelSize | None:
    if "$CM_" in text or "$$SM_" in text:
        return _jeol(text, stored, name)
    if re.search(r"^\s*\[(?:Sem|Tem)ImageFile\]", text, re.MULTILINE):
        return _hitachi(text, stored, name)
    if "PixelSizeX" in text:
        return tescan_text(text, stored, f"TESCAN header {name}, PixelSizeX")
    return None


def _jeol(text: str, stored: tuple[int, int], name: str) -> PixelSize | None:
    bar = re.search(r"^\$\$?SM_MICRON_BAR\s+([\d.]+)", text, re.MULTILINE)
    marker = re.search(r"^\$\$?SM_MICRON_MARKER\s+([\d.]+)\s*(nm|[uµ]m|mm)", text, re.MULTILINE)
    if not (bar and marker):
        return None
    size, notes, rows = to_um(float(marker[1]), marker[2]) / float(bar[1]), (), None
    full = re.search(r"^\$CM_FULL_SIZE\s+(\d+)\s+(\d+)", text, re.MULTILINE)
    if full:
        taken = (int(full[1]), int(full[2]))
        rows = taken[1] if taken[0] == stored[0] and 0 < taken[1] < stored[1] else None
        size, notes = rescaled(size, taken, stored)
    return PixelSize(size, f"JEOL text file {name}, {marker[1]}{marker[2]} on {bar[1]} px", notes, rows)


def _hitachi(text: str, stored: tuple[int, int], name: str) -> PixelSize | None:
    stated_nm = re.search(r"^\s*PixelSize\s*=\s*([\d.eE+-]+)", text, re.MULTILINE)
    if stated_nm is None:
        return None
    size, notes = float(stated_nm[1]) * 1e-3, ()
    full = re.search(r"^\s*DataSize\s*=\s*(\d+)\s*[xX]\s*(\d+)", text, re.MULTILINE)
    if full:
        size, notes = rescaled(size, (int(full[1]), int(full[2])), stored)
    return PixelSize(size, f"Hitachi text file {name}, PixelSize", notes)
