"""Gold on carbon by dose: where the network and a threshold lose the particles.

    python benchmarks/particles_dose.py [NUMBER]

NUMBER pictures (default 6) of 256 px at each signal-to-noise ratio: contrast of a usual particle over the noise of a
pixel. The electrons per pixel follow from Poisson's law where full grey has a relative noise of contrast / ratio:
dose = (ratio / contrast)^2.
"""

import sys

import numpy as np
from scipy import ndimage

from nital.runs.artifact import bundled
from nital.runs.engine import OnnxNetwork
from nital.synth.particle_pictures import Imaging, expose
from nital.synth.particle_shapes import Particle, Projection, project, scatter_particles
from nital.synth.particle_supports import Support
from nital.tasks.particles.baselines import otsu_particles
from nital.tasks.particles.find import find_particles

SHAPE = (256, 256)
CONTRAST = 0.35
RATIOS = (8.0, 4.0, 2.0, 1.0, 0.5, 0.25)


def gold(seed: int, ratio: float) -> tuple[np.ndarray, Projection]:
    """A bright field of faceted particles of 16 px on amorphous carbon, and its truth."""
    rng = np.random.default_rng([1, seed])
    places = scatter_particles(rng, np.ones(SHAPE, bool), 8 * np.exp(0.15 * rng.standard_normal(30)), 1.2)
    found = project([Particle(*place, corners=6, rounding=0.5, flatness=4, angle=a) for place, a in
                     zip(places.tolist(), rng.uniform(0, 3, len(places)), strict=True)], SHAPE)  # fmt: skip
    hills = 2.8 * ndimage.gaussian_filter(rng.standard_normal(SHAPE), 8)
    carbon = Support(np.maximum(0.5 + hills, 0).astype(np.float32), np.ones(SHAPE, bool))
    look = Imaging(dark_field=False, particle=CONTRAST, support=0.05, blur_px=0.4, shot=CONTRAST / ratio, noise=0.0)
    return expose(found, carbon, look, rng), found


def dice(found: np.ndarray, true: np.ndarray) -> float:
    return 2 * float((found & true).sum()) / float(found.sum() + true.sum())


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    network = OnnxNetwork(bundled("particles"))
    print("signal to noise | electrons per pixel, about | Dice: network | threshold")
    for ratio in RATIOS:
        scores: list[tuple[float, float]] = []
        for seed in range(number):
            image, truth = gold(seed, ratio)
            true = truth.labels > 0
            scores.append((
                dice(find_particles(network, image).labels > 0, true),
                dice(otsu_particles(image.astype(np.float32)) > 0, true),
            ))  # fmt: skip
        electrons = (ratio / CONTRAST) ** 2
        print(
            f"{ratio:15.2f} | {electrons:26.1f} | {np.mean(scores, 0)[0]:.3f} | {np.mean(scores, 0)[1]:.3f}", flush=True
        )
