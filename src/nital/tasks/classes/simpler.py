"""Linear models on a few numbers of a picture, in numpy: what the baselines say, in training and afterwards alike."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import softmax

from nital.core.errors import ArtifactError
from nital.science.textures import texture_features

__all__ = ["FEATURES", "agreement", "class_probability", "decide", "distance_from_middle", "textures", "who_decides"]


def agreement(images: np.ndarray) -> np.ndarray:
    """Mean product of neighbours in pictures of two levels taken as +1 and -1, opposite edges joined; (n, 1).

    The energy per spin of an Ising configuration is minus twice this number.

    Args:
        images: (n, 1, rows, cols), as the network sees them.
    """
    spins = _two_levels(images)
    pairs = [(spins * np.roll(spins, 1, axis)).mean((1, 2)) for axis in (1, 2)]
    return np.mean(pairs, axis=0)[:, None]


def distance_from_middle(images: np.ndarray) -> np.ndarray:
    """|mean| of pictures (n, 1, rows, cols) of two levels taken as +1 and -1, (n, 1)."""
    spins = _two_levels(images)
    return np.abs(spins.mean((1, 2)))[:, None]


def textures(images: np.ndarray) -> np.ndarray:
    """`texture_features` of pictures (n, 1, rows, cols)."""
    return np.stack([texture_features(image[0]) for image in images])


FEATURES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "textures": textures,
    "agreement": agreement,
    "distance from middle": distance_from_middle,
    "nothing": lambda images: np.empty((len(images), 0)),
}


def class_probability(kept: Mapping[str, Any], images: np.ndarray) -> np.ndarray:
    """What a linear model says of pictures.

    Args:
        kept: `features` (a name of `FEATURES`), `mean`, `spread`, (k,) each, `weights` (classes, k) and `bias`
            (classes,) of the logits; -inf is written as null, for classes that the model never saw.
        images: (n, 1, rows, cols), as the network sees them.

    Returns:
        (n, classes), rows sum to 1.

    Raises:
        ArtifactError: the model was kept by another version of nital, whose features have another number.
    """
    features, mean = FEATURES.get(kept["features"]), np.asarray(kept["mean"])
    found = features(images) if features else None
    if found is None or found.shape[1:] != mean.shape:
        raise ArtifactError(
            f"The model folder's simpler model, on {kept['features']} with {mean.size} numbers, is of another version "
            "of nital. Train it again."
        )
    bias = np.array([-np.inf if one is None else one for one in kept["bias"]])
    return softmax((found - mean) / np.asarray(kept["spread"]) @ np.asarray(kept["weights"]).T + bias, axis=1)


def decide(facts: Mapping[str, Any], images: np.ndarray, by_network: np.ndarray) -> np.ndarray:
    """The probabilities that count: the network's, or those of the simpler model that is kept beside it.

    Args:
        facts: of the model. images: (n, 1, rows, cols). by_network: (n, classes).
    """
    return class_probability(facts["simpler"], images) if facts.get("simpler") else by_network


def who_decides(facts: Mapping[str, Any]) -> str:
    """Name of the model whose probabilities `decide` gives."""
    return facts["chosen"] if facts.get("simpler") else "network"


def _two_levels(images: np.ndarray) -> np.ndarray:
    """Each picture as +1 above the middle of its range and -1 below; (n, rows, cols)."""
    low, high = images.min((1, 2, 3), keepdims=True), images.max((1, 2, 3), keepdims=True)
    return np.where(images >= (low + high) / 2, np.float32(1), np.float32(-1))[:, 0]
