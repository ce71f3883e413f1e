"""Grey levels, and colours if there are any, from the pixels as decoded."""

from pathlib import Path

import numpy as np

from nital.core.errors import InputError

__all__ = ["as_8_bit", "grey_and_colour", "without_nan"]

_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


def grey_and_colour(path: Path, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Grey levels of a type that is promised, and the colours if there are any."""
    if pixels.dtype.kind not in "buif" or pixels.ndim not in (2, 3):
        raise InputError(
            f"{path} holds {pixels.dtype} of shape {pixels.shape}, not an image. Give a greyscale or RGB one."
        )
    if pixels.ndim == 3:
        pixels = pixels[..., :3] if pixels.shape[2] >= 3 else pixels[..., 0]  # alpha says nothing about the specimen
    if pixels.dtype == bool:
        pixels = pixels.astype(np.uint8) * np.uint8(255)
    elif pixels.dtype.newbyteorder("=") not in (np.uint8, np.uint16, np.float32):
        pixels = pixels.astype(np.float32)
    elif not pixels.dtype.isnative and not isinstance(pixels, np.memmap):
        pixels = pixels.astype(pixels.dtype.newbyteorder("="))
    if pixels.ndim == 2:
        return pixels, None
    if np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(pixels[..., 1], pixels[..., 2]):
        return np.ascontiguousarray(pixels[..., 0]), None
    grey = pixels @ _LUMA if pixels.dtype.kind == "f" else np.rint(pixels @ _LUMA).astype(pixels.dtype)
    return grey, _as_uint8(pixels)


def _as_uint8(pixels: np.ndarray) -> np.ndarray:
    if pixels.dtype == np.uint8:
        return np.ascontiguousarray(pixels)
    finite = np.nan_to_num(pixels.astype(np.float32), posinf=0, neginf=0)
    top = 65535.0 if pixels.dtype == np.uint16 and finite.max() > 4095 else max(float(finite.max()), 1e-30)
    return np.clip(finite * (255.0 / top), 0, 255).astype(np.uint8)


def as_8_bit(image: np.ndarray) -> np.ndarray:
    """Any real type as uint8, the whole range of it: overlays are drawn at its ends. What is no number becomes 0."""
    if image.dtype == np.uint8:
        return image
    finite = np.nan_to_num(image.astype(np.float32), posinf=0, neginf=0)
    low, high = float(finite.min()), float(finite.max())
    return np.rint((finite - low) * (255 / max(high - low, 1e-30))).astype(np.uint8)


def without_nan(path: Path, image: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Fill what is not a number, mark it, and refuse an image that shows nothing."""
    sample = image[:: max(1, image.shape[0] // 2048), :: max(1, image.shape[1] // 2048)]
    numbers = None
    if image.dtype.kind == "f":
        looked_at = sample if isinstance(image, np.memmap) else image
        finite = np.isfinite(looked_at)
        if not finite.any():
            raise InputError(f"{path} holds no number at all: every pixel is NaN. Export the image again.")
        if isinstance(image, np.memmap):
            _refuse_nan(path, image)
        elif not finite.all():
            numbers = finite
            image = np.where(finite, image, np.median(image[finite])).astype(np.float32)
            sample = image
        sample = sample[np.isfinite(sample)]
    if sample.min() == sample.max() and (image.size == sample.size or image.min() == image.max()):
        raise InputError(
            f"{path} shows nothing: every pixel has the same grey ({sample.flat[0]:g}). Check the export of the image."
        )
    return image, numbers


def _refuse_nan(path: Path, image: np.ndarray) -> None:
    """An image that stays on the disk cannot be filled."""
    bands = range(0, image.shape[0], 1024)
    bad = sum(int(np.count_nonzero(~np.isfinite(image[start : start + 1024]))) for start in bands)
    if bad:
        raise InputError(
            f"{path} has {bad} pixels that are no number, and is too large for nital to fill them. Crop the image, or "
            "fill them in the program that made it."
        )
