"""Folders of pictures with a label for each pixel: which label belongs to which picture."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nital.core.errors import InputError
from nital.core.task import PICTURES
from nital.core.units import checked_pixel_size_um

__all__ = ["LabelledPair", "labelled_pairs"]


@dataclass(frozen=True)
class LabelledPair:
    """A picture and the file that labels its pixels.

    Attributes:
        picture, label: their files. role: of the label, in the manifest's words.
        specimen: the group of the picture; its own name where nothing says.
        pixel_size_um: from the manifest, or None. columns: the picture's row of the manifest.
    """

    picture: Path
    label: Path
    role: str
    specimen: str
    pixel_size_um: float | None
    columns: Mapping[str, str]


def labelled_pairs(folder: Path, roles: Sequence[str]) -> list[LabelledPair]:
    """Pairs of picture and label in a folder, by its manifest.csv or by equal names in images/ and labels/.

    The manifest has columns `file`, `role` (image, or that of a label) and, where known, `specimen`, `pixel_size_um`
    and others that the job reads. Without a manifest every file in labels/ has the role "label".

    Args:
        roles: of labels that the job reads, the one that says most first; each picture gets one label.

    Raises:
        InputError: no pair, or a pixel size that none can have.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder. Give the folder that holds images and labels.")
    rows = _manifest(folder)
    pictures = [row for row in rows if row["role"] == "image"]
    labels = [row for row in rows if row["role"] in roles]
    pairs = []
    for picture in pictures:
        near = [row for row in labels if _belongs(row, picture, pictures)]
        if near:
            pairs.append(_pair(folder, picture, min(near, key=lambda row: roles.index(row["role"]))))
    if not pairs:
        raise InputError(
            f"{folder} holds no labelled micrograph. Put images into images/ and, under the same names, label maps or "
            "white boundary lines into labels/, or describe them in manifest.csv."
        )
    return pairs


def _manifest(folder: Path) -> list[dict[str, str]]:
    """Rows of manifest.csv, or of what lies in images/ and labels/."""
    path = folder / "manifest.csv"
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows or not {"file", "role"} <= set(rows[0]):
            raise InputError(f"{path} needs the columns file and role. See the guide on comparing with a hand trace.")
        return rows
    found = []
    for name, role in (("images", "image"), ("labels", "label")):
        files = sorted((folder / name).iterdir()) if (folder / name).is_dir() else []
        pictures = [file for file in files if file.suffix.lower() in PICTURES and not file.name.startswith(".")]
        found += [{"file": f"{name}/{file.name}", "role": role} for file in pictures]
    return found


def _belongs(label: dict[str, str], picture: dict[str, str], pictures: list[dict[str, str]]) -> bool:
    """Whether a label's name begins with the picture's (steel_2_grain_ids, steel_2), or is the only one so near to it.

    The second holds for manifests only, where names like steel_bandcontrast and steel_grain_ids are meant to belong
    together.
    """
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
    specimen = picture.get("specimen") or Path(picture["file"]).stem
    return LabelledPair(folder / picture["file"], folder / label["file"], label["role"], specimen, pixel_um, picture)
