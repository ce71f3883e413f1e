"""The job `phases`: which phase is where, from a handful of labelled pictures, and how much of each there is."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, final

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import InputError
from nital.core.outcome import Outcome
from nital.core.progress import Say
from nital.core.report import Report
from nital.core.task import Baseline, Card, Findings, Network, NetworkTask
from nital.tasks.phases.metrics import METRICS
from nital.tasks.phases.options import PhasesOptions, SynthOptions
from nital.tasks.phases.recipe import RECIPES, PhasesRecipe, several_structures

if TYPE_CHECKING:
    import torch

__all__ = ["TASK", "PhasesTask"]

EXAMPLE_SIDE_PX = 96
STRUCTURE = 0.2
"""Weight in the loss of telling the structures apart."""

CARD = Card(
    job="phases",
    opens="micrographs",
    title="Phases in a micrograph: a label for each pixel, and the area fraction of each phase",
    answers="Which phase is where in this picture, how much of each is there, and how sure is that?",
    trained_on="Synthetic drawings of structures of several phases, with exact labels. No real micrograph.",
    limits=(
        "A model knows the phases, the magnification and the preparation of its training pictures, and no others.",
        "An area fraction can be no better than the labels that were learned from; about half of all errors lie "
        "within a few pixels of a boundary.",
        "The printed interval holds counting and the network's error on specimens that it has not seen, where there "
        "were such; not a wrong preparation.",
        "Colour pictures are seen in grey: phases that differ in hue alone are not told apart.",
        "Regions are what hangs together in the picture; what touches in the section counts as one.",
    ),
    sources=(
        "ASTM E562, Standard Test Method for Determining Volume Fraction by Systematic Manual Point Count",
        "ASTM E1245, Standard Practice for Determining the Inclusion or Second-Phase Constituent Content of Metals by "
        "Automatic Image Analysis",
        "O. Ronneberger et al., U-Net, 2015, doi:10.1007/978-3-319-24574-4_28",
        "M. Tan, Q. V. Le, EfficientNet, ICML 2019, arXiv:1905.11946",
    ),
)


@final
class PhasesTask(NetworkTask):
    """Semantic segmentation of micrographs."""

    card = CARD
    recipe_type = PhasesRecipe
    options_type = PhasesOptions
    synth_options_type = SynthOptions
    metrics = METRICS
    learns_from = (
        "a folder with images/ and, under the same names, labels/ (label pictures, ImageJ ROIs or LabelMe polygons), "
        "and a manifest.csv with the columns file, role and specimen if you can"
    )
    most_test_samples = 400
    studied = ("confusion",)
    needed_facts = ("classes",)
    combines = True

    def recipes(self) -> dict[str, PhasesRecipe]:
        return RECIPES

    def dataset(self, recipe: PhasesRecipe, data: Path | None = None) -> Dataset:
        if data is None:
            from nital.tasks.phases.synthetic import synthetic_samples

            return synthetic_samples(recipe)
        from nital.tasks.phases.samples import picture_samples

        return picture_samples(recipe, data)

    def example(self, recipe: PhasesRecipe) -> np.ndarray:
        return np.random.default_rng(0).standard_normal((1, 1, EXAMPLE_SIDE_PX, EXAMPLE_SIDE_PX)).astype(np.float32)

    def model(self, recipe: PhasesRecipe, facts: Mapping[str, Any]) -> "torch.nn.Module":
        from nital.tasks.phases.network import build_network

        return build_network(recipe, facts)

    def initial_weights(self, model: "torch.nn.Module", recipe: PhasesRecipe) -> "torch.nn.Module":
        from nital.tasks.phases.network import start_from

        return start_from(model, recipe)  # pyright: ignore[reportArgumentType]

    def parameter_groups(self, model: "torch.nn.Module", recipe: PhasesRecipe) -> list[dict[str, Any]]:
        from nital.tasks.phases.network import groups_by_way

        return groups_by_way(model, recipe)  # pyright: ignore[reportArgumentType]

    def augment(self, batch: "dict[str, torch.Tensor]", recipe: PhasesRecipe) -> "dict[str, torch.Tensor]":
        from nital.learn.dense import Looks, changed_greys, random_crops

        looks = Looks(recipe.zoom, recipe.turns, recipe.grey_response, noise=recipe.noise)
        if not recipe.grey_response:
            looks = looks._replace(blur_px=0.0, sharpen=0.0, shading=0.0)
        (image, truth), picture = random_crops(batch["image"], batch["truth"], recipe.crop_px, looks)
        changed = {"image": changed_greys(image, looks), "truth": truth}
        return changed | {name: batch[name][picture] for name in ("allowed", "structure") if name in batch}

    def loss(self, prediction: "Mapping[str, torch.Tensor]", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """The sum of the losses of all ways: each learns as if it were alone.

        Of several structures each picture is answered with the phases of its own alone, as in predicting; which
        structure it shows is learned beside.
        """
        import torch
        from torch.nn import functional

        from nital.learn.dense import dense_loss

        logits = [value for name, value in prediction.items() if name.startswith("logits_")]
        if "allowed" in batch:
            logits = [one.masked_fill(~batch["allowed"][:, :, None, None], -30.0) for one in logits]
        loss = torch.stack([dense_loss(one, batch["truth"], prediction["weights"]) for one in logits]).sum()
        if "structure_logits" in prediction:
            loss = loss + STRUCTURE * functional.cross_entropy(prediction["structure_logits"], batch["structure"])
        return loss

    def calibrate(
        self, model: "torch.nn.Module", recipe: PhasesRecipe, train: Dataset, valid: Dataset
    ) -> dict[str, Any]:
        from nital.tasks.phases.calibrate import calibrate

        return calibrate(model, valid, recipe.batch_size)  # pyright: ignore[reportArgumentType]

    def score(self, prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
        from nital.tasks.phases.score import sample_scores

        return sample_scores(prediction, batch)

    def outputs(self, recipe: PhasesRecipe) -> tuple[str, ...]:
        return ("probability", "structure") if several_structures(recipe) else ("probability",)

    def baselines(self, train: Dataset) -> list[Baseline]:
        from nital.tasks.phases.baselines import fit_baselines

        return fit_baselines(train)

    def findings(
        self, answers: Mapping[str, np.ndarray], recipe: PhasesRecipe, train: Dataset, test: Dataset, *,
        facts: Mapping[str, Any] = MappingProxyType({}), device: str = "cpu", say: Say = None,
    ) -> Findings:  # fmt: skip
        from nital.tasks.phases.findings import describe

        return describe(answers["confusion"], test, recipe.ways, facts)

    def analyse(self, network: Network, path: Path, options: PhasesOptions, say: Say = None) -> Outcome:
        from nital.tasks.phases.analyse import analyse

        return analyse(network, path, options, say)

    def combine(self, results: Sequence[Mapping[str, Any]]) -> Outcome:
        from nital.tasks.phases.together import fields_together

        return fields_together(results)

    def evaluate(self, network: Network | None, data: Path, options: PhasesOptions, say: Say = None) -> Report:
        from nital.tasks.phases.evaluate import evaluate_folder

        if network is None:
            raise InputError("The job phases scores a trained network: give one.")
        return evaluate_folder(network, data, options, say)

    def write_synthetic(self, folder: Path, number: int, seed: int, options: SynthOptions | None = None) -> list[Path]:
        from nital.tasks.phases.synthesise import write_synthetic

        return write_synthetic(folder, number, seed, options)


TASK = PhasesTask()
