"""Task: what one job must say of itself, so that everything else can be written once.

A job is a folder under `nital/tasks/` whose module `task` defines `TASK`, an instance of a final
subclass of `Task`. Nothing else lists it.
"""

import abc
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import InputError
from nital.core.recipe import Recipe

if TYPE_CHECKING:
    import torch

__all__ = ["Baseline", "Card", "Network", "Options", "Outcome", "Task"]

Network = Callable[[np.ndarray], dict[str, np.ndarray]]
"""A trained network without its framework: float32 (n, c, h, w) or (n, features) in, named arrays out."""


@dataclass(frozen=True)
class Card:
    """What a user must know before trusting a job; becomes the model card.

    Attributes:
        job: the folder's name, the word on the command line.
        title: one line.
        answers: the question that it answers.
        trained_on: what the bundled model has seen.
        limits: where it fails, one sentence each.
        sources: standards and papers.
        extras: extras of nital that training needs.
    """

    job: str
    title: str
    answers: str
    trained_on: str
    limits: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a user may choose when predicting; each field becomes a flag and a keyword.

    A field's `metadata["help"]` is the flag's help text.
    """


@dataclass
class Outcome:
    """What a job found in one file.

    Attributes:
        values: the job's part of the JSON, ready for `json.dumps`: units in the names, None where
            the physics is absent.
        tables: file name -> (column names, rows).
        images: file name -> array to save: uint8 RGB for .png, integer or float32 for .tif.
        warnings: plain sentences for the user.
        headline: (label, value) pairs, the few numbers that a person wants first.
    """

    values: dict[str, Any]
    images: dict[str, np.ndarray] = field(default_factory=dict)
    tables: dict[str, tuple[list[str], list[list[Any]]]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    headline: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Baseline:
    """A model that is not a neural network, against which the network must stand.

    Attributes:
        name: as it appears in reports.
        predict: batch of samples -> what the network would give for it.
    """

    name: str
    predict: Callable[[Batch], dict[str, np.ndarray]]


class Task(abc.ABC):
    """One job. Subclasses are final and hold no state."""

    card: Card
    recipe_type: type[Recipe]
    options_type: type[Options]
    outputs: tuple[str, ...] = ("probability",)
    """What of the model's answer is exported."""

    @abc.abstractmethod
    def recipes(self) -> dict[str, Recipe]:
        """Named recipes; one is called `tiny` and trains in under a minute on a CPU."""

    @abc.abstractmethod
    def dataset(self, recipe: Recipe) -> Dataset:
        """The samples that the recipe asks for."""

    @abc.abstractmethod
    def model(self, recipe: Recipe) -> "torch.nn.Module":
        """A fresh network: dict of tensors in, dict of tensors out."""

    @abc.abstractmethod
    def loss(self, prediction: "Mapping[str, torch.Tensor]", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """A scalar to minimise; sees the whole batch because dense jobs need their masks."""

    @abc.abstractmethod
    def metrics(self, prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
        """Name -> one value per sample, in physical units where there are any."""

    def higher_is_better(self, metric: str) -> bool:
        """Whether a larger value of a metric is a better one; errors end in _error, or name their kind in front."""
        return not metric.endswith("_error") and not metric.startswith(("mae_", "rmse_", "loss"))

    @abc.abstractmethod
    def baselines(self, train: Dataset) -> list[Baseline]:
        """At least one model that is not a neural network."""

    @abc.abstractmethod
    def analyse(self, network: Network, path: Path, options: Any) -> Outcome:
        """From a user's file to what a metallurgist reads.

        Raises:
            InputError: the file cannot be used; the message names it and says what to do.
        """

    @abc.abstractmethod
    def evaluate(self, network: Network, folder: Path, options: Any) -> dict[str, Any]:
        """Score network and baselines on a folder of labelled files, with the job's options.

        Returns:
            the JSON of `nital evaluate`: `data`, `split`, `groups`, `verdict`, `chosen`, `models`.
        """

    def write_synthetic(self, folder: Path, number: int, seed: int) -> list[Path]:
        """Write labelled synthetic samples into a folder, in the form that `evaluate` reads.

        Raises:
            InputError: the job has no generator.
        """
        raise InputError(
            f"The job {self.card.job} has no generator of samples ({number} asked for, seed {seed}, in {folder})."
        )

    def option_fields(self) -> tuple[dataclasses.Field[Any], ...]:
        """The fields of this job's options, in order."""
        return dataclasses.fields(self.options_type)
