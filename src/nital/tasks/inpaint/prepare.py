"""What the network sees of a map: kriging, the nearest pixel, what is known, and how sure kriging is."""

import numpy as np

from nital.science.filling import Covariance, krige_map, nearest

__all__ = ["prepare", "scale_of"]


def scale_of(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation of the known pixels; 1 for a flat map."""
    spread = float(np.nanstd(values))
    return float(np.nanmean(values)), spread if spread > 0 else 1.0


def prepare(standard: np.ndarray, covariance: Covariance, count: int) -> np.ndarray:
    """The four channels, float32, of a map in its own spreads, NaN where missing.

    Args:
        covariance: of this map. count: neighbours that kriging takes.
    """
    kriged = krige_map(standard, covariance, count=count)
    known = np.isfinite(standard)
    return np.stack([kriged.values, nearest(standard), known, kriged.sd]).astype(np.float32)
