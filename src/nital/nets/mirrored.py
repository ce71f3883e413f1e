"""A network that looks at a picture mirrored, too, and answers with the mean."""

from collections.abc import Callable

import numpy as np

__all__ = ["mean_of_mirrored"]

FLIPS: tuple[tuple[int, ...], ...] = ((), (2,), (3,), (2, 3))
"""Of the axes of (1, channels, rows, cols)."""


def mean_of_mirrored(
    network: Callable[[np.ndarray], dict[str, np.ndarray]], tile: np.ndarray, output: str, *, quick: bool = False
) -> tuple[np.ndarray, list[dict[str, np.ndarray]]]:
    """Mean of an output over four looks, each turned back; and the whole answers as they came.

    Args:
        tile: (1, channels, rows, cols). output: name of an array (1, c, rows, cols). quick: look once.
    """
    flips = FLIPS[:1] if quick else FLIPS
    answers = [network(np.ascontiguousarray(np.flip(tile, flip))) for flip in flips]
    turned = [np.flip(answer[output], flip) for answer, flip in zip(answers, flips, strict=True)]
    return np.mean(turned, axis=0), answers
