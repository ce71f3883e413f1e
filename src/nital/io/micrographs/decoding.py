"""From an untrusted file to a plain array, or to one clear InputError.

Shape and type are read before any pixel is decoded, and compared with the size of the file; whatever a
decoder throws becomes an InputError that names the file and says what to do.
"""

import contextlib
import logging
import threading
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image

from nital.core.errors import InputError, NitalError, need
from nital.io.file_head import file_head
from nital.io.micrographs.metadata import PixelSize, pixel_size_from_tiff

__all__ = ["Decoded", "decode"]

LARGEST_PIXELS = 500_000_000
"""Most pixels that are decoded into memory; larger images must be uncompressed greyscale TIFF."""
LARGEST_SIDE = 300_000
SMALLEST_SIDE = 32
MEMORY_MAP_FROM = 64_000_000
"""Uncompressed greyscale TIFF of this many pixels or more are memory-mapped."""
LARGEST_RATIO = 1500
"""Decoded bytes per stored byte that a real image may have; deflate itself cannot exceed 1032."""

EM_SUFFIXES = (".dm3", ".dm4", ".emd", ".ser")
_AS_TIFF = "Save it again as an uncompressed TIFF or a PNG from the program that made it"
_pillow_limit = threading.Lock()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """No warnings of decoders; in other threads than the first they may come, as filters are the whole process's."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


# tifffile reports what is odd about a file through logging; the user gets our own sentence instead.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Decoded:
    """Pixels as stored, and what the file says about them.

    Attributes:
        pixels: (rows, columns) or (rows, columns, 3); a memmap where that was asked for.
        metadata: the pixel size that the file itself states.
        notes: sentences for the user.
    """

    pixels: np.ndarray
    metadata: PixelSize | None
    notes: tuple[str, ...]


def decode(path: Path, page: int | None) -> Decoded:
    """Read one image of a file; `page` is counted from 1, None: the first.

    Raises:
        InputError: the file cannot be used; the message names it and says what to do.
    """
    head = file_head(path, "an image")
    try:
        with _quiet():
            if path.suffix.lower() in EM_SUFFIXES:
                return _decode_em(path, page)
            if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"):
                return _decode_tiff(path, page)
            if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
                return _decode_png_or_jpeg(path, page)
    except NitalError:
        raise
    except Exception as error:  # decoders throw whatever they like, MemoryError and RecursionError included
        raise InputError(f"{path} is damaged or truncated ({_reason(error)}). {_AS_TIFF}, or copy it again.") from error
    raise InputError(f"{path} is not a PNG, JPEG or TIFF image. {_AS_TIFF}.")


def _reason(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}" if text else type(error).__name__


def _check_size(path: Path, rows: int, columns: int, samples: int = 1) -> None:
    if rows < SMALLEST_SIDE or columns < SMALLEST_SIDE:
        raise InputError(
            f"{path} is {columns} x {rows} px, too small to hold a microstructure. "
            f"Give an image of at least {SMALLEST_SIDE} x {SMALLEST_SIDE} px."
        )
    if rows > LARGEST_SIDE or columns > LARGEST_SIDE:
        raise InputError(f"{path} declares {columns} x {rows} px, which no micrograph has. The file is damaged.")
    if samples not in (1, 2, 3, 4):
        raise InputError(
            f"{path} has {samples} channels (shape {rows} x {columns} x {samples}). "
            "Give a greyscale or RGB image: save the one channel that shows the structure as its own file."
        )


def _check_declared(path: Path, pixels: int, nbytes: int, stored: int) -> None:
    if nbytes > LARGEST_RATIO * max(stored, 1):
        raise InputError(
            f"{path} declares {pixels / 1e6:,.0f} megapixels in {stored:,} stored bytes, more than any compression "
            "gives. The file is damaged or made to exhaust memory; copy it again."
        )
    if pixels > LARGEST_PIXELS:
        raise InputError(
            f"{path} has {pixels / 1e6:,.0f} megapixels, more than the {LARGEST_PIXELS / 1e6:,.0f} that are decoded "
            "into memory. Save it as an uncompressed greyscale TIFF, which is read piece by piece, or crop it."
        )


def _page_index(path: Path, page: int | None, n_pages: int) -> tuple[int, tuple[str, ...]]:
    if n_pages < 1:
        raise InputError(f"{path} holds no image. {_AS_TIFF}.")
    if page is not None and not 1 <= page <= n_pages:
        has = "1 page" if n_pages == 1 else f"{n_pages} pages"
        raise InputError(f"{path} has {has}, so there is no page {page}. Give a page from 1 to {n_pages}.")
    if page is None and n_pages > 1:
        return 0, (f"{path.name} has {n_pages} pages; the first was used. Choose another with `page`.",)
    return (page or 1) - 1, ()


def _decode_tiff(path: Path, page: int | None) -> Decoded:
    with tifffile.TiffFile(path) as tiff:
        index, notes = _page_index(path, page, len(tiff.pages))
        frame = tiff.pages[index].aspage()
        rows, columns = _check_tiff_shape(path, frame)
        metadata = pixel_size_from_tiff(tiff, index)
        mapped = _memory_mapped(path, frame)
        if mapped is not None:
            if frame.photometric == tifffile.PHOTOMETRIC.MINISWHITE:
                notes += (f"{path.name} stores white as zero and was not turned over because it is memory-mapped.",)
            return Decoded(mapped, metadata, notes)
        _check_declared(path, rows * columns, frame.nbytes, _stored_bytes(path, frame))
        try:
            pixels = np.asarray(frame.asarray(maxworkers=1))
            if pixels.ndim == 3 and frame.planarconfig == 2:  # channels first
                pixels = np.moveaxis(pixels, 0, -1)
        except ValueError as error:  # codecs that tifffile has only with imagecodecs: Pillow brings its own
            if "imagecodecs" not in str(error):
                raise
            pixels = _tiff_by_pillow(path, index, error)
        if frame.photometric == tifffile.PHOTOMETRIC.PALETTE and frame.colormap is not None and pixels.ndim == 2:
            pixels = (np.asarray(frame.colormap)[:, pixels] >> 8).astype(np.uint8).transpose(1, 2, 0)
        if frame.photometric == tifffile.PHOTOMETRIC.MINISWHITE and pixels.dtype.kind in "bu":
            pixels = ~pixels
        return Decoded(pixels, metadata, notes)


def _check_tiff_shape(path: Path, frame: tifffile.TiffPage) -> tuple[int, int]:
    rows, columns, samples = int(frame.imagelength), int(frame.imagewidth), int(frame.samplesperpixel)
    if frame.imagedepth != 1 or len(frame.shape) > 3:
        raise InputError(f"{path} holds a volume of shape {frame.shape}. Give one section of it as an image.")
    _check_size(path, rows, columns, samples)
    if frame.dtype is None or frame.dtype.kind not in "buif":
        raise InputError(f"{path} stores {frame.bitspersample}-bit samples of a kind that is not read. {_AS_TIFF}.")
    if frame.compression == 1 and frame.nbytes > path.stat().st_size * 8:  # samples may be packed bits
        raise InputError(
            f"{path} declares {columns} x {rows} px but has only {path.stat().st_size:,} bytes. "
            "The file is damaged or truncated; copy it again from where it came from."
        )
    if frame.compression == 1 and frame.bitspersample >= 8 and _stored_bytes(path, frame) < frame.nbytes:
        raise InputError(
            f"{path} is truncated: it declares {frame.nbytes:,} bytes of pixels and holds "
            f"{_stored_bytes(path, frame):,}. Copy it again from where it came from."
        )
    return rows, columns


def _stored_bytes(path: Path, frame: tifffile.TiffPage) -> int:
    """Bytes of pixel data that the file really holds for a page."""
    size = path.stat().st_size
    held = (
        max(0, min(count, size - start)) for start, count in zip(frame.dataoffsets, frame.databytecounts, strict=False)
    )
    return min(sum(held), size)


def _memory_mapped(path: Path, frame: tifffile.TiffPage) -> np.ndarray | None:
    large = frame.imagelength * frame.imagewidth >= MEMORY_MAP_FROM
    if not large or not frame.is_memmappable or frame.samplesperpixel != 1:
        return None
    if frame.dtype is None or frame.dtype.newbyteorder("=") not in (np.uint8, np.uint16, np.float32):
        return None
    dtype = frame.dtype.newbyteorder(frame.parent.byteorder)
    shape = (frame.imagelength, frame.imagewidth)
    return np.memmap(path, dtype=dtype, mode="r", offset=frame.dataoffsets[0], shape=shape)


def _tiff_by_pillow(path: Path, index: int, first_error: Exception) -> np.ndarray:
    try:
        with _no_pillow_limit(), Image.open(path) as image:
            image.seek(index)
            return _pillow_pixels(image)
    except Exception as error:
        raise InputError(f"{path} cannot be decoded ({_reason(first_error)}). {_AS_TIFF}, or copy it again.") from error


def _decode_png_or_jpeg(path: Path, page: int | None) -> Decoded:
    _page_index(path, page, 1)
    with _no_pillow_limit():
        image = Image.open(path, formats=("PNG", "JPEG"))
    with image:
        _check_size(path, image.height, image.width, len(image.getbands()))
        _check_declared(path, image.height * image.width, image.height * image.width, path.stat().st_size)
        return Decoded(_pillow_pixels(image), None, ())


@contextlib.contextmanager
def _no_pillow_limit() -> Iterator[None]:
    # Pillow's own limit warns at 89 megapixels and is global; ours is checked before decoding.
    with _pillow_limit:
        before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _pillow_pixels(image: Image.Image) -> np.ndarray:
    if image.mode in ("P", "CMYK", "YCbCr", "LAB", "HSV", "RGBX", "PA"):
        image = image.convert("RGB")
    pixels = np.asarray(image)
    # Some 16-bit images come as 32-bit integers.
    return pixels.astype(np.uint16) if image.mode == "I" and 0 <= pixels.min() <= pixels.max() < 65536 else pixels


def _decode_em(path: Path, page: int | None) -> Decoded:
    name = f"Reading {path.suffix.lower()} files"
    need("rsciio", "em", name)
    if path.suffix.lower() == ".emd":
        need("h5py", "em", name)
    readers = {".dm3": "digitalmicrograph", ".dm4": "digitalmicrograph", ".emd": "emd", ".ser": "tia"}
    reader = need(f"rsciio.{readers[path.suffix.lower()]}", "em", name)
    signals: list[dict[str, Any]] = [
        signal for signal in reader.file_reader(str(path), lazy=True) if len(signal["axes"]) >= 2
    ]
    if not signals:
        raise InputError(f"{path} holds no image. {_AS_TIFF}.")
    signal = signals[0]
    frames = int(np.prod(signal["data"].shape[:-2], dtype=np.int64))
    index, notes = _page_index(path, page, max(frames, 1))
    rows, columns = signal["data"].shape[-2:]
    _check_size(path, rows, columns)
    _check_declared(path, rows * columns, rows * columns, path.stat().st_size)
    frame = signal["data"].reshape((-1, rows, columns))[index]
    pixels = np.asarray(frame.compute() if hasattr(frame, "compute") else frame)
    return Decoded(pixels, _em_pixel_size(signal["axes"]), notes)


def _em_pixel_size(axes: list[dict[str, Any]]) -> PixelSize | None:
    from nital.core.units import to_um

    try:
        return PixelSize(to_um(float(axes[-1]["scale"]), str(axes[-1]["units"])), "microscope file, axis scale")
    except (InputError, KeyError, ValueError, TypeError):
        return None
