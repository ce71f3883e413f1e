"""Samples for scoring a trained model: its classes, its side and its greys."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError
from nital.io.labelled import LabelledPictures
from nital.tasks.classes.samples.cropped import MEND, NOBODY_SAID, crop_pictures, open_pictures

__all__ = ["samples_for_model", "unseen"]


def samples_for_model(pictures: LabelledPictures, facts: Mapping[str, Any]) -> ArrayDataset:
    """Crops of labelled pictures as a trained model takes them.

    Facts: those of the model, with `notes` of these pictures, and `known`: which of them the model was
    made from (all False where its card does not list its pictures; a note says so).

    Raises:
        InputError: no picture can be read, or a class that the model does not know.
    """
    pictures, opened = open_pictures(pictures)
    cropped, notes = crop_pictures(pictures, opened, int(facts["side_px"]), facts.get("common_pixel_size_um"))
    groups, copies = cropped.groups()
    notes += copies
    if pictures.group is None:
        notes.append(
            f"{NOBODY_SAID}each counts as its own, and if specimens have several, the intervals are too narrow. {MEND}"
        )
    before = facts.get("pictures")
    if before is None:
        notes.append(
            "Whether the model was made from some of these pictures was not checked: its card does not list its own. "
            "If it was, the scores are too good."
        )
    of_the_model = frozenset(before or ())
    known = [digest in of_the_model for digest in cropped.digests]
    label = _in_order_of(list(facts["classes"]), pictures)
    return cropped.samples(label, groups, {**facts, "notes": notes, "known": known})


def unseen(dataset: ArrayDataset) -> ArrayDataset:
    """The pictures that the data's makers hold out, less those that the model was made from; a note counts the others.

    Raises:
        InputError: none is left.
    """
    picture = dataset.batch(np.arange(len(dataset)))["picture"]
    fresh = ~np.asarray(dataset.facts["known"])[picture]
    if dataset.held_out is not None:
        fresh &= dataset.held_out
    if not fresh.any():
        raise InputError(
            f"All pictures of {dataset.name} are those that this model was made from. Its score on unseen ones is in "
            "report.json of the model's folder; to evaluate, give other pictures."
        )
    if fresh.all():
        return dataset
    left = len(np.unique(picture)) - len(np.unique(picture[fresh]))
    by_makers = dataset.held_out is not None
    why = "the data's makers meant them for training" if by_makers else "the model was made from them"
    dataset.facts = {**dataset.facts, "notes": [*dataset.facts["notes"], f"{left} pictures were left out: {why}."]}
    return dataset.take(np.flatnonzero(fresh))


def _in_order_of(classes: list[str], pictures: LabelledPictures) -> np.ndarray:
    """Labels as the model numbers its classes."""
    if unknown := [name for name in pictures.classes if name not in classes]:
        raise InputError(
            f"'{pictures.name}' has the class '{unknown[0]}', which the model does not know. It knows: "
            f"{', '.join(classes)}. Leave these pictures out, or train again."
        )
    return np.array([classes.index(name) for name in pictures.classes])[pictures.label]
