"""Synthetic micrographs with exact truth as files: for tests, for teaching, and the example that comes with nital."""

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nital.core.errors import InputError, OutputError
from nital.io.atomic import atomic_write_text
from nital.io.images import save_label_map, save_png, save_tiff
from nital.science.stereology import intercepts
from nital.synth.micrographs import Appearance, photograph
from nital.synth.overlays import add_scale_bar
from nital.synth.polycrystals import Polycrystal, Structure, grow
from nital.synth.variety import Variety, labelled_micrograph

__all__ = ["EXAMPLE_PIXEL_UM", "EXAMPLE_SEED", "example_micrograph", "write_example", "write_synthetic"]

EXAMPLE_SEED, EXAMPLE_PIXEL_UM = 7, 0.5
COLUMNS = (
    "file", "role", "width", "height", "sha256", "specimen", "pixel_size_um", "n_grains", "astm_grain_size_number", "twins",
)  # fmt: skip


def write_synthetic(
    folder: Path, number: int, seed: int, *, shape: tuple[int, int] = (512, 512), pixel_size_um: float = 0.5
) -> list[Path]:
    """Write random micrographs with their label maps, in the form that `nital evaluate grains` reads.

    Args:
        folder: receives images/, labels/ and manifest.csv; must not hold a manifest of something else.
        number: of micrographs, 1 or more. seed: of the first; each structure is its own specimen.
        shape: (rows, cols). pixel_size_um: only scales the numbers in the manifest.

    Returns:
        the micrographs' paths.

    Raises:
        InputError: a number below 1. OutputError: the folder cannot be written to.
    """
    if number < 1 or seed < 0:
        raise InputError(f"{number} micrographs from seed {seed} cannot be made. Give a number of 1 or more and a seed from 0.")
    folder = Path(folder)
    rows, paths = [], []
    for name in ("images", "labels"):
        _make(folder / name)
    for index in range(seed, seed + number):
        image, _, crystal = labelled_micrograph(index, shape, Variety())
        name = f"synthetic{index:06d}"
        paths.append(folder / "images" / f"{name}.png")
        labels = folder / "labels"
        save_png(paths[-1], image)
        save_label_map(labels / f"{name}_grain_ids.tif", _dense(crystal.grain))
        save_png(labels / f"{name}_boundaries.png", crystal.boundaries().astype(np.uint8) * 255)
        facts = _facts(crystal, pixel_size_um)
        for path, role in (
            (paths[-1], "image"), (labels / f"{name}_grain_ids.tif", "grain_ids_uint16"),
            (labels / f"{name}_boundaries.png", "boundary_mask"),
        ):  # fmt: skip
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            rows.append([path.relative_to(folder).as_posix(), role, shape[1], shape[0], digest, name, pixel_size_um, *facts, "merge"])
    _write_manifest(folder / "manifest.csv", rows)
    return paths


def example_micrograph() -> tuple[np.ndarray, Polycrystal]:
    """The micrograph that comes with nital: a cleanly etched steel with moderate defects and a scale bar."""
    rng = np.random.default_rng(EXAMPLE_SEED)
    structure = Structure(
        shape=(750, 1000), grain_diameter_px=58, lloyd_steps=1, kind="laguerre", size_spread=0.3, waviness=0.06, roughness_px=0.4,
        elongation=1.15, direction_deg=20,
    )  # fmt: skip
    crystal = grow(structure, rng)
    look = Appearance(
        base=0.86, line_depth=-0.55, line_px=2.6, line_spread=0.35, faint=0.08, faint_depth=0.45, gap_level=-1.7, gap_px=14,
        tone_spread=0.018, pits=5, pit_px=1.3, colonies=1.2, colony_px=7, scratches=0.35, scratch_depth=0.15, shading=0.04, blur_px=0.7,
        noise_white=0.012, noise_smooth=0.008,
    )  # fmt: skip
    image, _ = add_scale_bar(photograph(crystal, look, rng), EXAMPLE_PIXEL_UM)
    return image, crystal


def write_example(folder: Path) -> Path:
    """Write the example picture and, beside it, its truth as JSON."""
    image, crystal = example_micrograph()
    _make(Path(folder))
    path = Path(folder) / "steel_synthetic.tif"
    save_tiff(path, image, EXAMPLE_PIXEL_UM)
    n_grains, number = _facts(crystal, EXAMPLE_PIXEL_UM)
    truth = {"seed": EXAMPLE_SEED, "pixel_size_um": EXAMPLE_PIXEL_UM, "n_grains": n_grains, "astm_grain_size_number": number}
    atomic_write_text(path.with_suffix(".json"), json.dumps(truth, indent=2) + "\n")
    return path


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{folder} cannot be made ({error.strerror}). Choose another place with --out.") from error


def _facts(crystal: Polycrystal, pixel_size_um: float) -> tuple[int, float | None]:
    """Number of grains and exact G of a structure."""
    number = intercepts(_dense(crystal.grain), pixel_size_um=pixel_size_um).grain_size_number
    return crystal.n_grains, None if number is None else round(number, 4)


def _dense(labels: np.ndarray) -> np.ndarray:
    """Labels 1 to n."""
    _, dense = np.unique(labels, return_inverse=True)
    return (dense.reshape(labels.shape) + 1).astype(np.int32)


def _write_manifest(path: Path, rows: Sequence[Sequence[object]]) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    atomic_write_text(path, buffer.getvalue())
