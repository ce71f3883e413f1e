"""Synthetic pictures of nanoparticles as files, with their exact outlines."""

from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.io.atomic import make_folder
from nital.io.labelled import manifest_row, write_manifest
from nital.io.micrographs import save_label_map, save_png
from nital.tasks.particles.options import NM, SynthOptions

__all__ = ["write_synthetic"]

LARGEST_NUMBER = 1_000_000
MOST_TRIES = 50


def write_synthetic(folder: Path, number: int, seed: int, options: SynthOptions | None = None) -> list[Path]:
    """Write pictures in the form that `nital evaluate particles` reads.

    Args:
        folder: receives images/, labels/ (label maps, particles 1 to n) and manifest.csv.
        number: of pictures, 1 to 1,000,000. seed: different seeds share no picture.

    Returns:
        the paths of the pictures.

    Raises:
        InputError: a number or seed out of range. OutputError: the folder.
    """
    from nital.synth.particle_pictures import ParticlePicture, draw_particles

    knobs = options or SynthOptions()
    if not 1 <= number <= LARGEST_NUMBER or seed < 0:
        raise InputError(
            f"{number} pictures from seed {seed} cannot be made. "
            f"Give a number from 1 to {LARGEST_NUMBER:,} and a seed from 0."
        )

    def drawn(sample: int) -> ParticlePicture:
        rng = np.random.default_rng([0x9A28, seed, sample])
        for _ in range(MOST_TRIES):
            one = draw_particles(rng, (knobs.side_px, knobs.side_px), diameter_px=knobs.diameter_px)
            if knobs.field in ("either", "dark" if one.dark_field else "bright"):
                return one
        raise InputError(f"No {knobs.field}-field picture was drawn in {MOST_TRIES} tries. Take another seed.")

    for part in ("images", "labels"):
        make_folder(Path(folder) / part)
    rows: list[dict[str, object]] = []
    for sample in range(number):
        one = drawn(sample)
        name = f"particles{seed}-{sample:05d}"
        files = {"image": f"images/{name}.png", "label": f"labels/{name}.tif"}
        save_png(Path(folder) / files["image"], one.image)
        save_label_map(Path(folder) / files["label"], one.labels, knobs.pixel_size_nm / NM)
        rows += [
            manifest_row(Path(folder), file, role, one.image.shape, specimen=name,
                         pixel_size_um=knobs.pixel_size_nm / NM, n_particles=len(np.unique(one.labels)) - 1)
            for role, file in files.items()
        ]  # fmt: skip
    write_manifest(Path(folder), rows)
    return [Path(folder) / str(row["file"]) for row in rows if row["role"] == "image"]
