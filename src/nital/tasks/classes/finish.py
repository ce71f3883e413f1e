"""What is set after the weights: the temperature, where the classes lie, and how far is too far."""

import math
from typing import Any

import numpy as np
import torch

from nital.core.dataset import Dataset
from nital.learn.batches import to_tensors, valid_batches
from nital.learn.classification import fit_temperature
from nital.tasks.classes.network import ClassNetwork
from nital.tasks.classes.receptive_field import receptive_field_of

__all__ = ["finish"]

FALSE_ALARMS = 0.01
"""Share of pictures like those of the validation part that are called "not one of these"."""
MOST_PICTURES = 4000


def finish(model: ClassNetwork, train: Dataset, valid: Dataset, batch_size: int) -> dict[str, Any]:
    """Calibrate a trained model in place.

    Probabilities are damped on the validation part where the network is too sure. The features of each class are taken
    for normal with one common covariance, shrunk; the distance that all but 1 % of the validation pictures stay within
    is the limit of what is known.

    Returns:
        facts: `temperature`, `distance_limit`, `limit_from` (number of samples), `receptive_field`.

    Source: K. Lee et al., NeurIPS 2018, arXiv:1807.03888 (distance); O. Ledoit, M. Wolf, J. Multivariate Anal. 88, 365
        (2004), doi:10.1016/S0047-259X(03)00096-4 (shrinkage).
    """
    from sklearn.covariance import LedoitWolf

    few = np.sort(np.random.default_rng(0).permutation(len(train))[:MOST_PICTURES])
    known = _answers(model, train.take(few), batch_size)
    features, label = known["features"].astype(np.float64), known["label"]
    centres = np.stack([
        features[label == n].mean(0) if (label == n).any() else features.mean(0) for n in range(model.classes)
    ])  # fmt: skip
    shrunk = LedoitWolf(assume_centered=True).fit(features - centres[label])
    values, vectors = np.linalg.eigh(np.asarray(shrunk.get_precision()))
    model.centres.copy_(torch.from_numpy(centres))
    model.whitening.copy_(torch.from_numpy(vectors * np.sqrt(np.maximum(values, 0))))
    answers = _answers(model, valid, batch_size)
    # Sharpening from the few mistakes of a validation part makes a model too sure elsewhere; damping does not.
    model.temperature.fill_(max(1.0, fit_temperature(answers["logits"], answers["label"])))
    limit = np.quantile(answers["distance"], 1 - FALSE_ALARMS, method="higher")
    return {
        "temperature": float(model.temperature),
        "distance_limit": float(limit),
        "limit_from": len(answers["distance"]),
        "receptive_field": _receptive_field(model, valid),
        "mirrored_too": model.mirrored_too,
    }


@torch.no_grad()
def _answers(model: ClassNetwork, dataset: Dataset, batch_size: int) -> dict[str, np.ndarray]:
    """`features`, `logits`, `distance` and `label` of all samples."""
    model.eval()
    parts: dict[str, list[np.ndarray]] = {"features": [], "logits": [], "distance": [], "label": []}
    for batch in valid_batches(dataset, batch_size):
        answer = model(to_tensors({"image": batch["image"]}))
        for name, part in parts.items():
            part.append(batch["label"] if name == "label" else answer[name].numpy())
    return {name: np.concatenate(part) for name, part in parts.items()}


def _receptive_field(model: ClassNetwork, valid: Dataset) -> dict[str, Any] | None:
    """What one value of the last feature maps sees; None where it sees everything."""
    image = to_tensors({"image": valid.batch([0])["image"]})["image"]
    receptive_field = receptive_field_of(model.classifier, image)
    if receptive_field and not receptive_field["cut"] and model.mirrored_too:
        # The mean of two grids, of which one is turned, stands in the middle of the columns.
        columns = math.ceil(image.shape[3] / receptive_field["stride_px"])
        middle = (image.shape[3] - 1 - (columns - 1) * receptive_field["stride_px"]) / 2
        receptive_field["first_px"] = [receptive_field["first_px"], middle]
    return receptive_field
