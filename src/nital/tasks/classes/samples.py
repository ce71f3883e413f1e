"""The samples of the job `classes`: crops of a user's labelled pictures, or synthetic ones."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.dataset import ArrayDataset, Dataset
from nital.core.errors import InputError
from nital.io.labelled import Columns, LabelledPictures, read_labelled
from nital.tasks.classes.crops import crops_of, resized, standardise, zoom_of
from nital.tasks.classes.recipe import ClassesRecipe

__all__ = ["build_dataset", "labelled_crops", "synthetic_pictures"]

SMALLEST_PX = 16
FEW_GROUPS = 3
_NOBODY = "Nobody said which pictures show the same specimen: "
_MEND = "Give a column 'group', or one folder per specimen in each class folder."
DEALT_AT_RANDOM = (
    f"{_NOBODY}pictures are dealt at random, and if specimens have several, the scores are too good. {_MEND}"
)
SCORED_ONE_BY_ONE = (
    f"{_NOBODY}each counts as its own, and if specimens have several, the intervals are too narrow. {_MEND}"
)


def build_dataset(recipe: ClassesRecipe, data: Path | None) -> Dataset:
    """`image` float32 (n, 1, side, side) standardised, `label` int64 (n,), with a value `value` float32 (n,).

    Facts: `classes`, `side_px`, `unshuffle`, `pixel_size_um` (median of the pictures, None where not all have one),
    `grey_mean` and `grey_spread` (None: of each picture), `value` (name, mean, spread, low, high), `notes`.

    Raises:
        InputError: the data cannot be used; names the file, or counts the classes that are too small.
    """
    if data is None:
        return synthetic_pictures(recipe)
    columns = Columns(recipe.file_column, recipe.class_column, recipe.group_column, recipe.value_column)
    return labelled_crops(read_labelled(data, columns), recipe)


def labelled_crops(pictures: LabelledPictures, recipe: ClassesRecipe, facts: dict[str, Any] | None = None) -> Dataset:
    """Crops of labelled pictures.

    Args:
        facts: of a trained model, whose classes, side and greys are taken; None: they follow from the pictures.

    Raises:
        InputError: a picture that cannot be read or is too small, or, without facts, a class too small to split.
    """
    opened = [pictures.open(index) for index in range(len(pictures.files))]
    sizes = [picture.calibration.pixel_size_um for picture in opened]
    side = _side([picture.grey.shape for picture in opened], pictures.files, recipe, facts)
    crops: list[np.ndarray] = []
    counts: list[int] = []
    for picture, size in zip(opened, sizes, strict=True):
        zoom = zoom_of(picture.grey.shape, side, size, recipe.pixel_size_um)
        crops.append(crops_of(resized(picture.grey, zoom), side)[0])
        counts.append(len(crops[-1]))
    notes = list(pictures.account)
    groups, grouped = _groups(pictures, opened, notes)
    if not grouped:
        notes.append(DEALT_AT_RANDOM if facts is None else SCORED_ONE_BY_ONE)
    label = pictures.label
    if facts is None:
        _check_classes(pictures, groups)
        facts = _facts(pictures, np.concatenate(crops), sizes, side, recipe, notes, grouped)
    else:
        label = _in_order_of(facts["classes"], pictures)
        facts = {**facts, "grouped": grouped, "notes": notes}
    of = np.repeat(np.arange(len(counts)), counts)
    arrays = {
        "image": standardise(np.concatenate(crops), facts["grey_mean"], facts["grey_spread"]),
        "label": label[of].astype(np.int64),
    }
    if facts.get("value") and pictures.value is not None:
        arrays["value"] = pictures.value[of].astype(np.float32)
    return ArrayDataset(
        pictures.name, arrays, groups[of], source="the user's pictures", licence="the user's", facts=facts,
        strata=arrays["label"], held_out=None if pictures.held_out is None else pictures.held_out[of],
    )  # fmt: skip


def synthetic_pictures(recipe: ClassesRecipe) -> ArrayDataset:
    """Synthetic structures, or Ising configurations with their temperature; each picture is its own group."""
    if recipe.samples == "ising":
        from nital.synth.ising_pictures import CLASSES, ising_pictures

        images, label, value = ising_pictures(recipe.number, recipe.side_px, recipe.seed)
    else:
        from nital.synth.structures import KINDS as CLASSES
        from nital.synth.structures import structure_pictures

        (images, label), value = structure_pictures(recipe.number, recipe.side_px, recipe.seed), None
    middle = (float(images.mean()), float(images.std())) if recipe.grey == "all" else (None, None)
    facts: dict[str, Any] = {
        "classes": list(CLASSES), "side_px": recipe.side_px, "pixel_size_um": None,
        "grey_mean": middle[0], "grey_spread": middle[1], "grouped": True, "notes": [],
        "value": None if value is None else _value_facts("temperature", value),
    }  # fmt: skip
    arrays = {"image": standardise(images, *middle), "label": label.astype(np.int64)}
    if value is not None:
        arrays["value"] = value.astype(np.float32)
    first = recipe.seed * 10_000_000
    return ArrayDataset(
        f"synthetic {recipe.samples}", arrays, first + np.arange(recipe.number), source="nital.synth",
        licence="BSD-3-Clause", facts=facts, strata=arrays["label"],
    )  # fmt: skip


def _side(shapes: list[Any], files: tuple[str, ...], recipe: ClassesRecipe, facts: dict[str, Any] | None) -> int:
    """Side of the crops: the recipe's, or what the smallest picture has."""
    if facts is not None:
        return int(facts["side_px"])
    shortest = [min(shape) for shape in shapes]
    smallest = int(np.argmin(shortest))
    side = min(recipe.side_px, shortest[smallest]) // 4 * 4
    if side < SMALLEST_PX:
        raise InputError(
            f"{files[smallest]} has only {shapes[smallest][0]} x {shapes[smallest][1]} px; at least "
            f"{SMALLEST_PX} x {SMALLEST_PX} are needed. Leave it out."
        )
    return side


def _groups(pictures: LabelledPictures, opened: list[Any], notes: list[str]) -> tuple[np.ndarray, bool]:
    """A group for each picture; identical pictures share one."""
    grouped = pictures.group is not None
    groups = np.array(pictures.files if pictures.group is None else pictures.group).astype(object)
    if pictures.held_out is None:  # whoever holds pictures out has dealt with this
        first: dict[str, int] = {}
        twins = 0
        for index, picture in enumerate(opened):
            digest = hashlib.sha256(f"{picture.grey.shape}".encode() + picture.grey.tobytes()).hexdigest()
            other = first.setdefault(digest, index)
            if groups[other] != groups[index]:
                groups[groups == groups[index]] = groups[other]
                twins += 1
        if twins:
            notes.append(f"{twins} pictures are exact copies of others; they and their groups stay on one side.")
    return groups.astype(str), grouped


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


def _facts(
    pictures: LabelledPictures, crops: np.ndarray, sizes: list[float | None], side: int, recipe: ClassesRecipe,
    notes: list[str], grouped: bool,
) -> dict[str, Any]:  # fmt: skip
    known = [size for size in sizes if size is not None]
    notes.extend(_magnification_notes(pictures, sizes, recipe))
    whole = recipe.grey == "all"
    return {
        "classes": list(pictures.classes),
        "side_px": side,
        "pixel_size_um": float(np.median(known)) if len(known) == len(sizes) else None,
        "grey_mean": float(crops.mean()) if whole else None,
        "grey_spread": float(crops.std()) if whole else None,
        "grouped": grouped,
        "notes": notes,
        "value": None if pictures.value is None else _value_facts(recipe.value_column or "value", pictures.value),
    }


def _value_facts(name: str, value: np.ndarray) -> dict[str, Any]:
    return {
        "name": name, "mean": float(value.mean()), "spread": float(max(value.std(), 1e-6)),
        "low": float(value.min()), "high": float(value.max()),
    }  # fmt: skip


def _magnification_notes(pictures: LabelledPictures, sizes: list[float | None], recipe: ClassesRecipe) -> list[str]:
    """A network learns the magnification where that gives the class away."""
    if recipe.pixel_size_um is not None or any(size is None for size in sizes):
        return []
    medians = {
        name: float(np.median([s for s, k in zip(sizes, pictures.label, strict=True) if k == n and s is not None]))
        for n, name in enumerate(pictures.classes)
    }
    if max(medians.values()) < 1.3 * min(medians.values()):
        return []
    listed = ", ".join(f"{name} {size:.3g}" for name, size in medians.items())
    return [
        f"The classes were taken at different magnifications (median um per pixel: {listed}): the network may learn "
        "these. --set pixel_size_um=... brings all pictures to one."
    ]


def _in_order_of(classes: list[str], pictures: LabelledPictures) -> np.ndarray:
    """Labels as the model numbers its classes."""
    if unknown := [name for name in pictures.classes if name not in classes]:
        raise InputError(
            f"'{pictures.name}' has the class '{unknown[0]}', which the model does not know. It knows: "
            f"{', '.join(classes)}. Leave these pictures out, or train again."
        )
    return np.array([classes.index(name) for name in pictures.classes])[pictures.label]
