"""Draw the picture of docs/tutorials/first-particles.md: python docs/images/particle_pictures.py"""

import numpy as np
from scipy import ndimage
from synthetic_structures import SIDE, sheet

from nital.synth.particle_pictures import draw_particles

SEEDS = (2, 3, 10, 13, 17, 19, 27, 42)


def halves(seed: int) -> np.ndarray:
    """A synthetic picture; in its lower right half the outlines of its particles."""
    drawn = draw_particles(np.random.default_rng(seed), (SIDE, SIDE), diameter_px=14)
    lower = np.add.outer(np.arange(SIDE), np.arange(SIDE)) > SIDE
    inside = np.repeat(drawn.image[..., None], 3, 2)
    outline = (drawn.labels > 0) & (ndimage.minimum_filter(drawn.labels, 3) != drawn.labels)
    inside[outline & lower] = (0, 170, 255)
    return inside


if __name__ == "__main__":
    sheet("particles", {f"seed {seed}": halves(seed) for seed in SEEDS})
