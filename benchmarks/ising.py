"""Spin updates a second on one core, against the same sweep in whole-array numpy.

python benchmarks/ising.py [--side 512]
"""

import argparse
import time

import numpy as np

from nital.synth.ising import quench, sweep


def numpy_sweep(spins: np.ndarray, temperature: float, sweeps: int, rng: np.random.Generator) -> np.ndarray:
    """The checkerboard without a compiler."""
    black = np.indices(spins.shape).sum(0) % 2 == 0
    for _ in range(sweeps):
        for sites in (black, ~black):
            around = np.roll(spins, 1, 0) + np.roll(spins, -1, 0) + np.roll(spins, 1, 1) + np.roll(spins, -1, 1)
            turn = sites & (rng.random(spins.shape, np.float32) < np.exp(-2 * spins * around / temperature))
            spins = np.where(turn, -spins, spins)
    return spins


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=512)
    side = parser.parse_args().side
    spins = quench((side, side), 2.0, 1, 0)
    rng = np.random.default_rng(0)
    rates = {}
    for name, sweeps, run in (
        ("numpy", 5, lambda n: numpy_sweep(spins.astype(np.int64), 2.3, n, rng)),
        ("checkerboard", 100, lambda n: sweep(spins, 2.3, n, 0)),
    ):
        run(1)
        start = time.process_time()
        run(sweeps)
        rates[name] = side * side * sweeps / (time.process_time() - start) / 1e6
        print(f"{name:13} {rates[name]:7.1f} million updates a second, {rates[name] / rates['numpy']:.0f} times numpy")
