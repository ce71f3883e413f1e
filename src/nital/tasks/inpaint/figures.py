"""Pictures of a filled map for people."""

import numpy as np

__all__ = ["given_picture", "grey_range", "map_picture"]

MISSING_COLOUR = (213, 94, 0)
LARGEST_SIDE_PX = 2048


def grey_range(values: np.ndarray) -> tuple[float, float]:
    """What is shown black and white: 0.5 and 99.5 % of the finite values."""
    seen = values[np.isfinite(values)]
    low, high = (float(one) for one in np.percentile(seen, [0.5, 99.5])) if len(seen) else (0.0, 1.0)
    return low, high if high > low else low + 1


def map_picture(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """A channel in grey, uint8 (rows, cols, 3), every n-th pixel of a large one."""
    shown = values[_thinned(values.shape)]
    grey = (255 * ((np.nan_to_num(shown, nan=low) - low) / (high - low)).clip(0, 1)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def given_picture(values: np.ndarray, missing: np.ndarray, low: float, high: float) -> np.ndarray:
    """As `map_picture`, missing pixels in orange."""
    picture = map_picture(values, low, high)
    picture[missing[_thinned(values.shape)]] = MISSING_COLOUR
    return picture


def _thinned(shape: tuple[int, ...]) -> tuple[slice, slice]:
    step = -(-max(shape) // LARGEST_SIDE_PX)
    return slice(None, None, step), slice(None, None, step)
