"""Grains of a whole picture: at once where it fits, in overlapping blocks where it does not."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from nital.core.progress import Say, tell
from nital.core.task import Network
from nital.science.scaling import resized
from nital.tasks.grains import decode
from nital.tasks.grains.view import View, Window, view

__all__ = ["BLOCK_PX", "CONTEXT_PX", "Segmented", "segment"]

BLOCK_PX = 2048  # side of a block in network pixels: what is decoded at once
CONTEXT_PX = 192  # seen beyond each side of a block, network pixels: at least a grain or two
SAME_GRAIN = 0.5  # two labels on a seam are one grain if their overlap is this share of both

Twins = Literal["merge", "count"]


@dataclass(frozen=True)
class Segmented:
    """Grains of a picture.

    Attributes:
        labels: int32 label map without lines between grains, 0 outside the specimen; a memory map if decoded in blocks.
        grid: pixels of `labels` per picture pixel; 1 if decoded in blocks.
        valid: specimen mask on the grid of `labels`, or None.
        alternatives: the same decoded with a less and a more willing merging; empty if decoded in blocks.
        decisiveness: how clear the boundaries are, -1 to 1, see `nital.tasks.grains.decode`; None if decoded in blocks.
    """

    labels: np.ndarray
    grid: float
    valid: np.ndarray | None
    alternatives: tuple[np.ndarray, ...] = ()
    decisiveness: float | None = None


def segment(
    network: Network,
    image: np.ndarray,
    valid: np.ndarray | None,
    scale: float,
    *,
    twins: Twins = "merge",
    block_px: int = BLOCK_PX,
    say: Say = None,
) -> Segmented:
    """Divide the specimen into grains.

    Args:
        network: the boundary network. image: (rows, cols), may be memory-mapped. valid: bool or None.
        scale: network pixels per picture pixel.
        twins: whether twin boundaries count.
        block_px: largest side that is decoded at once, in network pixels.
    """
    look = view(image, valid, scale)
    if max(look.shape) > block_px:
        return Segmented(_in_blocks(network, look, twins, block_px, say), 1.0, valid)
    boundary, specimen = look.boundaries(network, twins=twins, say=say), look.specimen()
    regions = decode.over_segment(boundary, specimen)
    edges = decode.shared_edges(regions, boundary)
    willing = (decode.MERGE_BELOW, *decode.MERGE_RANGE)
    labels, *others = (decode.merge_weak_edges(regions, edges, below) for below in willing)
    return Segmented(labels, scale, specimen, tuple(others), decode.decisiveness(edges))


def _in_blocks(network: Network, look: View, twins: Twins, block_px: int, say: Say) -> np.ndarray:
    """Decode block by block in picture pixels; labels live in a temporary file that vanishes with the array."""
    shape = look.image.shape
    with tempfile.TemporaryFile() as file:
        labels = np.memmap(file, np.int32, "w+", shape=shape)
    owner = np.zeros(1, np.int64)
    windows = list(_blocks(shape, round(block_px / look.scale), round(CONTEXT_PX / look.scale)))
    for number, (core, window) in enumerate(windows, 1):
        tell(say, number - 1, len(windows), f"block {number} of {len(windows)}")
        boundary = look.boundaries(network, window, twins=twins)
        mine = decode.partition(boundary, look.specimen(window))
        mine = resized(mine, (window[0].stop - window[0].start, window[1].stop - window[1].start))
        mine = np.where(mine > 0, mine + len(owner) - 1, 0)
        owner = np.concatenate([owner, np.arange(len(owner), int(mine.max(initial=len(owner) - 1)) + 1)])
        owner = _joined(owner, *_on_seams(mine, labels, core, window))
        inner = tuple(slice(c.start - w.start, c.stop - w.start) for c, w in zip(core, window, strict=True))
        labels[core] = mine[inner]
    return _renumbered(labels, owner, look.valid)


def _blocks(shape: tuple[int, ...], side: int, context: int) -> Iterator[tuple[Window, Window]]:
    """Cores that cover the picture once, row by row, and the windows around them."""
    edges = [np.linspace(0, size, -(-size // side) + 1).astype(int).tolist() for size in shape]
    for top, bottom in zip(edges[0][:-1], edges[0][1:], strict=True):
        for left, right in zip(edges[1][:-1], edges[1][1:], strict=True):
            rows = slice(max(top - context, 0), min(bottom + context, shape[0]))
            columns = slice(max(left - context, 0), min(right + context, shape[1]))
            yield (slice(top, bottom), slice(left, right)), (rows, columns)


def _on_seams(mine: np.ndarray, labels: np.ndarray, core: Window, window: Window) -> tuple[np.ndarray, np.ndarray]:
    """Labels of this block and of the blocks above and to the left, where both saw the same pixels."""
    top, left = core[0].start - window[0].start, core[1].start - window[1].start
    old_rows, old_cols = slice(window[0].start, core[0].start), slice(window[1].start, core[1].start)
    above = mine[:top, left : left + core[1].stop - core[1].start], labels[old_rows, core[1]]
    beside = mine[top : top + core[0].stop - core[0].start, :left], labels[core[0], old_cols]
    return tuple(np.concatenate([a.ravel(), b.ravel()]) for a, b in zip(above, beside, strict=True))  # type: ignore[return-value]


def _joined(owner: np.ndarray, mine: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Join labels that cover the same pixels on a seam."""
    both = (mine > 0) & (theirs > 0)
    if not both.any():
        return owner
    mine, theirs = mine[both].astype(np.int64), theirs[both].astype(np.int64)
    pairs, shared = np.unique(mine * len(owner) + theirs, return_counts=True)
    a, b = pairs // len(owner), pairs % len(owner)
    same = (shared > SAME_GRAIN * np.bincount(mine)[a]) & (shared > SAME_GRAIN * np.bincount(theirs)[b])
    for new, old in zip(a[same].tolist(), b[same].tolist(), strict=True):
        roots = _root(owner, new), _root(owner, old)
        owner[max(roots)] = min(roots)
    return owner


def _root(owner: np.ndarray, label: int) -> int:
    while owner[label] != label:
        label = int(owner[label])
    return label


def _renumbered(labels: np.ndarray, owner: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
    """Labels 1 to n in place, band by band."""
    while not np.array_equal(owner, owner[owner]):
        owner = owner[owner]
    bands = [slice(start, start + 1024) for start in range(0, labels.shape[0], 1024)]
    used = np.zeros(len(owner), bool)
    for band in bands:
        used[owner[labels[band]]] = True
    used[0] = False
    table = np.where(used, np.cumsum(used), 0).astype(np.int32)[owner]
    for band in bands:
        labels[band] = table[labels[band]] if valid is None else np.where(valid[band], table[labels[band]], 0)
    return labels
