"""The job `grains`: boundaries with zero labels, then the ASTM E112 grain size."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from nital.core.dataset import Batch, Dataset, GeneratedDataset
from nital.core.errors import InputError
from nital.core.outcome import Outcome
from nital.core.progress import Say
from nital.core.report import Report
from nital.core.task import Baseline, Card, Network, NetworkTask
from nital.tasks.grains.metrics import METRICS
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.recipe import RECIPES, GrainsRecipe

if TYPE_CHECKING:
    import torch

__all__ = ["TASK", "GrainsTask"]

EXAMPLE_SIDE_PX = 128

CARD = Card(
    job="grains",
    opens="micrographs",
    title="Grain boundaries and ASTM grain size from one micrograph",
    answers="How large are the grains of this metal, and how sure is the number?",
    trained_on="Synthetic micrographs alone: Voronoi, Laguerre and Johnson-Mehl structures with simulated etching, "
    "damage and optics. No real micrograph and no hand label.",
    limits=(
        "Single-phase equiaxed to moderately elongated grains; martensite, bainite and dendrites are outside of its "
        "domain.",
        "Boundaries that the etchant did not attack cannot be seen; the number then reads too coarse.",
        "Twins are told from grain boundaries by their straightness and parallelism alone, and not always rightly.",
        "Computed by the E112 formulae; not a certified measurement.",
    ),
    sources=(
        "ASTM E112, Standard Test Methods for Determining Average Grain Size",
        "ASTM E1382, Standard Test Methods for Determining Average Grain Size Using Semiautomatic and Automatic Image "
        "Analysis",
        "O. Ronneberger et al., U-Net, 2015, doi:10.1007/978-3-319-24574-4_28",
    ),
)


@final
class GrainsTask(NetworkTask):
    """Grain boundaries by a U-Net that has seen synthetic structures only."""

    card = CARD
    recipe_type = GrainsRecipe
    options_type = GrainsOptions
    metrics = METRICS
    combines = True

    def recipes(self) -> dict[str, GrainsRecipe]:
        return RECIPES

    def dataset(self, recipe: GrainsRecipe, data: Path | None = None) -> Dataset:
        """Synthetic micrographs made on demand: `image` (n, 1, h, w) float32 standardised, `truth` (n, h, w) uint8."""
        from nital.science.scaling import standardise
        from nital.synth.random_micrographs import labelled_micrograph

        variety = recipe.variety()
        shape = (recipe.crop_px, recipe.crop_px)

        def make(index: int) -> Batch:
            image, truth, _ = labelled_micrograph(index, shape, variety)
            return {"image": standardise(image)[None], "truth": truth}

        indices = recipe.seed * 10_000_000 + np.arange(recipe.number)
        return GeneratedDataset(
            "synthetic micrographs", make, indices, recipe=f"{shape} {variety}", source="nital.synth",
            licence="BSD-3-Clause", grouped_by="micrograph",
        )  # fmt: skip

    def example(self, recipe: GrainsRecipe) -> np.ndarray:
        return np.random.default_rng(0).standard_normal((1, 1, EXAMPLE_SIDE_PX, EXAMPLE_SIDE_PX)).astype(np.float32)

    def model(self, recipe: GrainsRecipe, facts: Mapping[str, Any]) -> "torch.nn.Module":
        from nital.tasks.grains.network import BoundaryNetwork

        return BoundaryNetwork(recipe.width, recipe.depth)

    def loss(self, prediction: "Mapping[str, torch.Tensor]", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """Cross-entropy over interior, boundary, twin, plus soft Dice losses of the two rare classes."""
        from torch.nn import functional

        logits, truth = prediction["logits"], batch["truth"].long()
        loss = functional.cross_entropy(logits, truth)
        chances = logits.softmax(1)
        for label, weight in ((1, 0.3), (2, 0.1)):
            here, chance = (truth == label).float(), chances[:, label]
            loss = loss + weight * (1 - (2 * (here * chance).sum() + 1) / (here.sum() + chance.sum() + 1))
        return loss

    def score(self, prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
        from nital.tasks.grains.score import sample_scores

        return sample_scores(prediction, batch)

    def baselines(self, train: Dataset) -> list[Baseline]:
        from nital.tasks.grains.score import sample_baselines

        return sample_baselines()

    def analyse(self, network: Network, path: Path, options: GrainsOptions, say: Say = None) -> Outcome:
        from nital.tasks.grains.analyse import analyse

        return analyse(network, path, options, say)

    def combine(self, results: Sequence[Mapping[str, Any]]) -> Outcome:
        from nital.tasks.grains.together import fields_together

        return fields_together(results)

    def evaluate(self, network: Network | None, data: Path, options: GrainsOptions, say: Say = None) -> Report:
        from nital.tasks.grains.score import evaluate_folder

        if network is None:
            raise InputError("The job grains scores a trained network: give one.")
        return evaluate_folder(network, data, options, say)

    def write_synthetic(self, folder: Path, number: int, seed: int, options: Any = None) -> list[Path]:
        from nital.tasks.grains.synthesise import write_synthetic

        return write_synthetic(folder, number, seed)


TASK = GrainsTask()
