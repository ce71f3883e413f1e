"""Which class it is, who says so, and what speaks against believing it: for predicting and explaining alike."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nital.learn.calibration import likeness
from nital.tasks.classes.simpler import decide, who_decides

__all__ = ["RESERVED", "Judged", "judge", "knows"]

RESERVED = (
    "file", "job", "model", "seconds", "warnings", "headline", "row", "facts", "sections", "pictures", "tables",
    "files", "ledger", "report", "class", "probability", "probabilities", "decided_by", "network_class",
    "network_probability", "none_of_these", "none_of_these_check", "unlikeness", "magnification_check", "n_crops",
    "pixel_size_um", "pixel_size_source", "activation_map", "overlay",
)  # fmt: skip
"""All names in the JSON of a result; the value beside the class takes none of them. A test compares the two."""


@dataclass(frozen=True)
class Judged:
    """The answer to one picture.

    Attributes:
        values: as in the JSON. like_training: whether the picture is like those of the training, in words.
        warnings: what speaks against believing the answer.
    """

    values: dict[str, Any]
    like_training: str
    warnings: list[str]


def judge(facts: Mapping[str, Any], crops: np.ndarray, answer: Mapping[str, np.ndarray]) -> Judged:
    """The answer to one picture.

    Args:
        facts: of the model. crops: (n, 1, side, side) of the picture. answer: the network's, `probability` (n, classes)
            and `distance` (n,).
    """
    names = facts["classes"]
    probability = decide(facts, crops, answer["probability"]).mean(0)
    by_network = answer["probability"].mean(0)
    best, networks_best = int(probability.argmax()), int(by_network.argmax())
    like = likeness(facts, answer["distance"])
    values = {
        "class": names[best],
        "probability": float(probability[best]),
        "probabilities": {name: float(p) for name, p in zip(names, probability, strict=True)},
        "decided_by": who_decides(facts),
        "network_class": names[networks_best],
        "network_probability": float(by_network[networks_best]),
        "none_of_these": like.none_of_these,
        "none_of_these_check": like.check,
        "unlikeness": like.unlikeness,
    }
    sentences = (like.warning, _simpler_sentence(facts, values))
    return Judged(values, like.words, [sentence for sentence in sentences if sentence is not None])


def knows(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A line for the headline: that the model knows nothing that somebody photographed, where that is so."""
    return [("the model knows", facts["knows"])] if facts.get("knows") else []


def _simpler_sentence(facts: Mapping[str, Any], values: Mapping[str, Any]) -> str | None:
    """That a simpler model was chosen in training, and what the network says where that model decides."""
    if facts.get("chosen") in (None, "network"):
        return None
    known = f"On unseen specimens the network was not certainly better than {facts['chosen']} (see card.md)"
    if not facts.get("simpler"):
        return f"{known}."
    said = f"{values['network_class']} ({values['network_probability']:.3f})"
    value = f" The {facts['value']['name']} is the network's own." if facts.get("value") else ""
    return f"{known}, which decides here; the network says {said}.{value}"
