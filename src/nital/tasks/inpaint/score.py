"""Scores of filled samples, and what the network must beat on them."""

from collections.abc import Callable, Mapping

import numpy as np

from nital.core.dataset import Batch
from nital.core.task import Baseline
from nital.science.filling import biharmonic, constant, linear, nearest

__all__ = ["map_scores", "sample_baselines", "sample_scores"]


def map_scores(filled: np.ndarray, truth: np.ndarray, missing: np.ndarray) -> dict[str, float]:
    """Scores on the missing pixels of a map.

    Args:
        filled: (1, rows, cols), or (3, rows, cols) with the ends of the 90 % interval. truth, missing: (rows, cols).
    """
    error = (filled[0] - truth)[missing]
    spread = max(float(np.nanstd(truth)), 1e-12)
    found = {"relative_rmse": float(np.sqrt(np.mean(error**2))) / spread}
    if len(filled) == 3:
        inside = (filled[1] <= truth) & (truth <= filled[2])
        found["coverage90"] = float(inside[missing].mean())
    return found


def sample_scores(prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
    """Scores of each sample; prediction holds `filled`, (n, 1 or 3, rows, cols)."""
    rows = [
        map_scores(filled, truth[0], missing[0])
        for filled, truth, missing in zip(prediction["filled"], batch["truth"], batch["missing"], strict=True)
    ]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def sample_baselines() -> list[Baseline]:
    """Kriging and the simple interpolations on the same pixels."""

    def on_samples(method: Callable[[np.ndarray], np.ndarray]) -> Callable[[Batch], dict[str, np.ndarray]]:
        def predict(batch: Batch) -> dict[str, np.ndarray]:
            seen = np.where(batch["missing"], np.nan, batch["truth"])[:, 0]
            return {"filled": np.stack([method(one.astype(np.float64)) for one in seen])[:, None]}

        return predict

    return [
        Baseline("kriging", lambda batch: {"filled": batch["image"][:, :1]}),
        Baseline("linear", on_samples(linear)),
        Baseline("nearest", on_samples(nearest)),
        Baseline("biharmonic", on_samples(biharmonic)),
        Baseline("mean of the known pixels", on_samples(constant), constant=True),
    ]
