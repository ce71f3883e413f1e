"""Synthetic maps as files: whole, and with missing pixels."""

from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.io.atomic import make_folder
from nital.io.micrographs import save_tiff
from nital.synth.map_gaps import draw_gaps
from nital.synth.map_kinds import draw_map
from nital.tasks.inpaint.options import InpaintSynthOptions

__all__ = ["write_synthetic"]

LARGEST_NUMBER = 1_000_000


def write_synthetic(folder: Path, number: int, seed: int, options: InpaintSynthOptions) -> list[Path]:
    """Write maps/ (whole, for `nital evaluate inpaint`) and missing/ (the same with NaN, for `nital predict`).

    Returns:
        the paths of the whole maps, float32 TIFF.

    Raises:
        InputError: a number or seed out of range. OutputError: the folder cannot be written to.
    """
    if not 1 <= number <= LARGEST_NUMBER or seed < 0:
        raise InputError(
            f"{number} maps from seed {seed} cannot be made. Give a number from 1 to {LARGEST_NUMBER:,} and a seed "
            "from 0."
        )
    for name in ("maps", "missing"):
        make_folder(Path(folder) / name)
    written = []
    shape = (options.side_px, options.side_px)
    for index in range(number):
        rng = np.random.default_rng([0x0A17, seed, index])
        drawn = draw_map(options.kind, shape, rng).astype(np.float32)
        missing = draw_gaps(options.gaps, shape, options.share, rng)
        name = f"{options.kind}{seed}-{index:05d}.tif"
        save_tiff(Path(folder) / "maps" / name, drawn)
        save_tiff(Path(folder) / "missing" / name, np.where(missing, np.float32(np.nan), drawn))
        written.append(Path(folder) / "maps" / name)
    return written
