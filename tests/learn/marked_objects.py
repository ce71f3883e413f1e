"""Images with one marked object among textures: the place of the evidence is known, so maps can be checked."""

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from nital.core.errors import InputError

__all__ = ["OBJECTS", "MarkedImages", "marked_images"]

OBJECTS = ("none", "disc", "cross", "ring")
"""What stands in an image, by its class number; the first class has no object."""
OBJECT_PX = 15
"""Side of the square that an object fills."""


class MarkedImages(NamedTuple):
    """Images, the number of the object in each, and where it is.

    Attributes:
        image: float32 (n, side, side), mean about 0, spread about 1.
        kind: int64 (n,), index into OBJECTS.
        mask: bool (n, side, side), the square around the object; nowhere where there is none.
    """

    image: np.ndarray
    kind: np.ndarray
    mask: np.ndarray


def marked_images(number: int, rng: np.random.Generator, *, side_px: int = 64, contrast: float = 2.0) -> MarkedImages:
    """Draw images whose class is one small object somewhere among patches of three textures.

    Objects are brighter or darker than their surroundings by chance, and every image is brought to mean 0 and spread 1,
    so that neither brightness nor contrast tells the objects apart: their shape does.

    Args:
        number: of images; the classes take turns.
        rng: source of everything.
        side_px: side of the images, at least twice the object.
        contrast: grey of the object above the texture, in spreads of the texture.

    Raises:
        InputError: images too small for the object.

    Source: own.
    """
    if side_px < 2 * OBJECT_PX:
        raise InputError(f"Images of {side_px} px are too small for objects of {OBJECT_PX} px. Take {2 * OBJECT_PX}.")
    kind = np.arange(number) % len(OBJECTS)
    image = np.empty((number, side_px, side_px), np.float32)
    mask = np.zeros((number, side_px, side_px), bool)
    for n in range(number):
        image[n] = _textures(side_px, rng)
        if kind[n]:
            top, left = rng.integers(0, side_px - OBJECT_PX + 1, 2)
            square = np.s_[top : top + OBJECT_PX, left : left + OBJECT_PX]
            sign = rng.choice((-1, 1))
            image[n][square] += sign * contrast * _shape(OBJECTS[kind[n]])
            mask[n][square] = True
    image -= image.mean((1, 2), keepdims=True)
    image /= image.std((1, 2), keepdims=True)
    return MarkedImages(image, kind, mask)


def _textures(side: int, rng: np.random.Generator) -> np.ndarray:
    """Three textures of equal spread in patches of irregular outline: grain, smooth mottle, lamellae."""
    noise = rng.standard_normal((3, side, side))
    grain = noise[0]
    mottle = ndimage.gaussian_filter(noise[1], 2, mode="wrap")
    angle, period = rng.uniform(0, np.pi), rng.uniform(4, 8)
    rows, cols = np.mgrid[:side, :side]
    lamellae = np.sin(2 * np.pi * (np.cos(angle) * rows + np.sin(angle) * cols) / period + noise[2] * 0.5)
    which = np.argmax(ndimage.gaussian_filter(rng.standard_normal((3, side, side)), (0, 8, 8), mode="wrap"), 0)
    spread = [texture / texture.std() for texture in (grain, mottle, lamellae)]
    return np.choose(which, spread)


def _shape(name: str) -> np.ndarray:
    """An object of 15 x 15 px with edges about a pixel soft, 0 to 1."""
    y, x = np.mgrid[:OBJECT_PX, :OBJECT_PX] - OBJECT_PX // 2
    radius = np.hypot(x, y)
    sharp = {
        "disc": radius <= 6,
        "ring": (radius <= 6) & (radius >= 4),
        "cross": (np.minimum(np.abs(x), np.abs(y)) <= 1) & (radius <= 7),
    }[name]
    return ndimage.gaussian_filter(sharp.astype(np.float64), 0.6)
