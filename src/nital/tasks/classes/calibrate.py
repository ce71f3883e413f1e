"""What is set after the weights: the temperature, where the classes lie, and how far is too far."""

import math
from typing import Any

import numpy as np
import torch

from nital.core.dataset import Dataset
from nital.learn.batches import answers_of, to_tensors
from nital.learn.calibration import damping_temperature, distance_limit, fit_class_regions
from nital.tasks.classes.network import ClassNetwork
from nital.tasks.classes.receptive_field import receptive_field_of

__all__ = ["calibrate"]

MOST_PICTURES = 4000


def calibrate(model: ClassNetwork, train: Dataset, valid: Dataset, batch_size: int) -> dict[str, Any]:
    """Calibrate a trained model in place.

    Probabilities are damped on the validation part where the network is too sure; the distance that all but 1 % of the
    validation pictures stay within is the limit of what is known.

    Returns:
        facts: `temperature`, `distance_limit`, `limit_from` (number of samples), `receptive_field`, `mirrored_too`.
    """
    few = train.take(np.sort(np.random.default_rng(0).permutation(len(train))[:MOST_PICTURES]))
    known = answers_of(model, few, ("features",), ("label",), batch_size=batch_size)
    centres, whitening = fit_class_regions(known["features"], known["label"], model.classes)
    model.centres.copy_(torch.from_numpy(centres))
    model.whitening.copy_(torch.from_numpy(whitening))
    answers = answers_of(model, valid, ("logits", "distance"), ("label",), batch_size=batch_size)
    model.temperature.fill_(damping_temperature(answers["logits"], answers["label"]))
    return {
        "temperature": float(model.temperature),
        "distance_limit": distance_limit(answers["distance"]),
        "limit_from": len(answers["distance"]),
        "receptive_field": _receptive_field(model, valid),
        "mirrored_too": model.mirrored_too,
    }


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
