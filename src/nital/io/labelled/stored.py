"""A file that labels pixels, as it is stored: which keys (numbers, colours, names) it holds, and where."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile

from nital.core.errors import InputError
from nital.io.file_head import file_head
from nital.io.micrographs.decoding import decode

__all__ = ["MOST_CLASSES", "UNLABELLED", "Key", "StoredLabel", "read_phase_map", "stored_values"]

Key = int | str
"""Numbers as int, colours as "#rrggbb", names of outlines."""
MOST_CLASSES = 10
UNLABELLED = 255
"""The code of pixels of which nobody has said what they are."""


@dataclass(frozen=True)
class StoredLabel:
    """What one file says of the pixels of a picture.

    Attributes:
        path: the file. form: "numbers", "colours" or "outlines".
        keys: what tells its classes apart, sorted.
        codes: uint8 (rows, cols), index into `keys`, or `UNLABELLED`.
        notes: sentences for the user.
    """

    path: Path
    form: str
    keys: tuple[Key, ...]
    codes: np.ndarray
    notes: tuple[str, ...] = ()

    def count(self, key: Key) -> int:
        """Pixels with a key."""
        return int(np.count_nonzero(self.codes == self.keys.index(key)))


def read_phase_map(path: Path, unlabelled: int | None) -> StoredLabel:
    """Read a PNG or TIFF whose values are classes: integers, indices of a palette, or colours.

    Args:
        unlabelled: the value (of colours: the grey) that means that nobody has said; None: every value is a class.

    Raises:
        InputError: a JPEG, fractions, transparency, more than 10 values, or no labelled pixel.
    """
    values, form, notes = stored_values(path)
    present = np.unique(values)
    named: tuple[Key, ...] = tuple(int(value) if form == "numbers" else f"#{value:06x}" for value in present)
    silent = unlabelled if form == "numbers" or unlabelled is None else f"#{unlabelled * 0x10101:06x}"
    keys = tuple(key for key in named if key != silent)
    if len(keys) > MOST_CLASSES:
        raise _too_many(path, form, values)
    if not keys:
        raise InputError(f"{path} labels no pixel: all hold {silent}, said to be unlabelled. Mark some, or remove it.")
    code = np.array([UNLABELLED if key == silent else keys.index(key) for key in named], np.uint8)
    return StoredLabel(path, form, keys, code[np.searchsorted(present, values)], notes)


def stored_values(path: Path) -> tuple[np.ndarray, str, tuple[str, ...]]:
    """What a PNG or TIFF of labels holds: integers (rows, cols), of colours 0xrrggbb; "numbers" or "colours"; notes.

    Raises:
        InputError: a JPEG, fractions or transparency.
    """
    head = file_head(path, "a label map")
    if path.suffix.lower() in (".jpg", ".jpeg") or head.startswith(b"\xff\xd8\xff"):
        raise InputError(
            f"{path} is a JPEG, which changes the values of pixels, so it cannot hold labels. Save the label as PNG or "
            "TIFF from the program that it was drawn in; a JPEG that is saved as PNG keeps the damage."
        )
    decoded = decode(path, None)
    values = _palette_indices(path, head) if decoded.pixels.ndim == 3 else None
    values = decoded.pixels if values is None else values
    if values.ndim == 2:
        return _integers(path, values), "numbers", decoded.notes
    return _packed(path, values), "colours", decoded.notes


def _palette_indices(path: Path, head: bytes) -> np.ndarray | None:
    """The indices of a palette picture; None: its pixels are colours themselves.

    The colours of a palette are for the eye only; programs that draw labels store the class in the index.
    """
    if head.startswith(b"\x89PNG"):
        with PngImageFile(path) as image:
            return np.asarray(image) if image.mode == "P" else None
    with tifffile.TiffFile(path) as tiff:
        if tiff.pages[0].aspage().photometric != tifffile.PHOTOMETRIC.PALETTE:
            return None
    with TiffImageFile(path) as image:
        return np.asarray(image) if image.mode == "P" else None


def _integers(path: Path, values: np.ndarray) -> np.ndarray:
    if values.dtype.kind != "f":
        return values.astype(np.uint8) if values.dtype.kind == "b" else values
    odd = values[~np.isfinite(values) | (values != np.round(values))]
    if len(odd):
        raise InputError(
            f"{path} holds {len(odd):,} pixels that are no whole numbers, such as {odd[0]:g}. A label map holds whole "
            "numbers alone: save it with 8 bits, without scaling."
        )
    return values.astype(np.int64)


def _packed(path: Path, colours: np.ndarray) -> np.ndarray:
    """(rows, cols) 0xrrggbb of 8-bit colours."""
    channels = colours.shape[2]
    if colours.dtype != np.uint8:
        raise InputError(f"{path} holds colours of {colours.dtype}. Save the label with 8 bits a channel.")
    if channels in (2, 4) and (colours[..., -1] < 255).any():
        raise InputError(
            f"{path} is transparent in {np.count_nonzero(colours[..., -1] < 255):,} pixels. Save the label without "
            "transparency, each class in one colour and the unlabelled pixels in one of their own."
        )
    red, green, blue = (colours[..., i if channels > 2 else 0].astype(np.int32) for i in range(3))
    return red << 16 | green << 8 | blue


def _too_many(path: Path, form: str, values: np.ndarray) -> InputError:
    found, counts = np.unique(values, return_counts=True)
    often = np.argsort(-counts, kind="stable")[: MOST_CLASSES + 2]
    listed = ", ".join(
        f"{found[i] if form == 'numbers' else f'#{found[i]:06x}'} ({counts[i]:,} px)" for i in often.tolist()
    )
    return InputError(
        f"{path} holds {len(found):,} different {form}, more than the {MOST_CLASSES} classes there may be: {listed}, "
        "... Is it a picture instead of a label, or are its edges antialiased? Save the label as PNG or TIFF with hard "
        "edges and one value for each class."
    )
