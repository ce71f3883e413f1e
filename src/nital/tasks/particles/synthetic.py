"""Synthetic samples: pictures of nanoparticles whose outlines are exact."""

import numpy as np

from nital.core.dataset import Batch, GeneratedDataset
from nital.science.evening import evened
from nital.tasks.particles.recipe import ParticlesRecipe

__all__ = ["synthetic_samples"]

LARGEST_NUMBER = 10_000_000  # pictures of one seed; those of the next seed follow
FLOORS = (0.02, 0.4)
"""Of `evened`: what a crop's spread is to that of the picture that it would be cut from is not known."""
TURNED = 0.2
"""Share of samples seen the wrong way round, where particles are dark and none is to be found."""


def synthetic_samples(recipe: ParticlesRecipe) -> GeneratedDataset:
    """`image` float32 (n, 1, side, side) standardised, `truth` int32 (n, side, side), `depth` float32 (n, side, side);
    drawn when they are asked for, each its own group. Particles are bright: a bright field is turned round.
    """
    from nital.synth.particle_pictures import draw_particles
    from nital.synth.phase_textures import log_uniform

    side = recipe.crop_px

    def make(index: int) -> Batch:
        rng = np.random.default_rng([0x9A27, *divmod(index, LARGEST_NUMBER)])
        drawn = draw_particles(rng, (side, side), diameter_px=log_uniform(rng, *recipe.diameter_px))
        grey = evened(drawn.image, floor=log_uniform(rng, *FLOORS))
        grey = grey if drawn.dark_field else -grey
        if rng.random() < TURNED:
            return {"image": -grey[None], "truth": np.zeros_like(drawn.labels), "depth": np.zeros_like(drawn.depth)}
        return {"image": grey[None], "truth": drawn.labels, "depth": drawn.depth}

    return GeneratedDataset(
        "synthetic particles", make, recipe.seed * LARGEST_NUMBER + np.arange(recipe.number),
        recipe=f"{recipe.diameter_px} px, {side} px", source="nital.synth", licence="BSD-3-Clause",
        facts={"knows": "synthetic pictures only"}, grouped_by="picture",
    )  # fmt: skip
