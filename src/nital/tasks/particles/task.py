"""The job `particles`: nanoparticles in TEM and STEM pictures with zero labels, their sizes and how these spread."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import InputError
from nital.core.outcome import Outcome
from nital.core.progress import Say
from nital.core.report import Report
from nital.core.task import Baseline, Card, Network, NetworkTask
from nital.tasks.particles.metrics import METRICS
from nital.tasks.particles.options import ParticlesOptions, SynthOptions
from nital.tasks.particles.recipe import RECIPES, ParticlesRecipe

if TYPE_CHECKING:
    import torch

__all__ = ["TASK", "ParticlesTask"]

EXAMPLE_SIDE_PX = 96
DEPTH = 1.0
"""Weight in the loss of how deep inside of a particle each pixel lies."""

CARD = Card(
    job="particles",
    opens="micrographs",
    title="Nanoparticles in a TEM or STEM picture: number, sizes, shapes",
    answers="How many particles are there, how large are they, and how do their sizes spread?",
    trained_on="Synthetic pictures of particles on films, porous supports, balls and rods, in bright and in dark "
    "field. No real picture and no hand label.",
    limits=(
        "Particles of 4 to 200 px across; smaller ones are told from noise by luck, larger ones fall apart.",
        "A projection: particles that lie over each other are parted where their outlines tell, and else count as one.",
        "Faint particles are missed first, so that a size distribution from a noisy picture lacks its small end.",
        "A diameter is that of the circle of the same area in projection; it is no thickness.",
        "Atom columns are found by their maxima, without the network, and only in pictures that resolve them.",
    ),
    sources=(
        "ISO 21363, Nanotechnologies: Measurements of particle size and shape distributions by transmission electron "
        "microscopy",
        "O. Ronneberger et al., U-Net, 2015, doi:10.1007/978-3-319-24574-4_28",
        "H. W. Lilliefors, 1967, doi:10.1080/01621459.1967.10482916",
    ),
)


@final
class ParticlesTask(NetworkTask):
    """Particles by a U-Net that has seen synthetic pictures only."""

    card = CARD
    recipe_type = ParticlesRecipe
    options_type = ParticlesOptions
    synth_options_type = SynthOptions
    metrics = METRICS
    combines = True

    def recipes(self) -> dict[str, ParticlesRecipe]:
        return RECIPES

    def dataset(self, recipe: ParticlesRecipe, data: Path | None = None) -> Dataset:
        from nital.tasks.particles.synthetic import synthetic_samples

        return synthetic_samples(recipe)

    def example(self, recipe: ParticlesRecipe) -> np.ndarray:
        return np.random.default_rng(0).standard_normal((1, 1, EXAMPLE_SIDE_PX, EXAMPLE_SIDE_PX)).astype(np.float32)

    def model(self, recipe: ParticlesRecipe, facts: Mapping[str, Any]) -> "torch.nn.Module":
        from nital.tasks.particles.network import ParticleNetwork

        return ParticleNetwork(recipe.width, recipe.depth)

    def loss(self, prediction: "Mapping[str, torch.Tensor]", batch: "Mapping[str, torch.Tensor]") -> "torch.Tensor":
        """Cross-entropy and soft Dice of the area of particles, and cross-entropy of the depth inside."""
        from torch.nn import functional

        logits = prediction["logits"]
        inside, depth = (batch["truth"] > 0).float(), batch["depth"]
        loss = functional.binary_cross_entropy_with_logits(logits[:, 0], inside)
        chance = logits[:, 0].sigmoid()
        dice = 1 - (2 * (chance * inside).sum() + 1) / (chance.sum() + inside.sum() + 1)
        # Weighed as if particles and the rest had equal areas: elsewhere the depth is 0, which is soon learned.
        weight = 0.5 + inside * (0.5 / inside.mean().clamp(min=0.02))
        deep = functional.binary_cross_entropy_with_logits(logits[:, 1], depth, weight / weight.mean())
        return loss + 0.5 * dice + DEPTH * deep

    def score(self, prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
        from nital.tasks.particles.score import sample_scores

        return sample_scores(prediction, batch)

    def baselines(self, train: Dataset) -> list[Baseline]:
        from nital.tasks.particles.baselines import sample_baselines

        return sample_baselines()

    def analyse(self, network: Network, path: Path, options: ParticlesOptions, say: Say = None) -> Outcome:
        from nital.tasks.particles.analyse import analyse

        return analyse(network, path, options, say)

    def combine(self, results: Sequence[Mapping[str, Any]]) -> Outcome:
        from nital.tasks.particles.together import fields_together

        return fields_together(results)

    def evaluate(self, network: Network | None, data: Path, options: ParticlesOptions, say: Say = None) -> Report:
        from nital.tasks.particles.evaluate import evaluate_folder

        if network is None:
            raise InputError("The job particles scores a trained network: give one.")
        return evaluate_folder(network, data, options, say)

    def write_synthetic(self, folder: Path, number: int, seed: int, options: SynthOptions | None = None) -> list[Path]:
        from nital.tasks.particles.synthesise import write_synthetic

        return write_synthetic(folder, number, seed, options)


TASK = ParticlesTask()
