"""Outlines that label pixels, and how they are painted.

They count from the corner of the first pixel, as ImageJ and LabelMe do: a polygon from (0, 0) to (10, 10) covers the
pixels 0 to 9.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from skimage.draw import polygon

from nital.core.errors import InputError
from nital.io.labelled.stored import MOST_CLASSES, UNLABELLED, StoredLabel

__all__ = ["Outline", "painted"]

FARTHEST_PX = 1e6


@dataclass(frozen=True)
class Outline:
    """An area or a stroke of one class.

    Attributes:
        name: the class. where: for messages, such as "shape 3".
        paths: float (n, 2) each, x and y in pixels; of an area with holes the outer and the inner borders.
        width_px: of a stroke, or of a point; None: an area.
    """

    name: str
    where: str
    paths: tuple[np.ndarray, ...]
    width_px: float | None = None


def painted(path: Path, outlines: Sequence[Outline], shape: tuple[int, int]) -> StoredLabel:
    """The label that the outlines of a file draw on a picture of (rows, cols) `shape`.

    An area covers the pixels whose centres lie in it. Where outlines overlap, the later one counts; what lies outside
    all is unlabelled.

    Raises:
        InputError: no outline, one outside the picture, or more than 10 classes.
    """
    if not outlines:
        raise InputError(f"{path} holds no outline that labels pixels. Draw some, or remove the file.")
    names = sorted({outline.name for outline in outlines})
    if len(names) > MOST_CLASSES:
        raise InputError(
            f"{path} names {len(names)} classes, more than the {MOST_CLASSES} there may be: {', '.join(names[:12])}, "
            "... Give the outlines of one class one name; a number at its end does not count."
        )
    codes = np.full(shape, UNLABELLED, np.uint8)
    for outline in outlines:
        _check_inside(path, outline, shape)
        code = names.index(outline.name)
        if outline.width_px is None:
            _fill(codes, outline.paths, code)
        else:
            for stroke in outline.paths:
                _draw(codes, stroke, max(outline.width_px, 1.0), code)
    covered = [name for code, name in enumerate(names) if (codes == code).any()]
    if not covered:
        raise InputError(f"{path} labels no pixel: its outlines are smaller than one. Draw larger ones.")
    return StoredLabel(path, "outlines", tuple(names), codes)


def _check_inside(path: Path, outline: Outline, shape: tuple[int, int]) -> None:
    points = np.concatenate(outline.paths) if outline.paths else np.empty((0, 2))
    if not len(points) or not (np.abs(points) < FARTHEST_PX).all():  # NaN too
        raise InputError(f"{path}: {outline.where} ({outline.name}) has no usable coordinates. Draw it again.")
    size = np.array(shape[::-1])
    if (points.max(0) < 0).any() or (points.min(0) > size).any():
        raise InputError(
            f"{path}: {outline.where} ({outline.name}) lies at x {points[0, 0]:g}, y {points[0, 1]:g}, outside the "
            f"picture of {size[0]} x {size[1]} px. Was it drawn on another picture, or on a scaled copy?"
        )


def _fill(codes: np.ndarray, borders: Sequence[np.ndarray], code: int) -> None:
    if len(borders) == 1:
        codes[polygon(borders[0][:, 1] - 0.5, borders[0][:, 0] - 0.5, codes.shape)] = code
        return
    inside = np.zeros(codes.shape, bool)
    for border in borders:  # a hole lies in two borders, so it is turned twice
        inside[polygon(border[:, 1] - 0.5, border[:, 0] - 0.5, codes.shape)] ^= True
    codes[inside] = code


def _draw(codes: np.ndarray, stroke: np.ndarray, width_px: float, code: int) -> None:
    """A line with round corners, or the dot of a single point, in the box that it needs."""
    first = np.maximum(np.floor(stroke.min(0) - width_px), 0).astype(int)
    last = np.ceil(stroke.max(0) + width_px).astype(int)
    box = codes[first[1] : last[1] + 1, first[0] : last[0] + 1]
    if not box.size:
        return
    canvas = Image.fromarray(box)
    pen = ImageDraw.Draw(canvas)
    inner = stroke - first
    if len(stroke) == 1:
        half = (width_px - 1) / 2
        pen.ellipse([*np.round(inner[0] - 0.5 - half), *np.round(inner[0] - 0.5 + half)], fill=code)
    else:
        pen.line([tuple(point) for point in np.floor(inner)], fill=code, width=round(width_px), joint="curve")
    box[...] = np.asarray(canvas)
