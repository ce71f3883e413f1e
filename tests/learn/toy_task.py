"""A job small enough for tests: find the bright pixels of a noisy picture."""

from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from nital.core.dataset import ArrayDataset, Dataset
from nital.core.options import Options
from nital.core.outcome import Outcome
from nital.core.recipe import Recipe
from nital.core.report import Report
from nital.core.task import Baseline, Card, NetworkTask
from nital.nets.unet import UNet

DROPOUT = 0.1  # so that random numbers matter to a resumed run


class ToyModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.network = UNet(out_channels=1, width=4, depth=2)
        self.dropout = nn.Dropout(DROPOUT)

    def forward(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"logits": self.network(self.dropout(batch["image"].float() / 255))}


@final
class ToyTask(NetworkTask):
    card = Card("toy", "Toy", "Which pixels are bright?", "noise", (), ())
    recipe_type = Recipe
    options_type = Options

    def recipes(self) -> dict[str, Recipe]:
        tiny = Recipe(name="tiny", batch_size=4, epochs=6, warmup_steps=4, learning_rate=0.01, threads=1)
        return {"tiny": tiny}

    def dataset(self, recipe: Recipe, data: Path | None = None) -> Dataset:
        generator = np.random.default_rng(recipe.seed)
        image = generator.integers(0, 256, (32, 1, 16, 16), dtype=np.uint8)
        arrays = {"image": image, "bright": (image > 128).astype(np.float32)}
        return ArrayDataset("toy", arrays, np.arange(32) // 2, source="own", licence="BSD-3-Clause")

    def example(self, recipe: Recipe) -> np.ndarray:
        return np.zeros((1, 1, 16, 16), np.float32)

    def model(self, recipe: Recipe, facts: Any) -> nn.Module:
        return ToyModel()

    def loss(self, prediction: Any, batch: Any) -> torch.Tensor:
        return functional.binary_cross_entropy_with_logits(prediction["logits"], batch["bright"])

    def score(self, prediction: Any, batch: Any) -> dict[str, np.ndarray]:
        return {}

    def baselines(self, train: Dataset) -> list[Baseline]:
        return []

    def analyse(self, network: Any, path: Path, options: Any, say: Any = None) -> Outcome:
        return Outcome({})

    def evaluate(self, network: Any, data: Path, options: Any, say: Any = None) -> Report:
        raise NotImplementedError


TASK = ToyTask()
TINY = TASK.recipes()["tiny"]
LONG = TINY.replace(epochs=16, steps_per_epoch=12)


def sides(recipe: Recipe) -> tuple[Dataset, Dataset]:
    dataset = TASK.dataset(recipe)
    return dataset.take(np.arange(24)), dataset.take(np.arange(24, 32))


def train_long(folder: Path, listener: Connection) -> None:
    """What a child process does until it is killed: train, and send on what is told."""
    from nital.learn.fit import fit

    fit(TASK, LONG, *sides(LONG), folder=folder, say=lambda done, total, text: listener.send(text))
    listener.send("done")
