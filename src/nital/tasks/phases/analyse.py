"""From a micrograph to the area fractions of its phases: what `nital predict phases` does. No torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import InputError, unknown_name
from nital.core.outcome import Map, Outcome, Picture
from nital.core.progress import Say
from nital.core.task import Network
from nital.io.micrographs import Micrograph, open_micrograph
from nital.science.greys import greys_of
from nital.tasks.phases.figures import legend, phase_overlay, phase_picture
from nital.tasks.phases.options import PhasesOptions
from nital.tasks.phases.segment import Segmented, segment
from nital.tasks.phases.values import COUNTING, facts_of, headline_of, measured, row_of, table_of

__all__ = ["analyse"]

UNSURE = round(0.75 * 255)
"""Where the most likely phase is less likely, the network is unsure."""
MANY_UNSURE = 0.25
OTHER_MAGNIFICATION = 1.5
UNFAMILIAR = 0.02
"""A picture to which the bundled model gives the structure asked for no more than this shows another."""


def analyse(network: Network, path: Path, options: PhasesOptions, say: Say = None) -> Outcome:
    """Segment one micrograph and measure its phases.

    Raises:
        InputError: the file or an option cannot be used.
    """
    micrograph = open_micrograph(
        path, page=options.page, pixel_size_um=options.pixel_size_um, scale_bar_um=options.scale_bar_um
    )
    facts, valid = network.facts, micrograph.valid
    known = seen_as(facts, options)
    if valid is not None and not valid.any():
        raise InputError(f"{path} shows no specimen: everything is margin. Crop the specimen and try again.")
    classes, pixel_um = known.names, micrograph.calibration.pixel_size_um
    looks = greys_of(micrograph.image, valid)
    found = segment(network, micrograph.image, looks, allowed=known.classes, quick=options.quick, say=say)
    familiar = None if found.structures is None else float(found.structures[known.place])
    if familiar is not None and familiar < UNFAMILIAR and not options.anyway:
        raise InputError(
            f"{path} does not look like '{known.structure}' to the bundled model (it gives that "
            f"{100 * familiar:.0f} %, and {_likeliest(found, facts)}). Choose another `structure`, or label a few of "
            "your own pictures and train; `anyway` gives the numbers all the same."
        )
    errors, over = facts.get("area_errors") or {}, facts.get("area_errors_over", "specimen")
    phases, parts = measured(found.labels, classes, valid, pixel_um, errors, over)
    inside = found.chance if valid is None else found.chance[valid]
    values: dict[str, Any] = {
        "classes": classes,
        "phases": phases,
        "structure": known.structure,
        "familiar_share": familiar,
        "unsure_share": float((inside < UNSURE).mean()),
        "answered_by": " + ".join(facts.get("chosen_ways", ["the network"])),
        "pixel_size_um": pixel_um,
        "pixel_size_source": micrograph.calibration.source,
    }
    outcome = Outcome(values, row=row_of(values), facts=facts_of(values), headline=headline_of(values))
    outcome.warnings = [*micrograph.warnings, *_doubts(values, facts, pixel_um)]
    _add_maps(outcome, micrograph, found, classes)
    if numbers := facts.get("label_values"):
        outcome.maps["labels_to_correct"] = Map("labels", _as_labelled(found.labels, numbers), pixel_um)
    outcome.tables["regions"] = table_of(parts, pixel_um)
    return outcome


@dataclass(frozen=True)
class SeenAs:
    """As what a model is to see a picture.

    Attributes:
        structure: of those that the model knows, and its place among them; None: it knows one. classes: indices of its
            phases, None: all. names: of these phases.
    """

    structure: str | None
    classes: list[int] | None
    names: list[str]
    place: int = 0


def seen_as(facts: Mapping[str, Any], options: PhasesOptions) -> SeenAs:
    """The phases that the picture may have.

    Raises:
        InputError: a model of several structures, and nobody said which. UnknownName: one that it does not know.
    """
    structures = facts.get("structures") or {}
    if len(structures) < 2 and options.structure is None:
        return SeenAs(None, None, list(facts["classes"]))
    if options.structure is None:
        raise InputError(
            f"This model knows several structures and cannot guess which you have. Give `structure`, one of: "
            f"{', '.join(structures)}; or train on a few labelled pictures of your own."
        )
    if not structures:
        raise InputError(f"This model knows one kind of picture. Leave out `structure` ('{options.structure}').")
    if options.structure not in structures:
        raise unknown_name("structure", options.structure, structures)
    known = structures[options.structure]
    place = list(structures).index(options.structure)
    return SeenAs(options.structure, list(known["classes"]), list(known["names"]), place)


def _likeliest(found: Segmented, facts: Mapping[str, Any]) -> str:
    """The structure that the picture shows rather, with its probability."""
    assert found.structures is not None
    place = int(found.structures.argmax())
    return f"{list(facts['structures'])[place]} {100 * found.structures[place]:.0f} %"


def _add_maps(outcome: Outcome, micrograph: Micrograph, found: Segmented, classes: list[str]) -> None:
    valid, pixel_um = micrograph.valid, micrograph.calibration.pixel_size_um
    image = micrograph.image if micrograph.colour is None else micrograph.colour
    numbered = found.labels + np.uint8(1)  # 0 is no specimen
    if valid is not None:
        numbered[~valid] = 0
    outcome.maps["label_map"] = Map("labels", numbered, pixel_um)
    outcome.maps["doubt_map"] = Map("doubt", lambda: 1 - found.chance.astype(np.float32) / 255, pixel_um)
    colours = f"{legend(classes)}."
    outcome.pictures["overlay"] = Picture(
        partial(phase_overlay, image, found.labels, valid), "What was found", f"{colours} Dimmed: not specimen."
    )
    outcome.pictures["phase_map"] = Picture(partial(phase_picture, found.labels, valid), "Phases", colours)


def _how_well(facts: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """How well the bundled model does on drawings of the structure that was asked for, in words."""
    score = (facts.get("structure_iou") or {}).get(values["structure"])
    return "" if score is None else f"; on unseen drawings of '{values['structure']}' its mean IoU is {score:.2f}"


def _as_labelled(labels: np.ndarray, values: Sequence[int]) -> np.ndarray:
    """The phases in the numbers of the label pictures that were learned from, to be corrected and learned again."""
    kind = np.uint8 if max(values) <= 255 else np.uint16
    return np.array(values, kind)[labels]


def _doubts(values: dict[str, Any], facts: Any, pixel_um: float | None) -> list[str]:
    """Plain words about what the numbers are worth."""
    words = []
    if (chosen := facts.get("chosen")) not in (None, "network"):
        words.append(
            f"In its training this network was not certainly better than the simpler model '{chosen}': see the report "
            "of the model's folder before you rely on it."
        )
    if facts.get("knows"):
        words.append(
            f"This model knows {facts['knows']}{_how_well(facts, values)}: use it where your picture resembles these, "
            "look at the overlay, and label a few of your own pictures for anything that counts."
        )
    if values["unsure_share"] > MANY_UNSURE:
        words.append(
            f"The network is unsure on {100 * values['unsure_share']:.0f} % of the area: the picture is unlike those "
            "that it learned from. Do not report these numbers; label one such picture and train on it."
        )
    if any(one["area_fraction_ci95_is"] == COUNTING for one in values["phases"].values()):
        words.append(
            "How far this network's area fractions lie from the truth on other specimens was not measured: the "
            "interval holds counting alone."
        )
    seen = [size for size in facts.get("pixel_size_um") or [] if size]
    if seen and pixel_um and not min(seen) / OTHER_MAGNIFICATION < pixel_um < max(seen) * OTHER_MAGNIFICATION:
        words.append(
            f"The picture has {pixel_um:.3g} um per pixel, the training pictures {min(seen):.3g} to {max(seen):.3g}: "
            "the network has not learned this magnification."
        )
    return words
