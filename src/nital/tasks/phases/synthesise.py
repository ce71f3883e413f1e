"""Synthetic micrographs of several phases as files, with their exact labels."""

from pathlib import Path

import numpy as np

from nital.core.errors import InputError, unknown_name
from nital.io.atomic import atomic_write_text, make_folder
from nital.io.labelled import manifest_row, write_manifest
from nital.io.micrographs import save_png
from nital.tasks.phases.options import SynthOptions
from nital.tasks.phases.synthetic import names_of

__all__ = ["write_synthetic"]

LARGEST_NUMBER = 1_000_000


def write_synthetic(folder: Path, number: int, seed: int, options: SynthOptions | None = None) -> list[Path]:
    """Write pictures of one structure, in the form that `nital train phases` and `nital evaluate phases` read.

    Args:
        folder: receives images/, labels/ (index of the phase), classes.txt (their names) and manifest.csv.
        number: of pictures, 1 to 1,000,000. seed: different seeds share no picture.

    Returns:
        the paths of the pictures.

    Raises:
        InputError: a number or seed out of range. UnknownName: no such structure. OutputError: the folder.
    """
    from nital.synth.phase_pictures import CONSTITUENTS, KIND_CONSTITUENTS, PHASE_KINDS, draw_phases

    knobs = options or SynthOptions()
    if not 1 <= number <= LARGEST_NUMBER or seed < 0:
        raise InputError(
            f"{number} micrographs from seed {seed} cannot be made. "
            f"Give a number from 1 to {LARGEST_NUMBER:,} and a seed from 0."
        )
    if knobs.structure not in PHASE_KINDS:
        raise unknown_name("structure", knobs.structure, PHASE_KINDS)
    index = np.zeros(256, np.uint8)
    for place, name in enumerate(KIND_CONSTITUENTS[knobs.structure]):
        index[CONSTITUENTS.index(name)] = place
    for part in ("images", "labels"):
        make_folder(Path(folder) / part)
    rows = []
    for sample in range(number):
        drawn = draw_phases(
            knobs.structure, np.random.default_rng([0x5EED, seed, sample]), (knobs.side_px, knobs.side_px)
        )
        name = f"{knobs.structure.replace(' ', '_')}{seed}-{sample:05d}"
        for role, pixels in (("image", drawn.image), ("label", index[drawn.labels])):
            file = f"{role}s/{name}.png"
            save_png(Path(folder) / file, pixels)
            rows.append(manifest_row(Path(folder), file, role, pixels.shape, specimen=name,
                                     pixel_size_um=knobs.pixel_size_um))  # fmt: skip
    atomic_write_text(Path(folder) / "classes.txt", "".join(f"{name}\n" for name in names_of(knobs.structure)))
    write_manifest(Path(folder), rows)
    return [Path(folder) / row["file"] for row in rows if row["role"] == "image"]
