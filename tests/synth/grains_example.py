"""How the example of the job `grains` was made: `write_example(Path("src/nital/tasks/grains/example"))`."""

import json
from pathlib import Path

import numpy as np

from nital.io.micrographs import save_tiff
from nital.science.stereology import intercepts
from nital.synth.micrographs import Appearance, photograph
from nital.synth.overlays import add_scale_bar
from nital.synth.polycrystals import Polycrystal, Structure, grow

EXAMPLE_SEED, EXAMPLE_PIXEL_UM = 7, 0.5


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
    path = Path(folder) / "steel_synthetic.tif"
    save_tiff(path, image, EXAMPLE_PIXEL_UM)
    grains = np.unique(crystal.grain, return_inverse=True)[1].reshape(crystal.grain.shape).astype(np.int32) + 1
    exact = intercepts(grains, pixel_size_um=EXAMPLE_PIXEL_UM)  # of the whole field, under the bar too
    truth = {
        "seed": EXAMPLE_SEED,
        "pixel_size_um": EXAMPLE_PIXEL_UM,
        "n_grains": int(grains.max()),
        "mean_intercept_um": exact.mean_intercept_um,
        "astm_grain_size_number": exact.grain_size_number,
    }
    path.with_suffix(".json").write_text(json.dumps(truth, indent=2) + "\n")
    return path
