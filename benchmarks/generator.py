"""Randomised training pictures a second on one core, against the same structures by a search tree:

python benchmarks/generator.py [--number 300]

The peer makes the label map and the distance to the boundary of a Voronoi structure by SciPy's KDTree (two nearest
seeds of every pixel) and blurs it with scikit-image; it knows no weights, no merged grains, no curved boundaries, no
etching.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
from scipy.spatial import KDTree
from skimage.filters import gaussian

from nital.synth.random_micrographs import labelled_micrograph, random_structure
from nital.synth.variety import PLAIN, Variety

SHAPE, TARGET, ROUND = (256, 256), 60, 20


def peer(seed: int) -> np.ndarray:
    """A Voronoi picture of the grain size that PLAIN draws for this seed."""
    rng = np.random.default_rng([0x6E6974, seed])
    diameter = random_structure(rng, SHAPE, PLAIN).grain_diameter_px
    margin = 2.5 * diameter
    size = np.add(SHAPE, 2 * margin)
    seeds = rng.random((max(int(4 / np.pi / diameter**2 * size.prod()), 4), 2)) * size - margin
    pixels = np.stack(np.mgrid[: SHAPE[0], : SHAPE[1]], -1).reshape(-1, 2)
    away, nearest = KDTree(seeds).query(pixels, k=2)
    apart = np.linalg.norm(seeds[nearest[:, 0]] - seeds[nearest[:, 1]], axis=1)
    distance = ((away[:, 1] ** 2 - away[:, 0] ** 2) / (2 * apart)).reshape(SHAPE)
    image = gaussian(np.where(distance < 1.3, 0.3, 0.8), 0.8) + rng.normal(0, 0.02, SHAPE)
    return (np.clip(image, 0, 1) * 255).astype(np.uint8)


def rates(makers: dict[str, Callable[[int], object]], number: int) -> dict[str, tuple[float, float]]:
    """Pictures per second of processor time and of wall time; the makers take turns, so load hits all alike."""
    spent = {name: np.zeros(2) for name in makers}
    for make in makers.values():
        for seed in range(40):  # compile every path first
            make(seed)
    for first in range(1000, 1000 + number, ROUND):
        for name, make in makers.items():
            clocks = np.array([time.process_time(), time.perf_counter()])
            for seed in range(first, first + ROUND):
                make(seed)
            spent[name] += np.array([time.process_time(), time.perf_counter()]) - clocks
    made = ROUND * len(range(0, number, ROUND))
    return {name: tuple(made / seconds) for name, seconds in spent.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--number", type=int, default=300)
    found = rates(
        {
            "all ingredients": lambda seed: labelled_micrograph(seed, SHAPE, Variety()),
            "plain": lambda seed: labelled_micrograph(seed, SHAPE, PLAIN),
            "peer: plain Voronoi by KDTree": peer,
        },
        parser.parse_args().number,
    )
    (base, _) = found["peer: plain Voronoi by KDTree"]
    print(f"{SHAPE[0]} x {SHAPE[1]} px, one core   images/s (processor time)   images/s (wall)   times the peer")
    for name, (processor, wall) in found.items():
        print(f"{name:30} {processor:20.1f} {wall:22.1f} {processor / base:17.2f}")
    reached = found["all ingredients"][0]
    print(f"target {TARGET} randomised images/s: {'reached' if reached >= TARGET else 'missed'} with {reached:.1f}")
