"""What the network is shown: grey values with the picture's own mean and spread taken out."""

import numpy as np

__all__ = ["standardise"]


def standardise(image: np.ndarray, mean: float | None = None, spread: float | None = None) -> np.ndarray:
    """Grey values as (image - mean) / spread, clipped to +-6.

    Args:
        image: (rows, cols), any real type.
        mean, spread: of the whole picture's specimen when `image` is a tile of it; else its own.

    Returns:
        float32 (rows, cols).
    """
    grey = image.astype(np.float32)
    if mean is None or spread is None:
        mean, spread = float(grey.mean()), float(grey.std())
    return np.clip((grey - np.float32(mean)) / np.float32(max(spread, 1e-6)), -6, 6)
