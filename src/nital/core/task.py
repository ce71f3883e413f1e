"""Task: what one job says of itself, so that the command line, Python, pages and reports need no word about it."""

import abc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import InputError
from nital.core.options import Options
from nital.core.outcome import Outcome
from nital.core.progress import Say
from nital.core.recipe import Recipe
from nital.core.report import Metric, Report
from nital.core.sections import Section

if TYPE_CHECKING:
    import torch

__all__ = ["Baseline", "Card", "Findings", "FittedTask", "Network", "NetworkTask", "Task", "Trained"]

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dm3", ".dm4", ".emd", ".ser")


@runtime_checkable
class Network(Protocol):
    """A trained model without its framework.

    float32 in: pictures (n, channels, rows, cols), curves (n, channels, points) or rows of a table (n, features);
    named arrays out, each with n as its first axis.
    """

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
        opens: what its files are, in the plural, such as "micrographs".
    """

    job: str
    title: str
    answers: str
    trained_on: str
    limits: tuple[str, ...]
    sources: tuple[str, ...]
    opens: str = "pictures"


@dataclass(frozen=True)
class Baseline:
    """A model that is not a neural network, against which the network must stand.

    Attributes:
        name: as it appears in reports.
        predict: batch of samples -> what the network would give for it.
        constant: whether it answers the same to everything; every job has one such.
        kept: what predicting with it needs, as plain JSON; goes into the card where this model is chosen, and comes
            back as `network.facts["simpler"]`. None: it cannot be kept.
    """

    name: str
    predict: Callable[[Batch], dict[str, np.ndarray]]
    constant: bool = False
    kept: dict[str, Any] | None = None


@dataclass(frozen=True)
class Findings:
    """What only the job can say of its trained network.

    Attributes:
        sections: tables and plots of the report. notes: sentences. details: further entries of its JSON.
        facts: what predicting needs of it; joins the facts of the model.
    """

    sections: tuple[Section, ...] = ()
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict[str, Any])
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Trained:
    """What a `FittedTask` has learned, ready to be kept.

    Attributes:
        model: the ONNX file's bytes.
        facts: what `analyse` needs besides, as plain JSON; it comes back as `network.facts`.
        report: as of `nital evaluate`.
        onnx_max_abs_difference: between the ONNX file and the model that it came from.
    """

    model: bytes
    facts: dict[str, Any]
    report: Report
    onnx_max_abs_difference: float


class Task(abc.ABC):
    """One job: what the surfaces and the reports need of it. Subclasses hold no state."""

    card: Card
    recipe_type: type[Recipe]
    options_type: type[Options]
    """Options of predicting."""
    evaluate_options_type: type[Options] | None = None
    """Options of evaluating; None: those of predicting."""
    synth_options_type: type[Options] = Options
    """Options of making synthetic samples: the knobs of the generator."""
    opens: tuple[str, ...] = PICTURES
    """Suffixes of the files that are taken out of a folder."""
    quick: bool = False
    """Whether a file takes milliseconds and little memory, so that a batch works on several at once."""
    combines: bool = False
    """Whether files of one specimen say something together: `combine`."""
    evaluates_a_model: bool = True
    """Whether `evaluate` scores a trained model, or compares models that it fits itself."""
    needed_facts: tuple[str, ...] = ()
    """Names that `network.facts` must hold for `analyse`; a card without them is refused when it is opened."""

    @abc.abstractmethod
    def recipes(self) -> Mapping[str, Recipe]:
        """Named recipes, the usual one first; one is called `tiny` and trains in under a minute on a CPU."""

    @abc.abstractmethod
    def analyse(self, network: Network, path: Path, options: Any, say: Say = None) -> Outcome:
        """From a user's file to what a metallurgist reads.

        Raises:
            InputError: the file cannot be used; the message names it and says what to do.
        """

    @abc.abstractmethod
    def evaluate(self, network: Network | None, data: Path, options: Any, say: Say = None) -> Report:
        """Score models on labelled data.

        Args:
            network: the trained model; None where `evaluates_a_model` is False.
            data: a folder of labelled files, or a table, as the job's guide describes it.

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

    def write_synthetic(self, folder: Path, number: int, seed: int, options: Any = None) -> list[Path]:
        """Write labelled synthetic samples into a folder, in the form that `evaluate` reads.

        Args:
            options: of `synth_options_type`; None: as they are by default.

        Raises:
            InputError: the job has no generator.
        """
        raise InputError(
            f"The job {self.card.job} has no generator of samples ({number} asked for, seed {seed}, in {folder})."
        )

    def trial_data(self, folder: Path) -> tuple[Path | None, Mapping[str, Any]]:
        """Small data to learn from, written into a folder, for tests and first trials.

        Returns:
            the data, None where the job makes its own samples; and the options of training that go with them.
        """
        return None, {}


class NetworkTask(Task):
    """A job with one network, trained by the loop in `nital.learn.fit`."""

    metrics: tuple[Metric, ...]
    """What `score` may give; the first decides, and says which way is better."""
    learns_from: str | None = None
    """What the data to learn from must be, in words; None: the job makes its own samples."""
    needs_data: bool = False
    """Whether the job has no samples of its own."""
    input_name: str = "image"
    """The array of a batch that the network sees."""
    most_test_samples: int = 64
    """So many test samples are scored at the end of a training."""
    studied: tuple[str, ...] = ()
    """Outputs of the network, or values of `score`, for all test samples, that `findings` looks at."""
    explain_options_type: type[Options] | None = None
    """Options of explaining; None: this job explains itself in its results."""

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

    def initial_weights(self, model: "torch.nn.Module", recipe: Any) -> "torch.nn.Module":
        """The fresh network with the weights that training begins with, where these are not chance."""
        return model

    def parameter_groups(self, model: "torch.nn.Module", recipe: Any) -> list[dict[str, Any]]:
        """The parameters for the optimiser, all of them and in the model's order: `params`, and `rate_share`, by which
        the learning rate is multiplied."""
        return [{"params": list(model.parameters()), "rate_share": 1.0}]

    def metrics_of(self, facts: Mapping[str, Any]) -> tuple[Metric, ...]:
        """Those of `metrics` that apply to a dataset with these facts; the first decides."""
        return self.metrics

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
    def score(self, prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
        """Name of a metric -> one value per sample, in the metric's unit; of `metrics` those that apply."""

    @abc.abstractmethod
    def baselines(self, train: Dataset) -> list[Baseline]:
        """Models that are no neural network, fitted on the training part; one of them is constant."""

    def calibrate(self, model: "torch.nn.Module", recipe: Any, train: Dataset, valid: Dataset) -> dict[str, Any]:
        """Set what is set after the weights: numbers go into the model's buffers, facts for predicting are returned."""
        return {}

    def findings(
        self, answers: Mapping[str, np.ndarray], recipe: Any, train: Dataset, test: Dataset, *,
        facts: Mapping[str, Any] = MappingProxyType({}), device: str = "cpu", say: Say = None,
    ) -> Findings:  # fmt: skip
        """What only this job can say of its network, from its answers to groups that it has not seen.

        Args:
            answers: what `studied` names, one row for each sample of `test`.
            facts: of the dataset, and what `calibrate` gave for the model that is kept.
            device, say: for networks that are trained besides; these tell their own progress, from its beginning.
        """
        return Findings()

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
    """Options of training beside the recipe."""

    @abc.abstractmethod
    def train(self, recipe: Any, data: Path, options: Any, say: Say = None) -> Trained:
        """Fit on a user's data.

        Raises:
            InputError: the data cannot be used; the message names them and says what to do.
        """
