"""The job `inpaint`: maps with missing pixels, filled, with an interval for each filled pixel."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import InputError
from nital.core.outcome import Outcome
from nital.core.progress import Say
from nital.core.report import Report
from nital.core.task import Baseline, Card, Network, NetworkTask
from nital.tasks.inpaint.metrics import METRICS
from nital.tasks.inpaint.options import SUFFIXES, InpaintEvaluateOptions, InpaintOptions, InpaintSynthOptions
from nital.tasks.inpaint.recipe import RECIPES, InpaintRecipe

if TYPE_CHECKING:
    import torch

__all__ = ["TASK", "InpaintTask"]

CARD = Card(
    job="inpaint",
    opens="maps",
    title="Maps with missing pixels, filled, with an interval for each filled pixel",
    answers="What would this map show where nothing was measured, and how sure is that?",
    trained_on="Synthetic maps: Gaussian fields, grains, phases, lamellae, X-ray counts and scanned heights, with "
    "pixels missing at random, in lines and in blocks. No real map.",
    limits=(
        "A filled pixel is a guess: measure it again where it counts.",
        "What lies wholly inside of a gap, such as a small grain, cannot come back.",
        "Intervals are set on known pixels of the same map, hidden as the missing ones are; a small map has few.",
        "Intervals hold for the pixels of a map together, not for each of its regions.",
        "Each channel is filled by itself; what one says of another is not used.",
    ),
    sources=(
        "J.-P. Chiles, P. Delfiner, Geostatistics, 2012, doi:10.1002/9781118136188",
        "O. Ronneberger et al., U-Net, 2015, doi:10.1007/978-3-319-24574-4_28",
        "Y. Romano et al., Conformalized Quantile Regression, 2019, arXiv:1905.03222",
    ),
)


@final
class InpaintTask(NetworkTask):
    """Kriging with a fitted covariance, corrected by a U-Net where that is better on hidden pixels of the map."""

    card = CARD
    recipe_type = InpaintRecipe
    options_type = InpaintOptions
    evaluate_options_type = InpaintEvaluateOptions
    synth_options_type = InpaintSynthOptions
    metrics = METRICS
    opens = SUFFIXES
    most_test_samples = 105

    def recipes(self) -> dict[str, InpaintRecipe]:
        return RECIPES

    def dataset(self, recipe: InpaintRecipe, data: Path | None = None) -> Dataset:
        from nital.tasks.inpaint.samples import synthetic_maps

        return synthetic_maps(recipe)

    def example(self, recipe: InpaintRecipe) -> np.ndarray:
        made = np.random.default_rng(0).standard_normal((1, 4, recipe.crop_px, recipe.crop_px))
        made[:, 2:] = np.abs(made[:, 2:])
        return made.astype(np.float32)

    def model(self, recipe: InpaintRecipe, facts: Mapping[str, Any]) -> "torch.nn.Module":
        from nital.tasks.inpaint.network import FillNetwork

        return FillNetwork(recipe.width, recipe.depth)

    def outputs(self, recipe: InpaintRecipe) -> tuple[str, ...]:
        return ("filled",)

    def augment(self, batch: "dict[str, torch.Tensor]", recipe: InpaintRecipe) -> "dict[str, torch.Tensor]":
        from nital.tasks.inpaint.learning import turned

        return turned(batch) if recipe.turns else batch

    def loss(self, prediction: "Mapping[str, torch.Tensor]", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        from nital.tasks.inpaint.learning import fill_loss

        return fill_loss(prediction, batch)

    def score(self, prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
        from nital.tasks.inpaint.score import sample_scores

        return sample_scores(prediction, batch)

    def baselines(self, train: Dataset) -> list[Baseline]:
        from nital.tasks.inpaint.score import sample_baselines

        return sample_baselines()

    def analyse(self, network: Network, path: Path, options: InpaintOptions, say: Say = None) -> Outcome:
        from nital.tasks.inpaint.analyse import analyse

        return analyse(network, path, options, say)

    def evaluate(self, network: Network | None, data: Path, options: InpaintEvaluateOptions, say: Say = None) -> Report:
        from nital.tasks.inpaint.evaluate import evaluate_folder

        if network is None:
            raise InputError("The job inpaint scores a trained network: give one.")
        return evaluate_folder(network, data, options, say)

    def write_synthetic(self, folder: Path, number: int, seed: int, options: Any = None) -> list[Path]:
        from nital.tasks.inpaint.synthesise import write_synthetic

        return write_synthetic(folder, number, seed, options or InpaintSynthOptions())


TASK = InpaintTask()
