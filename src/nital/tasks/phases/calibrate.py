"""What is set after the weights: which of the ways answer, and how sure they may be."""

from itertools import combinations
from typing import Any

import numpy as np
import torch

from nital.core.dataset import Dataset
from nital.io.labelled import UNLABELLED
from nital.learn.batches import to_tensors, valid_batches
from nital.learn.calibration import damping_temperature
from nital.tasks.phases.network import PhaseNetwork
from nital.tasks.phases.score import class_iou, confusion

__all__ = ["calibrate"]

MARGIN = 0.01
"""Fewer networks are taken only where they are better than the mean of all by so much: the mean as a rule is safer."""
MOST_PIXELS = 20_000
"""So many pixels of a window tell how sure a network may be."""


@torch.no_grad()
def calibrate(model: PhaseNetwork, valid: Dataset, batch_size: int) -> dict[str, Any]:
    """Choose the ways that answer by the mean IoU on the validation part, and damp those that are too sure.

    Returns:
        facts: `ways` (names), `chosen_ways`, `way_scores` (names joined by " + " -> mean IoU), `temperatures`.
    """
    names, classes = list(model.ways), len(model.weights)
    sets = [mix for size in range(len(names), 0, -1) for mix in combinations(range(len(names)), size)]
    counts = {mix: np.zeros((classes, classes), np.int64) for mix in sets}
    drawn: list[tuple[np.ndarray, np.ndarray]] = []
    for batch in valid_batches(valid, batch_size):
        truth = batch["truth"]
        answer = model(to_tensors({"image": batch["image"]}))
        logits = torch.stack([answer[f"logits_{name}"] for name in names])
        chances = logits.softmax(2).numpy()
        for mix in sets:
            counts[mix] += confusion(truth, chances[list(mix)].mean(0).argmax(1), classes)
        places = np.flatnonzero(truth.ravel() != UNLABELLED)
        places = places[:: max(1, len(places) // (MOST_PIXELS * len(truth)))]
        flat = np.moveaxis(logits.numpy(), 2, -1).reshape(len(names), -1, classes)[:, places]
        drawn.append((flat, truth.ravel()[places].astype(np.int64)))
    scores = {mix: float(np.nanmean(class_iou(count))) for mix, count in counts.items()}
    best = max(sets, key=lambda mix: scores[mix] + (MARGIN if len(mix) == len(names) else 0))
    model.chosen.copy_(torch.tensor([float(number in best) for number in range(len(names))]))
    flat, label = np.concatenate([one for one, _ in drawn], 1), np.concatenate([one for _, one in drawn])
    for number in range(len(names)):
        if len(label):
            model.temperature[number] = damping_temperature(flat[number], label)
    return {
        "ways": names,
        "chosen_ways": [names[number] for number in best],
        "way_scores": {" + ".join(names[number] for number in mix): score for mix, score in scores.items()},
        "temperatures": model.temperature.tolist(),
    }
