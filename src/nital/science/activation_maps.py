"""Heat maps as pictures, at the size of their image and over it: numpy only, no network library."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np
from scipy import ndimage

from nital.core.errors import InputError

__all__ = ["blend", "enlarge", "tile_pictures"]

COLOURS = "viridis"
"""Rises evenly in lightness, so it reads the same with every colour vision and in a grey print."""


def enlarge(
    heat: np.ndarray,
    shape: tuple[int, int],
    *,
    stride_px: float | None = None,
    first_px: float | Sequence[float] | None = None,
) -> np.ndarray:
    """A coarse map at the size of its image, bilinear between its values and constant outside them.

    Args:
        heat: (h, w).
        shape: (rows, cols) of the image.
        stride_px: image pixels from one value to the next; None: the values share the image out evenly.
        first_px: where the first value is centred, counted from the centre of the first pixel; None: (stride - 1) / 2,
            each value in the middle of its share. Networks of odd kernels padded on both sides have 0. Two numbers are
            for rows and columns.

    Returns:
        float32 (rows, cols).

    Raises:
        InputError: not a map of two axes, an empty image, or a stride that is not positive.

    >>> enlarge(np.array([[0.0, 4.0]]), (1, 4))
    array([[0., 1., 3., 4.]], dtype=float32)
    >>> enlarge(np.array([[0.0, 4.0]]), (1, 4), stride_px=2, first_px=0)
    array([[0., 2., 4., 4.]], dtype=float32)
    """
    coarse = _checked_map(heat)
    if min(shape) < 1 or (stride_px is not None and not stride_px > 0):
        raise InputError(f"An image of {shape} and a stride of {stride_px} px cannot be; both must be positive.")
    places: list[np.ndarray] = []
    firsts = first_px if isinstance(first_px, Sequence) else (first_px, first_px)
    for side, count, given in zip(shape, coarse.shape, firsts, strict=True):
        stride = side / count if stride_px is None else stride_px
        first = (stride - 1) / 2 if given is None else given
        places.append(np.clip((np.arange(side) - first) / stride, 0, count - 1))
    return ndimage.map_coordinates(coarse, np.meshgrid(*places, indexing="ij"), order=1, mode="nearest")


def blend(heat: np.ndarray, grey: np.ndarray, strength: float = 0.7) -> np.ndarray:
    """A heat map over a grey image: the warmer, the more colour; where there is no heat the image is untouched.

    Only positive heat is shown, as a share of the largest.

    Args:
        heat: (rows, cols), finite.
        grey: uint8, or float from 0 to 1, (rows, cols) of the same size.
        strength: how much of the image the hottest colour hides, 0 to 1.

    Returns:
        uint8 (rows, cols, 3), RGB in colours that every colour vision tells apart.

    Raises:
        InputError: other sizes or types, greys outside 0 to 1, or a strength outside 0 to 1.

    >>> blend(np.array([[0.0, 1.0]]), np.array([[40, 40]], np.uint8), 1.0).tolist()
    [[[40, 40, 40], [253, 231, 37]]]
    """
    warm = np.clip(_checked_map(heat), 0, None)
    image = np.asarray(grey)
    if image.shape != warm.shape:
        raise InputError(f"The heat map has {warm.shape} pixels and the image {image.shape}. Enlarge the map first.")
    if not 0 <= strength <= 1:
        raise InputError(f"A strength of {strength} is not a share. Give a number from 0 to 1.")
    share = image / 255 if image.dtype == np.uint8 else image.astype(np.float64)
    if not ((share >= 0) & (share <= 1)).all():
        raise InputError(
            f"Greys of type {image.dtype} must lie between 0 and 1. Divide them by the largest, or use uint8."
        )
    warm /= warm.max() or 1
    # Colour and opacity have 256 steps, looked up: overlays of large pictures take long enough.
    step = np.minimum(256 * warm, 255).astype(np.uint8)
    opacity = np.float32(strength) * np.append(np.arange(255) / 255, 1).astype(np.float32)
    added, left = opacity[:, None] * _colours(), 1 - opacity
    mixed = added[step]
    mixed += (left[step] * share.astype(np.float32))[..., None]
    mixed *= 255
    return np.rint(mixed, out=mixed).astype(np.uint8)


def tile_pictures(tiles: np.ndarray, *, symmetric: bool = False, zoom: int = 1, gap_px: int = 1) -> np.ndarray:
    """Filters or feature maps side by side in one grey picture, each stretched to its own full range.

    Args:
        tiles: (n, h, w), finite.
        symmetric: zero is middle grey (filters); otherwise the smallest value is black (feature maps).
        zoom: pixels of the picture per value.
        gap_px: white between the tiles.

    Returns:
        uint8 (rows, cols), about as wide as high in tiles; places without a tile are white.

    Raises:
        InputError: not (n, h, w), nothing in it, values that are not finite, or a zoom below 1.

    >>> tile_pictures(np.array([[[-1.0, 0.0, 1.0]]]), symmetric=True)
    array([[  0, 128, 255]], dtype=uint8)
    """
    values = np.asarray(tiles, np.float64)
    if values.ndim != 3 or values.size == 0 or not np.isfinite(values).all() or zoom < 1 or gap_px < 0:
        raise InputError(
            f"Tiles of shape {values.shape} with zoom {zoom} make no picture: give finite (n, h, w), zoom 1."
        )
    if symmetric:
        span = np.abs(values).max((1, 2), keepdims=True)
        low, high = -span, span
    else:
        low, high = values.min((1, 2), keepdims=True), values.max((1, 2), keepdims=True)
    grey = np.rint(255 * (values - low) / np.where(high > low, high - low, 1)).astype(np.uint8)
    grey = grey.repeat(zoom, 1).repeat(zoom, 2)
    n, height, width = grey.shape
    columns = math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    picture = np.full((rows * (height + gap_px), columns * (width + gap_px)), 255, np.uint8)
    for number, tile in enumerate(grey):
        top, left = number // columns * (height + gap_px), number % columns * (width + gap_px)
        picture[top : top + height, left : left + width] = tile
    return picture[: rows * (height + gap_px) - gap_px, : columns * (width + gap_px) - gap_px]


@cache
def _colours() -> np.ndarray:
    """256 steps of the scale, (256, 3) from 0 to 1."""
    from matplotlib import colormaps

    return colormaps[COLOURS](np.arange(256))[:, :3].astype(np.float32)


def _checked_map(heat: np.ndarray) -> np.ndarray:
    array = np.array(heat, np.float32)
    if array.ndim != 2 or array.size == 0 or not np.isfinite(array).all():
        raise InputError(f"A heat map has rows and columns of finite values; this has the shape {array.shape}.")
    return array
