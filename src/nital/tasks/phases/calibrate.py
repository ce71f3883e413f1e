"""What is set after the weights: which of the ways answer, and how sure they may be."""

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import numpy as np
import torch

from nital.core.dataset import Dataset
from nital.io.labelled import UNLABELLED
from nital.learn.batches import to_tensors, valid_batches
from nital.learn.calibration import damping_temperature
from nital.nets.frozen_features import UNetMaps
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
    for number, temperature in enumerate(_temperatures(model, names, valid, batch_size)):
        model.temperature[number] = temperature
    sets = [mix for size in range(len(names), 0, -1) for mix in combinations(range(len(names)), size)]
    counts = {mix: np.zeros((classes, classes), np.int64) for mix in sets}
    for logits, truth in _answers(model, names, valid, batch_size):
        chances = (logits / model.temperature[:, None, None, None, None]).softmax(2).numpy()
        for mix in sets:
            counts[mix] += confusion(truth, chances[list(mix)].mean(0).argmax(1), classes)
    scores = {mix: _mean_iou(count) for mix, count in counts.items()}
    best = max(sets, key=lambda mix: scores[mix] + (MARGIN if len(mix) == len(names) else 0))
    model.chosen.copy_(torch.tensor([float(number in best) for number in range(len(names))]))
    return {
        "ways": names,
        "features_on": _features_on(model),
        "chosen_ways": [names[number] for number in best],
        "way_scores": {" + ".join(names[number] for number in mix): score for mix, score in scores.items()},
        "temperatures": model.temperature.tolist(),
    }


def _features_on(model: PhaseNetwork) -> str | None:
    """What the way `features` stands on: the encoder that has seen ImageNet, or nital's own U-Net."""
    if "features" not in model.ways:
        return None
    return "unet" if isinstance(model.ways["features"].encoder, UNetMaps) else "pretrained"


def _answers(
    model: PhaseNetwork, names: list[str], valid: Dataset, batch_size: int
) -> Iterator[tuple[torch.Tensor, np.ndarray]]:
    """Batch by batch the logits (ways, n, classes, h, w), of classes that may be answered, and the truth (n, h, w)."""
    for batch in valid_batches(valid, batch_size):
        answer = model(to_tensors({"image": batch["image"]}))
        logits = torch.stack([answer[f"logits_{name}"] for name in names])
        if "allowed" in batch:
            logits = logits - model.weights.log()[None, None, :, None, None]
            logits = logits.masked_fill(~torch.from_numpy(batch["allowed"])[None, :, :, None, None], -30.0)
        yield logits, batch["truth"]


def _temperatures(model: PhaseNetwork, names: list[str], valid: Dataset, batch_size: int) -> list[float]:
    """Of each way, from some pixels of every window."""
    flat: list[np.ndarray] = []
    label: list[np.ndarray] = []
    for logits, truth in _answers(model, names, valid, batch_size):
        places = np.flatnonzero(truth.ravel() != UNLABELLED)
        places = places[:: max(1, len(places) // (MOST_PIXELS * len(truth)))]
        flat.append(np.moveaxis(logits.numpy(), 2, -1).reshape(len(names), -1, logits.shape[2])[:, places])
        label.append(truth.ravel()[places].astype(np.int64))
    known = np.concatenate(label)
    if not len(known):
        return [1.0] * len(names)
    return [damping_temperature(one, known) for one in np.concatenate(flat, 1)]


def _mean_iou(counts: np.ndarray) -> float:
    """Mean IoU of the classes that the validation part has."""
    there = counts.sum(1) > 0
    return float(class_iou(counts)[there].mean()) if there.any() else 0.0
