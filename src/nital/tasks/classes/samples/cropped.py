"""A user's labelled pictures, opened and cut into crops; what training and scoring have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError
from nital.io.labelled import LabelledPictures, Picture
from nital.learn.seen import digest
from nital.science.scaling import standardise
from nital.tasks.classes.prepare import Prepared, cut

__all__ = ["CroppedPictures", "crop_pictures", "open_pictures"]

MOST_TOLD = 10
NOBODY_SAID = "Nobody said which pictures show the same specimen: "
MEND = "Give a column 'group', or one folder per specimen in each class folder."


@dataclass(frozen=True)
class CroppedPictures:
    """Pictures and their crops; n pictures.

    Attributes:
        pictures: those that could be read. seen: for each its crops, grey as it is, and their scale.
        digests: a few characters that tell each picture from all others.
    """

    pictures: LabelledPictures
    seen: list[Prepared]
    digests: list[str]

    def samples(self, label: np.ndarray, groups: np.ndarray, facts: Mapping[str, Any]) -> ArrayDataset:
        """One sample per crop: `image`, `label`, `picture` (index), and `value` where the facts and pictures have one.

        Args:
            label, groups: (n,), of the pictures. facts: with `classes`, `grey_mean`, `grey_spread`, `value`.
        """
        pictures = self.pictures
        of = np.repeat(np.arange(len(self.seen)), [len(one.crops) for one in self.seen])
        grey = standardise(np.concatenate([one.crops for one in self.seen]), facts["grey_mean"], facts["grey_spread"])
        arrays = {"image": grey[:, None], "label": label[of].astype(np.int64), "picture": of.astype(np.int64)}
        if facts.get("value") and pictures.value is not None:
            arrays["value"] = pictures.value[of].astype(np.float32)
        return ArrayDataset(
            pictures.name, arrays, groups[of], source="the user's pictures", licence="the user's", facts=facts,
            grouped_by="picture" if pictures.group is None else "specimen",
            strata=np.array(facts["classes"])[arrays["label"]],
            held_out=None if pictures.held_out is None else pictures.held_out[of],
        )  # fmt: skip

    def groups(self) -> tuple[np.ndarray, list[str]]:
        """A group for each picture, identical pictures sharing one; and notes on copies."""
        pictures = self.pictures
        groups = np.array(pictures.files if pictures.group is None else pictures.group).astype(object)
        if pictures.held_out is not None:  # whoever holds pictures out has dealt with this
            return groups.astype(str), []
        first: dict[str, int] = {}
        twins, quarrel = 0, []
        for index, of in enumerate(self.digests):
            other = first.setdefault(of, index)
            if pictures.label[other] != pictures.label[index]:
                quarrel.append(f"{pictures.files[other]} and {pictures.files[index]}")
            if groups[other] != groups[index]:
                groups[groups == groups[index]] = groups[other]
                twins += 1
        notes = [f"{twins} pictures are exact copies of others; they and their groups stay on one side."] * bool(twins)
        if quarrel:
            notes.append(f"{len(quarrel)} pictures stand in two classes, such as {quarrel[0]}. Decide on one.")
        return groups.astype(str), notes


def open_pictures(pictures: LabelledPictures) -> tuple[LabelledPictures, list[Picture]]:
    """The pictures that can be read, decoded; of each other one the account says why it was left out.

    Raises:
        InputError: none can be read.
    """
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


def crop_pictures(
    pictures: LabelledPictures, opened: list[Picture], side_px: int, common_um: float | None
) -> tuple[CroppedPictures, list[str]]:
    """Cut pictures into crops of one side.

    Args:
        common_um: pixel size that all are brought to; None: the shorter side of each becomes one crop.

    Returns:
        them, and notes on what was read and on pictures that could not be brought to the common pixel size.

    Raises:
        InputError: a pixel size that would make a picture far too large; names it.
    """
    seen = [cut(one, file, side_px, common_um) for one, file in zip(opened, pictures.files, strict=True)]
    notes = list(pictures.account)
    without = [file for file, one in zip(pictures.files, seen, strict=True) if one.pixel_size_um is None]
    if common_um is not None and without:
        notes.append(
            f"{len(without)} of {len(seen)} pictures have no pixel size, such as {without[0]}: they were scaled by "
            "their shorter side instead. Leave them out if they were taken at another magnification."
        )
    return CroppedPictures(pictures, seen, [digest(one.grey) for one in opened]), notes
