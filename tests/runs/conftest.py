"""A training run of the recipe `tiny` cut to seconds, and a micrograph that it can be shown."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run; not to be written to."""
    pytest.importorskip("torch")
    from nital.runs.run import run
    from nital.tasks.grains.task import TASK

    recipe = TASK.recipes()["tiny"].replace(number=100, epochs=2, steps_per_epoch=8, warmup_steps=4, threads=1)
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    run(TASK, recipe, folder)
    return folder


@pytest.fixture(scope="session")
def micrograph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cleanly etched synthetic micrograph, 192 x 256 px."""
    pytest.importorskip("numba")
    from nital.synth.micrographs import Appearance, photograph
    from nital.synth.polycrystals import Structure, grow

    rng = np.random.default_rng(5)
    crystal = grow(Structure(shape=(192, 256), grain_diameter_px=24, lloyd_steps=2), rng)
    path = tmp_path_factory.mktemp("pictures") / "steel.png"
    Image.fromarray(photograph(crystal, Appearance(line_px=3, noise_white=0.02, blur_px=0.5), rng)).save(path)
    return path
