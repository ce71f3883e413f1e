"""Pictures whose pixels have classes, such as phases: `read_phase_labels` is the one door."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.io.labelled.class_names import OUTSIDE, ClassNames, named_keys, read_class_names
from nital.io.labelled.maps import LabelledPair, labelled_pairs, left_over
from nital.io.labelled.outline_files import OUTLINES, read_outlines
from nital.io.labelled.stored import MOST_CLASSES, UNLABELLED, Key, StoredLabel, read_phase_map
from nital.io.micrographs.decoding import decode

__all__ = ["ClassLabels", "LabelledPhases", "read_phase_labels"]

# JPEG is looked for to be refused by name instead of being passed over.
LABELS = (".png", ".tif", ".tiff", ".jpg", ".jpeg", *OUTLINES)


@dataclass(frozen=True)
class ClassLabels:
    """What is known of the pixels of one picture.

    Attributes:
        picture, label: their files.
        labels: uint8 (rows, cols), index into the classes, `UNLABELLED` (255) where nobody has said.
        specimen: its group; the picture's own name where nothing says, and then `grouped` is False.
        pixel_size_um: from the manifest, or None.
    """

    picture: Path
    label: Path
    labels: np.ndarray
    specimen: str
    pixel_size_um: float | None
    grouped: bool


@dataclass(frozen=True)
class LabelledPhases:
    """A folder of pictures with their classes.

    Attributes:
        name: of the folder. classes: their names, 2 to 10. notes: sentences for the user on what was read.
        values: the number that stands for each class in the label pictures; None: not numbers, or several for one.
    """

    name: str
    classes: tuple[str, ...]
    pictures: list[ClassLabels]
    notes: tuple[str, ...]
    values: tuple[int, ...] | None = None


def read_phase_labels(
    folder: str | os.PathLike[str],
    *,
    roles: Sequence[str] = ("label",),
    unlabelled: int | None = None,
    classes: tuple[str, ...] | None = None,
) -> LabelledPhases:
    """Read the labels of a folder, see `labelled_pairs` for what it holds.

    A label is a PNG or TIFF (numbers, a palette's indices, or colours), ROIs of ImageJ (.zip, .roi) or shapes of
    LabelMe (.json); one form for the whole folder. Values become classes in their order, black first. What outlines
    leave out is unlabelled, unless classes.json names "outside". classes.txt or classes.json give the names.

    Args:
        roles: of labels in the manifest.
        unlabelled: the value that means that nobody has said; of colours the grey, so that 0 is black.
        classes: names whose indices are kept, such as those of a trained network; some may be absent then. They name
            the values too where the folder has no names.

    Raises:
        InputError: a label that cannot be used, or fewer than two classes; the message names the file.
    """
    folder = Path(folder)
    pairs = labelled_pairs(folder, roles, LABELS)
    names = read_class_names(folder)
    stored = [_stored(pair, unlabelled, OUTSIDE in names.of_key if names else False) for pair in pairs]
    _check_forms(stored, names, unlabelled)
    name_of = named_keys(stored, names, unlabelled)
    if names is None and classes is not None and not set(name_of.values()) <= set(classes):
        name_of = named_keys(stored, ClassNames("the model", classes), unlabelled)
    notes = [*left_over(folder, pairs, roles, LABELS), *(note for label in stored for note in label.notes)]
    notes += _on_values(stored, name_of, unlabelled)
    if classes is None:
        classes = _occurring(folder, stored, names, name_of, notes)
    elif unknown := set(name_of.values()) - set(classes):
        raise InputError(
            f"{folder} labels {', '.join(sorted(unknown))}, which the model does not know; it knows "
            f"{', '.join(classes)}. Name the classes as the model does, in classes.txt or classes.json."
        )
    pictures = [
        ClassLabels(
            pair.picture, pair.label, _indexed(label, name_of, classes), pair.specimen, pair.pixel_size_um, pair.grouped
        )
        for pair, label in zip(pairs, stored, strict=True)
    ]
    return LabelledPhases(folder.name, classes, pictures, tuple(notes), _values(name_of, classes))


def _values(name_of: Mapping[Key, str], classes: Sequence[str]) -> tuple[int, ...] | None:
    found = [[key for key, name in name_of.items() if name == one] for one in classes]
    keys = [one[0] for one in found if len(one) == 1 and isinstance(one[0], int)]
    return tuple(keys) if len(keys) == len(classes) else None


def _stored(pair: LabelledPair, unlabelled: int | None, outside: bool) -> StoredLabel:
    shape = decode(pair.picture, None).pixels.shape[:2]
    if pair.label.suffix.lower() not in OUTLINES:
        label = read_phase_map(pair.label, unlabelled)
        rows, columns = label.codes.shape
        if (rows, columns) != shape:
            raise InputError(
                f"{pair.label} has {columns} x {rows} px, but {pair.picture} has {shape[1]} x {shape[0]} px. Crop or "
                "label the picture anew, so that both have one size; do not scale the label."
            )
        return label
    label = read_outlines(pair.label, shape)
    if not outside:
        return label
    codes = np.where(label.codes == UNLABELLED, np.uint8(len(label.keys)), label.codes)
    return replace(label, keys=(*label.keys, OUTSIDE), codes=codes)


def _check_forms(stored: Sequence[StoredLabel], names: ClassNames | None, unlabelled: int | None) -> None:
    form = stored[0].form
    for label in stored:
        if label.form != form:
            raise InputError(
                f"{stored[0].path} labels by {form}, {label.path} by {label.form}. Bring all labels of a folder into "
                "one form."
            )
    if form == "outlines" and unlabelled is not None:
        raise InputError(
            f"`unlabelled` is {unlabelled}, but the labels are outlines such as {stored[0].path}, which have no "
            "values. Leave it out: what lies outside them is unlabelled."
        )
    if form != "outlines" and names is not None and OUTSIDE in names.of_key:
        raise InputError(
            f"{names.source} names '{OUTSIDE}', but the labels are {form}, such as {stored[0].path}, not outlines. "
            "Name its value instead."
        )


def _on_values(stored: Sequence[StoredLabel], name_of: dict[Key, str], unlabelled: int | None) -> list[str]:
    """Which value was taken for which class, and what is odd about `unlabelled`."""
    form = stored[0].form
    said = [name if key == name else f"{key} is {name}" for key, name in name_of.items()]
    notes = [f"Classes by {form}: {', '.join(said)}."]
    if unlabelled is not None and not any((label.codes == UNLABELLED).any() for label in stored):
        notes.append(f"No pixel holds {unlabelled}, the value said to be unlabelled.")
    small = [key for key in name_of if isinstance(key, int) and key <= MOST_CLASSES]
    if form == "numbers" and 255 in name_of and len(small) == len(name_of) - 1 >= 2:
        notes.append("255 was taken for a class beside small numbers. If it means unlabelled, set `unlabelled` to 255.")
    return notes


def _occurring(
    folder: Path, stored: Sequence[StoredLabel], names: ClassNames | None, name_of: dict[Key, str], notes: list[str]
) -> tuple[str, ...]:
    """The classes that have a pixel, in the order of the names; 2 to 10."""
    present = {name_of[key] for label in stored for key in label.keys if label.count(key)}
    known = list(dict.fromkeys([*(names.listed if names else ()), *name_of.values()]))
    found: tuple[str, ...] = tuple(name for name in known if name in present)
    if absent := [name for name in known if name not in present]:
        notes.append(f"No pixel is labelled {', '.join(absent)}: left out of the classes.")
    if len(found) < 2:
        raise InputError(
            f"All labels of {folder} are of one class, {', '.join(found)}, such as {stored[0].path}; at least 2 are "
            "needed to tell apart. Label pixels of a second class."
        )
    if len(found) > MOST_CLASSES:
        total = {key: sum(label.count(key) for label in stored if key in label.keys) for key in name_of}
        raise InputError(
            f"The labels of {folder} hold {len(found)} classes, more than the {MOST_CLASSES} there may be: "
            f"{', '.join(f'{key} ({count:,} px)' for key, count in total.items())}. Bring the labels of all pictures "
            "to the same values."
        )
    return found


def _indexed(label: StoredLabel, name_of: dict[Key, str], classes: tuple[str, ...]) -> np.ndarray:
    index = np.full(256, UNLABELLED, np.uint8)
    for code, key in enumerate(label.keys):
        if name_of[key] in classes:  # else it has no pixel
            index[code] = classes.index(name_of[key])
    return index[label.codes]
