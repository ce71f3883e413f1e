"""A very large picture from end to end, with its time and peak memory.

    python benchmarks/grains_huge.py FOLDER [--side 30000] [--scale SCALE]

Writes a memory-mapped TIFF of mirrored synthetic micrographs into FOLDER, then does what `nital predict grains` does.
The true G is that of one tile; the seams are mirrors.
"""

import argparse
import threading
import time
from pathlib import Path

import numpy as np
import tifffile

from nital.runs.predict import predict
from nital.science.stereology import intercepts
from nital.synth.micrographs import Appearance, photograph
from nital.synth.polycrystals import Structure, grow

TILE = 3000
PIXEL_UM = 0.5


def write_picture(path: Path, side: int) -> float | None:
    """Tile the plane with one micrograph and its mirror images; returns the true G."""
    rng = np.random.default_rng(30)
    crystal = grow(Structure(shape=(TILE, TILE), grain_diameter_px=60, lloyd_steps=1), rng)
    look = Appearance(line_px=4, line_spread=0.3, faint=0.05, noise_white=0.03, blur_px=0.8, pits=4)
    tile = photograph(crystal, look, rng)
    picture = tifffile.memmap(path, shape=(side, side), dtype=np.uint8, photometric="minisblack", bigtiff=True)
    for i, top in enumerate(range(0, side, TILE)):
        for j, left in enumerate(range(0, side, TILE)):
            part = tile[:: -1 if i % 2 else 1, :: -1 if j % 2 else 1]
            height, width = min(TILE, side - top), min(TILE, side - left)
            picture[top : top + height, left : left + width] = part[:height, :width]
    picture.flush()
    return intercepts(crystal.grain, pixel_size_um=PIXEL_UM).grain_size_number


class OwnMemory(threading.Thread):
    """Watches the memory that a process holds beside the files it has mapped (Linux)."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak, self.over = 0, threading.Event()
        self.start()

    def run(self) -> None:
        while not self.over.wait(0.2):
            status = Path("/proc/self/status").read_text()
            self.peak = max(self.peak, int(status.partition("RssAnon:")[2].split()[0]))

    def peak_gb(self) -> float:
        """Stop watching."""
        self.over.set()
        return self.peak / 1e6


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--side", type=int, default=30_000)
    parser.add_argument("--scale", type=float, default=None)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = arguments.folder / f"huge_{arguments.side}.tif"
    true = write_picture(path, arguments.side)
    memory, start = OwnMemory(), time.perf_counter()
    result = predict(
        "grains", path, out=arguments.folder, overwrite=True, pixel_size_um=PIXEL_UM, scale=arguments.scale,
        say=lambda *told: print(told[2]),
    )  # fmt: skip
    print(result)
    print(f"{arguments.side} x {arguments.side}: {time.perf_counter() - start:.0f} s")
    print(f"peak of the process's own memory {memory.peak_gb():.2f} GB")
    print(f"scale {result.scale:.2f}, G {result.astm_grain_size_number:.2f}, true {true:.2f}")
