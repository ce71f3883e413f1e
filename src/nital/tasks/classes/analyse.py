"""From a user's picture to its class: crops, probabilities, the class-activation map. No torch."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import ArtifactError, InputError
from nital.core.task import Network, Outcome
from nital.io.labelled import Picture, open_picture
from nital.science.activation_maps import blend, enlarge
from nital.tasks.classes.crops import crops_of, resized, standardise, zoom_of
from nital.tasks.classes.judging import judge, simpler_model_sentence, strange_sentence
from nital.tasks.classes.options import ClassesOptions

__all__ = ["analyse", "prepare", "shown"]

SHOWN_PX = 360
"""Overlays have at least so many rows and columns."""
ENLARGED = 1.5
"""Pictures that are smaller than this share of what the model was trained on get a warning."""


def prepare(
    picture: Picture, path: Path, facts: Any, common_um: float | None
) -> tuple[np.ndarray, list[tuple[int, int]], np.ndarray, float]:
    """What the network sees of a picture.

    Args:
        path: for messages. facts: of the model. common_um: pixel size that its pictures were brought to; None: none.

    Returns:
        the standardised crops (n, 1, side, side), (top, left) of each, the scaled picture, and the scale.

    Raises:
        InputError: a pixel size that would make the picture far too large. ArtifactError: the model names no classes.
    """
    if "classes" not in facts:
        raise ArtifactError("This model does not say which classes it knows. Train it again with nital train classes.")
    side = int(facts["side_px"])
    try:
        zoom = zoom_of(picture.grey.shape, side, picture.calibration.pixel_size_um, common_um)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    scaled = resized(picture.grey, zoom)
    crops, places = crops_of(scaled, side)
    return standardise(crops, facts["grey_mean"], facts["grey_spread"]), places, scaled, zoom


def analyse(network: Network, path: Path, options: ClassesOptions) -> Outcome:
    """Classify one picture: the mean over its crops."""
    picture = open_picture(path, page=options.page, pixel_size_um=options.pixel_size_um)
    facts = network.facts
    crops, places, scaled, zoom = prepare(picture, path, facts, facts.get("common_pixel_size_um"))
    answer = network(crops)
    values = judge(facts, crops, answer) | {
        "n_crops": len(crops),
        "pixel_size_um": picture.calibration.pixel_size_um,
        "pixel_size_source": picture.calibration.source,
    }
    name = values["class"]
    headline = [("class", name), ("probability", f"{values['probability']:.3f}"), ("decided by", values["decided_by"])]
    if facts.get("value"):
        values[facts["value"]["name"]] = float(answer["value"].mean())
        headline.append((facts["value"]["name"], f"{answer['value'].mean():.4g}"))
    known = {
        True: "no: none of these",
        False: "yes",
        None: f"cannot tell: {facts.get('limit_from')} pictures to judge by",
    }
    headline.append(("like the training pictures", known[values["none_of_these"]]))
    outcome = Outcome(values, headline=headline, warnings=[*picture.warnings, *_warnings(values, facts, zoom)])
    if "activation" in answer:
        if not _covered(places, scaled.shape, facts).all():
            outcome.warnings.append(f"Only {len(crops)} places of the picture were looked at; the map has gaps (NaN).")
        draw = partial(
            _assembled, answer["activation"][:, facts["classes"].index(name)].copy(), places, scaled.shape, facts
        )
        outcome.drawn["activation_map.tif"] = draw
        outcome.drawn["overlay.png"] = lambda: shown(draw(), scaled)
        outcome.pictures["overlay.png"] = (
            "What the network looked at",
            f"Class-activation map of the network for '{name}': the warmer, the more this place spoke for the class. "
            "Before it is enlarged, its mean over a crop and the class's bias add up to the logit.",
        )
    else:
        outcome.values["activation_map"] = None
        outcome.warnings.append(
            "This network does not end in a mean over all places, so it has no class-activation map. "
            "`nital explain classes` makes Grad-CAM of it."
        )
    return outcome


def _warnings(values: dict[str, Any], facts: Any, zoom: float) -> list[str]:
    doubts = (strange_sentence(facts, values), simpler_model_sentence(facts, values))
    warnings = [sentence for sentence in doubts if sentence is not None]
    if zoom > ENLARGED:
        warnings.append(
            f"The picture had to be enlarged {zoom:.1f} times to the {facts['side_px']} px that the model looks at."
        )
    size, usual = values["pixel_size_um"], facts.get("seen_pixel_um")
    if size and usual and not 0.7 < size / zoom / usual < 1.4:
        warnings.append(
            f"What the network sees has {size / zoom:.4g} um per pixel here and had {usual:.4g} um in the training "
            "pictures: structures appear at another size. Take pictures of that magnification and field."
        )
    if facts.get("common_pixel_size_um") and size is None:
        warnings.append(
            "This picture has no pixel size, so it was scaled by its shorter side, not to the pixel size of the "
            "training pictures. Pass --pixel-size-um."
        )
    return warnings


def _covered(places: list[tuple[int, int]], shape: tuple[int, ...], facts: Any) -> np.ndarray:
    """How many crops show each pixel of the scaled picture."""
    side, count = int(facts["side_px"]), np.zeros(shape, np.float32)
    for top, left in places:
        count[top : top + side, left : left + side] += 1
    return count


def _assembled(activation: np.ndarray, places: list[tuple[int, int]], shape: tuple[int, ...], facts: Any) -> np.ndarray:
    """Maps of the crops put together at the size of the scaled picture; the mean where crops overlap."""
    side = int(facts["side_px"])
    receptive_field = facts.get("receptive_field") or {}
    placed = {key: receptive_field.get(key) for key in ("stride_px", "first_px")}
    total, count = np.zeros(shape, np.float32), _covered(places, shape, facts)
    for heat, (top, left) in zip(activation, places, strict=True):
        where = np.s_[top : top + side, left : left + side]
        total[where] += enlarge(heat, (side, side), **placed)
    return np.where(count > 0, total / np.maximum(count, 1), np.float32(np.nan))


def shown(heat: np.ndarray, grey: np.ndarray) -> np.ndarray:
    """A map over its picture, uint8 RGB, enlarged where the picture is small.

    Args:
        heat, grey: (rows, cols).
    """
    low, high = np.quantile(grey, [0.002, 0.998])
    zoom = max(1.0, SHOWN_PX / min(grey.shape))
    share = np.clip((resized(grey, zoom) - low) / max(high - low, 1e-6), 0, 1)
    return blend(resized(np.nan_to_num(heat), zoom), share)
