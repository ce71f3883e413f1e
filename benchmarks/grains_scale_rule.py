"""Does the automatic scale keep small grains? Structures with two grain sizes, 1 to 5, rescaled by 1/4 to 4.

    python benchmarks/grains_scale_rule.py [--number 10] [--artifact FOLDER] [--clean | --broken]

Every picture is measured as a user would; the error is G found minus G of the exact label map by the same stereology.
Beside it stands the smallest error at any of the rule's scales: what is left is the picture's or the network's, not the
rule's.
"""

import argparse
import dataclasses
from pathlib import Path

import numpy as np

from nital.core.task import Network
from nital.runs.artifact import bundled
from nital.runs.engine import OnnxNetwork
from nital.science.stereology import intercepts
from nital.synth.micrographs import photograph
from nital.synth.polycrystals import Structure, grow
from nital.synth.random_micrographs import random_appearance
from nital.synth.variety import Variety
from nital.tasks.grains.scale import choose_scale
from nital.tasks.grains.segment import segment
from nital.tasks.grains.view import resized, scaled_shape

ZOOMS = (0.25, 0.5, 1.0, 2.0, 4.0)
SIDE = 512  # of the picture before it is rescaled; enlarged ones are cropped to 1280 px


def micrograph(seed: int, variety: Variety) -> tuple[np.ndarray, np.ndarray]:
    """A picture with coarse grains of 130 to 160 px and fine ones a fifth as large, and its label map."""
    rng = np.random.default_rng([2026, seed])
    diameter = float(rng.uniform(130, 160))
    structure = Structure(
        shape=(SIDE, SIDE), grain_diameter_px=diameter, fine_ratio=0.2, fine_share=float(rng.uniform(0.3, 0.6)),
        kind="laguerre", size_spread=0.2, elongation=1.1, waviness=0.05,
    )  # fmt: skip
    crystal = grow(structure, rng)
    fine = dataclasses.replace(structure, grain_diameter_px=diameter * 0.2, fine_ratio=1.0)
    while True:  # a boundary that nobody can see is no test of the scale
        look = random_appearance(rng, fine, variety)
        if abs(look.line_depth) + look.tone_spread > 0.2:
            return photograph(crystal, look, rng), crystal.grain


def zoomed(image: np.ndarray, truth: np.ndarray, zoom: float) -> tuple[np.ndarray, np.ndarray]:
    """The same picture at another magnification, cropped if it becomes too large."""
    keep = int(min(SIDE, 1280 / zoom))
    start = (SIDE - keep) // 2
    window = (slice(start, start + keep),) * 2
    grey = resized(image[window].astype(np.float32), scaled_shape((keep, keep), zoom))
    return np.clip(np.round(grey), 0, 255).astype(np.uint8), truth[window]


def error_at(network: Network, picture: np.ndarray, part: np.ndarray, scale: float, zoom: float) -> float:
    """G found at this scale minus G of the truth."""
    found = segment(network, picture, None, scale)
    px = intercepts(found.labels).mean_intercept_px
    return g_of(None if px is None else px / found.grid / zoom) - g_of(intercepts(part).mean_intercept_px)


def g_of(intercept_px: float | None) -> float:
    """G up to a constant."""
    return -6.643856 * np.log10(intercept_px or np.nan)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=10)
    parser.add_argument("--artifact", type=Path)
    looks = parser.add_mutually_exclusive_group()
    looks.add_argument("--clean", action="store_true", help="dark lines and even light alone")
    looks.add_argument("--broken", action="store_true", help="with gaps, faint facets and beads in the etching")
    arguments = parser.parse_args()
    network = OnnxNetwork(arguments.artifact or bundled("grains"))
    plain = dict.fromkeys(("contrasts", "distractors", "optics"), not arguments.clean)
    variety = Variety(etching=arguments.broken, **plain)
    chosen, best = np.empty((2, arguments.number, len(ZOOMS)))
    for seed in range(arguments.number):
        image, truth = micrograph(seed, variety)
        for column, zoom in enumerate(ZOOMS):
            picture, part = zoomed(image, truth, zoom)
            trials = choose_scale(network, picture, None)
            errors = [error_at(network, picture, part, trial.scale, zoom) for trial in trials]
            chosen[seed, column], best[seed, column] = errors[0], min(errors, key=abs)
        print(seed, " ".join(f"{error:+.2f}" for error in chosen[seed]), flush=True)
    print("zoom               " + "".join(f"{zoom:8.2f}" for zoom in ZOOMS) + "     all")
    for name, table in (
        ("median |e|", lambda e, axis: np.nanmedian(np.abs(e), axis)),
        ("mean", np.nanmean),
        ("within .15", lambda e, axis: (np.abs(e) <= 0.15).mean(axis)),
    ):
        for which, errors in (("rule", chosen), ("best", best)):
            cells = [*table(errors, 0), table(errors, None)]
            print(f"{name:12}{which:7}" + "".join(f"{cell:8.2f}" for cell in cells))
