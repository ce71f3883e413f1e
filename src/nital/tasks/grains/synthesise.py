"""Synthetic micrographs with exact truth as files: for tests, for teaching, and the example that comes with nital."""

import json
from pathlib import Path

import numpy as np

from nital.core.errors import InputError, OutputError
from nital.core.units import checked_pixel_size_um
from nital.io.atomic import atomic_write_text
from nital.io.labelled import manifest_row, write_manifest
from nital.io.micrographs import save_label_map, save_png, save_tiff
from nital.science.stereology import intercepts
from nital.synth.micrographs import Appearance, photograph
from nital.synth.overlays import add_scale_bar
from nital.synth.polycrystals import Polycrystal, Structure, grow
from nital.synth.random_micrographs import labelled_micrograph
from nital.synth.variety import Variety

__all__ = ["EXAMPLE_PIXEL_UM", "EXAMPLE_SEED", "example_micrograph", "write_example", "write_synthetic"]

EXAMPLE_SEED, EXAMPLE_PIXEL_UM = 7, 0.5
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
        _make(Path(folder) / name)
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


def example_micrograph(seed: int = EXAMPLE_SEED) -> tuple[np.ndarray, Polycrystal]:
    """The micrograph that comes with nital: a cleanly etched steel with moderate defects and a scale bar.

    Args:
        seed: another one gives another field of the same steel.

    Returns:
        uint8 (750, 1000) at 0.5 um per pixel, about 250 grains; and what is truly there.
    """
    rng = np.random.default_rng(seed)
    structure = Structure(
        shape=(750, 1000), grain_diameter_px=66, lloyd_steps=1, kind="laguerre", size_spread=0.3, waviness=0.06,
        roughness_px=0.4, elongation=1.15, direction_deg=20,
    )  # fmt: skip
    crystal = grow(structure, rng)
    look = Appearance(
        base=0.86, line_depth=-0.55, line_px=2.6, line_spread=0.35, faint=0.08, faint_depth=0.45, gap_level=-1.7,
        gap_px=14, tone_spread=0.018, pits=5, pit_px=1.3, colonies=1.2, colony_px=7, scratches=0.35,
        scratch_depth=0.15, shading=0.04, blur_px=0.7, noise_white=0.002, noise_smooth=0.005,
    )  # fmt: skip
    image, _ = add_scale_bar(photograph(crystal, look, rng), EXAMPLE_PIXEL_UM)
    return image, crystal


def write_example(folder: Path) -> Path:
    """Write the example picture and, beside it, its truth as JSON."""
    image, crystal = example_micrograph()
    _make(Path(folder))
    path = Path(folder) / "steel_synthetic.tif"
    save_tiff(path, image, EXAMPLE_PIXEL_UM)
    grains = _numbered(crystal.grain)
    exact = intercepts(grains, pixel_size_um=EXAMPLE_PIXEL_UM)  # of the whole field, under the bar too
    truth = {
        "seed": EXAMPLE_SEED,
        "pixel_size_um": EXAMPLE_PIXEL_UM,
        "n_grains": int(grains.max()),
        "mean_intercept_um": exact.mean_intercept_um,
        "astm_grain_size_number": exact.grain_size_number,
    }
    atomic_write_text(path.with_suffix(".json"), json.dumps(truth, indent=2) + "\n")
    return path


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made ({error.strerror}). Choose another place with `out`.") from error


def _numbered(labels: np.ndarray) -> np.ndarray:
    """The same grains, numbered 1 to n."""
    _, numbers = np.unique(labels, return_inverse=True)
    return (numbers.reshape(labels.shape) + 1).astype(np.int32)
