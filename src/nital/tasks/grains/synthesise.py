"""Synthetic micrographs with exact truth as files."""

from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.core.units import checked_pixel_size_um
from nital.io.atomic import make_folder
from nital.io.labelled import manifest_row, write_manifest
from nital.io.micrographs import save_label_map, save_png
from nital.science.stereology import intercepts
from nital.synth.polycrystals import Polycrystal
from nital.synth.random_micrographs import labelled_micrograph
from nital.synth.variety import Variety

__all__ = ["write_synthetic"]

LARGEST_NUMBER = 1_000_000  # samples of one seed; those of the next seed follow


def write_synthetic(
    folder: Path,
    number: int,
    seed: int,
    *,
    shape: tuple[int, int] = (512, 512),
    pixel_size_um: float = 0.5,
    variety: Variety | None = None,
) -> list[Path]:
    """Write random micrographs with their exact truth, in the form that `nital evaluate grains` reads.

    Args:
        folder: receives images/, labels/ (label maps without lines, grains 1 to n, twins merged; boundaries 3 px
            wide in white) and manifest.csv, which is written last.
        number: of micrographs, 1 to 1,000,000. seed: different seeds share no micrograph.
        shape: (rows, cols). pixel_size_um: micrometres per pixel; scales the grain size number, not the pictures.
        variety: ingredients of the generator; None: all.

    Returns:
        the paths of the micrographs.

    Raises:
        InputError: a number, seed or pixel size out of range. OutputError: the folder cannot be written to.
    """
    if not 1 <= number <= LARGEST_NUMBER or seed < 0:
        raise InputError(
            f"{number} micrographs from seed {seed} cannot be made. "
            f"Give a number from 1 to {LARGEST_NUMBER:,} and a seed from 0."
        )
    checked_pixel_size_um(pixel_size_um, where="pixel_size_um")
    for name in ("images", "labels"):
        make_folder(Path(folder) / name)
    rows: list[dict[str, object]] = []
    for index in range(number):
        image, _, crystal = labelled_micrograph(LARGEST_NUMBER * seed + index, shape, variety)
        rows += _write_sample(Path(folder), f"synthetic{seed}-{index:05d}", image, crystal, pixel_size_um)
    write_manifest(Path(folder), rows)
    return [Path(folder) / str(row["file"]) for row in rows if row["role"] == "image"]


def _write_sample(
    folder: Path, name: str, image: np.ndarray, crystal: Polycrystal, pixel_size_um: float
) -> list[dict[str, object]]:
    """Write one micrograph with its labels; return their rows of the manifest."""
    grains = _numbered(crystal.grain)
    files = {
        "image": f"images/{name}.png",
        "grain_ids_uint16": f"labels/{name}_grain_ids.tif",
        "boundary_mask": f"labels/{name}_boundaries.png",
    }
    save_png(folder / files["image"], image)
    save_label_map(folder / files["grain_ids_uint16"], grains, pixel_size_um)
    save_png(folder / files["boundary_mask"], crystal.boundaries().astype(np.uint8) * 255)
    exact = intercepts(grains, pixel_size_um=pixel_size_um)
    return [
        manifest_row(
            folder, file, role, image.shape, specimen=name, pixel_size_um=pixel_size_um, n_grains=int(grains.max()),
            astm_grain_size_number=exact.grain_size_number, twins="merge",
        )
        for role, file in files.items()
    ]  # fmt: skip


def _numbered(labels: np.ndarray) -> np.ndarray:
    """The same grains, numbered 1 to n."""
    _, numbers = np.unique(labels, return_inverse=True)
    return (numbers.reshape(labels.shape) + 1).astype(np.int32)
