"""The kinds of maps that explain an answer, each with its check: with random weights it must become another map."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from torch import Tensor, nn

from nital.learn.explain import grad_cam, integrated_gradients, occlusion
from nital.learn.sanity import SanityCheck, sanity_check

__all__ = ["TITLES", "Explanation", "explanations"]

Method = Callable[[nn.Module, Tensor, Sequence[int]], np.ndarray]
TITLES = {"grad_cam": "Grad-CAM", "integrated_gradients": "Integrated gradients", "occlusion": "Occlusion"}
CAPTIONS = {
    "grad_cam": "Where the layer holds evidence for the class; warmer is more.",
    "integrated_gradients": "Share of each pixel in the rise of the logit from an even grey; warm speaks for it.",
    "occlusion": "How far the logit falls when a square is covered; warm is where covering hurts.",
}


@dataclass(frozen=True)
class Explanation:
    """One map of one crop.

    Attributes:
        heat: float32 (side, side). check: of the map. values: the check as in the JSON. caption: how to read it.
    """

    heat: np.ndarray
    check: SanityCheck
    values: dict[str, Any]
    caption: str


def explanations(
    network: nn.Module, image: Tensor, target: int, layer: str, receptive_field: Mapping[str, Any] | None, chosen: str
) -> dict[str, Explanation]:
    """Maps by name of method.

    Args:
        network: images -> logits. image: (1, 1, side, side). target: class to explain. layer: for Grad-CAM.
        receptive_field: of that layer, with `stride_px` and `first_px`. chosen: a method, or "all".
    """
    found: dict[str, Explanation] = {}
    for name, method in _methods(layer, image.shape[-1], receptive_field or {}).items():
        if chosen not in ("all", name):
            continue
        check = sanity_check(method, network, image, [target])
        values: dict[str, Any] = {
            "passed": check.passed, "rank_correlation": check.rank_correlation,
            "structural_similarity": check.structural_similarity, "result": check.words,
        }  # fmt: skip
        extra = ""
        if name == "integrated_gradients":
            gradients = integrated_gradients(network, image, [target])
            values["completeness_gap"] = float(gradients.gap[0])
            extra = f" {gradients.sentence()}"
        heat = method(network, image, [target])[0].astype(np.float32)
        found[name] = Explanation(heat, check, values, f"{CAPTIONS[name]}{extra} {check.sentence()}")
    return found


def _methods(layer: str, side: int, receptive_field: Mapping[str, Any]) -> dict[str, Method]:
    placed: dict[str, Any] = {name: receptive_field.get(name) for name in ("stride_px", "first_px")}
    window = max(side // 8, 2)
    return {
        "grad_cam": lambda model, image, classes: grad_cam(model, image, classes, layer=layer, **placed),
        "integrated_gradients": lambda model, image, classes: integrated_gradients(model, image, classes).map,
        "occlusion": lambda model, image, classes: occlusion(
            model, image, classes, window_px=window, stride_px=max(window // 2, 1)
        ),
    }
