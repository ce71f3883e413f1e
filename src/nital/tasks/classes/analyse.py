"""From a user's picture to its class: probabilities, doubts, the class-activation map. No torch."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.outcome import Fact, Map, Outcome, Picture, RowCell
from nital.core.task import Network
from nital.io.labelled import open_picture
from nital.tasks.classes.figures import assembled, bar_of, covered, over
from nital.tasks.classes.judging import Judged, judge, knows
from nital.tasks.classes.options import ClassesOptions
from nital.tasks.classes.prepare import Prepared, magnification, magnification_warnings, prepare

__all__ = ["analyse"]


def analyse(network: Network, path: Path, options: ClassesOptions) -> Outcome:
    """Classify one picture: the mean over its crops."""
    picture = open_picture(path, page=options.page, pixel_size_um=options.pixel_size_um)
    facts = network.facts
    seen = prepare(picture, path, facts)
    answer = network(seen.crops)
    judged = judge(facts, seen.crops, answer)
    values = judged.values | {
        "magnification_check": magnification(facts, seen),
        "n_crops": len(seen.crops),
        "pixel_size_um": picture.calibration.pixel_size_um,
        "pixel_size_source": picture.calibration.source,
    }
    outcome = Outcome(values, warnings=[*picture.warnings, *judged.warnings, *magnification_warnings(facts, seen)])
    outcome.headline = [
        ("class", values["class"]), ("probability", f"{values['probability']:.3f}"),
        ("decided by", values["decided_by"]), *knows(facts),
    ]  # fmt: skip
    if facts.get("value"):
        name, value = facts["value"]["name"], float(answer["value"].mean())
        values[name] = value
        outcome.headline.append((name, f"{value:.4g}"))
    outcome.headline.append(("like the training pictures", judged.like_training))
    outcome.row, outcome.facts = _row(values), _facts(values, judged, facts)
    _add_map(outcome, answer, seen, facts)
    return outcome


def _row(values: Mapping[str, Any]) -> dict[str, RowCell]:
    """The cells of the table of a batch; what is not known has none, a check that was not made says so."""
    row: dict[str, RowCell] = {}
    for name, value in values.items():
        if name == "probabilities":
            row |= {f"probabilities_{of}": one for of, one in value.items()}
        elif name == "none_of_these" and value is None:
            row[name] = "not checked"
        elif value is not None and not name.endswith("_check"):
            row[name] = value
    return row


def _facts(values: Mapping[str, Any], judged: Judged, facts: Mapping[str, Any]) -> list[Fact]:
    network = f"{values['network_class']} ({values['network_probability']:.3f})"
    found = [
        Fact("class", values["class"]),
        *(Fact(f"probability of {name}", one) for name, one in values["probabilities"].items()),
        Fact("decided by", values["decided_by"]),
        Fact("the network says", network),
        *(Fact(label, words) for label, words in knows(facts)),
        Fact("like the training pictures", judged.like_training),
        Fact("distance from the nearest class, over the limit", values["unlikeness"]),
        Fact("what the limit rests on", values["none_of_these_check"]),
        Fact("magnification", values["magnification_check"]),
        Fact("crops looked at", values["n_crops"]),
        Fact("pixel size", values["pixel_size_um"], "um"),
        Fact("pixel size from", values["pixel_size_source"]),
    ]
    return [*found, Fact(facts["value"]["name"], values[facts["value"]["name"]])] if facts.get("value") else found


def _add_map(outcome: Outcome, answer: Mapping[str, np.ndarray], seen: Prepared, facts: Mapping[str, Any]) -> None:
    """The class-activation map and its overlay, where the network has one."""
    if "activation" not in answer:
        outcome.values["activation_map"] = None
        outcome.warnings.append(
            "This network does not end in a mean over all places, so it has no class-activation map. "
            "`nital explain classes` makes Grad-CAM of it."
        )
        return
    side, shape, name = int(facts["side_px"]), seen.scaled.shape, outcome.values["class"]
    if not covered(seen.places, shape, side).all():
        outcome.warnings.append(f"Only {len(seen.crops)} places of the picture were looked at; the map has gaps (NaN).")
    maps = answer["activation"][:, facts["classes"].index(name)].copy()
    draw = partial(assembled, maps, seen.places, shape, side, facts.get("receptive_field") or {})
    outcome.maps["activation_map"] = Map("image", draw, seen.pixel_size_um)
    outcome.pictures["overlay"] = Picture(
        lambda: over(draw(), seen.scaled),
        "What the network looked at",
        f"Class-activation map of the network for '{name}': the warmer, the more this place spoke for the class. "
        "Before it is enlarged, its mean over a crop and the class's bias add up to the logit.",
        lambda: bar_of(f"share of each place in the logit of '{name}'; no colour: 0 or less", draw()),
    )
