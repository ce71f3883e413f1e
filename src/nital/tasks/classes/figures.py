"""The pictures of a result: maps over their picture, filters, feature maps. No torch."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nital.core.outcome import ColourBar
from nital.science.activation_maps import blend, enlarge, tile_pictures
from nital.tasks.classes.prepare import scaled

__all__ = ["assembled", "bar_of", "covered", "feature_maps_picture", "filters_picture", "over"]

SHOWN_PX = 360
"""Overlays have at least so many rows and columns."""
MOST_FILTERS, MOST_MAPS = 256, 64
Places = list[tuple[int, int]]


def over(heat: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """A map over its picture, uint8 RGB, enlarged where the picture is small.

    Args:
        heat, grey: (rows, cols).
    """
    low, high = np.quantile(grey, [0.002, 0.998])
    zoom = max(1.0, SHOWN_PX / min(grey.shape))
    share = np.clip((scaled(grey, zoom) - low) / max(high - low, 1e-6), 0, 1)
    return blend(scaled(np.nan_to_num(heat), zoom), share)


def bar_of(label: str, heat: np.ndarray) -> ColourBar:
    """The colour bar of `over`: no colour at 0 and below, and the last one at the largest value of the map.

    Args:
        heat: (rows, cols), in units of the logit; NaN in gaps.
    """
    shades = blend(np.linspace(0, 1, 9)[None], np.full((1, 9), 0.5))[0]
    colours = [f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in shades.tolist()]
    return ColourBar(label, "logit", 0.0, max(float(np.nanmax(heat)), 0.0), colours)


def covered(places: Places, shape: tuple[int, ...], side_px: int) -> np.ndarray:
    """How many crops show each pixel of the scaled picture, float32."""
    count = np.zeros(shape, np.float32)
    for top, left in places:
        count[top : top + side_px, left : left + side_px] += 1
    return count


def assembled(
    activation: np.ndarray, places: Places, shape: tuple[int, ...], side_px: int, receptive_field: Mapping[str, Any]
) -> np.ndarray:
    """Maps of the crops put together at the size of the scaled picture; the mean where crops overlap, NaN in gaps.

    Args:
        activation: (n, h, w), of the crops at `places`. receptive_field: with `stride_px` and `first_px`, or empty.
    """
    total, count = np.zeros(shape, np.float32), covered(places, shape, side_px)
    placed: dict[str, Any] = {name: receptive_field.get(name) for name in ("stride_px", "first_px")}
    for heat, (top, left) in zip(activation, places, strict=True):
        total[top : top + side_px, left : left + side_px] += enlarge(heat, (side_px, side_px), **placed)
    return np.where(count > 0, total / np.maximum(count, 1), np.float32(np.nan))


def filters_picture(filters: np.ndarray, unshuffle: int) -> np.ndarray:
    """Filters (n, channels, rows, cols) of the first layer side by side; zero is middle grey.

    Args:
        unshuffle: squares of so many pixels were made channels before that layer; they are put back. 1: none.
    """
    tiles = on_the_pixels(filters, unshuffle)
    tiles = tiles.reshape(-1, *tiles.shape[2:])[:MOST_FILTERS]
    return tile_pictures(tiles, symmetric=True, zoom=max(1, 72 // tiles.shape[-1]))


def feature_maps_picture(maps: np.ndarray) -> np.ndarray:
    """Feature maps (n, rows, cols) side by side, each in its own full range."""
    return tile_pictures(maps[:MOST_MAPS], zoom=max(1, 48 // maps.shape[-1]))


def on_the_pixels(filters: np.ndarray, unshuffle: int) -> np.ndarray:
    """Filters on squares of pixels that were made channels, as filters on the pixels; (n, 1, rows, cols) then."""
    if unshuffle == 1:
        return filters
    n, rows, cols = len(filters), *filters.shape[2:]
    split = filters.reshape(n, unshuffle, unshuffle, rows, cols)
    return split.transpose(0, 3, 1, 4, 2).reshape(n, 1, rows * unshuffle, cols * unshuffle)
