"""A map from a file, in the numbers that the file holds, with what is missing in it."""
# pyright: standard

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from nital.core.errors import InputError

__all__ = ["MapFile", "open_map"]

FORMATS = ".npy, .npz, .tif, .png, .csv or .txt"


@dataclass(frozen=True)
class MapFile:
    """A map of numbers.

    Attributes:
        values: (channels, rows, cols), in the file's own type. missing: bool, like `values`.
    """

    values: np.ndarray
    missing: np.ndarray


def open_map(path: Path, *, missing_value: float | None = None, mask: Path | None = None) -> MapFile:
    """Read a map; NaN is missing, and `missing_value`, and what `mask` marks.

    Args:
        path: .npy; .npz with one array; .tif of one or many pages; .png; .csv or .txt, a grid of numbers whose empty
            cells are missing.
        mask: a file as `path`, of the same rows and columns; not 0 where missing, in every channel or channel by
            channel.

    Raises:
        InputError: a file that cannot be read, holds no map of numbers, or a mask of another size.
    """
    values = _channels(_numbers(path), path)
    missing = ~np.isfinite(values) if values.dtype.kind == "f" else np.zeros(values.shape, bool)
    if missing_value is not None:
        missing |= values == missing_value
    if mask is not None:
        marked = _channels(_numbers(Path(mask)), Path(mask))
        if marked.shape[-2:] != values.shape[-2:] or marked.shape[0] not in (1, values.shape[0]):
            raise InputError(
                f"The mask {mask} has {_size(marked)}, the map {path} {_size(values)}. They must show the same field."
            )
        missing = missing | (marked != 0)
    return MapFile(values, missing)


def _size(values: np.ndarray) -> str:
    return f"{values.shape[1]} x {values.shape[2]} px in {values.shape[0]} channels"


def _numbers(path: Path) -> np.ndarray:
    path = Path(path)
    if not path.is_file():
        raise InputError(f"There is no file {path}. Give a map: {FORMATS}.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _decoded(path)
    except InputError:
        raise
    except Exception as error:  # every decoder has errors of its own
        raise InputError(f"{path} cannot be read as a map ({error}). Give {FORMATS}.") from error


def _decoded(path: Path) -> np.ndarray:
    kind = path.suffix.lower()
    if kind == ".npy":
        return np.load(path, allow_pickle=False)
    if kind == ".npz":
        with np.load(path, allow_pickle=False) as archive:
            if len(archive.files) != 1:
                raise InputError(f"{path} holds {len(archive.files)} arrays: {', '.join(archive.files)}. Save one.")
            return archive[archive.files[0]]
    if kind in (".tif", ".tiff"):
        return tifffile.imread(path)
    if kind in (".csv", ".txt"):
        text = path.read_text(encoding="utf-8-sig")
        line = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
        split = next((mark for mark in ("\t", ";", ",") if mark in line), None)
        return np.genfromtxt(text.splitlines(), delimiter=split)
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB") if picture.mode in ("P", "RGBA", "CMYK") else picture)


def _channels(values: np.ndarray, path: Path) -> np.ndarray:
    """As (channels, rows, cols)."""
    values = values.astype(np.uint8) if values.dtype == bool else values
    if values.dtype.kind not in "iuf" or values.ndim not in (2, 3) or 0 in values.shape or min(values.shape[:2]) < 1:
        raise InputError(
            f"{path} holds {values.dtype} of shape {values.shape}, which is no map. Give numbers in rows and columns, "
            "and channels where there are several."
        )
    if values.ndim == 2:
        return values[None]
    return np.moveaxis(values, 2, 0) if values.shape[2] < min(values.shape[:2]) else values
