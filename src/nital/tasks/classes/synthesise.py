"""Synthetic labelled pictures as files: class folders, as `nital train classes` reads them."""

from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.io.atomic import make_folder
from nital.io.micrographs import save_png

__all__ = ["write_synthetic"]


def write_synthetic(folder: Path, number: int, seed: int, *, side_px: int = 256) -> list[Path]:
    """Write pictures of synthetic structures, the kinds in turn, one folder per kind.

    Args:
        number: of pictures, 1 to 1,000,000. seed: where chance starts; different seeds share no picture.

    Raises:
        InputError: a number or seed out of range. OutputError: the folder cannot be written to.
    """
    from nital.synth.structures import KINDS, draw_structure

    if not 1 <= number <= 1_000_000 or seed < 0:
        raise InputError(f"{number} pictures from seed {seed} cannot be made. Give 1 to 1,000,000, and a seed from 0.")
    paths: list[Path] = []
    for n in range(number):
        kind = KINDS[n % len(KINDS)]
        path = Path(folder) / kind / f"synthetic{seed}-{n:05d}.png"
        make_folder(path.parent)
        save_png(path, draw_structure(kind, np.random.default_rng([0xC1A55, seed, n]), (side_px, side_px)))
        paths.append(path)
    return paths
