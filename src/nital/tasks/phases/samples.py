"""Samples of the job: windows of labelled pictures, each labelled pixel in one of them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.dataset import Batch, GeneratedDataset
from nital.io.labelled import UNLABELLED, LabelledPhases, read_phase_labels
from nital.io.micrographs import open_micrograph
from nital.science.greys import greys_of
from nital.tasks.phases.recipe import PhasesRecipe

__all__ = ["FEW_GROUPS", "class_weights", "digest", "labels_inside", "picture_samples"]

FEW_GROUPS = 3
BLOCKS = 3
"""Along each axis: so are the labels of one or two pictures parted, to have something to validate on."""
RAREST = 1000
"""A class counts as no rarer than one in so many pixels."""

RARE_COUNTS = 0.5
"""Weights in the loss go with this power of the inverse share of a class."""


@dataclass(frozen=True)
class _Window:
    """Place of a window in a picture, and which of its pixels are its own.

    Attributes:
        picture: index. row, col: of its first pixel. own: rows and columns, counted in the window.
    """

    picture: int
    row: int
    col: int
    own: tuple[slice, slice]


def picture_samples(recipe: PhasesRecipe, data: Path) -> GeneratedDataset:
    """`image` float32 (n, 1, side, side) standardised, `truth` uint8 (n, side, side) with 255 where nobody has said,
    `picture` (n,) index.

    Groups are specimens; where there are fewer than three, pictures; where there are fewer of these too, windows.
    Facts: `classes`, `weights` (of the loss), `pixel_size_um` (of each picture, None where not known), `label_values`
    (numbers of the classes in label pictures, or None), `unlabelled`, `labelled_share`, `pictures` (digests), `files`,
    `learned_before` (whether the model that is learned on from has seen some), `notes`.

    Raises:
        InputError: the folder cannot be used; names the file and says what to do.
    """
    known = read_phase_labels(data, unlabelled=recipe.unlabelled)
    opened = [open_micrograph(one.picture, pixel_size_um=one.pixel_size_um) for one in known.pictures]
    greys = [one.image for one in opened]
    truths = [
        labels_inside(one.labels, micrograph.valid) for one, micrograph in zip(known.pictures, opened, strict=True)
    ]
    side = min(recipe.window_px, max(-(-max(grey.shape) // 32) * 32 for grey in greys))
    windows = [window for number, grey in enumerate(greys) for window in _windows(number, grey.shape, side, 1)]
    if len(greys) < FEW_GROUPS and len(windows) < BLOCKS**2:
        windows = [one for number, grey in enumerate(greys) for one in _windows(number, grey.shape, side, BLOCKS)]
    windows = [one for one in windows if (_labels_of(truths[one.picture], one, side) < UNLABELLED).any()]
    looks = [greys_of(one.image, one.valid) for one in opened]

    def make(index: int) -> Batch:
        window = windows[index]
        grey = looks[window.picture].shown(_grey_of(greys[window.picture], window, side))
        truth = _labels_of(truths[window.picture], window, side)
        return {"image": grey[None], "truth": truth, "picture": np.array(window.picture)}

    pictures = np.array([window.picture for window in windows])
    groups, by, notes = _groups(known, pictures)
    digests = [digest(grey) for grey in greys]
    seen_before, before = _seen_before(digests, recipe.start_from)
    facts: dict[str, Any] = {
        "classes": list(known.classes),
        "weights": class_weights(truths, len(known.classes)),
        "pixel_size_um": [one.calibration.pixel_size_um for one in opened],
        "label_values": known.values,
        "unlabelled": recipe.unlabelled,
        "labelled_share": float(np.mean([(truth != UNLABELLED).mean() for truth in truths])),
        "pictures": digests,
        "files": [one.picture.name for one in known.pictures],
        "learned_before": seen_before,
        "notes": [*known.notes, *notes, *before],
    }
    return GeneratedDataset(
        known.name, make, np.arange(len(windows)), groups, recipe=f"windows of {side} px", source="the user's pictures",
        licence="the user's", facts=facts, grouped_by=by,
    )  # fmt: skip


def _groups(known: LabelledPhases, pictures: np.ndarray) -> tuple[np.ndarray, str, list[str]]:
    """A group for each window, what the groups are, and what must be said of it."""
    specimens = np.array([one.specimen for one in known.pictures])[pictures]
    if len(np.unique(specimens)) >= FEW_GROUPS:
        notes = [] if any(one.grouped for one in known.pictures) else [
            "Nobody said which pictures show the same specimen: each counts as its own, and if specimens have several, "
            "the scores are too good. Give a column specimen in manifest.csv, or one folder per specimen."
        ]  # fmt: skip
        return specimens, "picture" if notes else "specimen", notes
    if len(np.unique(pictures)) >= FEW_GROUPS:
        return np.array([known.pictures[one].picture.name for one in pictures]), "picture", [
            f"There are only {len(np.unique(specimens))} specimens: validated on other pictures of the same ones, "
            "which says little about the next specimen."
        ]  # fmt: skip
    return (
        np.arange(len(pictures)),
        "window",
        [
            "There are fewer than three pictures: validated on other places of the same ones, which says little about "
            "the next picture."
        ],
    )


def _windows(picture: int, shape: tuple[int, ...], side: int, blocks: int) -> list[_Window]:
    """As few windows as cover the picture; where they overlap, each pixel belongs to the nearer one.

    Args:
        blocks: parts along each axis that the labels of a window are dealt to, each a window of its own that sees the
            same field.
    """
    (rows, row_owns), (cols, col_owns) = _along(shape[0], side, blocks), _along(shape[1], side, blocks)
    return [
        _Window(picture, row, col, (row_own, col_own))
        for row, row_own in zip(rows, row_owns, strict=True)
        for col, col_own in zip(cols, col_owns, strict=True)
    ]


def _along(size: int, side: int, blocks: int) -> tuple[list[int], list[slice]]:
    """Along one axis: where each window begins, and which of its pixels are its own."""
    starts = [round(start) for start in np.linspace(0, max(size - side, 0), -(-size // side))]
    cuts = [0, *((left + side + right) // 2 for left, right in pairwise(starts)), size]
    parts = [
        (start, slice(low - start, high - start))
        for start, (first, last) in zip(starts, pairwise(cuts), strict=True)
        for low, high in pairwise(np.linspace(first, last, blocks + 1).round().astype(int).tolist())
    ]
    return [start for start, _ in parts], [own for _, own in parts]


def _grey_of(grey: np.ndarray, window: _Window, side: int) -> np.ndarray:
    """Grey of a window, mirrored beyond the picture's edge."""
    image = grey[window.row : window.row + side, window.col : window.col + side]
    return np.pad(image, [(0, side - size) for size in image.shape], mode="symmetric")


def _labels_of(truth: np.ndarray, window: _Window, side: int) -> np.ndarray:
    """Labels of a window, of its own pixels alone."""
    own = np.full((side, side), UNLABELLED, np.uint8)
    own[window.own] = truth[window.row : window.row + side, window.col : window.col + side][window.own]
    return own


def class_weights(truths: list[np.ndarray], classes: int) -> list[float]:
    """Weights of the loss: rare classes count more, on average 1."""
    count = np.zeros(classes)
    for truth in truths:
        count += np.bincount(truth[truth != UNLABELLED].ravel(), minlength=classes)[:classes]
    weight = (count.sum() / np.maximum(count, count.sum() / RAREST)) ** RARE_COUNTS
    return (weight / weight.mean()).tolist()


def labels_inside(labels: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
    """The labels of the specimen alone: banner, scale bar and margin are nobody's phase."""
    return labels if valid is None else np.where(valid, labels, np.uint8(UNLABELLED))


def _seen_before(digests: Sequence[str], start_from: str | None) -> tuple[bool, list[str]]:
    """Whether the model that is learned on from has seen some of these pictures, and what must be said of it."""
    if start_from in (None, "bundled"):
        return False, []
    try:
        card = json.loads((Path(str(start_from)) / "card.json").read_text(encoding="utf-8"))
        known = len(set(card["facts"]["pictures"]).intersection(digests))
    except (OSError, ValueError, KeyError, TypeError):
        return False, []  # the model folder is checked where its weights are read
    return known > 0, [
        f"{known} of these pictures were among those that {start_from} was trained on: where they are tested on now, "
        "the score is too good, and how wrong area fractions are on other specimens is not known from it. Score the "
        "model on specimens that are in neither folder, with `nital evaluate phases`."
    ] * (known > 0)


def digest(grey: np.ndarray) -> str:
    """A few characters that tell a picture from all others."""
    return hashlib.sha256(np.ascontiguousarray(grey).tobytes()).hexdigest()[:16]
