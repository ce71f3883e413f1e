"""Draw the picture of docs/tutorials/first-phases.md: python docs/images/phase_structures.py"""

import numpy as np
from synthetic_structures import SIDE, sheet

from nital.synth.phase_pictures import PHASE_KINDS, draw_phases
from nital.tasks.phases.figures import phase_picture

SEED = 7


def halves(kind: str) -> np.ndarray:
    """A synthetic picture, its lower right half in the colours of its phases."""
    drawn = draw_phases(kind, np.random.default_rng(SEED), (SIDE, SIDE))
    lower = np.add.outer(np.arange(SIDE), np.arange(SIDE)) > SIDE
    _, labels = np.unique(drawn.labels, return_inverse=True)
    colours = phase_picture(labels.reshape(drawn.labels.shape))
    return np.where(lower[..., None], colours, drawn.image[..., None])


if __name__ == "__main__":
    sheet("phases", {kind: halves(kind) for kind in PHASE_KINDS})
