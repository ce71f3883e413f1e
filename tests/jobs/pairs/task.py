"""The job `pairs`: maps of two channels in and out, learned from crops whose pictures are the groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
import tifffile

from nital.core.dataset import Batch, Dataset, GeneratedDataset
from nital.core.errors import InputError
from nital.core.options import Options
from nital.core.outcome import Fact, Map, Outcome
from nital.core.progress import Say
from nital.core.recipe import Recipe
from nital.core.report import Metric, Report
from nital.core.task import Baseline, Card, Network, NetworkTask
from nital.nets.tiling import predict_tiled

if TYPE_CHECKING:
    import torch

SIDE, CROP, CROPS = 64, 32, 4


@dataclass(frozen=True, kw_only=True)
class PairsOptions(Options):
    """There is nothing to choose."""


TINY = Recipe(name="tiny", threads=1, epochs=3, steps_per_epoch=30, warmup_steps=5, learning_rate=1e-2)


def picture(index: int) -> tuple[np.ndarray, np.ndarray]:
    """A map of two noisy channels and its two phases, float32 (2, side, side) each; they hold where channels differ."""
    rng = np.random.default_rng(index)
    rows, columns = np.mgrid[:SIDE, :SIDE] + rng.uniform(0, 99, (2, 1, 1))
    first, second = np.sin(rows / 6) > 0.2, np.cos(columns / 5) > 0.2
    image = np.stack([first * 1.0, first + 1.0 * second]) + rng.normal(0, 0.4, (2, SIDE, SIDE))
    return image.astype(np.float32), np.stack([first, second]).astype(np.float32)


@final
class PairsTask(NetworkTask):
    """Two phases by a small network."""

    card = Card(
        job="pairs", title="Two phases in two channels", answers="Which phases are where?", trained_on="Waves.",
        limits=("Waves only.",), sources=("own",), opens="maps of two pages",
    )  # fmt: skip
    recipe_type = Recipe
    options_type = PairsOptions
    opens = (".tif",)
    metrics = (Metric("hausdorff_like_error", "", "lower", bounds=(0, 1)), Metric("bias", "", None))

    def recipes(self) -> Mapping[str, Recipe]:
        return {"tiny": TINY}

    def dataset(self, recipe: Recipe, data: Path | None = None) -> Dataset:
        def make(index: int) -> Batch:
            image, truth = picture(index // CROPS)
            top, left = (CROP * place for place in divmod(index % CROPS, 2))
            where = np.s_[:, top : top + CROP, left : left + CROP]
            return {"image": image[where], "truth": truth[where]}

        indices = 10_000 * recipe.seed + np.arange(40 * CROPS)
        return GeneratedDataset(
            "waves", make, indices, indices // CROPS, recipe="waves 1", source="nital", licence="BSD-3-Clause"
        )

    def example(self, recipe: Recipe) -> np.ndarray:
        return picture(0)[0][None]

    def model(self, recipe: Recipe, facts: Mapping[str, Any]) -> "torch.nn.Module":
        from nital.tasks.pairs.network import PairNetwork

        return PairNetwork()

    def loss(self, prediction: "Mapping[str, torch.Tensor]", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        from torch.nn import functional

        return functional.binary_cross_entropy_with_logits(prediction["logits"], batch["truth"])

    def score(self, prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
        found, true = prediction["probability"] > 0.5, batch["truth"] > 0.5
        bias = found.mean((1, 2, 3)) - true.mean((1, 2, 3))
        return {"hausdorff_like_error": (found != true).mean((1, 2, 3)), "bias": bias}

    def baselines(self, train: Dataset) -> list[Baseline]:
        return [
            Baseline("threshold", lambda batch: {"probability": (batch["image"] > 0.5).astype(np.float32)}),
            Baseline("nowhere", lambda batch: {"probability": np.zeros_like(batch["image"])}, constant=True),
        ]

    def analyse(self, network: Network, path: Path, options: PairsOptions, say: Say = None) -> Outcome:
        try:
            image = tifffile.imread(path)
        except (OSError, ValueError, IndexError) as error:
            raise InputError(f"{path} cannot be read ({error}). Give a TIFF of two pages.") from error
        if image.ndim != 3 or image.shape[0] != 2:
            raise InputError(f"{path} has the shape {image.shape}. Give a TIFF of two pages.")
        found = predict_tiled(
            network, image, tile=32, overlap=16, multiple=8, output="probability", say=say
        )  # fmt: skip
        shares = [float((channel > 0.5).mean()) for channel in found]
        return Outcome(
            {"area_fractions": shares},
            row={"area_fraction_first": shares[0], "area_fraction_second": shares[1]},
            facts=[Fact("area fractions", shares)],
            maps={"phases": Map("image", (255 * found).astype(np.uint8), 0.5), "doubt": Map("doubt", 1 - found)},
        )

    def evaluate(self, network: Network | None, data: Path, options: PairsOptions, say: Say = None) -> Report:
        raise InputError(f"The job pairs reads no labelled folder, so {data} cannot be scored.")


TASK = PairsTask()
