"""Synthetic samples: pictures of nanoparticles whose outlines are exact."""

import numpy as np

from nital.core.dataset import Batch, GeneratedDataset
from nital.science.greys import greys_of
from nital.tasks.particles.recipe import ParticlesRecipe

__all__ = ["synthetic_samples"]

LARGEST_NUMBER = 10_000_000  # pictures of one seed; those of the next seed follow


def synthetic_samples(recipe: ParticlesRecipe) -> GeneratedDataset:
    """`image` float32 (n, 1, side, side) standardised, `truth` int32 (n, side, side), `depth` float32 (n, side, side);
    drawn when they are asked for, each its own group.
    """
    from nital.synth.particle_pictures import draw_particles
    from nital.synth.phase_textures import log_uniform

    side = recipe.crop_px

    def make(index: int) -> Batch:
        rng = np.random.default_rng([0x9A27, *divmod(index, LARGEST_NUMBER)])
        drawn = draw_particles(rng, (side, side), diameter_px=log_uniform(rng, *recipe.diameter_px))
        grey = greys_of(drawn.image).shown(drawn.image)
        return {"image": grey[None], "truth": drawn.labels, "depth": drawn.depth}

    return GeneratedDataset(
        "synthetic particles", make, recipe.seed * LARGEST_NUMBER + np.arange(recipe.number),
        recipe=f"{recipe.diameter_px} px, {side} px", source="nital.synth", licence="BSD-3-Clause",
        facts={"knows": "synthetic pictures only"}, grouped_by="picture",
    )  # fmt: skip
