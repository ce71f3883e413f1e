"""Task: what one job must say of itself, so that everything else can be written once.

A job is a folder under `nital/tasks/` whose module `task` defines `TASK`, an instance of a final
subclass of `NetworkTask` (one network, trained by gradients in the loop that all jobs share) or of
`FittedTask` (several kinds of models are fitted and the best is kept). Nothing else lists it.
"""

import abc
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import InputError
from nital.core.recipe import Recipe

if TYPE_CHECKING:
    import torch

__all__ = [
    "Baseline", "Card", "FittedTask", "Network", "NetworkTask", "Options", "Outcome", "Say", "Task", "Trained",
]  # fmt: skip

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dm3", ".dm4", ".emd", ".ser")

Say = Callable[[str], object] | None
"""Is given lines of text about what happens now; None: nobody listens."""


class Network(Protocol):
    """A trained model without its framework: float32 (n, c, h, w) or (n, features) in, named arrays out."""

    @property
    def facts(self) -> Mapping[str, Any]:
        """What training kept for predicting, as plain JSON: names of classes, columns and their units.

        With `chosen`: what the verdict of the training says to use, "network" or the name of a simpler model; and
        `simpler`: that model as `Baseline.kept` has it, or None.
        """
        ...

    def __call__(self, batch: np.ndarray, /) -> dict[str, np.ndarray]: ...


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
        drawn: file name -> function that makes such an array. It is called when the result is saved or shown, so that
            who only wants numbers does not wait for pictures.
        warnings: plain sentences for the user.
        headline: (label, value) pairs, the few numbers that a person wants first.
        pictures: file name of a .png in `images` or `drawn` -> (title, caption); the report shows these, in this order.
    """

    values: dict[str, Any]
    images: dict[str, np.ndarray] = field(default_factory=dict)
    tables: dict[str, tuple[list[str], list[list[Any]]]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    headline: list[tuple[str, str]] = field(default_factory=list)
    pictures: dict[str, tuple[str, str]] = field(default_factory=dict)
    drawn: dict[str, Callable[[], np.ndarray]] = field(default_factory=dict)

    @property
    def image_names(self) -> tuple[str, ...]:
        """File names of all images, made and not yet made."""
        return (*self.images, *self.drawn)

    def image(self, name: str) -> np.ndarray:
        """One image; drawn now where it was not made before, and not kept."""
        return self.drawn[name]() if name in self.drawn else self.images[name]


@dataclass(frozen=True)
class Baseline:
    """A model that is not a neural network, against which the network must stand.

    Attributes:
        name: as it appears in reports.
        predict: batch of samples -> what the network would give for it.
        kept: what predicting with it needs, as plain JSON; goes into the card where this model is chosen, and comes
            back as `network.facts["simpler"]`. None: it cannot be kept.
    """

    name: str
    predict: Callable[[Batch], dict[str, np.ndarray]]
    kept: dict[str, Any] | None = None


@dataclass(frozen=True)
class Trained:
    """What a `FittedTask` has learned, ready to be kept.

    Attributes:
        model: the ONNX file's bytes.
        facts: what `analyse` needs besides, as plain JSON; it comes back as `network.facts`.
        report: as of `nital evaluate`: `data`, `split`, `groups`, `verdict`, `chosen`, `models`, and the job's own.
        onnx_max_abs_difference: between the ONNX file and the model that it came from.
    """

    model: bytes
    facts: dict[str, Any]
    report: dict[str, Any]
    onnx_max_abs_difference: float


class Task(abc.ABC):
    """One job: what the command line, Python and the reports need of it. Subclasses hold no state."""

    card: Card
    recipe_type: type[Recipe]
    options_type: type[Options]
    """Flags of `nital predict`."""
    evaluate_options_type: type[Options] | None = None
    """Flags of `nital evaluate`; None: those of predict."""
    opens: tuple[str, ...] = PICTURES
    """Suffixes of the files that are taken out of a folder."""
    quick: bool = False
    """Whether a file takes milliseconds and little memory, so that a batch works on several at once."""
    combines: bool = False
    """Whether files of one specimen say something together: `combine`."""
    evaluates_a_model: bool = True
    """Whether `evaluate` scores a trained model, or compares models that it fits itself."""

    @abc.abstractmethod
    def recipes(self) -> Mapping[str, Recipe]:
        """Named recipes, the usual one first; one is called `tiny` and trains in under a minute on a CPU."""

    @abc.abstractmethod
    def analyse(self, network: Network, path: Path, options: Any, progress: Say = None) -> Outcome:
        """From a user's file to what a metallurgist reads.

        Raises:
            InputError: the file cannot be used; the message names it and says what to do.
        """

    @abc.abstractmethod
    def evaluate(self, network: Network | None, data: Path, options: Any, progress: Say = None) -> dict[str, Any]:
        """Score models on labelled data.

        Args:
            network: the trained model; None where `evaluates_a_model` is False.
            data: a folder of labelled files, or a table, as the job's guide describes it.

        Returns:
            the JSON of `nital evaluate`: `job`, `data`, `split`, `groups`, `verdict`, `chosen`, `models`.

        Raises:
            InputError: the data cannot be used; the message names them and says what to do.
        """

    def combine(self, results: Sequence[Mapping[str, Any]]) -> Outcome:
        """What several files of one specimen say together.

        Args:
            results: the values of each file.

        Raises:
            InputError: the job has no such thing, or these files cannot be taken together.
        """
        raise InputError(f"The job {self.card.job} does not take files together; {len(results)} were given.")

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


class NetworkTask(Task):
    """A job with one network, trained by the loop in `nital.learn.fit`."""

    learns_from: str | None = None
    """What the DATA of `nital train` must be, in words; None: the job makes its own samples."""
    input_name: str = "image"
    """The array of a batch that the network sees."""
    most_test_samples: int = 64
    """So many test samples are scored at the end of a training."""
    explain_options_type: type[Options] | None = None
    """Flags of `nital explain`; None: this job explains itself in its results."""

    @abc.abstractmethod
    def dataset(self, recipe: Any, data: Path | None = None) -> Dataset:
        """The samples that the recipe asks for.

        Args:
            data: the user's; None where the job makes its own samples.

        Raises:
            InputError: the data cannot be used; the message names them and says what to do.
        """

    @abc.abstractmethod
    def example(self, recipe: Any) -> np.ndarray:
        """One made-up input (1, ...), float32, on which the exported model is compared with torch."""

    @abc.abstractmethod
    def model(self, recipe: Any, facts: Mapping[str, Any]) -> "torch.nn.Module":
        """A fresh network: dict of tensors in, dict of tensors out.

        Args:
            facts: of the dataset that it is to learn from.
        """

    def begin(self, model: "torch.nn.Module", recipe: Any) -> "torch.nn.Module":
        """The fresh network with the weights that training begins with, where these are not chance."""
        return model

    def outputs(self, recipe: Any) -> tuple[str, ...]:
        """What of the model's answer is exported."""
        return ("probability",)

    def augment(self, batch: "dict[str, torch.Tensor]", recipe: Any) -> "dict[str, torch.Tensor]":
        """A training batch, changed at random where the job has a use for it; draws from torch's own generator."""
        return batch

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

    def finish(self, model: "torch.nn.Module", recipe: Any, train: Dataset, valid: Dataset) -> dict[str, Any]:
        """What is set after the weights: calibration goes into the model's buffers, facts into the card."""
        return {}

    def study(
        self,
        answer: Callable[[Batch], dict[str, np.ndarray]],
        recipe: Any,
        train: Dataset,
        test: Dataset,
        progress: Say = None,
    ) -> dict[str, Any]:
        """Further entries of the training's report, of the exported model on unseen groups; `notes` are sentences."""
        return {}

    def explain(self, model: "torch.nn.Module", facts: Mapping[str, Any], path: Path, options: Any) -> Outcome:
        """What the network looked at in a user's file.

        Args:
            model: with its trained weights. facts: that training kept for predicting.

        Raises:
            InputError: the file cannot be used, or the job has no explanations.
        """
        raise InputError(f"The job {self.card.job} has no explanations beyond its results; {path} was not looked at.")


class FittedTask(Task):
    """A job that fits and compares several kinds of models on a user's data, and keeps the one that deserves it."""

    train_options_type: type[Options]
    """Flags of `nital train` beside the recipe."""

    @abc.abstractmethod
    def train(self, recipe: Any, data: Path, options: Any, progress: Say = None) -> Trained:
        """Fit on a user's data.

        Raises:
            InputError: the data cannot be used; the message names them and says what to do.
        """
