"""Data of lectures as samples: Ising configurations with their temperature, and idx files as FashionMNIST comes."""

from pathlib import Path

import numpy as np

from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError
from nital.science.scaling import standardise
from nital.synth.ising_pictures import CLASSES, ising_pictures
from nital.tasks.classes.lecture.idx import idx_pictures
from nital.tasks.classes.recipe import ClassesRecipe
from nital.tasks.classes.samples.synthetic import LARGEST_NUMBER, made_up_facts
from nital.tasks.classes.samples.training import training_samples
from nital.tasks.classes.samples.value import value_facts

__all__ = ["ising_samples", "lecture_samples"]


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
