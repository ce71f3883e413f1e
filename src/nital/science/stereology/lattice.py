"""Intersections along all lines through pixel centres, in the directions of the pixel lattice.

A digitised boundary is a staircase: a slanting line that is followed from pixel to pixel meets it too
often (1.41 times too often, at 45 degrees). Only pixel centres carry the truth, so lines go from centre to
centre along lattice vectors, and a step counts by the labels of its two ends. A corner of a third grain
that lies between the ends would be lost; the pixels beside the step say how often.
"""

import math

import numpy as np

from nital.science.stereology.parts import FINE

__all__ = ["LATTICE", "tally_lattice"]

# Paths from (0, 0) to the end of a step through the pixels nearest to it, for vectors in the first octant.
_BESIDE: dict[tuple[int, int], tuple[tuple[tuple[int, int], ...], ...]] = {
    (0, 1): (),
    (1, 1): (((0, 1),), ((1, 0),)),
    (1, 2): (((0, 1),), ((1, 1),)),
    (1, 3): (((0, 1), (1, 2)),),
    (2, 3): (((1, 1), (1, 2)),),
}


# Rows that are looked at at once: bounds the memory.
_STRIP = 1024


def _directions() -> dict[float, tuple[int, int]]:
    found: dict[float, tuple[int, int]] = {}
    for a, b in _BESIDE:
        for down, across in ((a, b), (b, a), (a, -b), (b, -a)):
            # Rows count downwards.
            found[math.degrees(math.atan2(-down, across)) % 180.0] = (down, across) if down else (0, 1)
    return dict(sorted(found.items()))


LATTICE = _directions()
"""The 16 directions in which pixel centres lie at most 3.7 px apart: degrees counter-clockwise from the direction of
the rows, 0 to below 180, with the step (rows, columns) of each."""


def tally_lattice(labels: np.ndarray, vector: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Intersections and line length along every line of one lattice vector, in FINE x FINE blocks.

    Args:
        labels: int32, (rows, cols), a partition without lines; 0 = outside.
        vector: a step (rows >= 0, columns) of `LATTICE`.

    Returns:
        intersections and length in px, each float64 of shape (FINE, FINE).
    """
    hits, steps = np.zeros((FINE, FINE)), np.zeros((FINE, FINE))
    whole = bool(labels.all())
    for top in range(0, labels.shape[0] - vector[0], _STRIP):
        met, made = _tally_strip(labels, top, vector, whole)
        hits += met
        steps += made
    return hits, steps * math.hypot(*vector)


def _tally_strip(labels: np.ndarray, top: int, vector: tuple[int, int], whole: bool) -> tuple[np.ndarray, np.ndarray]:
    """Intersections and steps of the lines' steps that begin in the rows from `top` on; `whole`: no label is 0."""
    down, across = vector
    left = max(-across, 0)
    strip = labels[top : top + _STRIP + down]
    rows: int = strip.shape[0] - down
    cols: int = strip.shape[1] - abs(across)
    if rows <= 0 or cols <= 0:
        return np.zeros((FINE, FINE)), np.zeros((FINE, FINE))
    start = strip[:rows, left : left + cols]
    end = strip[down:, left + across : left + across + cols]
    row_block = np.arange(top, top + rows) * FINE // labels.shape[0]
    col_block = (np.arange(cols) + left) * FINE // labels.shape[1]

    chosen = None if whole else (start > 0) & (end > 0)
    changed = start != end
    if chosen is not None:
        changed &= chosen
    flat = np.flatnonzero(changed)
    r = flat // cols
    c = flat - r * cols
    block = row_block[r] * FINE + col_block[c]
    weight = 1.0 + _corners(strip, r * strip.shape[1] + c + left, vector)
    hits = np.bincount(block, weight, minlength=FINE * FINE).reshape(FINE, FINE)
    return hits, _count_blocks(chosen, row_block, col_block)


def _count_blocks(chosen: np.ndarray | None, row_block: np.ndarray, col_block: np.ndarray) -> np.ndarray:
    """How many chosen (None: all) elements lie in each block."""
    in_rows, in_cols = (np.equal.outer(np.arange(FINE), b).astype(np.float32) for b in (row_block, col_block))
    if chosen is None:
        return np.outer(in_rows.sum(axis=1), in_cols.sum(axis=1)).astype(np.float64)
    by_row = np.empty((len(row_block), FINE))
    for block in range(FINE):
        by_row[:, block] = np.count_nonzero(chosen[:, col_block == block], axis=1)
    return in_rows.astype(np.float64) @ by_row


def _corners(labels: np.ndarray, at: np.ndarray, vector: tuple[int, int]) -> np.ndarray:
    """Grains that lie beside a step and are neither of its ends: further intersections.

    Where two paths are equally near, each counts half: this is E112's one and a half for a triple point.
    `at` are the flat indices where the steps begin.
    """
    down, across = vector
    everything, width = labels.ravel(), labels.shape[1]
    first, last = everything[at], everything[at + down * width + across]
    extra = np.zeros(len(at), np.float32)
    paths = _BESIDE[min(down, abs(across)), max(down, abs(across))]
    for path in paths:
        before = None
        for short, long in path:
            dr, dc = (short, long) if down <= abs(across) else (long, short)
            label = everything[at + dr * width + (dc if across >= 0 else -dc)]
            new = (label != first) & (label != last) & (label > 0)
            if before is not None:
                new &= label != before
            before = label
            extra += np.float32(1 / len(paths)) * new
    return extra
