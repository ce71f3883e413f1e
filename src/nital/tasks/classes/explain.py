"""What the network looked at, with torch: Grad-CAM, integrated gradients, occlusion, filters, feature maps."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nital.core.errors import unknown_name
from nital.core.outcome import Fact, Map, Outcome, Picture
from nital.io.labelled import open_picture
from nital.learn.explain import grad_cam, integrated_gradients, occlusion
from nital.learn.layers import feature_maps, find_layer, first_layer_filters
from nital.learn.sanity import SanityCheck, sanity_check
from nital.tasks.classes.figures import MOST_MAPS, bar_of, feature_maps_picture, filters_picture, over
from nital.tasks.classes.judging import judge, knows
from nital.tasks.classes.network import ClassNetwork
from nital.tasks.classes.options import ExplainOptions
from nital.tasks.classes.prepare import Prepared, prepare
from nital.tasks.classes.receptive_field import receptive_field_in_file, sees, too_small

__all__ = ["explain"]

KEPT = ("probabilities", "decided_by", "none_of_these", "none_of_these_check", "unlikeness")
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


def explain(model: ClassNetwork, facts: Mapping[str, Any], path: Path, options: ExplainOptions) -> Outcome:
    """Explain one picture: its middle crop by every method, each with its sanity check.

    Raises:
        UnknownName: no such class or layer. InputError: the picture cannot be used.
    """
    picture = open_picture(path, page=options.page, pixel_size_um=options.pixel_size_um)
    seen = prepare(picture, path, facts)
    network, names, side = model.classifier, list(facts["classes"]), seen.crops.shape[-1]
    with torch.no_grad():
        answer = {name: array.numpy() for name, array in model.eval()({"image": torch.from_numpy(seen.crops)}).items()}
    judged = judge(facts, seen.crops, answer)
    values = judged.values
    target = _target(values["class"] if options.of is None else options.of, names)
    middle = len(seen.crops) // 2
    image, (top, left) = torch.from_numpy(seen.crops[middle : middle + 1]), seen.places[middle]
    layer, _ = find_layer(network, image, options.layer)
    receptive_field = receptive_field_in_file(network, image, layer, seen.zoom, picture.calibration.pixel_size_um)
    found = explanations(network, image, target, layer, receptive_field, options.method)
    outcome = Outcome({
        "class": values["class"], "explained_class": names[target], **{key: values[key] for key in KEPT},
        "layer": layer, "crop": [int(top), int(left), side],
        "checks": {name: one.values for name, one in found.items()}, "receptive_field": receptive_field,
    }, warnings=[*picture.warnings, *judged.warnings])  # fmt: skip
    if values["decided_by"] != "network":
        outcome.warnings.append("The maps below are the network's.")
    if facts.get("mirrored_too"):
        outcome.warnings.append(
            "This network answers with the mean over a picture and its mirror image; the maps explain what it says of "
            "the picture as it is."
        )
    if (sentence := too_small(receptive_field, options.grain_size_px)) is not None:
        outcome.warnings.append(sentence)
    outcome.warnings += [
        f"{TITLES[name]}: {one.check.sentence()}" for name, one in found.items() if not one.check.passed
    ]
    outcome.headline = [
        ("class", values["class"]), *knows(facts), ("explained", names[target]), ("layer", layer),
        ("one value of the layer sees", sees(receptive_field)),
        *((f"{TITLES[name]}, random weights", one.check.words) for name, one in found.items()),
    ]  # fmt: skip
    outcome.facts = [Fact(label, words) for label, words in outcome.headline]
    outcome.facts.append(Fact("like the training pictures", judged.like_training))
    _add_maps(outcome, found, seen, middle)
    _add_inside(outcome, network, image, layer)
    return outcome


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


def _target(name: str, names: list[str]) -> int:
    if name not in names:
        raise unknown_name("class", name, names)
    return names.index(name)


def _add_maps(outcome: Outcome, found: Mapping[str, Explanation], seen: Prepared, crop: int) -> None:
    """Each map over its crop, without the brightest hundredth, and its values."""
    (top, left), side = seen.places[crop], seen.crops.shape[-1]
    grey = seen.scaled[top : top + side, left : left + side]
    for name, one in found.items():
        most = max(float(np.quantile(one.heat, 0.99)), 1e-9)
        title = f"{TITLES[name]} for '{outcome.values['explained_class']}'"
        shown = np.minimum(one.heat, most)
        bar = bar_of("value of the map; no colour: 0 or less; the highest hundredth counts as the last", shown)
        outcome.pictures[name] = Picture(over(shown, grey), title, one.caption, bar)
        outcome.maps[f"{name}_values"] = Map("image", one.heat, seen.pixel_size_um)


def _add_inside(outcome: Outcome, network: Any, image: Tensor, layer: str) -> None:
    """First-layer filters and the feature maps of the layer, as pictures."""
    first = network.body[0]
    filters, maps = first_layer_filters(network), feature_maps(network, image, layer)[0]
    step = first.downscale_factor if isinstance(first, nn.PixelUnshuffle) else 1
    outcome.pictures["filters"] = Picture(
        filters_picture(filters, step), "Filters of the first layer",
        f"{filters.shape[0]} filters of {filters.shape[2] * step} x {filters.shape[3] * step} px; middle grey is zero.",
    )  # fmt: skip
    outcome.pictures["feature_maps"] = Picture(
        feature_maps_picture(maps), f"Feature maps of the layer {layer}",
        f"{min(len(maps), MOST_MAPS)} of {len(maps)} maps of {maps.shape[1]} x {maps.shape[2]} values, each in its own "
        "full range.",
    )  # fmt: skip
