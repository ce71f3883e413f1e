"""Scores of detections: on synthetic samples, and on pictures with masks or boxes."""

from collections.abc import Mapping

import numpy as np

from nital.core.dataset import Batch
from nital.science.particles import Matched, boxes_of, match_boxes, part_by_depth

__all__ = ["dice", "sample_scores", "scores_of"]

NOT_SIZED = 100.0
"""Error in per cent where there are particles and none was found, or the other way round."""


def sample_scores(prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
    """Scores of each synthetic sample; prediction holds `probability` (n, 2, h, w) or `labels` (n, h, w)."""
    rows: list[dict[str, float]] = []
    for index, truth in enumerate(batch["truth"]):
        if "labels" in prediction:
            found = prediction["labels"][index]
        else:
            found, _ = part_by_depth(*prediction["probability"][index])
        rows.append(scores_of(match_boxes(boxes_of(found), boxes_of(truth))) | {"dice": dice(found, truth)})
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    """Common area of the particles of two label maps, over the mean of both; 1 where neither has any."""
    both = (found > 0).sum() + (truth > 0).sum()
    return 2 * float(((found > 0) & (truth > 0)).sum() / both) if both else 1.0


def scores_of(matched: Matched) -> dict[str, float]:
    """Name of a metric -> its value, of one picture."""
    error = matched.size_error
    if error is None:
        error = 0.0 if matched.found == matched.true else NOT_SIZED / 100
    return {"f1": matched.f1, "f1_boxes": matched.f1_boxes, "size_error_percent": 100 * abs(error)}
