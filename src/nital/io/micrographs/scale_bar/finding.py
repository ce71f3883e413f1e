"""Finding the scale bar in a picture, measuring it, and reading its number where that is certain.

A bar is a long, thin, horizontal rectangle of one colour whose four sides are sharp. Its length is
measured at half contrast, between the middles of the end ticks where it has some. It counts only with
print beside it, and gives a pixel size only when that print is read beyond doubt.
"""

from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from scipy import ndimage

from nital.core.units import LARGEST_PIXEL_UM, SMALLEST_PIXEL_UM, to_um
from nital.io.micrographs.grey import as_8_bit
from nital.io.micrographs.scale_bar.bar_label import Print, find_print
from nital.io.micrographs.scale_bar.bar_shapes import Bar, find_bars

__all__ = ["ScaleBar", "find_scale_bar", "with_paper"]

PAPER_SHARE = 0.35  # of bar and print that has one grey, when they stand on paper of their own
PAPER_SPREAD = 3  # grey levels within which paper is uniform
_TRIED = 12
"""Bars whose surroundings are read; more candidates than this are patterns of the specimen."""


@dataclass(frozen=True)
class ScaleBar:
    """A scale bar in a picture.

    Attributes:
        length_px: pixels, to a fraction of one.
        box: (first row, end row, first column, end column) of bar, ticks and label, ends exclusive.
        text: as read; "" when it could not be read.
        value, unit: 200.0 and "um"; None when not certain.
        pixel_size_um: micrometres per pixel; None when the number is not certain.
        confidence: 0 to 1; below 0.5 the number must come from the user.
    """

    length_px: float
    box: tuple[int, int, int, int]
    text: str
    value: float | None
    unit: str | None
    pixel_size_um: float | None
    confidence: float


def find_scale_bar(image: np.ndarray) -> ScaleBar | None:
    """Find the scale bar of a micrograph and read it if that can be done without doubt.

    Args:
        image: (rows, columns) or (rows, columns, 3); uint8, or other types, which are scaled to 8 bits.

    Returns:
        None when there is no bar with print beside it. `pixel_size_um` is None when the number is not certain.

    Valid for: horizontal bars of one colour (white, black or coloured), 20 px to three quarters of the
        width long, with or without end ticks, in one piece or on both sides of the label.

    Source: own.
    """
    picture = as_8_bit(image)
    bars = find_bars(picture)[:_TRIED]
    found = [(bar, prints) for bar in bars if (prints := find_print(picture, bar))]
    if not found:
        return None
    read = [(bar, prints) for bar, prints in found if prints[0].label is not None and prints[0].label.sure]
    if read:
        scales = [_scale_bar(bar, prints) for bar, prints in read]
        best = max(scales, key=lambda scale: scale.confidence)
        return best if _agree(scales) else replace(best, pixel_size_um=None, value=None, unit=None, confidence=0.3)
    unread = [(bar, prints) for bar, prints in found if _is_surely_drawn(picture, bar, prints)]
    if not unread:
        return None
    bar, prints = max(unread, key=lambda pair: (pair[0].has_ticks, pair[1][0].pieces, pair[0].length_px))
    return _scale_bar(bar, prints)


def _is_surely_drawn(picture: np.ndarray, bar: Bar, prints: list[Print]) -> bool:
    """Whether a bar that cannot be read is worth a question to the user, not a streak of the specimen."""
    pure = bar.colour.min() >= 243 or bar.colour.max() <= 12 or bar.colour.max() - bar.colour.min() >= 100
    if not pure or prints[0].pieces < 3 or bar.length_px < max(30, 0.05 * picture.shape[1]):
        return False
    label = prints[0].label
    if label is not None and label.likeness >= 0.6:
        return True
    # Print that reads as nothing counts only on paper: one level between bar and letters.
    first, end, left, right = prints[0].box
    levels = picture[first:end, left:right].reshape(-1)
    return bool(np.bincount(levels // 8).max() >= 0.5 * levels.size)


def _scale_bar(bar: Bar, prints: list[Print]) -> ScaleBar:
    label = prints[0].label
    boxes = [bar.box, prints[0].box]
    box = (
        min(found[0] for found in boxes), max(found[1] for found in boxes),
        min(found[2] for found in boxes), max(found[3] for found in boxes),
    )  # fmt: skip
    unread = ScaleBar(bar.length_px, box, label.text if label else "", None, None, None, 0.3)
    rivals = {found.label.text for found in prints if found.label is not None and found.label.sure}
    if label is None or not label.sure or len(rivals) > 1:
        return unread
    size = to_um(label.value, label.unit) / bar.length_px
    if not SMALLEST_PIXEL_UM <= size <= LARGEST_PIXEL_UM:
        return unread
    confidence = 0.5 + 0.5 * min(1.0, (label.likeness - 0.75) / 0.2) * min(1.0, label.margin / 0.1)
    return replace(unread, value=label.value, unit=label.unit, pixel_size_um=size, confidence=float(confidence))


def _agree(scales: list[ScaleBar]) -> bool:
    sizes = [scale.pixel_size_um for scale in scales if scale.pixel_size_um is not None]
    return bool(sizes) and max(sizes) <= 1.05 * min(sizes)


def with_paper(image: np.ndarray, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    """Extend the box of a bar and its print to the uniform box that both are printed on, if there is one.

    Args:
        image: (rows, columns), grey. box: (first row, end row, first column, end column).

    Returns:
        the larger box; the same one where bar and print stand on the specimen itself.
    """
    first, end, left, right = box
    reach = max(end - first, 8)
    window = slice(max(first - reach, 0), end + reach), slice(max(left - reach, 0), right + reach)
    patch = image[window].astype(np.float32)
    inside = patch[first - window[0].start :, left - window[1].start :][: end - first, : right - left]
    values, counts = np.unique(np.round(inside), return_counts=True)
    if counts.max() < PAPER_SHARE * inside.size:
        return box
    paper = np.abs(patch - values[counts.argmax()]) <= PAPER_SPREAD
    paper[first - window[0].start :, left - window[1].start :][: end - first, : right - left] = True
    pieces, _ = cast("tuple[np.ndarray, int]", ndimage.label(paper))
    piece = pieces == pieces[first - window[0].start, left - window[1].start]
    rows, columns = np.flatnonzero(piece.mean(1) > 0.3), np.flatnonzero(piece.mean(0) > 0.3)
    if not len(rows) or not len(columns) or len(rows) == patch.shape[0] or len(columns) == patch.shape[1]:
        return box  # it goes on beyond the window: a banner or a dark margin, which is another mask's work
    top, side = window[0].start, window[1].start
    return (
        min(first, top + int(rows[0])), max(end, top + int(rows[-1]) + 1),
        min(left, side + int(columns[0])), max(right, side + int(columns[-1]) + 1),
    )  # fmt: skip
