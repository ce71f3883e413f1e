"""Lines of print near a scale bar, and what they say."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import ndimage

from nital.io.micrographs.scale_bar.bar_shapes import Bar, Box
from nital.io.micrographs.scale_bar.glyphs import Label, read_label

__all__ = ["Print", "find_print"]

SMALLEST_PRINT_PX = 6
"""Height of a digit that can still be told from another."""
Letter = tuple[int, int, int, int, int]
"""First row, end row, first column, end column, number of the connected piece."""
_MOST_LETTERS = 1500
"""More pieces than this are texture, not print."""


@dataclass(frozen=True)
class Print:
    """A line of print.

    Attributes:
        box: where it stands, with the paper around it where it has its own.
        pieces: connected letters.
        label: number and unit, if it reads as such.
        distance: from the bar, in heights of the line.
    """

    box: Box
    pieces: int
    label: Label | None
    distance: float


def find_print(picture: np.ndarray, bar: Bar) -> list[Print]:
    """Lines of print above, below, beside or inside a bar; surely read ones first, then the nearest.

    Args:
        picture: (rows, columns) or (rows, columns, 3), uint8.
    """
    channels = picture[..., None] if picture.ndim == 2 else picture
    window = _window(channels, bar)
    patch = channels[window[0] : window[1], window[2] : window[3]].astype(np.float32)
    here = (bar.box[0] - window[0], bar.box[1] - window[0], bar.box[2] - window[2], bar.box[3] - window[2])
    found: list[Print] = []
    for ink in _inks(patch, bar, here):
        labels, letters = _letters(ink)
        for line in _lines(letters):
            box = _around(line)
            distance = _distance(box, here, bar, window[2])
            if distance is None or not 1.5 <= (box[3] - box[2]) / (box[1] - box[0]) <= 14:
                continue
            if not _goes_with(patch, ink, box, bar.colour):
                continue
            label = _read(ink, labels, line, letters)
            if label is not None and _may_go_on(ink, box):
                label = replace(label, margin=0.0)
            shifted = (box[0] + window[0], box[1] + window[0], box[2] + window[2], box[3] + window[2])
            found.append(Print(_with_paper(channels, shifted), len(line), label, distance))
    found.sort(
        key=lambda p: (not (p.label is not None and p.label.sure), -p.pieces if p.label is None else 0, p.distance)
    )
    return found


def _window(channels: np.ndarray, bar: Bar) -> Box:
    rows, columns = channels.shape[:2]
    reach = int(max(40, 0.08 * rows, 5 * bar.thickness))
    aside = int(max(reach * 3, 0.6 * bar.length_px))
    first, end, left, right = bar.box
    return max(0, first - reach), min(rows, end + reach), max(0, left - aside), min(columns, right + aside)


def _inks(patch: np.ndarray, bar: Bar, here: Box) -> list[np.ndarray]:
    """Pictures of the print (0 paper, 1 ink), for each way that a label may be drawn."""
    inks = []
    distance = np.linalg.norm(patch - bar.colour, axis=-1)
    ground = np.median(distance[distance > 40]) if (distance > 40).any() else 0.0
    if ground > 40:
        inks.append(np.clip(1 - distance / ground, 0, 1))
    grey = patch.mean(axis=-1)
    # Print in black or white has its own paper or stands on a banner: its surroundings need not be known.
    inks += [1 - grey / 255, grey / 255]
    for ink in inks:
        ink[max(0, here[0] - 1) : here[1] + 1, here[2] : here[3]] *= bar.gap is not None
        if bar.gap is not None:
            start, end = here[2], here[2] + int(bar.gap[0] - bar.box[2])
            ink[max(0, here[0] - 1) : here[1] + 1, start:end] = 0
            ink[max(0, here[0] - 1) : here[1] + 1, end + bar.gap[1] - bar.gap[0] : here[3]] = 0
    return inks


def _may_go_on(ink: np.ndarray, box: Box) -> bool:
    """Whether ink as tall as a letter follows at either end: a digit that runs into the specimen would be lost."""
    height = box[1] - box[0]
    left = ink[box[0] : box[1], max(0, box[2] - height) : max(0, box[2] - 1)][:, ::-1]
    right = ink[box[0] : box[1], box[3] + 1 : box[3] + height]
    for zone in (left > 0.5, right > 0.5):
        rows = zone.any(axis=1)
        begins = zone.argmax(axis=1)[rows]
        # A straight rim is the end of the label's own paper, not a letter.
        is_rim = rows.all() and begins.max() - begins.min() <= 2
        if rows.sum() >= 0.5 * height and not is_rim:
            return True
    return False


def _goes_with(patch: np.ndarray, ink: np.ndarray, box: Box, colour: np.ndarray) -> bool:
    """Whether print and bar may have been drawn together.

    A "bar" of the colour of the paper is a strip of that paper. A grey bar has print of its own grey;
    pure white, black and signal colours may carry a label of another colour.
    """
    region = (slice(box[0], box[1]), slice(box[2], box[3]))
    paper, print_ = patch[region][ink[region] < 0.25], patch[region][ink[region] > 0.75]
    if len(paper) and np.abs(np.median(paper, axis=0) - colour).max() <= 30:
        return False
    pure = colour.min() >= 235 or colour.max() <= 20 or colour.max() - colour.min() >= 100
    return pure or (len(print_) > 0 and bool(np.abs(np.median(print_, axis=0) - colour).max() <= 40))


def _letters(ink: np.ndarray) -> tuple[np.ndarray, list[Letter]]:
    """Connected pieces of ink, from left to right."""
    labels = np.zeros(ink.shape, dtype=np.int32)
    ndimage.label(ink > 0.5, structure=np.ones((3, 3)), output=labels)
    letters = [
        (region[0].start, region[0].stop, region[1].start, region[1].stop, number)
        for number, region in enumerate(ndimage.find_objects(labels), start=1)
        if region[0].stop - region[0].start <= ink.shape[0] * 0.8
    ]
    return labels, sorted(letters, key=lambda letter: letter[2])


def _lines(letters: list[Letter]) -> list[list[Letter]]:
    """Letters side by side, of one height, without a gap wider than a letter."""
    tall = [letter for letter in letters if letter[1] - letter[0] >= SMALLEST_PRINT_PX]
    lines: list[list[Letter]] = []
    for letter in tall if len(tall) <= _MOST_LETTERS else []:
        for line in lines:
            if _continues(line, letter):
                line.append(letter)
                break
        else:
            lines.append([letter])
    return lines


def _around(line: list[Letter]) -> Box:
    return (
        min(letter[0] for letter in line), max(letter[1] for letter in line),
        line[0][2], max(letter[3] for letter in line),
    )  # fmt: skip


def _continues(line: list[Letter], letter: Letter) -> bool:
    top, bottom = line[0][0], line[0][1]
    height = bottom - top
    last = max(other[3] for other in line)
    overlap = min(bottom, letter[1]) - max(top, letter[0])
    similar = 0.5 * height <= letter[1] - letter[0] <= 1.6 * height
    return similar and overlap >= 0.5 * (letter[1] - letter[0]) and -2 <= letter[2] - last <= 0.95 * height


def _is_inside(letter: Letter, box: Box) -> bool:
    return letter[0] >= box[0] and letter[1] <= box[1] + 2 and letter[2] >= box[2] and letter[3] <= box[3]


def _read(ink: np.ndarray, labels: np.ndarray, line_letters: list[Letter], letters: list[Letter]) -> Label | None:
    box = _around(line_letters)
    points = [letter for letter in letters if letter not in line_letters and _is_inside(letter, box)]
    if len(points) > 4:
        return None
    first, end, left, right = box
    rows = slice(max(0, first - 2), end + 3)
    columns = slice(max(0, left - 2), right + 2)
    chosen = np.isin(labels[rows, columns], [letter[4] for letter in (*line_letters, *points)])
    # Half-inked pixels at the rim of a letter belong to it.
    own = ndimage.binary_dilation(chosen, structure=np.ones((3, 3), bool))
    line = np.where(own, ink[rows, columns], 0.0)
    # The first letter is a digit and gives the height; letters after it may have tails.
    digit = line_letters[0]
    height, wide = digit[1] - digit[0], digit[3] - digit[2]
    reach = wide if wide <= 0.95 * height else round(0.5 * height)
    head = line[:, : left - columns.start + max(3, reach)].max(axis=1)
    above = np.flatnonzero(head >= 0.5)
    if not len(above) or above[-1] - above[0] < SMALLEST_PRINT_PX - 1:
        return None
    top, bottom = int(above[0]), int(above[-1]) + 1
    top_edge = top - (head[top - 1] if top > 0 else 0.0)
    bottom_edge = bottom + (head[bottom] if bottom < len(head) else 0.0)
    return read_label(line, float(top_edge), float(bottom_edge))


def _distance(box: Box, here: Box, bar: Bar, offset: int) -> float | None:
    """Heights of the line between it and the bar; None when it stands where no label does."""
    height = box[1] - box[0]
    middle = (box[2] + box[3]) / 2
    if bar.gap is not None:
        inside = bar.gap[0] - offset <= box[2] and box[3] <= bar.gap[1] - offset
        level = abs((box[0] + box[1]) - (here[0] + here[1])) < 2 * height
        return 0.0 if inside and level else None
    if here[2] <= middle <= here[3]:
        between = max(here[0] - box[1], box[0] - here[1], 0) / height
        return between if between <= 2.5 else None
    level = min(box[1], here[1]) - max(box[0], here[0])
    beside = max(here[2] - box[3], box[2] - here[3])
    return beside / height if level > 0 and 0 <= beside <= 2.0 * height else None


def _with_paper(channels: np.ndarray, box: Box) -> Box:
    """The line with a little air; a label's own paper is left to the mask of uniform patches."""
    air = max(2, (box[1] - box[0]) // 2)
    rows, columns = channels.shape[:2]
    return max(0, box[0] - air), min(rows, box[1] + air), max(0, box[2] - air), min(columns, box[3] + air)
