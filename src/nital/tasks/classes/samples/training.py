"""Samples to learn from: crops of a user's labelled pictures, with what a model must know of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError
from nital.io.labelled import LabelledPictures, Picture
from nital.tasks.classes.judging import RESERVED
from nital.tasks.classes.recipe import ClassesRecipe
from nital.tasks.classes.samples.cropped import MEND, NOBODY_SAID, CroppedPictures, crop_pictures, open_pictures

__all__ = ["training_samples", "value_facts"]

MOST_DIGESTS = 5000
SMALLEST_PX = 16
FEW_GROUPS = 3
ALIKE = 1.3
"""Classes whose magnifications differ by less are taken for photographed alike."""


def training_samples(pictures: LabelledPictures, recipe: ClassesRecipe) -> ArrayDataset:
    """`image` float32 (n, 1, side, side) standardised, `label` int64 (n,), with a value `value` float32 (n,).

    Facts: `classes`, `side_px`, `seen_pixel_um` (median um per pixel of what the network sees, None where a picture has
    none), `grey_mean` and `grey_spread` (None: of each picture), `value` (see `value_facts`; None: there is none),
    `pictures` (digests, None for many), `notes`.

    Raises:
        InputError: no picture can be read, one is too small, or a class is too small to split.
    """
    pictures, opened = open_pictures(pictures)
    side = _side(opened, pictures.files, recipe.side_px)
    cropped, notes = crop_pictures(pictures, opened, side, recipe.pixel_size_um)
    groups, copies = cropped.groups()
    _check_classes(pictures, groups)
    facts = _facts(cropped, side, recipe)
    notes += copies
    if pictures.group is None:
        notes.append(
            f"{NOBODY_SAID}pictures are dealt at random, and if specimens have several, the scores are too good. {MEND}"
        )
    if recipe.pixel_size_um is None:
        notes += _magnification_notes(cropped)
    notes += _seen_before(cropped.digests, recipe.start_from)
    return cropped.samples(pictures.label, groups, facts | {"notes": notes})


def _side(opened: list[Picture], files: tuple[str, ...], most_px: int) -> int:
    """Side of the crops: the recipe's, or what the smallest picture has; a multiple of 4."""
    shortest = [min(picture.grey.shape) for picture in opened]
    smallest = int(np.argmin(shortest))
    side = min(most_px, shortest[smallest]) // 4 * 4
    if side < SMALLEST_PX:
        rows, cols = opened[smallest].grey.shape
        raise InputError(
            f"{files[smallest]} has only {rows} x {cols} px; at least {SMALLEST_PX} x {SMALLEST_PX} are needed. "
            "Leave it out."
        )
    return side


def _check_classes(pictures: LabelledPictures, groups: np.ndarray) -> None:
    counts = {
        name: (int((pictures.label == number).sum()), len(np.unique(groups[pictures.label == number])))
        for number, name in enumerate(pictures.classes)
    }
    if small := [name for name, (_, n_groups) in counts.items() if n_groups < FEW_GROUPS]:
        listed = ", ".join(f"{name} {n} pictures of {k} groups" for name, (n, k) in counts.items())
        raise InputError(
            f"Too small to split into training, validation and test parts: {', '.join(small)}. There are: {listed}. "
            f"Each class needs at least {FEW_GROUPS} groups (specimens); add pictures, or leave the class out."
        )


def _facts(cropped: CroppedPictures, side: int, recipe: ClassesRecipe) -> dict[str, Any]:
    pictures, seen = cropped.pictures, [one.pixel_size_um for one in cropped.seen]
    known = [size for size in seen if size is not None]
    held_out = np.zeros(len(seen), bool) if pictures.held_out is None else pictures.held_out
    greys = np.concatenate([one.crops for one, kept in zip(cropped.seen, held_out, strict=True) if not kept])
    whole, value = recipe.grey == "all", pictures.value
    return {
        "classes": list(pictures.classes),
        "side_px": side,
        "seen_pixel_um": float(np.median(known)) if len(known) == len(seen) else None,
        "grey_mean": float(greys.mean()) if whole else None,
        "grey_spread": float(greys.std()) if whole else None,
        "pictures": cropped.digests if len(cropped.digests) <= MOST_DIGESTS else None,
        "value": None if value is None
        else value_facts(recipe.value_column or "value", value, decides=recipe.value_decides),
    }  # fmt: skip


def value_facts(name: str, value: np.ndarray, *, decides: bool) -> dict[str, Any]:
    """The value beside the class, as facts: `name` (as in the JSON), `mean`, `spread`, `low`, `high`, `decides`.

    Args:
        name: of its column. value: (n,), of all samples. decides: whether it, not the class, is what is asked for.
    """
    return {
        "name": f"{name}_value" if name in RESERVED else name,
        "mean": float(value.mean()),
        "spread": float(max(value.std(), 1e-6)),
        "low": float(value.min()),
        "high": float(value.max()),
        "decides": decides,
    }


def _magnification_notes(cropped: CroppedPictures) -> list[str]:
    """A network learns the magnification where that gives the class away."""
    seen, pictures = [one.pixel_size_um for one in cropped.seen], cropped.pictures
    if any(size is None for size in seen):
        return ["Whether the classes appear at different magnifications was not checked: not all pictures have a pixel "
                "size."]  # fmt: skip
    sizes = np.array(seen, float)
    medians = {name: float(np.median(sizes[pictures.label == n])) for n, name in enumerate(pictures.classes)}
    if max(medians.values()) < ALIKE * min(medians.values()):
        return []
    listed = ", ".join(f"{name} {size:.3g}" for name, size in medians.items())
    return [
        f"The classes appear at different magnifications (median µm per pixel as the network sees them: {listed}): the "
        "network may learn these. Setting pixel_size_um of the recipe brings all pictures to one."
    ]


def _seen_before(digests: list[str], start_from: str | None) -> list[str]:
    """A note where the model that is learned on from has seen some of these pictures, or does not say."""
    if start_from in (None, "bundled"):
        return []
    try:
        card = json.loads((Path(str(start_from)) / "card.json").read_text(encoding="utf-8"))
        before = card["facts"].get("pictures")
    except (OSError, ValueError, KeyError, AttributeError):
        return []  # the model folder is checked where its weights are read
    if before is None:
        return [f"Whether {start_from} was trained on some of these pictures was not checked: its card lists none."]
    known = len(set(before).intersection(digests))
    return [
        f"{known} of these pictures were among those that {start_from} was trained on: where they are tested on now, "
        "the score is too good."
    ] * bool(known)
