"""How well and how fast maps are filled: against the exact optimum, by kind of map, on real maps, and at 4096 x 4096.

    python benchmarks/inpaint.py optimum | kinds | real | speed

`real` needs NITAL_DATA. Errors are root mean squared, over the spread of the map.
"""

import os
import resource
import sys
import time
from pathlib import Path

import numpy as np

from nital.io.maps import open_map
from nital.runs.artifact import bundled
from nital.runs.engine import OnnxNetwork
from nital.science.filling import FAMILIES, Covariance, biharmonic, fit_covariance, krige_map, linear, nearest
from nital.synth.map_gaps import GAPS, draw_gaps
from nital.synth.map_kinds import MAP_KINDS, draw_map
from nital.tasks.inpaint.fill import fill_channel

SIDE = 64


def network() -> OnnxNetwork:
    return OnnxNetwork(bundled("inpaint"), threads=1)


def error(filled: np.ndarray, truth: np.ndarray, missing: np.ndarray) -> float:
    return float(np.sqrt(np.mean((filled - truth)[missing] ** 2)) / truth.std())


def optimum(fields: int = 6) -> None:
    """Error of each method / error of kriging with the true covariance from all known pixels."""
    net = network()
    places = np.argwhere(np.ones((SIDE, SIDE)))
    squared = ((places[:, None] - places) ** 2).sum(-1)
    print("| covariance | length | nugget | nital | kriging | linear | nearest | coverage |")
    for family in FAMILIES:
        for length, nugget in ((2.0, 0.05), (5.0, 0.01), (4.0, 1e-7)):
            matrix = Covariance(family, length, nugget, 1.0).correlation(squared) + (nugget + 1e-9) * np.eye(SIDE**2)
            root = np.linalg.cholesky(matrix)
            sums, inside = np.zeros(5), []
            for seed in range(fields):
                rng = np.random.default_rng(seed)
                truth = (root @ rng.standard_normal(SIDE**2)).reshape(SIDE, SIDE)
                missing = draw_gaps(GAPS[seed % 3], truth.shape, (0.3, 0.6)[seed % 2], rng)
                gone = missing.ravel()
                solved = np.linalg.solve(matrix[np.ix_(~gone, ~gone)], truth.ravel()[~gone])
                best = truth.copy()
                best[missing] = matrix[np.ix_(gone, ~gone)] @ solved
                seen = np.where(missing, np.nan, truth)
                found = fill_channel(net, seen)
                inside.append(((found.low <= truth) & (truth <= found.high))[missing].mean())
                kriged = krige_map(seen, fit_covariance(seen, rng)).values
                answers = (best, found.values, kriged, linear(seen), nearest(seen))
                sums += [((one - truth)[missing] ** 2).mean() for one in answers]
            ratios = " | ".join(f"{one:.3f}" for one in np.sqrt(sums[1:] / sums[0]))
            print(f"| {family} | {length} | {nugget} | {ratios} | {np.mean(inside):.3f} |", flush=True)


def kinds(maps: int = 4) -> None:
    net = network()
    print("| map | gaps | nital | kriging | linear | nearest | biharmonic | coverage |")
    for kind in MAP_KINDS:
        for gaps in GAPS:
            rows = []
            for seed in range(maps):
                rng = np.random.default_rng([77, seed])
                truth = draw_map(kind, (96, 96), rng)
                rows.append(_row(net, truth, draw_gaps(gaps, truth.shape, (0.15, 0.3, 0.45, 0.6)[seed % 4], rng)))
            print(f"| {kind} | {gaps} | {' | '.join(f'{one:.3f}' for one in np.mean(rows, 0))} |", flush=True)


def _row(net: OnnxNetwork, truth: np.ndarray, missing: np.ndarray) -> list[float]:
    seen = np.where(missing, np.nan, truth)
    found = fill_channel(net, seen)
    kriged = krige_map(seen, fit_covariance(seen, np.random.default_rng(0))).values
    answers = (found.values, kriged, linear(seen), nearest(seen), biharmonic(seen))
    inside = ((found.low <= truth) & (truth <= found.high))[missing].mean()
    return [*(error(one, truth, missing) for one in answers), float(inside)]


def real(window: int = 160) -> None:
    """Pictures of two sets of EBSD maps, a window of each, 10 to 60 % dropped at random."""
    net = network()
    print("| data | share | maps | nital | kriging | linear | nearest | biharmonic | coverage |")
    for name in ("grains_ebsd", "grains_ebsd_prias"):
        folder = Path(os.environ["NITAL_DATA"]) / name / "images"
        files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".png", ".tif", ".tiff"))
        for share in (0.1, 0.3, 0.6):
            rows = []
            for number, path in enumerate(files[:: max(len(files) // 6, 1)][:6]):
                whole = open_map(path).values[0].astype(np.float64)
                top, left = ((size - min(size, window)) // 2 for size in whole.shape)
                truth = whole[top : top + window, left : left + window]
                rng = np.random.default_rng(number)
                rows.append(_row(net, truth, draw_gaps("random", truth.shape, share, rng)))
            values = " | ".join(f"{one:.3f}" for one in np.mean(rows, 0))
            print(f"| {name} | {share} | {len(rows)} | {values} |", flush=True)


def speed(side: int = 4096, share: float = 0.2) -> None:
    """Seconds and peak memory of filling a large map; of linear interpolation in the same process, after it."""
    net = network()
    rng = np.random.default_rng(0)
    tile = draw_map("grains", (512, 512), rng)
    truth = np.tile(tile, (side // 512, side // 512)) + 0.1 * rng.standard_normal((side, side))
    missing = draw_gaps("random", truth.shape, share, rng)
    seen = np.where(missing, np.nan, truth)
    for name, method in (("nital", lambda one: fill_channel(net, one).values), ("linear", linear)):
        before = time.perf_counter()
        filled = method(seen)
        took, peak = time.perf_counter() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"{name}: {took:.0f} s, peak {peak:.1f} GB, error {error(filled, truth, missing):.3f}", flush=True)


if __name__ == "__main__":
    {"optimum": optimum, "kinds": kinds, "real": real, "speed": speed}[sys.argv[1]]()
