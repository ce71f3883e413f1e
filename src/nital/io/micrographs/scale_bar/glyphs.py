"""Reading the number and unit beside a scale bar, without an OCR package.

A label is a line of print: a number of at most two significant digits and one of nm, um, mm. Each piece
of the line is compared with drawn letter shapes (`glyphs.npz`, made by benchmarks/draw_glyphs.py), and the
cheapest reading that obeys this grammar is kept, with a confidence. Better no reading than a wrong one.
"""

import functools
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

__all__ = ["Label", "read_label"]

TEMPLATES = Path(__file__).with_name("glyphs.npz")
CAP_ROWS, ROWS_ABOVE, ROWS, COLUMNS = 28, 4, 42, 20
"""A shape: 28 rows of digit height, 4 above for overshoot, 10 below for the tail of µ; stretched to 20 columns."""

SURE_LIKENESS, SURE_MARGIN = 0.80, 0.03
"""Every letter must correlate with its shape this well, and better than with any other by this much."""

_HOPELESS = 0.55
_WIDEST_GAP = 0.42
"""Cap heights between two digits; a wider gap may hide a decimal point too faint to be seen."""
_PER_LETTER = 0.5
"""Cost of every letter read, so that one letter wins over two halves that look like letters too."""

# Grammar: state -> character class -> next state. "m" ends a label.
_NEXT = {
    "start": {"digit": "whole"},
    "whole": {"digit": "whole", "point": "fraction0", "prefix": "unit", "m": "unit"},
    "fraction0": {"digit": "fraction"},
    "fraction": {"digit": "fraction", "prefix": "unit", "m": "unit"},
    "unit": {"m": "end"},
    "end": {},
}
_SAME = {"u": "µ", ",": "."}
"""Characters that mean the same and need not be told apart."""


@dataclass(frozen=True)
class Label:
    """What stands beside a scale bar.

    Attributes:
        text: as read, such as "200µm".
        value, unit: 200.0 and "um".
        likeness: correlation of the worst letter with its shape, 0 to 1.
        margin: by how much the least certain letter beats its best rival.
    """

    text: str
    value: float
    unit: str
    likeness: float
    margin: float

    @property
    def sure(self) -> bool:
        """Whether the reading may be used for measuring."""
        return self.likeness >= SURE_LIKENESS and self.margin >= SURE_MARGIN and _is_usual(self.text)


def read_label(ink: np.ndarray, top: float, bottom: float) -> Label | None:
    """Read one line of print as number and unit.

    Args:
        ink: (rows, columns), 0 paper to 1 ink, nothing but the line.
        top, bottom: rows (edges, not centres) between which the first digit stands.

    Returns:
        the best reading, sure or not; None when nothing of the grammar fits.
    """
    best = _read(ink, top, bottom)
    height = bottom - top
    if best is None or best.likeness < _HOPELESS:
        return best
    # The height of a digit of ten pixels is known to half a pixel at best: try neighbours too.
    for shift_top in (-0.04, 0.0, 0.04):
        for shift_bottom in (-0.04, 0.0, 0.04):
            label = _read(ink, top + shift_top * height, bottom + shift_bottom * height)
            if label is not None and _rank(label) > _rank(best):
                best = label
    return best


def _rank(label: Label) -> float:
    return label.likeness + min(label.margin, 0.1)


def _is_usual(text: str) -> bool:
    """At most two significant digits, as on every scale bar; 47.2 um is a field width."""
    digits = "".join(character for character in text if character.isdigit())
    return 1 <= len(digits.strip("0")) <= 2 and len(digits) <= 4 and not (digits[0] == "0" and text[1] != ".")


@functools.cache
def _templates() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    with np.load(TEMPLATES, allow_pickle=False) as stored:
        shapes, widths, characters = stored["shapes"], stored["widths"], stored["characters"]
    names = np.array([_SAME.get(str(character), str(character)) for character in characters])
    return _normalised(shapes.reshape(len(shapes), -1).astype(np.float32)), widths, names


def _normalised(vectors: np.ndarray) -> np.ndarray:
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    return centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)


def _read(ink: np.ndarray, top: float, bottom: float) -> Label | None:
    height = bottom - top
    line = _resampled(ink, top, height)
    pieces = _pieces(line)
    if not 2 <= len(pieces) <= 24:
        return None
    spans = [(a, b) for a in pieces for b in pieces if a[0] <= b[0] and a[2] == b[2] and b[1] - a[0] <= 1.5 * CAP_ROWS]
    likeness = _likeness(line, [(a[0], b[1]) for a, b in spans])
    return _cheapest(pieces, spans, likeness)


def _resampled(ink: np.ndarray, top: float, height: float) -> np.ndarray:
    """The line with a digit height of CAP_ROWS, ROWS rows in all."""
    scale = height / CAP_ROWS
    above = top - ROWS_ABOVE * scale
    below = above + ROWS * scale
    pad = int(np.ceil(max(0.0, -above, below - ink.shape[0]))) + 1
    padded = np.pad(ink, ((pad, pad), (0, 0)))
    columns = max(1, round(ink.shape[1] / scale))
    box = (0.0, above + pad, float(ink.shape[1]), below + pad)
    image = Image.fromarray(padded.astype(np.float32))
    return np.clip(np.asarray(image.resize((columns, ROWS), Image.Resampling.BICUBIC, box=box)), 0, 1)


def _pieces(line: np.ndarray) -> list[tuple[int, int, int]]:
    """Columns between gaps and narrow places: (start, end, number of the blob)."""
    inked = line.max(axis=0) > 0.35
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inked.astype(np.int8), [0]))))
    pieces: list[tuple[int, int, int]] = []
    weight = line.sum(axis=0)
    for blob, (start, end) in enumerate(edges.reshape(-1, 2)):
        cuts = [int(start)]
        if end - start > 0.55 * CAP_ROWS:
            # Letters that touch are parted where the print is thinnest.
            for column in range(start + 3, end - 3):
                around = weight[max(start, column - 3) : column + 4]
                thin = weight[column] == around.min() and weight[column] < 0.6 * weight[start:end].max()
                if thin and column - cuts[-1] >= 4:
                    cuts.append(column)
        cuts.append(int(end))
        pieces += [(a, b, blob) for a, b in itertools.pairwise(cuts)]
    return pieces


def _likeness(line: np.ndarray, spans: list[tuple[int, int]]) -> tuple[np.ndarray, np.ndarray]:
    """How well each span of columns looks like each character: (spans, characters), and the characters."""
    shapes, widths, names = _templates()
    characters = np.unique(names)
    vectors = np.empty((len(spans), ROWS * COLUMNS), dtype=np.float32)
    image = Image.fromarray(np.ascontiguousarray(line, dtype=np.float32))
    for row, (start, end) in enumerate(spans):
        patch = image.resize((COLUMNS, ROWS), Image.Resampling.BICUBIC, box=(start, 0, end, ROWS))
        vectors[row] = np.asarray(patch).ravel()
    correlation = _normalised(vectors) @ shapes.T
    found = np.array([(end - start) / CAP_ROWS for start, end in spans])
    misfit = np.abs(found[:, None] - widths[None, :]) - 0.08
    correlation -= 0.8 * np.clip(misfit, 0, None)
    best = np.stack([correlation[:, names == character].max(axis=1) for character in characters], axis=1)
    return best, characters


def _kind(character: str) -> str:
    if character.isdigit():
        return "digit"
    return {".": "point", "n": "prefix", "µ": "prefix", "m": "m"}.get(character, "other")


class _Letter(NamedTuple):
    """What a span of columns may be read as; `margin` is its lead over the best rival."""

    character: str
    kind: str
    likeness: float
    margin: float


class _Read(NamedTuple):
    """The first letters of a label: their cost, the worst likeness and margin, where the last digit ended."""

    cost: float = 0.0
    text: str = ""
    likeness: float = 1.0
    margin: float = 1.0
    digit_end: int | None = None


def _cheapest(
    pieces: list[tuple[int, int, int]],
    spans: list[tuple[tuple[int, int, int], tuple[int, int, int]]],
    scored: tuple[np.ndarray, np.ndarray],
) -> Label | None:
    """The reading of all pieces, left to right, that obeys the grammar and looks most alike."""
    likeness, characters = scored
    index = {piece: number for number, piece in enumerate(pieces)}
    blobs = [blob for *_, blob in pieces]
    best = {(0, "start"): _Read()}  # by number of pieces read and state of the grammar
    for number in sorted(range(len(spans)), key=lambda number: index[spans[number][0]]):
        first, last = spans[number]
        begin, end = index[first], index[last] + 1
        letters = _letters(likeness[number], characters, alone=first is last and blobs.count(first[2]) == 1)
        for state, following in _NEXT.items():
            for letter in letters if (begin, state) in best else ():
                after = following.get(letter.kind)
                if after is None:
                    continue
                read = _with_letter(best[begin, state], letter, first[0], last[1])
                if (end, after) not in best or read.cost < best[end, after].cost:
                    best[end, after] = read
    done = best.get((len(pieces), "end"))
    if done is None:
        return None
    number, unit = done.text[:-2], done.text[-2:].replace("µ", "u")
    return Label(done.text, float(number), unit, done.likeness, done.margin)


def _letters(likeness: np.ndarray, characters: np.ndarray, *, alone: bool) -> list[_Letter]:
    """The characters that a span of columns looks like; a point never touches its neighbours."""
    second, top = np.sort(likeness)[-2:]
    found = []
    for character, alike in zip(map(str, characters), likeness, strict=True):
        kind = _kind(character)
        if alike >= 0.5 and (alone or kind != "point"):
            rival = second if alike == top else top
            found.append(_Letter(character, kind, float(alike), float(alike) - float(rival)))
    return found


def _with_letter(read: _Read, letter: _Letter, start: int, end: int) -> _Read:
    """Go on reading with a letter that stands in the columns from `start` to `end`."""
    margin, digit = letter.margin, letter.kind == "digit"
    if digit and read.digit_end is not None and start - read.digit_end > _WIDEST_GAP * CAP_ROWS:
        margin = min(margin, 0.0)
    return _Read(
        read.cost + (end - start) * (1 - letter.likeness) + _PER_LETTER, read.text + letter.character,
        min(read.likeness, letter.likeness), min(read.margin, margin), end if digit else None,
    )  # fmt: skip
