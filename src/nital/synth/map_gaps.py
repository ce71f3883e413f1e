"""Which pixels of a map are missing: single ones at random, whole or broken lines, blocks."""

import numpy as np

from nital.core.errors import InputError, unknown_name

__all__ = ["GAPS", "draw_gaps"]

GAPS = ("random", "lines", "blocks")


def draw_gaps(pattern: str, shape: tuple[int, int], share: float, rng: np.random.Generator) -> np.ndarray:
    """Missing pixels, bool (rows, cols), exactly as many as the share says, rounded.

    Args:
        pattern: one of `GAPS`. share: of all pixels, above 0 and below 1.

    Raises:
        UnknownName: another pattern. InputError: a share that leaves nothing, or nothing to fill.
    """
    if pattern not in GAPS:
        raise unknown_name("pattern of gaps", pattern, GAPS)
    wanted = round(share * shape[0] * shape[1])
    if not 0 < wanted < shape[0] * shape[1]:
        raise InputError(f"A share of {share} missing pixels in a map of {shape} px is none or all. Choose another.")
    rank = rng.random(shape)
    if pattern == "lines":
        thick = rng.integers(1, 4)
        rank = np.repeat(rng.random(-(-shape[0] // thick)), thick)[: shape[0], None] + 1e-3 * np.sort(rank, 1)
        rank = rank.T[: shape[0], : shape[1]] if rng.random() < 0.3 and shape[0] == shape[1] else rank
    elif pattern == "blocks":
        side = int(rng.integers(3, 10))
        coarse = rng.random((shape[0] // side + 2, shape[1] // side + 2))
        row, col = rng.integers(0, side, 2)
        rank = np.kron(coarse, np.ones((side, side)))[row:, col:][: shape[0], : shape[1]] + 1e-3 * rank
    missing = np.zeros(shape[0] * shape[1], bool)
    missing[np.argsort(rank, axis=None)[:wanted]] = True
    return missing.reshape(shape)
