"""Which class it is, who says so, and what speaks against believing it: for predicting and explaining alike."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nital.tasks.classes.simpler import decide, who_decides

__all__ = ["judge", "simpler_model_sentence", "strange_sentence"]

FEW = 50
"""With fewer validation pictures the limit of what is known is none."""


def judge(facts: Mapping[str, Any], crops: np.ndarray, answer: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """The answer of one picture, as it stands in the JSON.

    Args:
        facts: of the model. crops: (n, 1, side, side) of the picture. answer: the network's, `probability` (n, classes)
            and `distance` (n,).
    """
    names = facts["classes"]
    probability = decide(facts, crops, answer["probability"]).mean(0)
    by_network = answer["probability"].mean(0)
    best, networks_best = int(probability.argmax()), int(by_network.argmax())
    unlike = float(answer["distance"].mean() / facts["distance_limit"])
    return {
        "class": names[best],
        "probability": float(probability[best]),
        "probabilities": {name: float(p) for name, p in zip(names, probability, strict=True)},
        "decided_by": who_decides(facts),
        "network_class": names[networks_best],
        "network_probability": float(by_network[networks_best]),
        "none_of_these": None if _too_few(facts) else unlike > 1,
        "unlikeness": unlike,
    }


def strange_sentence(facts: Mapping[str, Any], values: Mapping[str, Any]) -> str | None:
    """That a picture lies farther out than those that the model was trained on, and what that is worth.

    Args:
        values: of `judge`.
    """
    if values["unlikeness"] <= 1:
        return None
    far = f"This picture is unlike those that the model was trained on ({values['unlikeness']:.2f} times the limit)"
    if _too_few(facts):
        return (
            f"{far}, but that limit rests on {facts['limit_from']} validation pictures only, and {FEW} are needed to "
            "rely on it."
        )
    return f"{far}: it may be none of these classes, and the probabilities mean nothing then."


def simpler_model_sentence(facts: Mapping[str, Any], values: Mapping[str, Any]) -> str | None:
    """That a simpler model was chosen in training, and what the network says, where that does not decide.

    Args:
        values: of `judge`.
    """
    if facts.get("chosen") in (None, "network"):
        return None
    known = f"On unseen specimens the network was not certainly better than {facts['chosen']} (see card.md)"
    if not facts.get("simpler"):
        return f"{known}."
    said = f"{values['network_class']} ({values['network_probability']:.3f})"
    return f"{known}, which decides here; the network says {said}."


def _too_few(facts: Mapping[str, Any]) -> bool:
    return facts.get("limit_from", FEW) < FEW
