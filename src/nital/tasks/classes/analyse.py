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
from nital.tasks.classes.options import ClassesOptions
from nital.tasks.classes.simpler import decide, who_decides

__all__ = ["analyse", "is_none_of_these", "prepare", "shown", "simpler_model_sentence", "strange_sentence"]

SHOWN_PX = 360
"""Overlays have at least so many rows and columns."""
FEW = 50
"""With fewer validation pictures the limit of what is known is none."""
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
        InputError: a pixel size that would make the picture far too large.
    """
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
    if "classes" not in facts:
        raise ArtifactError("This model does not say which classes it knows. Train it again with nital train classes.")
    crops, places, scaled, zoom = prepare(picture, path, facts, facts.get("common_pixel_size_um"))
    answer = network(crops)
    by_network = answer["probability"].mean(0)
    probability = decide(facts, crops, answer["probability"]).mean(0)
    best, networks_best = int(probability.argmax()), int(by_network.argmax())
    name = facts["classes"][best]
    unlike = float(answer["distance"].mean() / facts["distance_limit"])
    values: dict[str, Any] = {
        "class": name,
        "probability": float(probability[best]),
        "probabilities": {c: float(p) for c, p in zip(facts["classes"], probability, strict=True)},
        "decided_by": who_decides(facts),
        "network_class": facts["classes"][networks_best],
        "network_probability": float(by_network[networks_best]),
        "none_of_these": is_none_of_these(facts, unlike),
        "unlikeness": unlike,
        "n_crops": len(crops),
        "pixel_size_um": picture.calibration.pixel_size_um,
        "pixel_size_source": picture.calibration.source,
    }
    headline = [("class", name), ("probability", f"{probability[best]:.3f}"), ("decided by", values["decided_by"])]
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
        draw = partial(_assembled, answer["activation"][:, best].copy(), places, scaled.shape, facts)
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


def is_none_of_these(facts: Any, unlikeness: float) -> bool | None:
    """Whether a picture lies farther out than the model's limit; None where too few pictures made that limit."""
    return None if facts.get("limit_from", FEW) < FEW else unlikeness > 1


def strange_sentence(facts: Any, unlikeness: float) -> str | None:
    """That a picture lies farther out than those that the model was trained on, and what that is worth."""
    if unlikeness <= 1:
        return None
    far = f"This picture is unlike those that the model was trained on ({unlikeness:.2f} times the limit)"
    if is_none_of_these(facts, unlikeness) is None:
        return (
            f"{far}, but that limit rests on {facts['limit_from']} validation pictures only, and {FEW} are needed to "
            "rely on it."
        )
    return f"{far}: it may be none of these classes, and the probabilities mean nothing then."


def simpler_model_sentence(facts: Any, network_class: str, network_probability: float) -> str | None:
    """That a simpler model was chosen in training, and what the network says, where that does not decide."""
    if facts.get("chosen") in (None, "network"):
        return None
    known = f"On unseen specimens the network was not certainly better than {facts['chosen']} (see card.md)"
    if not facts.get("simpler"):
        return f"{known}."
    return f"{known}, which decides here; the network says {network_class} ({network_probability:.3f})."


def _warnings(values: dict[str, Any], facts: Any, zoom: float) -> list[str]:
    warnings: list[str] = []
    if sentence := strange_sentence(facts, values["unlikeness"]):
        warnings.append(sentence)
    if sentence := simpler_model_sentence(facts, values["network_class"], values["network_probability"]):
        warnings.append(sentence)
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
    field = facts.get("receptive_field") or {}
    total, count = np.zeros(shape, np.float32), _covered(places, shape, facts)
    for heat, (top, left) in zip(activation, places, strict=True):
        where = np.s_[top : top + side, left : left + side]
        total[where] += enlarge(heat, (side, side), stride_px=field.get("stride_px"), first_px=field.get("first_px"))
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
