"""One channel of a file, of names or of numbers, filled in its own type."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from nital.core.progress import Say
from nital.core.task import Network
from nital.tasks.inpaint.fill import fill_channel
from nital.tasks.inpaint.labels import fill_labels, holds_labels

__all__ = ["FilledChannel", "fill_any"]


@dataclass(frozen=True)
class FilledChannel:
    """A channel without gaps.

    Attributes:
        values: (rows, cols) in the type of the file, known pixels bit for bit as they were.
        doubt: (rows, cols), 0 where known: half width of the 90 % interval, or 1 - probability of a name.
        low, high: float32, ends of the interval; None for names.
        said: of it in the JSON.
    """

    values: np.ndarray
    doubt: np.ndarray
    low: np.ndarray | None
    high: np.ndarray | None
    said: dict[str, Any]


def fill_any(
    network: Network, values: np.ndarray, missing: np.ndarray, labels: str = "auto", say: Say = None
) -> FilledChannel:
    """Fill a channel (rows, cols) of any type of number where `missing` says."""
    if not missing.any():
        same = values.astype(np.float32)
        return FilledChannel(values, np.zeros(values.shape), same, same, {"method": "nothing missing"})
    if labels == "yes" or (labels == "auto" and holds_labels(values, ~missing)):
        found = fill_labels(values, ~missing)
        said = {"method": "most probable name", "hidden_error_rate": found.error_rate, "hidden": found.hidden}
        return FilledChannel(found.labels, found.doubt, None, None, said)
    filled = fill_channel(network, np.where(missing, np.nan, values.astype(np.float64)), say)
    half = (filled.high - filled.low) / 2
    said = {
        "method": filled.method, "network_share": filled.network_share, "errors": dict(filled.errors),
        "hidden_rmse": filled.errors[filled.method], "hidden": filled.hidden,
        "median_half_width": float(np.median(half[missing])), "interval_widened_by": filled.widened,
        "spread": float(values[~missing].std()), "covariance": filled.covariance.family,
        "covariance_length_px": filled.covariance.length_px, "covariance_nugget": filled.covariance.nugget,
    }  # fmt: skip
    low, high = filled.low.astype(np.float32), filled.high.astype(np.float32)
    return FilledChannel(_in_type(filled.values, values, missing), half, low, high, said)


def _in_type(filled: np.ndarray, values: np.ndarray, missing: np.ndarray) -> np.ndarray:
    """Filled values in the type of the map, whole numbers rounded; the others are not touched."""
    result = values.copy()
    new = filled[missing]
    if values.dtype.kind in "iu":
        limits = np.iinfo(values.dtype)
        new = np.rint(new).clip(limits.min, limits.max)
    result[missing] = new.astype(values.dtype)
    return result
