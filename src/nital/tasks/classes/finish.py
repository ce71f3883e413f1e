"""What is set after the weights: the temperature, where the classes lie, and how far is too far."""

import math
from typing import Any

import numpy as np
import torch

from nital.core.dataset import Dataset
from nital.core.errors import InputError
from nital.learn.batches import to_tensors, valid_batches
from nital.learn.classification import fit_temperature
from nital.learn.receptive_field import measure_receptive_field
from nital.nets.receptive_field import receptive_field
from nital.tasks.classes.network import ClassNetwork

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
    features, _, label = _answers(model, train.take(few), batch_size)
    centres = np.stack([
        features[label == n].mean(0) if (label == n).any() else features.mean(0) for n in range(model.classes)
    ])  # fmt: skip
    shrunk = LedoitWolf(assume_centered=True).fit(features - centres[label])
    values, vectors = np.linalg.eigh(np.asarray(shrunk.get_precision()))
    model.centres.copy_(torch.from_numpy(centres))
    model.whitening.copy_(torch.from_numpy(vectors * np.sqrt(np.maximum(values, 0))))
    _, logits, label = _answers(model, valid, batch_size)
    # Sharpening from the few mistakes of a validation part makes a model too sure elsewhere; damping does not.
    model.temperature.fill_(max(1.0, fit_temperature(logits, label)))
    distances = np.concatenate([
        _run(model, batch)["distance"].numpy() for batch in valid_batches(valid, batch_size)
    ])  # fmt: skip
    limit = np.quantile(distances, 1 - FALSE_ALARMS, method="higher")
    return {
        "temperature": float(model.temperature),
        "distance_limit": float(limit),
        "limit_from": len(distances),
        "receptive_field": _receptive_field(model, valid),
        "mirrored_too": model.mirrored_too,
    }


def _answers(model: ClassNetwork, dataset: Dataset, batch_size: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    found = [(_run(model, batch), batch["label"]) for batch in valid_batches(dataset, batch_size)]
    features, logits = (
        np.concatenate([answer[name].numpy() for answer, _ in found]) for name in ("features", "logits")
    )
    return features.astype(np.float64), logits, np.concatenate([label for _, label in found])


@torch.no_grad()
def _run(model: ClassNetwork, batch: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
    return model.eval()(to_tensors({"image": batch["image"]}))


def _receptive_field(model: ClassNetwork, valid: Dataset) -> dict[str, Any] | None:
    """What one value of the last feature maps sees, by formula and measured; None where it sees everything."""
    image = to_tensors({"image": valid.batch([0])["image"]})["image"]
    try:
        seen = measure_receptive_field(model.classifier, image)
    except InputError:
        return None
    first: Any = seen.first_px
    if model.mirrored_too:  # the mean of two grids, of which one is turned: in the middle of the columns
        columns = math.ceil(image.shape[3] / seen.stride_px)
        first = [first, (image.shape[3] - 1 - (columns - 1) * seen.stride_px) / 2]
    return {
        "layer": seen.layer, "formula_px": receptive_field(model.classifier.layers), "measured_px": seen.reach_px,
        "effective_px": seen.effective_px, "cut": seen.cut,
        # Where the field meets the edges its middle cannot be measured; then the values share the picture out evenly.
        "stride_px": None if seen.cut else seen.stride_px, "first_px": None if seen.cut else first,
    }  # fmt: skip
