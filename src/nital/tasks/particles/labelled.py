"""True particles: label maps, or boxes around particles in the form of YOLO."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.core.task import PICTURES
from nital.io.labelled import LabelledPair, labelled_pairs, read_objects
from nital.science.particles import boxes_of

__all__ = ["TrueParticles", "read_true", "true_particles"]

BOXES = "boxes_yolo"
ROLES = ("label", BOXES)
COLUMNS = 5


@dataclass(frozen=True)
class TrueParticles:
    """Particles that somebody marked in a picture.

    Attributes:
        picture: its file. specimen: its group. boxes: (n, 4), top, left, bottom, right in px.
        labels: label map, 0 for no particle; None where only boxes are known.
    """

    picture: Path
    specimen: str
    boxes: np.ndarray
    labels: np.ndarray | None


def true_particles(folder: Path) -> list[LabelledPair]:
    """Pictures with labels in a folder: label maps, or text files of boxes; see `nital.io.labelled.maps`.

    Raises:
        InputError: no pair.
    """
    return labelled_pairs(folder, ROLES, (*PICTURES, ".txt"))


def read_true(pair: LabelledPair, shape: tuple[int, int]) -> TrueParticles:
    """The truth of one picture; a label map may be empty where the manifest's column `n_particles` says 0.

    Args:
        shape: rows and columns of the picture.

    Raises:
        InputError: labels of another size, or boxes that cannot be read.
    """
    if pair.role == BOXES or pair.label.suffix.lower() == ".txt":
        return TrueParticles(pair.picture, pair.specimen, _boxes(pair.label, shape), None)
    labels = read_objects(pair.label, shape, empty=pair.columns.get("n_particles") == "0")
    return TrueParticles(pair.picture, pair.specimen, boxes_of(labels), labels)


def _boxes(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """Boxes of a text file: class, middle x and y, width and height, as shares of the picture; one a line."""
    rows: list[list[float]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            values = [float(word) for word in line.split()]
        except ValueError:
            values = []
        if len(values) < COLUMNS or not all(0 <= value <= 1 for value in values[1:COLUMNS]):
            raise InputError(
                f"Line {number} of {path} is no box: '{line[:60]}'. Each line holds class, x, y, width and height, the "
                "last four as shares of the picture."
            )
        x, y, width, height = values[1:COLUMNS]
        rows.append([y - height / 2, x - width / 2, y + height / 2, x + width / 2])
    return np.array(rows, float).reshape(-1, 4) * [shape[0], shape[1], shape[0], shape[1]]
