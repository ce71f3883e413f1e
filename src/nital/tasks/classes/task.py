"""The job `classes`: which microstructure is this, and what did the network look at."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, final

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import InputError
from nital.core.outcome import Outcome
from nital.core.progress import Say
from nital.core.report import Metric, Report
from nital.core.task import Baseline, Card, Findings, Network, NetworkTask
from nital.tasks.classes.metrics import METRICS, ordered_metrics
from nital.tasks.classes.options import ClassesOptions, EvaluateOptions, ExplainOptions
from nital.tasks.classes.recipe import FLAT, RECIPES, ClassesRecipe

if TYPE_CHECKING:
    import torch

__all__ = ["TASK", "ClassesTask"]

BUNDLED = Path(__file__).parent / "bundled"
CARD = Card(
    job="classes",
    title="Which microstructure is this: classes of micrographs, with a map of what the network looked at",
    answers="Which of these microstructures does the picture show, how sure is that, and what in it said so?",
    trained_on="The bundled model: synthetic pictures of nine textbook structures and nothing else. It is a start for "
    "learning from your pictures, and an example; not a judge of real micrographs.",
    limits=(
        "A model knows the classes, magnification and preparation of its training pictures, and no others.",
        "'None of these' finds pictures that differ in their features from all training pictures; it misses some.",
        "Scores without groups (specimens) are those of pictures dealt at random, and as a rule too good.",
        "A map shows where the evidence for a class lay, not why it is evidence.",
    ),
    sources=(
        "K. He et al., Deep residual learning, CVPR 2016, doi:10.1109/CVPR.2016.90",
        "B. Zhou et al., Class activation maps, CVPR 2016, doi:10.1109/CVPR.2016.319",
        "C. Guo et al., On calibration of modern neural networks, ICML 2017, arXiv:1706.04599",
    ),
)


@final
class ClassesTask(NetworkTask):
    """Classes of micrographs by a small convolutional network."""

    card = CARD
    recipe_type = ClassesRecipe
    options_type = ClassesOptions
    evaluate_options_type = EvaluateOptions
    explain_options_type = ExplainOptions
    learns_from = (
        "a folder with one folder of pictures per class (in it, one per specimen if you can), or a table with the "
        "columns file, class and group; without it synthetic structures"
    )
    most_test_samples = 20_000
    quick = True
    needed_facts = ("classes", "side_px", "grey_mean", "grey_spread", "distance_limit", "limit_from")
    metrics = METRICS
    studied = ("probability", "value")

    def recipes(self) -> dict[str, ClassesRecipe]:
        return RECIPES

    def dataset(self, recipe: ClassesRecipe, data: Path | None = None) -> Dataset:
        from nital.tasks.classes.samples import build_dataset

        return build_dataset(recipe, data)

    def example(self, recipe: ClassesRecipe) -> np.ndarray:
        side = recipe.side_px
        return np.random.default_rng(0).standard_normal((1, 1, side, side)).astype(np.float32)

    def model(self, recipe: ClassesRecipe, facts: Mapping[str, Any]) -> "torch.nn.Module":
        from nital.tasks.classes.network import build_classifier

        return build_classifier(recipe, facts)

    def initial_weights(self, model: "torch.nn.Module", recipe: ClassesRecipe) -> "torch.nn.Module":
        """The body of the model that the recipe names; frozen parts stay as they are."""
        from nital.learn.transfer import freeze, load_part
        from nital.tasks.classes.network import BODY

        if recipe.start_from is not None:
            load_part(model, BODY, BUNDLED if recipe.start_from == "bundled" else Path(recipe.start_from))
        freeze(model, recipe.frozen)
        return model

    def parameter_groups(self, model: "torch.nn.Module", recipe: ClassesRecipe) -> list[dict[str, Any]]:
        """The parts of the body, and the head."""
        from nital.learn.transfer import parameter_groups
        from nital.tasks.classes.network import BODY

        body = model.get_submodule(BODY).named_children()
        stages = [f"{BODY}.{name}" for name, part in body if list(part.parameters())]
        return parameter_groups(model, stages, recipe.depth_share)

    def outputs(self, recipe: ClassesRecipe) -> tuple[str, ...]:
        found = ["probability", "distance"]
        found += ["activation"] if recipe.network not in FLAT else []
        return (*found, "value") if recipe.value_column else tuple(found)

    def augment(self, batch: "dict[str, torch.Tensor]", recipe: ClassesRecipe) -> "dict[str, torch.Tensor]":
        from nital.tasks.classes.augment import augment_pictures

        return {**batch, "image": augment_pictures(batch["image"], recipe)}

    def loss(self, prediction: "Mapping[str, torch.Tensor]", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """Cross-entropy; with a value the Huber loss of its error besides, in tenths of a unit."""
        from torch.nn import functional

        loss = functional.cross_entropy(prediction["logits"], batch["label"])
        if "value" in prediction:
            loss = loss + functional.smooth_l1_loss(prediction["value"], batch["value"], beta=0.1)
        return loss

    def metrics_of(self, facts: Mapping[str, Any]) -> tuple[Metric, ...]:
        return ordered_metrics(facts)

    def score(self, prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
        from nital.tasks.classes.score import sample_scores

        return sample_scores(prediction, batch)

    def baselines(self, train: Dataset) -> list[Baseline]:
        from nital.tasks.classes.baselines import fit_baselines

        return fit_baselines(train)

    def calibrate(
        self, model: "torch.nn.Module", recipe: ClassesRecipe, train: Dataset, valid: Dataset
    ) -> dict[str, Any]:
        from nital.tasks.classes.calibrate import calibrate

        found = calibrate(model, train, valid, max(recipe.batch_size, 64))  # pyright: ignore[reportArgumentType]
        return {**found, "common_pixel_size_um": recipe.pixel_size_um}

    def findings(
        self, answers: Mapping[str, np.ndarray], recipe: ClassesRecipe, train: Dataset, test: Dataset, *,
        facts: Mapping[str, Any] = MappingProxyType({}), device: str = "cpu", say: Say = None,
    ) -> Findings:  # fmt: skip
        from nital.tasks.classes.findings import describe
        from nital.tasks.classes.more_pictures import curve_findings

        found = describe(answers, test)
        if not recipe.learning_curve:
            return found
        right = float(np.trace(found.details["confusion"]) / found.details["n_samples"])
        curve = curve_findings(self, recipe, train, test, right, device=device, say=say)
        return Findings(found.sections + curve.sections, found.notes + curve.notes, {**found.details, **curve.details})

    def analyse(self, network: Network, path: Path, options: ClassesOptions, say: Say = None) -> Outcome:
        from nital.tasks.classes.analyse import analyse

        return analyse(network, path, options)

    def evaluate(self, network: Network | None, data: Path, options: EvaluateOptions, say: Say = None) -> Report:
        from nital.tasks.classes.score import evaluate_labelled

        if network is None:
            raise InputError("The job classes scores a trained network: give one.")
        return evaluate_labelled(network, data, options, say)

    def explain(
        self, model: "torch.nn.Module", facts: Mapping[str, Any], path: Path, options: ExplainOptions
    ) -> Outcome:
        from nital.tasks.classes.explain import explain

        return explain(model, facts, path, options)  # pyright: ignore[reportArgumentType]

    def write_synthetic(self, folder: Path, number: int, seed: int, options: Any = None) -> list[Path]:
        from nital.tasks.classes.samples.synthetic import write_synthetic

        return write_synthetic(folder, number, seed)


TASK = ClassesTask()
