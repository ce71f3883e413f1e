"""Data that lectures on neural networks look at: Ising configurations, and idx files as MNIST and FashionMNIST come.

The classifier of micrographs does without.
"""

import gzip
import zlib
from pathlib import Path

import numpy as np

from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError
from nital.core.units import UNCALIBRATED
from nital.io.labelled import LabelledPictures, Picture
from nital.science.scaling import standardise
from nital.tasks.classes.recipe import ClassesRecipe
from nital.tasks.classes.samples.synthetic import LARGEST_NUMBER, made_up_facts
from nital.tasks.classes.samples.training import training_samples, value_facts

__all__ = ["idx_pictures", "ising_samples", "lecture_samples", "read_idx"]

LARGEST_IDX = 2**31  # bytes that an idx file may unpack to


def lecture_samples(recipe: ClassesRecipe, data: Path | None) -> ArrayDataset | None:
    """What a recipe's `samples` names; None where the user's data are labelled pictures as everybody's.

    Raises:
        InputError: idx files are wanted and cannot be used.
    """
    if recipe.samples == "ising":
        return ising_samples(recipe) if data is None else None
    if data is None:
        raise InputError(f"The recipe {recipe.name} learns from idx files. Give the folder that holds FashionMNIST.")
    return training_samples(idx_pictures(data), recipe) if any(data.glob("*-images-idx3-ubyte*")) else None


def ising_samples(recipe: ClassesRecipe) -> ArrayDataset:
    """Configurations and, where the recipe names a value, their temperatures; each is its own group."""
    from nital.synth.ising_pictures import CLASSES, ising_pictures

    images, label, temperature = ising_pictures(recipe.number, recipe.side_px, recipe.seed)
    grey = (float(images.mean()), float(images.std())) if recipe.grey == "all" else (None, None)
    arrays = {"image": standardise(images, *grey)[:, None], "label": label, "picture": np.arange(len(images))}
    value = None
    if recipe.value_column is not None:
        arrays["value"] = temperature.astype(np.float32)
        value = value_facts(recipe.value_column, temperature, decides=recipe.value_decides)
    facts = made_up_facts(CLASSES, recipe.side_px, "synthetic Ising configurations only")
    facts |= {"grey_mean": grey[0], "grey_spread": grey[1], "value": value}
    return ArrayDataset(
        "synthetic ising", arrays, recipe.seed * LARGEST_NUMBER + np.arange(recipe.number), source="nital.synth",
        licence="BSD-3-Clause", facts=facts, strata=np.array(CLASSES)[label],
    )  # fmt: skip


def read_idx(path: Path, axes: int) -> np.ndarray:
    """Read an idx file of bytes, perhaps gzipped; uint8 of so many axes.

    Raises:
        InputError: the file is missing, damaged, too large or of another kind.

    Source: Y. LeCun, C. Cortes, the MNIST database, file format.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4 * (1 + axes))
            kind, *shape = (int.from_bytes(head[4 * n : 4 * n + 4], "big") for n in range(1 + axes))
            if kind != 0x800 + axes or len(head) < 4 * (1 + axes) or np.prod(shape, dtype=float) > LARGEST_IDX:
                raise InputError(f"{path} is no idx file of {axes} axes of bytes. Copy it again.")
            data = file.read(int(np.prod(shape)) + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    if len(data) != np.prod(shape):
        raise InputError(f"{path} holds {len(data)} bytes instead of {int(np.prod(shape))}. Copy it again.")
    return np.frombuffer(data, np.uint8).reshape(shape)


def idx_pictures(folder: Path) -> LabelledPictures:
    """The pictures of a folder's idx files: `train-...` and `t10k-...` or `test-...`, the second being held out.

    Raises:
        InputError: there are none, or one cannot be used.
    """
    files = sorted(folder.glob("*-images-idx3-ubyte*"))
    if not files:
        raise InputError(f"{folder} holds no idx files (*-images-idx3-ubyte). Give the folder that FashionMNIST is in.")
    parts: list[tuple[np.ndarray, np.ndarray, bool]] = []
    for file in files:
        if file.suffix == ".gz" and file.with_suffix("") in files:
            continue  # the same pictures, already unpacked
        labels = file.with_name(file.name.replace("-images-idx3", "-labels-idx1"))
        pictures, label = read_idx(file, 3), read_idx(labels, 1)
        if len(pictures) != len(label):
            raise InputError(f"{file} has {len(pictures)} pictures and {labels.name} {len(label)} labels.")
        parts.append((pictures, label, file.name.startswith(("t10k", "test"))))
    pictures = np.concatenate([part[0] for part in parts])
    numbers, label = np.unique(np.concatenate([part[1] for part in parts]), return_inverse=True)
    held_out = np.concatenate([np.full(len(part[1]), part[2]) for part in parts])
    names = tuple(f"{n}" for n in range(len(pictures)))
    return LabelledPictures(
        folder.name, names, tuple(map(str, numbers)), label, np.array(names), None,
        held_out if held_out.any() and not held_out.all() else None,
        lambda index: Picture(pictures[index], UNCALIBRATED),
    )  # fmt: skip
