"""Speed and memory of the grain job on a large picture, against the bare ONNX Runtime session over the same tiles.

python benchmarks/grains_speed.py [--side 4096] [--scale 1]
"""

import argparse
import resource
import time

import numpy as np

from nital.nets.tiling import tile_starts
from nital.runs.artifact import bundled
from nital.runs.engine import OnnxNetwork
from nital.tasks.grains.segment import segment
from nital.tasks.grains.view import MULTIPLE, OVERLAP_PX, TILE_PX, view

MACS_PER_PIXEL = 11264  # of the bundled U-Net, width 16, depth 5


def picture(side: int) -> np.ndarray:
    """A large grey image with lines about every 60 px; its content does not matter for the speed."""
    rows, columns = np.ogrid[:side, :side]
    noise = np.random.default_rng(0).integers(0, 30, (side, side), dtype=np.uint8)
    lines = ((rows + 5 * np.sin(columns / 25.0)) % 60 < 3) | ((columns + 5 * np.sin(rows / 31.0)) % 70 < 3)
    return np.where(lines, np.uint8(60), np.uint8(200)) + noise


def gemm_flops(seconds: float = 1.0) -> float:
    """Floating point operations a second of a large float32 matrix product."""
    a = np.random.default_rng(0).random((1536, 1536), dtype=np.float32)
    a @ a
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        a @ a
        count += 1
    return count * 2 * 1536**3 / (time.perf_counter() - start)


def peak_gb() -> float:
    """Largest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=4096)
    parser.add_argument("--repeats", type=int, default=3)
    side, repeats = (arguments := parser.parse_args()).side, arguments.repeats
    network, image = OnnxNetwork(bundled("grains")), picture(side)
    tiles = len(tile_starts(side, TILE_PX, OVERLAP_PX, MULTIPLE)) ** 2
    tile = np.random.default_rng(0).standard_normal((1, 1, TILE_PX, TILE_PX)).astype(np.float32)
    network(tile)
    look = view(image, None, 1.0)

    def bare_session() -> None:
        for _ in range(tiles):
            network(tile)

    bare, ours = [], []  # (seconds, processor seconds); in turns, so that a noisy machine treats both alike
    for _ in range(repeats):
        for times, work in ((bare, bare_session), (ours, lambda: look.boundaries(network))):
            start = time.perf_counter(), time.process_time()
            work()
            times.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    (bare_s, bare_cpu), (ours_s, ours_cpu) = (np.min(times, 0) for times in (bare, ours))
    share = 2 * MACS_PER_PIXEL * tiles * TILE_PX**2 / ours_s / gemm_flops()
    print(f"{side} x {side}, {tiles} tiles of {TILE_PX}: bare session {bare_s:.2f} s, boundary map {ours_s:.2f} s")
    print(f"ratio {ours_s / bare_s:.3f} by the clock, {ours_cpu / bare_cpu:.3f} in processor time")
    print(f"{side**2 / ours_s / 1e6:.2f} Mpx/s, {share:.0%} of the GEMM peak, peak memory {peak_gb():.2f} GB")
    start = time.perf_counter()
    found = segment(network, image, None, 1.0)
    seconds = time.perf_counter() - start
    print(f"boundaries and grains: {seconds:.1f} s, {found.labels.max()} grains, peak {peak_gb():.2f} GB")
