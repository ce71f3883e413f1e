"""Folders of pictures with a label for each pixel: which label belongs to which picture."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nital.core.errors import InputError
from nital.core.task import PICTURES
from nital.core.units import checked_pixel_size_um

__all__ = ["LabelledPair", "labelled_pairs", "left_over"]


@dataclass(frozen=True)
class LabelledPair:
    """A picture and the file that labels its pixels.

    Attributes:
        picture, label: their files. role: of the label, in the manifest's words.
        specimen: the group of the picture; its own name where nothing says, and then `grouped` is False.
        pixel_size_um: from the manifest, or None. columns: the picture's row of the manifest.
    """

    picture: Path
    label: Path
    role: str
    specimen: str
    grouped: bool
    pixel_size_um: float | None
    columns: Mapping[str, str]


def labelled_pairs(folder: Path, roles: Sequence[str], suffixes: Sequence[str] = PICTURES) -> list[LabelledPair]:
    """Pairs of picture and label in a folder, by its manifest.csv or by equal names in images/ and labels/.

    The manifest has columns `file`, `role` (image, or that of a label) and, where known, `specimen`, `pixel_size_um`
    and others that the job reads. Without a manifest every file in labels/ has the role "label", and a folder in
    images/ is a specimen (images/heat7/a.png, labels/heat7/a.png).

    Args:
        roles: of labels that the job reads, the one that says most first; each picture gets one label.
        suffixes: of the files in labels/ that are labels.

    Raises:
        InputError: no pair, or a pixel size that none can have.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder. Give the folder that holds images and labels.")
    rows = _manifest(folder, suffixes)
    pictures = [row for row in rows if row["role"] == "image"]
    labels = [row for row in rows if row["role"] in roles]
    pairs = []
    for picture in pictures:
        near = [row for row in labels if _belongs(row, picture, pictures)]
        if near:
            best = min(near, key=lambda row: (roles.index(row["role"]), _words(row) != _words(picture)))
            pairs.append(_pair(folder, picture, best))
    if not pairs:
        raise InputError(
            f"{folder} holds no labelled micrograph. Put images into images/ and, under the same names, their labels "
            "into labels/, or describe them in manifest.csv."
        )
    return pairs


def left_over(
    folder: Path, pairs: Sequence[LabelledPair], roles: Sequence[str], suffixes: Sequence[str] = PICTURES
) -> tuple[str, ...]:
    """Sentences on pictures without a label, labels that no picture got, and pairs whose names differ."""
    rows = _manifest(folder, suffixes)
    pictures = {row["file"]: folder / row["file"] for row in rows if row["role"] == "image"}
    labels = {row["file"]: folder / row["file"] for row in rows if row["role"] in roles}
    used = {pair.picture for pair in pairs} | {pair.label for pair in pairs}
    bare = [file for file, path in pictures.items() if path not in used]
    lonely = [file for file, path in labels.items() if path not in used]
    near = [f"{pair.label.name} for {pair.picture.name}" for pair in pairs if pair.label.stem != pair.picture.stem]
    said = (
        ("Pictures without a label were left out", bare),
        ("Labels without a picture, or beside another label of it, were left out", lonely),
        ("Labels with other names than their pictures were taken; check them", near),
    )
    return tuple(f"{text} ({len(names)}): {_some(names)}." for text, names in said if names)


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")


def _manifest(folder: Path, suffixes: Sequence[str]) -> list[dict[str, str]]:
    """Rows of manifest.csv, or of what lies in images/ and labels/."""
    path = folder / "manifest.csv"
    if path.exists():
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        if not rows or not {"file", "role"} <= set(rows[0]):
            raise InputError(f"{path} needs the columns file and role. See the guide on comparing with a hand trace.")
        return rows
    found = []
    for name, role, wanted in (("images", "image", PICTURES), ("labels", "label", suffixes)):
        for file in sorted((folder / name).rglob("*")):
            inner = file.relative_to(folder / name)
            if file.suffix.lower() in wanted and file.is_file() and not any(part[0] == "." for part in inner.parts):
                specimen = inner.parts[0] if len(inner.parts) > 1 else ""
                place = {"folder": inner.parent.as_posix(), "specimen": specimen}
                found.append({"file": f"{name}/{inner.as_posix()}", "role": role} | place)
    return found


def _belongs(label: dict[str, str], picture: dict[str, str], pictures: list[dict[str, str]]) -> bool:
    """Whether a label's name begins with the picture's (steel_2_grain_ids, steel_2), or is the only one so near to it.

    The second holds for manifests only, where names like steel_bandcontrast and steel_grain_ids are meant to belong
    together. Without a manifest both lie in folders of the same name.
    """
    pictures = [other for other in pictures if other.get("folder") == label.get("folder")]
    if picture not in pictures:
        return False
    whole = [len(_words(other)) for other in pictures if _shared(other, label) == len(_words(other))]
    if _shared(picture, label) == len(_words(picture)):
        return len(_words(picture)) == max(whole)  # steel_2 is the label of steel_2, not of steel
    if "sha256" not in picture or whole:
        return False
    nearest = max(_shared(other, label) for other in pictures)
    alone = sum(_shared(other, label) == nearest for other in pictures) == 1
    return alone and 0 < nearest == _shared(picture, label) == len(_words(picture)) - 1


def _words(row: dict[str, str]) -> list[str]:
    return Path(row["file"]).stem.split("_")


def _shared(one: dict[str, str], other: dict[str, str]) -> int:
    """Words that the two names begin with in common."""
    count = 0
    for a, b in zip(_words(one), _words(other), strict=False):
        if a != b:
            break
        count += 1
    return count


def _pair(folder: Path, picture: dict[str, str], label: dict[str, str]) -> LabelledPair:
    where = f"{folder / 'manifest.csv'}, {picture['file']}"
    size = picture.get("pixel_size_um") or None
    try:
        pixel_um = None if size is None else checked_pixel_size_um(float(size), where=where)
    except ValueError as error:
        raise InputError(
            f"{where} has the pixel size '{size}'. Give micrometres per pixel, or leave it empty."
        ) from error
    specimen = picture.get("specimen") or label.get("specimen")
    return LabelledPair(
        picture=folder / picture["file"], label=folder / label["file"], role=label["role"],
        specimen=specimen or Path(picture["file"]).stem, grouped=bool(specimen), pixel_size_um=pixel_um,
        columns=picture,
    )  # fmt: skip
