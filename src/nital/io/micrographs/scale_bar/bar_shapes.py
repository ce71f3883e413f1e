"""Long thin horizontal rectangles of one colour: what a scale bar looks like before its label is read."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Bar", "Box", "find_bars"]

Box = tuple[int, int, int, int]
"""First row, end row, first column, end column; ends exclusive."""

SHORTEST_PX = 20
SHORTEST_FRACTION, LONGEST_FRACTION = 0.02, 0.75
"""Length of a bar as a part of the image's width."""
LARGEST_THICKNESS = 0.2
"""Thickness as a part of the length."""

_STEP = 28
"""Grey levels between neighbours that count as an edge; compression noise inside a bar stays below."""
_CONTRAST = 50
"""Grey levels by which a bar differs from what is above and below it."""
_SHARP = 0.85
"""Part of the length over which the long sides must be sharp."""
_SAMPLES = 17
"""Places along a run that are looked at before all of it is."""


@dataclass(frozen=True)
class Bar:
    """A candidate.

    Attributes:
        left, right: columns of its ends (edges of pixels, to a fraction).
        left_tick, right_tick: columns of the middles of its end ticks, None where there is none.
        box: ticks included.
        thickness: rows without the ticks.
        colour: (channels,), the median inside.
        gap: columns (start, end) that are free for a label between two halves; None for a bar in one piece.
    """

    left: float
    right: float
    left_tick: float | None
    right_tick: float | None
    box: Box
    thickness: int
    colour: np.ndarray
    gap: tuple[int, int] | None = None

    @property
    def has_ticks(self) -> bool:
        """Whether both ends carry a tick."""
        return self.left_tick is not None and self.right_tick is not None

    @property
    def length_px(self) -> float:
        """From end to end, or between the middles of the end ticks, where drawing programs put the ends."""
        if self.left_tick is not None and self.right_tick is not None:
            return self.right_tick - self.left_tick
        return self.right - self.left


def find_bars(picture: np.ndarray) -> list[Bar]:
    """All candidates, the most bar-like first.

    Args:
        picture: (rows, columns) or (rows, columns, 3), uint8.
    """
    channels = picture[..., None] if picture.ndim == 2 else picture
    boxes = _rectangles(channels)
    boxes = [box for box in boxes if not _is_paper(channels, box, boxes)]
    bars = [bar for box in boxes if not _is_frame_side(box, boxes) and (bar := _measured(channels, box)) is not None]
    bars += _two_piece(bars)
    return sorted(bars, key=lambda bar: (bar.gap is not None, bar.has_ticks, bar.length_px), reverse=True)


def _difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(np.int16) - b.astype(np.int16)).max(axis=-1)


def _rectangles(channels: np.ndarray) -> list[Box]:
    """Uniform runs stacked between two sharp long sides."""
    rows = channels.shape[0]
    runs = _runs(channels)
    lower: dict[int, list[np.ndarray]] = {}
    for run in runs[_sharp_side(channels, runs, +1)]:
        lower.setdefault(int(run[0]), []).append(run)
    found: list[Box] = []
    for row, start, end in runs[_sharp_side(channels, runs, -1)]:
        deepest = row + max(2.0, min(LARGEST_THICKNESS * (end - start), 0.06 * rows))
        for below in range(row, min(int(deepest), rows - 1) + 1):
            match = [run for run in lower.get(below, ()) if abs(run[1] - start) <= 3 and abs(run[2] - end) <= 3]
            if match:
                found.append((int(row), below + 1, int(min(start, match[0][1])), int(max(end, match[0][2]))))
                break
    return _without_repeats(found)


def _runs(channels: np.ndarray) -> np.ndarray:
    """(row, start, end) of every horizontal run of one colour that is as long as a bar."""
    rows, columns = channels.shape[:2]
    edge = np.ones((rows, columns + 1), dtype=bool)
    edge[:, 1:-1] = _difference(channels[:, 1:], channels[:, :-1]) > _STEP
    row, column = np.nonzero(edge)
    length = np.diff(column)
    shortest = max(SHORTEST_PX, SHORTEST_FRACTION * columns)
    kept = np.flatnonzero((np.diff(row) == 0) & (length >= shortest) & (length <= LONGEST_FRACTION * columns))
    runs = np.stack([row[kept], column[kept], column[kept + 1]], axis=1)
    if not len(runs):
        return runs
    # Slow shading has no edges either, but is no bar.
    samples = channels[runs[:, :1], _sampled(runs)].astype(np.int16)
    return runs[(samples.max(axis=1) - samples.min(axis=1)).max(axis=-1) <= 2 * _STEP]


def _sampled(runs: np.ndarray) -> np.ndarray:
    """Columns evenly spread over each run, its very ends left out."""
    along = (np.arange(_SAMPLES) + 0.5) / _SAMPLES
    return (runs[:, 1:2] + along * (runs[:, 2:3] - runs[:, 1:2])).astype(np.intp)


def _sharp_side(channels: np.ndarray, runs: np.ndarray, step: int) -> np.ndarray:
    """For each run: is there another colour above (-1) or below (+1) it, over nearly all of its length?"""
    sharp = np.zeros(len(runs), dtype=bool)
    if not len(runs):
        return sharp
    columns = _sampled(runs)
    inside = channels[runs[:, :1], columns]
    for distance in (1, 2):  # the nearest row may be a blend of bar and background
        beyond = runs[:, :1] + step * distance
        within = (beyond >= 0) & (beyond < channels.shape[0])
        other = channels[np.clip(beyond, 0, channels.shape[0] - 1), columns]
        sharp |= within[:, 0] & ((_difference(inside, other) > _CONTRAST).mean(axis=1) >= _SHARP - 0.1)
    for number in np.flatnonzero(sharp):
        row, start, end = runs[number]
        sharp[number] = any(
            0 <= row + step * d < channels.shape[0]
            and (_difference(channels[row, start:end], channels[row + step * d, start:end]) > _CONTRAST).mean()
            >= _SHARP
            for d in (1, 2)
        )
    return sharp


def _without_repeats(found: list[Box]) -> list[Box]:
    """The thickest of rectangles that share their columns and touch."""
    kept: list[Box] = []
    for box in sorted(found, key=lambda box: box[0] - box[1]):
        if not any(_same_columns(box, k) and box[0] <= k[1] + 1 and k[0] <= box[1] + 1 for k in kept):
            kept.append(box)
    return kept


def _same_columns(a: Box, b: Box) -> bool:
    return abs(a[2] - b[2]) <= 4 and abs(a[3] - b[3]) <= 4


def _is_frame_side(box: Box, boxes: list[Box]) -> bool:
    """Whether another line of the same columns runs above or below, as around a label or in a table."""
    near, apart = 0.8 * (box[3] - box[2]), 4 + (box[1] - box[0])
    return any(
        _same_columns(box, other) and apart < abs(other[0] - box[0]) - (box[1] - box[0]) < near for other in boxes
    )


def _is_paper(channels: np.ndarray, box: Box, boxes: list[Box]) -> bool:
    """Whether it is the paper between a bar's end ticks, or between the bar and the rim of its label."""
    for other in boxes:
        above = box[0] - 3 <= other[1] <= box[0] + 3
        below = box[1] - 3 <= other[0] <= box[1] + 3
        shared = min(box[3], other[3]) - max(box[2], other[2])
        if other == box or not (above or below) or shared < 0.8 * (other[3] - other[2]):
            continue
        columns = slice(max(box[2], other[2]) + 2, min(box[3], other[3]) - 2)
        beyond = max(0, other[0] - 3) if above else min(channels.shape[0] - 1, other[1] + 2)
        own = np.median(channels[(box[0] + box[1]) // 2, columns], axis=0)
        if np.abs(own - np.median(channels[beyond, columns], axis=0)).max() <= _STEP:
            return True
    return False


def _measured(channels: np.ndarray, box: Box) -> Bar | None:
    """Colour, ends and ticks of a rectangle; None when it turns out not to be a bar."""
    first, end, left, right = box
    colour = np.median(channels[(first + end) // 2, left + 2 : right - 2], axis=0)
    first, end = _trimmed(channels, box, colour)
    inside = channels[first:end, left + 2 : right - 2]
    if (np.abs(inside - colour).max(axis=-1) > 1.5 * _STEP).mean() > 0.05:
        return None
    thickness = end - first
    around = 4 * thickness + 12
    r0, r1 = max(0, first - around), min(channels.shape[0], end + around)
    c0, c1 = max(0, left - around), min(channels.shape[1], right + around)
    beside = channels[[max(0, first - 3), min(channels.shape[0] - 1, end + 2)], left:right]
    ground = np.median(beside.reshape(-1, channels.shape[2]), axis=0)
    contrast = np.linalg.norm(colour - ground)
    if contrast < _CONTRAST:
        return None
    distance = np.linalg.norm(channels[r0:r1, c0:c1] - colour, axis=-1)
    likeness = np.clip(1 - distance / contrast, 0, 1)
    core = slice(first - r0 + (thickness > 2), end - r0 - (thickness > 2))
    ends = _run_edges(likeness[core].mean(axis=0), (left + right) // 2 - c0)
    if ends is None:
        return None
    a, b = ends
    ticks = [_tick(likeness, (first - r0, end - r0), edge, b - a) for edge in (a, b)]
    heights = [tick[1] for tick in ticks if tick is not None]
    if any(height > 0.5 * (b - a) for height in heights):
        return None
    reach = min(max([1, *heights]), 2 * thickness + 8)  # dark specimen above a dark tick is no tick
    rows = (max(0, first - reach), min(channels.shape[0], end + reach))
    columns = (max(0, int(a + c0) - 2), min(channels.shape[1], int(np.ceil(b + c0)) + 2))
    left_tick, right_tick = (None if tick is None else tick[0] + c0 for tick in ticks)
    return Bar(float(a + c0), float(b + c0), left_tick, right_tick, (*rows, *columns), thickness, colour)


def _trimmed(channels: np.ndarray, box: Box, colour: np.ndarray) -> tuple[int, int]:
    """Rows of the rectangle without blended ones at its top and bottom."""
    first, end, left, right = box
    full = [np.abs(np.median(channels[row, left:right], axis=0) - colour).max() <= _STEP for row in range(first, end)]
    solid = np.flatnonzero(full)
    return first + int(solid[0]), first + int(solid[-1]) + 1


def _run_edges(profile: np.ndarray, inside: int) -> tuple[float, float] | None:
    """Where a profile falls below one half on both sides of a place inside, between pixels by interpolation."""
    if not 0 <= inside < len(profile) or profile[inside] < 0.5:
        return None
    low = np.flatnonzero(profile < 0.5)
    before, after = low[low < inside], low[low > inside]
    if not len(before) or not len(after):
        return None
    i, j = int(before[-1]), int(after[0])
    left = i + 0.5 + (0.5 - profile[i]) / (profile[i + 1] - profile[i])
    right = j + 0.5 - (0.5 - profile[j]) / (profile[j - 1] - profile[j])
    return float(left), float(right)


def _tick(likeness: np.ndarray, rows: tuple[int, int], edge: float, length: float) -> tuple[float, int] | None:
    """The middle column of a tick at an end of the bar, and how far it stands out; None without one."""
    first, end = rows
    reach = max(2, (end - first) // 3)
    # One row next to the bar may be a blend.
    above = likeness[max(0, first - 1 - reach) : max(0, first - 1)]
    below = likeness[end + 1 : end + 1 + reach]
    sides = [side.mean(axis=0) for side in (above, below) if len(side)]
    if not sides:
        return None
    profile = np.max(sides, axis=0)
    near = np.arange(max(0, int(edge) - 3), min(len(profile), int(edge) + 4))
    peak = int(near[np.argmax(profile[near])])
    run = _run_edges(profile / max(profile[peak], 1e-6), peak) if profile[peak] >= 0.4 else None
    if run is None or run[1] - run[0] > max(4.0, 0.1 * length):
        return None
    column = likeness[:, peak] > 0.75 * profile[peak]
    up = int(np.argmin(column[: first + 1][::-1])) if not column[: first + 1].all() else first
    down = int(np.argmin(column[end - 1 :])) if not column[end - 1 :].all() else len(column) - end
    return (run[0] + run[1]) / 2, max(up, down)


def _two_piece(bars: list[Bar]) -> list[Bar]:
    """Bars drawn as two halves with the label between them."""
    joined = []
    for a in bars:
        for b in bars:
            gap = b.left - a.right
            same = abs(a.thickness - b.thickness) <= 1 and np.abs(a.colour - b.colour).max() <= _STEP
            level = abs((a.box[0] + a.box[1]) - (b.box[0] + b.box[1])) <= 4
            even = abs(a.length_px - b.length_px) <= 0.1 * max(a.length_px, b.length_px) + 2
            if same and level and even and SHORTEST_PX <= gap <= 6 * a.length_px:
                box = (min(a.box[0], b.box[0]), max(a.box[1], b.box[1]), a.box[2], b.box[3])
                free = (int(a.right) + 2, int(b.left) - 2)
                joined.append(Bar(a.left, b.right, a.left_tick, b.right_tick, box, a.thickness, a.colour, free))
    return joined
