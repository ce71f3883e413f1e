"""Learning from a user's folder: what is kept of it, and what is scored afterwards."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import nital
from nital.core.errors import InputError
from nital.synth.structures import draw_structure

FEW: dict[str, Any] = {
    "epochs": 1, "steps_per_epoch": 4, "side_px": 32, "threads": 1, "valid_fraction": 0.2, "test_fraction": 0.2,
}  # fmt: skip


def write(folder: Path, kind: str, specimen: str, seed: int, number: int = 2) -> None:
    for n in range(number):
        path = folder / kind / specimen / f"{n}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(draw_structure(kind, np.random.default_rng([seed, n]), (40, 40))).save(path)


@pytest.fixture(scope="module")
def steels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("own") / "steels"
    for number in range(5):
        write(folder, "martensite", f"m{number}", number)
        write(folder, "lamellar", f"l{number}", 100 + number)
    return folder


@pytest.fixture(scope="module")
def model(steels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("own-model") / "model"
    nital.train("classes", steels, recipe="tiny", out=out, **FEW)
    return out


def test_the_card_says_that_the_users_pictures_were_learned_from(model: Path) -> None:
    card = json.loads((model / "card.json").read_text())
    assert card["trained_on"] == "'steels', the user's pictures."
    assert "**Trained on:** 'steels'" in (model / "card.md").read_text()
    assert len(card["facts"]["pictures"]) == 20


def test_the_training_pictures_are_not_scored_again_wherever_they_lie(
    model: Path, steels: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "renamed"
    shutil.copytree(steels, copy)
    with pytest.raises(InputError, match=r"All pictures of .*renamed are those that this model was made from"):
        nital.evaluate("classes", copy, artifact=model)
    for number in range(3):
        write(copy, "martensite", f"new{number}", 500 + number)
        write(copy, "lamellar", f"other{number}", 600 + number)
    report = nital.evaluate("classes", copy, artifact=model).to_json()
    assert report["n_pictures"] == 12
    assert any("20 pictures were left out: the model was made from them." in note for note in report["notes"])


def test_pictures_that_cannot_be_read_are_left_out_and_told(model: Path, steels: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(steels, tmp_path / "steels")
    (copy / "martensite" / "m0" / "0.png").write_bytes(b"no picture")
    for number in range(2):
        write(copy, "lamellar", f"other{number}", 600 + number)
    report = nital.evaluate("classes", copy, artifact=model).to_json()
    assert report["n_pictures"] == 4
    assert any("Left out: " in note and "m0" in note for note in report["notes"])
    for path in copy.rglob("*.png"):
        path.write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"\.png is not a PNG, JPEG or TIFF image"):
        nital.evaluate("classes", copy, artifact=model)


def test_the_report_of_a_picture_says_what_this_model_was_trained_on(model: Path, steels: Path, tmp_path: Path) -> None:
    nital.predict("classes", steels / "lamellar" / "l0" / "0.png", artifact=model, out=tmp_path)
    page = (tmp_path / "0" / "report.html").read_text(encoding="utf-8")
    assert "&#39;steels&#39;, the user&#39;s pictures." in page and "nine textbook structures" not in page
    assert "<h1>0.png</h1>" in page and "not checked: 4 validation pictures" in page
    assert "synthetic drawings" not in page


def test_learning_on_with_the_same_pictures_is_told(model: Path, steels: Path, tmp_path: Path) -> None:
    report = nital.train("classes", steels, recipe="tiny", out=tmp_path / "on", start_from=str(model), **FEW).to_json()
    assert any("20 of these pictures were among those" in note for note in report["notes"])


def test_a_prediction_says_that_few_pictures_stand_behind_its_limit_and_which_model_won(
    model: Path, steels: Path
) -> None:
    result = nital.predict("classes", steels / "lamellar" / "l0" / "0.png", artifact=model)
    assert result.none_of_these is None
    assert dict(result.headline)["like the training pictures"].startswith("not checked: 4 ")
    assert result.none_of_these_check.startswith("not checked") and result.row["none_of_these"] == "not checked"
    assert result.magnification_check.startswith("not checked: the training pictures have no pixel size")
    told = any("validation pictures only" in warning for warning in result.warnings)
    assert told is (result.unlikeness > 1)
    chosen = json.loads((model / "card.json").read_text())["chosen"]
    assert any("not certainly better" in warning for warning in result.warnings) is (chosen != "network")


def test_a_value_without_a_table_and_a_side_that_cannot_be_are_refused_before_training(
    steels: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no column 'T' to learn"):
        nital.train("classes", steels, recipe="tiny", out=tmp_path / "a", **{**FEW, "value_column": "T"})
    with pytest.raises(InputError, match="multiple of 4"):
        nital.train("classes", steels, recipe="tiny", out=tmp_path / "b", **{**FEW, "side_px": 33})
    assert not (tmp_path / "a").exists() and not (tmp_path / "b").exists()
