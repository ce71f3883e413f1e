"""The samples of the job: of labelled pictures for training and for scoring a model, and synthetic ones."""

from pathlib import Path

from nital.core.dataset import Dataset
from nital.core.errors import InputError
from nital.io.labelled import Columns, read_labelled
from nital.tasks.classes.recipe import ClassesRecipe
from nital.tasks.classes.samples.synthetic import synthetic_structures
from nital.tasks.classes.samples.training import training_samples

__all__ = ["build_dataset"]


def build_dataset(recipe: ClassesRecipe, data: Path | None) -> Dataset:
    """Crops of a user's pictures, or synthetic samples; see `training_samples` and `synthetic_structures`.

    Raises:
        InputError: the data cannot be used; names the file, or counts the classes that are too small.
    """
    if recipe.samples != "structures":
        from nital.tasks.classes.lecture import lecture_samples

        if (found := lecture_samples(recipe, data)) is not None:
            return found
    if data is None:
        return synthetic_structures(recipe)
    columns = Columns(recipe.file_column, recipe.class_column, recipe.group_column, recipe.value_column)
    pictures = read_labelled(data, columns)
    if recipe.value_column is not None and pictures.value is None:
        raise InputError(
            f"{data} has no table, so no column '{recipe.value_column}' to learn. Give a table with the columns file, "
            "class and that one, or set value_column to null."
        )
    return training_samples(pictures, recipe)
