"""How often intervals of one field hold the truth, and the time of a large map.

Run: python benchmarks/phase_fractions.py [fields]
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/science"))
from known_phases import cells, discs, regular_discs, waves

from nital.science.phases import contiguity, phase_fractions, phase_intercepts, point_count, regions
from nital.synth.polycrystals import Structure, grow

SIDE = 128
Rng = np.random.Generator


def particles(rng: Rng) -> np.ndarray:
    """Particles in a polycrystal, as nital.synth draws them."""
    return grow(Structure(shape=(SIDE, SIDE), particle_fraction=0.1, particle_px=SIDE / 16), rng).particle


STRUCTURES: dict[str, Callable[[Rng], np.ndarray]] = {
    "discs 2 %, 80 to a side": lambda rng: discs(rng, SIDE, SIDE / 80, 0.02),
    "discs 5 %": lambda rng: discs(rng, SIDE, SIDE / 50, 0.05),
    "discs 20 %": lambda rng: discs(rng, SIDE, SIDE / 30, 0.2),
    "discs 20 %, fine": lambda rng: discs(rng, SIDE, SIDE / 60, 0.2),
    "discs in clusters of 6": lambda rng: discs(rng, SIDE, SIDE / 60, 0.2, cluster=6),
    "discs, regular": lambda rng: regular_discs(rng, SIDE, SIDE / 9, 0.25),
    "particles of nital.synth": particles,
    "400 cells, half": lambda rng: cells(rng, SIDE, 400, 0.5)[0],
    "100 cells, 30 %": lambda rng: cells(rng, SIDE, 100, 0.3)[0],
    "40 cells, half": lambda rng: cells(rng, SIDE, 40, 0.5)[0],
    "15 cells, half": lambda rng: cells(rng, SIDE, 15, 0.5)[0],
    "bicontinuous, 10 periods": lambda rng: waves(rng, SIDE, SIDE / 10, 0.5),
    "bicontinuous 30 %, 16 periods": lambda rng: waves(rng, SIDE, SIDE / 16, 0.3),
    "blobs 10 %": lambda rng: waves(rng, SIDE, SIDE / 20, 0.1, spinodal=False),
    "blobs 40 %": lambda rng: waves(rng, SIDE, SIDE / 10, 0.4, spinodal=False),
    "bands 6 : 1": lambda rng: waves(rng, SIDE, SIDE / 30, 0.3, spinodal=False, stretch=6),
    "discs 5 %, few": lambda rng: discs(rng, SIDE, SIDE / 25, 0.05),
    "discs 5 %, very few": lambda rng: discs(rng, SIDE, SIDE / 16, 0.05),
}


def held(intervals: list[tuple[float, float] | None], truth: float) -> str:
    """Per cent of the intervals that hold the truth, and of the fields that gave none."""
    given = [low <= truth <= high for low, high in (pair for pair in intervals if pair is not None)]
    none = 100 * (1 - len(given) / len(intervals))
    return f"{100 * np.mean(given):6.1f} ({none:3.0f})" if given else f"     - ({none:3.0f})"


def coverage(n_fields: int) -> None:
    """Print how often intervals hold the truth, which is the mean over the fields."""
    print(f"{n_fields} fields of {SIDE} x {SIDE} px; % of intervals that hold the truth (% of fields without interval)")
    print(
        f"{'structure':30s} {'fraction':>8s} {'features':>8s} {'V_V':>12s} {'S_V':>12s} {'intercept':>12s} {'half':>7s}"
    )
    for name, draw in STRUCTURES.items():
        rng = np.random.default_rng(1)
        fields = [draw(rng).astype(np.uint8) for _ in range(n_fields)]
        found = [phase_fractions(field, "ab")[1] for field in fields]
        lines = [phase_intercepts(field, "ab")[1] for field in fields[: n_fields // 3]]  # slower: a third of them
        truth = float(np.mean([one.fraction for one in found]))
        surface = float(np.mean([line.surface_per_volume or 0 for line in lines]))
        features = np.mean([ndimage.label(field, np.ones((3, 3)))[1] for field in fields])
        half = np.median([(one.ci95[1] - one.ci95[0]) / 2 for one in found if one.ci95])
        print(
            f"{name:30s} {truth:8.3f} {features:8.0f} {held([one.ci95 for one in found], truth):>12s}"
            f" {held([line.surface_per_volume_ci95 for line in lines], surface):>12s}"
            f" {held([line.mean_intercept_ci95 for line in lines], 4 * truth / surface):>12s} {half:7.3f}",
            flush=True,
        )


def timed(what: str, measure: Callable[[], object]) -> None:
    start = time.perf_counter()
    measure()
    print(f"{what}: {time.perf_counter() - start:.1f} s")


def speed(side: int = 4096) -> None:
    noise = ndimage.gaussian_filter(np.random.default_rng(0).standard_normal((side, side), dtype=np.float32), 8)
    labels = np.digitize(noise, np.quantile(noise[::16, ::16], [0.25, 0.5, 0.75])).astype(np.uint8)
    print(f"{side} x {side} px, 4 phases")
    timed("fractions of all", lambda: phase_fractions(labels, "abcd"))
    timed("points of all", lambda: point_count(labels, "abcd"))
    timed("intercepts of all", lambda: phase_intercepts(labels, "abcd"))
    timed("regions of all", lambda: [regions(labels, phase, smallest_px=9) for phase in range(4)])
    found = regions(labels, 3)
    timed("contiguity of one", lambda: contiguity(labels, 3, found.label_map))


if __name__ == "__main__":
    coverage(int(sys.argv[1]) if len(sys.argv) > 1 else 400)
    speed()
