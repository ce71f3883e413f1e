"""A small trained model of classes, a picture, and labelled ones."""

import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image

import nital
from nital.synth.structures import KINDS, draw_structure
from nital.tasks.classes.baselines import TEXTURES
from nital.tasks.classes.recipe import RECIPES, ClassesRecipe
from nital.tasks.classes.task import TASK

SMALL: dict[str, Any] = {"epochs": 2, "steps_per_epoch": 10, "number": 200, "side_px": 32, "threads": 1}


class Model(NamedTuple):
    """A model folder and the report of its training."""

    folder: Path
    report: dict[str, Any]
    recipe: ClassesRecipe


@pytest.fixture(scope="session")
def lost(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """A network that has learned too little to be better than texture features: these decide."""
    pytest.importorskip("torch")
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("classes") / "model"
    report = nital.train("classes", recipe="tiny", out=folder, **SMALL).to_json()
    assert report["chosen"] == TEXTURES
    return Model(folder, report, RECIPES["tiny"].replace(**SMALL))


@pytest.fixture(scope="session")
def trained(lost: Model, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The same, with the network deciding."""
    folder = shutil.copytree(lost.folder, tmp_path_factory.mktemp("network") / "model")
    card = json.loads((folder / "card.json").read_text()) | {"chosen": "network", "simpler": None}
    card["facts"]["limit_from"] = 100  # enough to say what is none of these
    (folder / "card.json").write_text(json.dumps(card))
    return lost._replace(folder=folder)


@pytest.fixture(scope="session")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic martensite of 96 x 128 px."""
    path = tmp_path_factory.mktemp("pictures") / "martensite.png"
    Image.fromarray(draw_structure("martensite", np.random.default_rng(3), (96, 128))).save(path)
    return path


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `nital synth classes` writes: two pictures of each kind."""
    folder = tmp_path_factory.mktemp("labelled")
    assert len(TASK.write_synthetic(folder, 2 * len(KINDS), 7)) == 18
    return folder
