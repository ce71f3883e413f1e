"""Scores of a segmentation, window by window, and of the classes over all."""

from collections.abc import Mapping

import numpy as np

from nital.core.dataset import Batch
from nital.io.labelled import UNLABELLED

__all__ = ["FEWEST_PX", "class_iou", "confusion", "mean_iou", "sample_scores", "scores_of"]

FEWEST_PX = 20
"""A class that the truth gives fewer pixels of a window does not count there."""
CLAIMED = 0.01
"""A class that is not in the truth counts, as wrong, where the answer gives it this share of the labelled pixels."""


def sample_scores(prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
    """Name of a metric -> one value per window, and `confusion` (n, classes, classes), pixels, rows true.

    Args:
        prediction: `probability` (n, classes, h, w). batch: `truth` (n, h, w), and `allowed` (n, classes) where only
            some classes may be answered.
    """
    chances = prediction["probability"]
    classes = chances.shape[1]
    guess = (chances * batch["allowed"][:, :, None, None] if "allowed" in batch else chances).argmax(1)
    counts = np.stack([confusion(true, found, classes) for true, found in zip(batch["truth"], guess, strict=True)])
    return scores_of(counts) | {"confusion": counts}


def scores_of(counts: np.ndarray) -> dict[str, np.ndarray]:
    """Name of a metric -> one value per confusion, of (n, classes, classes)."""
    total = np.maximum(counts.sum((1, 2)), 1)
    error = np.abs(counts.sum(1) - counts.sum(2)) / total[:, None]
    return {
        "mean_iou": np.array([mean_iou(one) for one in counts]),
        "accuracy": np.trace(counts, axis1=1, axis2=2) / total,
        "area_error_points": 100 * error.mean(1),
    }


def confusion(truth: np.ndarray, guess: np.ndarray, classes: int) -> np.ndarray:
    """Pixels by true class (rows) and answer (columns), of those that are labelled; int64 (classes, classes)."""
    known = truth != UNLABELLED
    pairs = truth[known].astype(np.int64) * classes + guess[known]
    return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)


def class_iou(counts: np.ndarray) -> np.ndarray:
    """Intersection over union of each class, float (classes,); NaN where neither truth nor answer has it."""
    common = np.diag(counts).astype(float)
    union = counts.sum(0) + counts.sum(1) - common
    return np.divide(common, union, out=np.full(len(common), np.nan), where=union > 0)


def mean_iou(counts: np.ndarray) -> float:
    """Mean over the classes that are there: in the truth, or in the answer on at least one in a hundred pixels."""
    there = (counts.sum(1) >= FEWEST_PX) | (counts.sum(0) >= CLAIMED * max(counts.sum(), 1))
    return float(np.nanmean(class_iou(counts)[there])) if there.any() else 0.0
