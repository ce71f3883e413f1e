"""The samples of the job `classes`: crops of a user's labelled pictures, or synthetic ones."""

import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.dataset import ArrayDataset, Batch, Dataset, GeneratedDataset
from nital.core.errors import InputError
from nital.io.labelled import Columns, LabelledPictures, Picture, read_labelled
from nital.tasks.classes.crops import crops_of, resized, standardise, zoom_of
from nital.tasks.classes.recipe import ClassesRecipe

__all__ = ["build_dataset", "labelled_crops", "synthetic_pictures"]

MOST_DIGESTS = 5000
MOST_TOLD = 10
RESERVED = (
    "file", "job", "model", "seconds", "warnings", "class", "probability", "probabilities", "decided_by",
    "network_class", "network_probability", "none_of_these", "unlikeness", "n_crops", "pixel_size_um",
    "pixel_size_source", "activation_map", "overlay", "report",
)  # fmt: skip
"""Names in the JSON of a result that a value must not take."""
LARGEST_NUMBER = 10_000_000  # synthetic pictures of one seed; those of the next seed follow
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

    Facts: `classes`, `side_px`, `seen_pixel_um` (median um per pixel of what the network sees, None where a picture has
    none), `grey_mean` and `grey_spread` (None: of each picture), `value` (name, mean, spread, low, high; None: there is
    none), `pictures` (digests, None for many), `grouped`, `notes`.

    Raises:
        InputError: the data cannot be used; names the file, or counts the classes that are too small.
    """
    if data is None:
        return synthetic_pictures(recipe)
    columns = Columns(recipe.file_column, recipe.class_column, recipe.group_column, recipe.value_column)
    pictures = read_labelled(data, columns)
    if recipe.value_column is not None and pictures.value is None:
        raise InputError(
            f"{data} has no table, so no column '{recipe.value_column}' to learn. Give a table with the columns file, "
            "class and that one, or pass --set value_column=null."
        )
    return labelled_crops(pictures, recipe)


def labelled_crops(pictures: LabelledPictures, recipe: ClassesRecipe, facts: dict[str, Any] | None = None) -> Dataset:
    """Crops of labelled pictures.

    Args:
        facts: of a trained model, whose classes, side and greys are taken; None: they follow from the pictures.

    Raises:
        InputError: no picture can be read, one is too small, or, without facts, a class too small to split.
    """
    pictures, opened = _opened(pictures)
    sizes = [picture.calibration.pixel_size_um for picture in opened]
    side = _side([picture.grey.shape for picture in opened], pictures.files, recipe, facts)
    crops: list[np.ndarray] = []
    zooms: list[float] = []
    for file, picture, size in zip(pictures.files, opened, sizes, strict=True):
        try:
            zooms.append(zoom_of(picture.grey.shape, side, size, recipe.pixel_size_um))
        except InputError as error:
            raise InputError(f"{file}: {error}") from error
        crops.append(crops_of(resized(picture.grey, zooms[-1]), side)[0])
    counts = [len(one) for one in crops]
    notes = [*pictures.account, *_unsized_notes(pictures.files, sizes, recipe)]
    digests = [_digest(picture.grey) for picture in opened]
    groups, grouped = _groups(pictures, digests, notes)
    if not grouped:
        notes.append(DEALT_AT_RANDOM if facts is None else SCORED_ONE_BY_ONE)
    label = pictures.label
    if facts is None:
        _check_classes(pictures, groups)
        seen = [None if size is None else size / zoom for size, zoom in zip(sizes, zooms, strict=True)]
        facts = _facts(pictures, crops, seen, side, recipe, notes, grouped)
        facts["pictures"] = digests if len(digests) <= MOST_DIGESTS else None
        notes.extend(_seen_before(digests, recipe.start_from))
    else:
        label = _in_order_of(facts["classes"], pictures)
        before = set(facts.get("pictures") or ())
        facts = {**facts, "grouped": grouped, "notes": notes, "known": [digest in before for digest in digests]}
    of = np.repeat(np.arange(len(counts)), counts)
    arrays = {
        "image": standardise(np.concatenate(crops), facts["grey_mean"], facts["grey_spread"]),
        "label": label[of].astype(np.int64),
        "picture": of.astype(np.int64),
    }
    if facts.get("value") and pictures.value is not None:
        arrays["value"] = pictures.value[of].astype(np.float32)
    return ArrayDataset(
        pictures.name, arrays, groups[of], source="the user's pictures", licence="the user's", facts=facts,
        strata=np.array(facts["classes"])[arrays["label"]],
        held_out=None if pictures.held_out is None else pictures.held_out[of],
    )  # fmt: skip


def _opened(pictures: LabelledPictures) -> tuple[LabelledPictures, list[Picture]]:
    """The pictures that can be read, decoded; of each other one the account says why it was left out."""
    kept, opened, told = [], [], []
    for index in range(len(pictures.files)):
        try:
            opened.append(pictures.open(index))
        except InputError as error:
            if index == len(pictures.files) - 1 and not kept:
                raise
            told.append(f"Left out: {error}")
        else:
            kept.append(index)
    if not told:
        return pictures, opened
    more = [f"{len(told) - MOST_TOLD} more pictures could not be read."] if len(told) > MOST_TOLD else []
    return replace(pictures.take(kept), account=(*pictures.account, *told[:MOST_TOLD], *more)), opened


def synthetic_pictures(recipe: ClassesRecipe) -> Dataset:
    """Synthetic structures, or Ising configurations with their temperature; each picture is its own group."""
    return _ising(recipe) if recipe.samples == "ising" else _structures(recipe)


def _structures(recipe: ClassesRecipe) -> Dataset:
    """Structures, drawn when they are first asked for and kept; the index is the seed."""
    from nital.synth.structures import KINDS, draw_structure

    if recipe.value_column is not None or recipe.grey == "all":
        raise InputError("Synthetic structures have no value, and each its own grey: value_column=null, grey=picture.")
    first = recipe.seed * LARGEST_NUMBER
    side = recipe.side_px

    @cache
    def drawn(index: int) -> np.ndarray:
        rng = np.random.default_rng([0x57A7, *divmod(index, LARGEST_NUMBER)])
        return draw_structure(KINDS[index % LARGEST_NUMBER % len(KINDS)], rng, (side, side))

    def make(index: int) -> Batch:
        label = np.array(index % LARGEST_NUMBER % len(KINDS))
        return {"image": standardise(drawn(index)[None])[0], "label": label, "picture": np.array(index)}

    indices = first + np.arange(recipe.number)
    return GeneratedDataset(
        "synthetic structures", make, indices, recipe=f"structures 2, {side} px", source="nital.synth",
        licence="BSD-3-Clause", facts=_made_up(KINDS, recipe, (None, None), None),
        strata=np.array(KINDS)[np.arange(recipe.number) % len(KINDS)],
    )  # fmt: skip


def _ising(recipe: ClassesRecipe) -> Dataset:
    from nital.synth.ising_pictures import CLASSES, ising_pictures

    images, label, temperature = ising_pictures(recipe.number, recipe.side_px, recipe.seed)
    middle = (float(images.mean()), float(images.std())) if recipe.grey == "all" else (None, None)
    arrays = {"image": standardise(images, *middle), "label": label, "picture": np.arange(len(images))}
    value = None
    if recipe.value_column is not None:
        arrays["value"] = temperature.astype(np.float32)
        value = _value_facts(recipe.value_column, temperature)
    return ArrayDataset(
        "synthetic ising", arrays, recipe.seed * LARGEST_NUMBER + np.arange(recipe.number), source="nital.synth",
        licence="BSD-3-Clause", facts=_made_up(CLASSES, recipe, middle, value), strata=np.array(CLASSES)[label],
    )  # fmt: skip


def _made_up(
    classes: tuple[str, ...], recipe: ClassesRecipe, middle: tuple[float | None, float | None],
    value: dict[str, Any] | None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "classes": list(classes), "side_px": recipe.side_px, "seen_pixel_um": None, "pictures": None,
        "grey_mean": middle[0], "grey_spread": middle[1], "grouped": True, "notes": [], "value": value,
    }  # fmt: skip


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


def _digest(grey: np.ndarray) -> str:
    """A few characters that tell a picture from all others."""
    return hashlib.sha256(f"{grey.shape}{grey.dtype}".encode() + grey.tobytes()).hexdigest()[:16]


def _seen_before(digests: list[str], start_from: str | None) -> list[str]:
    """A note where the model that is learned on from has seen some of these pictures."""
    if start_from in (None, "bundled"):
        return []
    try:
        card = json.loads((Path(str(start_from)) / "card.json").read_text(encoding="utf-8"))
        before = set(card["facts"].get("pictures") or ())
    except (OSError, ValueError, KeyError, AttributeError):
        return []  # the model folder is checked where its weights are read
    known = sum(digest in before for digest in digests)
    return [
        f"{known} of these pictures were among those that {start_from} was trained on: where they are tested on now, "
        "the score is too good."
    ] * bool(known)


def _unsized_notes(files: tuple[str, ...], sizes: list[float | None], recipe: ClassesRecipe) -> list[str]:
    """With a common pixel size, pictures without one cannot be brought to it."""
    without = [file for file, size in zip(files, sizes, strict=True) if size is None]
    if recipe.pixel_size_um is None or not without:
        return []
    return [
        f"{len(without)} of {len(files)} pictures have no pixel size, such as {without[0]}: they were scaled by their "
        "shorter side instead. Leave them out if they were taken at another magnification."
    ]


def _groups(pictures: LabelledPictures, digests: list[str], notes: list[str]) -> tuple[np.ndarray, bool]:
    """A group for each picture; identical pictures share one."""
    grouped = pictures.group is not None
    groups = np.array(pictures.files if pictures.group is None else pictures.group).astype(object)
    if pictures.held_out is None:  # whoever holds pictures out has dealt with this
        first: dict[str, int] = {}
        twins, quarrel = 0, []
        for index, digest in enumerate(digests):
            other = first.setdefault(digest, index)
            if pictures.label[other] != pictures.label[index]:
                quarrel.append(f"{pictures.files[other]} and {pictures.files[index]}")
            if groups[other] != groups[index]:
                groups[groups == groups[index]] = groups[other]
                twins += 1
        if twins:
            notes.append(f"{twins} pictures are exact copies of others; they and their groups stay on one side.")
        if quarrel:
            notes.append(f"{len(quarrel)} pictures stand in two classes, such as {quarrel[0]}. Decide on one.")
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
    pictures: LabelledPictures, crops: list[np.ndarray], seen: list[float | None], side: int, recipe: ClassesRecipe,
    notes: list[str], grouped: bool,
) -> dict[str, Any]:  # fmt: skip
    known = [size for size in seen if size is not None]
    notes.extend(_magnification_notes(pictures, seen, recipe))
    held_out = np.zeros(len(crops), bool) if pictures.held_out is None else pictures.held_out
    greys = np.concatenate([one for one, kept in zip(crops, held_out, strict=True) if not kept])
    whole = recipe.grey == "all"
    return {
        "classes": list(pictures.classes),
        "side_px": side,
        "seen_pixel_um": float(np.median(known)) if len(known) == len(seen) else None,
        "grey_mean": float(greys.mean()) if whole else None,
        "grey_spread": float(greys.std()) if whole else None,
        "grouped": grouped,
        "notes": notes,
        "value": None if pictures.value is None else _value_facts(recipe.value_column or "value", pictures.value),
    }


def _value_facts(name: str, value: np.ndarray) -> dict[str, Any]:
    return {
        "name": f"{name}_value" if name in RESERVED else name,
        "mean": float(value.mean()),
        "spread": float(max(value.std(), 1e-6)),
        "low": float(value.min()),
        "high": float(value.max()),
    }


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
        f"The classes appear at different magnifications (median um per pixel as the network sees them: {listed}): the "
        "network may learn these. --set pixel_size_um=... brings all pictures to one."
    ]


def _in_order_of(classes: list[str], pictures: LabelledPictures) -> np.ndarray:
    """Labels as the model numbers its classes."""
    if unknown := [name for name in pictures.classes if name not in classes]:
        raise InputError(
            f"'{pictures.name}' has the class '{unknown[0]}', which the model does not know. It knows: "
            f"{', '.join(classes)}. Leave these pictures out, or train again."
        )
    return np.array([classes.index(name) for name in pictures.classes])[pictures.label]
