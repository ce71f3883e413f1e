"""What the network looked at, with torch: Grad-CAM, integrated gradients, occlusion, filters, feature maps.

Each kind of map is checked: with random weights it must become another map.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nital.core.errors import unknown_name
from nital.core.task import Outcome
from nital.io.labelled import open_picture
from nital.learn.explain import grad_cam, integrated_gradients, occlusion
from nital.learn.layers import feature_maps, find_layer, first_layer_filters
from nital.learn.sanity import sanity_check
from nital.science.activation_maps import tile_pictures
from nital.tasks.classes.analyse import prepare, shown
from nital.tasks.classes.judging import judge, simpler_model_sentence, strange_sentence
from nital.tasks.classes.network import ClassNetwork
from nital.tasks.classes.options import ExplainOptions
from nital.tasks.classes.receptive_field import receptive_field_of

__all__ = ["explain"]

Method = Callable[[nn.Module, Tensor, Sequence[int]], np.ndarray]
TITLES = {"grad_cam": "Grad-CAM", "integrated_gradients": "Integrated gradients", "occlusion": "Occlusion"}
CAPTIONS = {
    "grad_cam": "Where the layer holds evidence for the class; warmer is more.",
    "integrated_gradients": "Share of each pixel in the rise of the logit from an even grey; warm speaks for it.",
    "occlusion": "How far the logit falls when a square is covered; warm is where covering hurts.",
}
MOST_MAPS = 64


def explain(model: ClassNetwork, facts: Mapping[str, Any], path: Path, options: ExplainOptions) -> Outcome:
    """Explain one picture: its middle crop by every method, each with its sanity check.

    Raises:
        UnknownName: no such class or layer. InputError: the picture cannot be used.
    """
    picture = open_picture(path, page=options.page, pixel_size_um=options.pixel_size_um)
    crops, places, scaled, zoom = prepare(picture, path, facts, facts.get("common_pixel_size_um"))
    middle = len(crops) // 2
    image = torch.from_numpy(crops[middle : middle + 1])
    top, left = places[middle]
    side = crops.shape[-1]
    grey = scaled[top : top + side, left : left + side]
    network = model.classifier
    with torch.no_grad():
        answer = {name: array.numpy() for name, array in model.eval()({"image": torch.from_numpy(crops)}).items()}
    judged, names = judge(facts, crops, answer), list(facts["classes"])
    target = _target(judged["class"] if options.of is None else options.of, names)
    layer, _ = find_layer(network, image, options.layer)
    outcome = Outcome({
        "class": judged["class"], "explained_class": names[target],
        **{key: judged[key] for key in ("probabilities", "decided_by", "none_of_these", "unlikeness")},
        "layer": layer, "crop": [int(top), int(left), side], "checks": {},
    }, warnings=list(picture.warnings))  # fmt: skip
    if (sentence := strange_sentence(facts, judged)) is not None:
        outcome.warnings.append(sentence)
    if (sentence := simpler_model_sentence(facts, judged)) is not None:
        outcome.warnings.append(f"{sentence} The maps below are the network's.")
    if facts.get("mirrored_too"):
        outcome.warnings.append(
            "This network answers with the mean over a picture and its mirror image; the maps explain what it says of "
            "the picture as it is."
        )
    outcome.headline = [("class", judged["class"]), ("explained", names[target]), ("layer", layer)]
    receptive_field = _receptive_field(network, image, layer, picture.calibration.pixel_size_um, zoom)
    outcome.values["receptive_field"] = receptive_field
    outcome.headline.append(("one value of the layer sees", _sees(receptive_field)))
    if (sentence := _too_small(receptive_field, options.grain_size_px)) is not None:
        outcome.warnings.append(sentence)
    for name, method in _methods(layer, side, receptive_field, options.method).items():
        heat = method(network, image, [target])[0]
        check = sanity_check(method, network, image, [target])
        outcome.values["checks"][name] = {
            "passed": check.passed, "rank_correlation": check.rank_correlation,
            "structural_similarity": check.structural_similarity,
        }  # fmt: skip
        extra = ""
        if name == "integrated_gradients":
            gradients = integrated_gradients(network, image, [target])
            outcome.values["checks"][name]["completeness_gap"] = float(gradients.gap[0])
            extra = f" {gradients.sentence()}"
        if not check.passed:
            outcome.warnings.append(f"{TITLES[name]}: {check.sentence()}")
        alike = "another map" if check.passed else "MUCH THE SAME map"
        outcome.headline.append(
            (f"{TITLES[name]}, random weights", f"{alike} (rank correlation {check.rank_correlation:.2f})")
        )
        outcome.images[f"{name}.png"] = shown(np.minimum(heat, max(float(np.quantile(heat, 0.99)), 1e-9)), grey)
        outcome.images[f"{name}_values.tif"] = heat.astype(np.float32)
        outcome.pictures[f"{name}.png"] = (
            f"{TITLES[name]} for '{names[target]}'", f"{CAPTIONS[name]}{extra} {check.sentence()}"
        )  # fmt: skip
    _add_inside(outcome, network, image, layer)
    return outcome


def _target(name: str, names: list[str]) -> int:
    if name not in names:
        raise unknown_name("class", name, names)
    return names.index(name)


def _methods(layer: str, side: int, receptive_field: dict[str, Any] | None, chosen: str) -> dict[str, Method]:
    stride, first = (
        (None, None) if receptive_field is None else (receptive_field["stride_px"], receptive_field["first_px"])
    )
    window = max(side // 8, 2)
    methods: dict[str, Method] = {
        "grad_cam": lambda model, image, classes: grad_cam(
            model, image, classes, layer=layer, stride_px=stride, first_px=first
        ),
        "integrated_gradients": lambda model, image, classes: integrated_gradients(model, image, classes).map,
        "occlusion": lambda model, image, classes: occlusion(
            model, image, classes, window_px=window, stride_px=max(window // 2, 1)
        ),
    }
    return methods if chosen == "all" else {chosen: methods[chosen]}


def _receptive_field(
    network: Any, image: Tensor, layer: str, pixel_size_um: float | None, zoom: float
) -> dict[str, Any] | None:
    """What one value of the layer sees, in pixels of the crop, in pixels and micrometres of the file."""
    seen = receptive_field_of(network, image, layer)
    if seen is None:
        return None
    receptive_field = {key: value for key, value in seen.items() if key != "layer"}
    for name in ("measured", "effective"):
        px_of_file = seen[f"{name}_px"] / zoom
        receptive_field[f"{name}_px_of_file"] = px_of_file
        receptive_field[f"{name}_um"] = None if pixel_size_um is None else px_of_file * pixel_size_um
    return receptive_field


def _sees(receptive_field: dict[str, Any] | None) -> str:
    if receptive_field is None:
        return "everything"
    um = "" if receptive_field["measured_um"] is None else f" ({receptive_field['measured_um']:.3g} um)"
    least = "at least " if receptive_field["cut"] else ""
    measured, effective = (receptive_field[f"{name}_px_of_file"] for name in ("measured", "effective"))
    return f"{least}{measured:.0f} px{um}, 95 % within {effective:.0f} px"


def _too_small(receptive_field: dict[str, Any] | None, grain_size_px: float | None) -> str | None:
    if receptive_field is None or grain_size_px is None or grain_size_px <= receptive_field["effective_px_of_file"]:
        return None
    return (
        f"One value of the layer sees {_sees(receptive_field)}; a grain of {grain_size_px:.4g} px is larger: the "
        "network judges pieces of grains. Scale the pictures down (a smaller side_px), or take a deeper network."
    )


def _add_inside(outcome: Outcome, network: nn.Module, image: Tensor, layer: str) -> None:
    """First-layer filters and the feature maps of the layer, as pictures."""
    filters = _on_the_pixels(network, first_layer_filters(network))
    tiles = filters.reshape(-1, *filters.shape[2:])[:256]
    outcome.images["filters.png"] = tile_pictures(tiles, symmetric=True, zoom=max(1, 72 // tiles.shape[-1]))
    outcome.pictures["filters.png"] = (
        "Filters of the first layer",
        f"{filters.shape[0]} filters of {filters.shape[2]} x {filters.shape[3]} px; middle grey is zero.",
    )
    maps = feature_maps(network, image, layer)[0]
    outcome.images["feature_maps.png"] = tile_pictures(maps[:MOST_MAPS], zoom=max(1, 48 // maps.shape[-1]))
    outcome.pictures["feature_maps.png"] = (
        f"Feature maps of the layer {layer}",
        f"{min(len(maps), MOST_MAPS)} of {len(maps)} maps of {maps.shape[1]} x {maps.shape[2]} values, each in its own "
        "full range.",
    )


def _on_the_pixels(network: Any, filters: np.ndarray) -> np.ndarray:
    """Filters on squares of pixels that were made channels, as filters on the pixels."""
    first = network.body[0]
    if not isinstance(first, nn.PixelUnshuffle):
        return filters
    n, rows, cols, step = len(filters), *filters.shape[2:], first.downscale_factor
    split = filters.reshape(n, step, step, rows, cols)
    return split.transpose(0, 3, 1, 4, 2).reshape(n, 1, rows * step, cols * step)
