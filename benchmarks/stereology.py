"""Time and memory of measuring a 4096 x 4096 label map of 20,000 grains: python benchmarks/stereology.py"""

import resource
import time

import numpy as np
from scipy.spatial import KDTree

from nital.science.labels import boundaries_from_label_map
from nital.science.stereology import measure

SIDE, GRAINS, STRIP = 4096, 20_000, 256


def voronoi_with_lines() -> np.ndarray:
    """A Poisson-Voronoi label map with boundaries one pixel wide, made in strips to keep the peak low."""
    tree = KDTree(np.random.default_rng(0).random((GRAINS, 2)) * SIDE)
    labels = np.empty((SIDE, SIDE), np.int32)
    for top in range(0, SIDE, STRIP):
        pixels = np.mgrid[top : top + STRIP, :SIDE].reshape(2, -1).T + 0.5
        labels[top : top + STRIP] = tree.query(pixels)[1].reshape(STRIP, SIDE) + 1
    labels[boundaries_from_label_map(labels)] = 0
    return labels


def peak_mb() -> float:
    """Largest memory of this process so far; Linux gives kilobytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    label_map = voronoi_with_lines()
    before = peak_mb()
    start = time.perf_counter()
    found = measure(label_map, pixel_size_um=0.5)
    seconds = time.perf_counter() - start
    print(f"{found.n_grains} grains on {SIDE} x {SIDE} px: {seconds:.1f} s, {seconds / SIDE**2 * 1e6:.2f} s per Mpx")
    print(f"peak memory {peak_mb():.0f} MB; before measuring, with the label map, {before:.0f} MB")
    print(
        f"G {found.intercepts.grain_size_number:.3f} intercepts, {found.planimetric.grain_size_number:.3f} planimetric"
    )
    known = -6.643856 * np.log10(np.pi / 4 / np.sqrt(GRAINS) * SIDE * 0.5e-3) - 3.288
    print(f"G {known:.3f} by formula for intercepts")
