"""Known pixels that are hidden as the missing ones are, to see how well a map is filled."""

from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

__all__ = ["hold_out"]

Mask = NDArray[np.bool_]


def hold_out(known: Mask, rng: np.random.Generator, share: float = 0.12) -> Mask:
    """Known pixels to hide: gaps of the map itself, moved elsewhere, so that they are as wide as those to be filled.

    Args:
        known: bool (rows, cols). share: of the known pixels, at most about so many are hidden.

    Returns:
        bool (rows, cols), a part of `known`; single pixels at random where the gaps are larger than the share.
    """
    budget = round(share * len(np.flatnonzero(known)))
    steps: list[Any] = [rng.integers(size) for size in known.shape]
    moved = np.roll(~known, (int(steps[0]), int(steps[1])), (0, 1))
    gaps, number = cast("tuple[NDArray[np.int32], int]", label(moved))
    sizes: NDArray[Any] = np.bincount(gaps.ravel(), weights=known.ravel(), minlength=number + 1)
    order = rng.permutation(np.arange(1, number + 1))
    order = order[sizes[order] <= budget]
    kept = order[np.cumsum(sizes[order]) <= budget]
    hidden = np.isin(gaps, kept) & known
    if (lacking := budget - int(hidden.sum())) > budget // 10:
        rest = np.flatnonzero((known & ~hidden).ravel())
        hidden.ravel()[rng.permutation(rest)[:lacking]] = True
    return hidden
