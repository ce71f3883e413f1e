"""A small model from training to prediction, explanation, evaluation, and learning on from it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch
from safetensors.torch import load_file

import nital
from nital.core.errors import ArtifactError, InputError
from nital.io.labelled import open_picture
from nital.runs.engine import network_of
from nital.science.activation_maps import enlarge
from nital.science.textures import texture_features
from nital.synth.structures import KINDS, draw_structure
from nital.tasks.classes.analyse import analyse
from nital.tasks.classes.baselines import TEXTURES
from nital.tasks.classes.judging import RESERVED
from nital.tasks.classes.options import ClassesOptions
from nital.tasks.classes.prepare import prepare
from nital.tasks.classes.task import TASK


def test_the_report_counts_every_test_sample_once_and_scores_the_baseline_beside_the_network(trained: Any):
    report = trained.report
    assert report["n_samples"] == report["split"]["test"] == np.sum(report["confusion"])
    assert report["classes"] == list(KINDS)
    assert [row["kind"] for row in report["models"]].count("network") == 1
    assert "texture features + linear model" in [row["name"] for row in report["models"]]
    right = np.trace(report["confusion"]) / report["n_samples"]
    network = next(row for row in report["models"] if row["kind"] == "network")
    assert network["accuracy"] == pytest.approx(right)


def test_the_page_of_a_training_shows_each_class_and_how_sure_the_network_may_be(lost: Any):
    page = (lost.folder / "report.html").read_text(encoding="utf-8")
    for heading in ("Confusion", "Class by class", "Calibration"):
        assert f"<h2>{heading}</h2>" in page
    row = lost.report["per_class"][0]
    assert f"<td>{row['name']}</td><td>{row['n']}</td><td>{row['n_groups']}</td>" in page


def test_a_prediction_says_class_and_probabilities_and_leaves_its_maps(trained: Any, picture: Path, tmp_path: Path):
    result = nital.predict("classes", picture, artifact=trained.folder, out=tmp_path)
    assert set(result.probabilities) == set(KINDS)
    assert sum(result.probabilities.values()) == pytest.approx(1, abs=1e-5)
    assert result.probabilities[result.values["class"]] == max(result.probabilities.values()) == result.probability
    assert result.none_of_these is (result.unlikeness > 1)
    folder = tmp_path / "martensite"
    assert tifffile.imread(folder / "activation_map.tif").shape == (32, 43)
    with Image.open(folder / "overlay.png") as overlay:
        assert overlay.mode == "RGB" and min(overlay.size) >= 360
    assert (folder / "report.html").is_file()
    assert json.loads((folder / "result.json").read_text())["class"] == result.values["class"]


def test_every_name_in_a_result_is_one_that_a_value_does_not_take(trained: Any, picture: Path, tmp_path: Path):
    result = nital.predict("classes", picture, artifact=trained.folder, out=tmp_path)
    written = json.loads((tmp_path / "martensite" / "result.json").read_text())
    assert {*result.values, *written} <= set(RESERVED)


def test_a_model_of_drawings_says_so_wherever_it_answers(trained: Any, picture: Path, labelled: Path):
    result = nital.predict("classes", picture, artifact=trained.folder)
    known = "synthetic drawings of textbook structures only"
    assert dict(result.headline)["the model knows"] == known
    assert dict(nital.predict("classes", picture).headline)["the model knows"] == known, "the bundled one"
    assert any(known in note for note in nital.evaluate("classes", labelled, artifact=trained.folder).notes)


def test_a_card_without_what_predicting_needs_is_refused(trained: Any, picture: Path, tmp_path: Path):
    folder = shutil.copytree(trained.folder, tmp_path / "model")
    card = json.loads((folder / "card.json").read_text())
    del card["facts"]["limit_from"]
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(ArtifactError, match="limit_from"):
        nital.predict("classes", picture, artifact=folder)


def test_where_the_simpler_model_won_it_decides_and_the_network_is_named_beside_it(lost: Any, picture: Path):
    result = nital.predict("classes", picture, artifact=lost.folder)
    network = network_of("classes", lost.folder)
    crops = _seen(lost, picture)
    numbers = np.stack([texture_features(crop[0]) for crop in crops])
    kept = network.facts["simpler"]
    logits = (numbers - kept["mean"]) / kept["spread"] @ np.transpose(kept["weights"]) + kept["bias"]
    expected = (np.exp(logits) / np.exp(logits).sum(1, keepdims=True)).mean(0)
    np.testing.assert_allclose(list(result.probabilities.values()), expected, rtol=1e-9)
    assert result.decided_by == TEXTURES
    by_network = network(crops)["probability"].mean(0)
    assert result.network_class == list(KINDS)[by_network.argmax()]
    assert result.network_probability == pytest.approx(by_network.max())
    assert any("decides here" in warning for warning in result.warnings)


def test_evaluating_scores_the_simpler_model_that_decides_too(lost: Any, labelled: Path):
    rows = {row["name"]: row for row in nital.evaluate("classes", labelled, artifact=lost.folder).rows()}
    right = [
        nital.predict("classes", path, artifact=lost.folder).values["class"] == path.parent.name
        for path in labelled.rglob("*.png")
    ]
    assert rows[f"{TEXTURES}, as this model keeps it"]["accuracy"] == pytest.approx(np.mean(right))


def test_the_tables_of_an_evaluation_are_of_the_model_that_decides(lost: Any, labelled: Path):
    report = nital.evaluate("classes", labelled, artifact=lost.folder).to_json()
    rows = {row["name"]: row for row in report["models"]}
    right = np.trace(report["confusion"]) / report["n_samples"]
    assert right == pytest.approx(rows[f"{TEXTURES}, as this model keeps it"]["accuracy"])
    assert report["decided_by"] == TEXTURES and any("decides" in note for note in report["notes"])


def test_a_finished_result_is_not_taken_for_that_of_another_deciding_model(
    lost: Any, trained: Any, picture: Path, tmp_path: Path
):
    for model, by in ((lost, TEXTURES), (trained, "network"), (lost, TEXTURES)):
        assert nital.predict("classes", picture, artifact=model.folder, out=tmp_path).decided_by == by


def test_a_simpler_model_of_another_version_is_refused(lost: Any, picture: Path, tmp_path: Path):
    folder = shutil.copytree(lost.folder, tmp_path / "model")
    card = json.loads((folder / "card.json").read_text())
    card["simpler"]["features"] = "wavelets"
    (folder / "card.json").write_text(json.dumps(card))
    with pytest.raises(ArtifactError, match=r"wavelets.*Train it again"):
        nital.predict("classes", picture, artifact=folder)


def _seen(trained: Any, path: Path) -> np.ndarray:
    """The crops that the network is shown of a picture."""
    facts = network_of("classes", trained.folder).facts
    return prepare(open_picture(path), path, facts).crops


def test_a_picture_of_4_to_3_gives_two_crops_and_the_mean_of_their_probabilities(trained: Any, picture: Path):
    result = nital.predict("classes", picture, artifact=trained.folder)
    crops = _seen(trained, picture)
    assert result.n_crops == len(crops) == 2
    expected = network_of("classes", trained.folder)(crops)["probability"].mean(0)
    np.testing.assert_allclose(list(result.probabilities.values()), expected, atol=1e-6)


def test_a_square_picture_gives_one_crop(trained: Any, labelled: Path):
    assert nital.predict("classes", next(labelled.rglob("*.png")), artifact=trained.folder).n_crops == 1


def test_the_mean_of_the_activation_map_and_the_bias_of_the_class_are_the_logit(trained: Any, picture: Path):
    network, crops = network_of("classes", trained.folder), _seen(trained, picture)
    weights = load_file(trained.folder / "weights.safetensors")
    found = network(crops)
    logit = found["activation"].mean((2, 3)) + weights["classifier.head.2.bias"].numpy()
    damped = np.exp(logit / float(weights["temperature"]))
    np.testing.assert_allclose(damped / damped.sum(1, keepdims=True), found["probability"], atol=1e-5)
    model = TASK.model(trained.recipe, network.facts)
    model.load_state_dict(weights)
    with torch.no_grad():
        expected = model.eval()({"image": torch.from_numpy(crops)})["logits"].numpy()
    np.testing.assert_allclose(logit, expected, atol=1e-4)


def test_the_written_map_has_the_values_of_the_coarse_one(trained: Any, labelled: Path, tmp_path: Path):
    path = next(labelled.rglob("*.png"))
    result = nital.predict("classes", path, artifact=trained.folder, out=tmp_path)
    network = network_of("classes", trained.folder)
    coarse = network(_seen(trained, path))["activation"][0, network.facts["classes"].index(result.values["class"])]
    receptive_field = network.facts["receptive_field"]
    written = tifffile.imread(tmp_path / path.stem / "activation_map.tif")
    assert written.min() >= coarse.min() - 1e-5 and written.max() <= coarse.max() + 1e-5
    expected = enlarge(coarse, (32, 32), stride_px=receptive_field["stride_px"], first_px=receptive_field["first_px"])
    np.testing.assert_allclose(written, expected, atol=1e-5)
    # The receptive field of this small model meets the edges, so its values share the picture out evenly.
    side = 32 // len(coarse)
    np.testing.assert_allclose(expected[: side // 2, : side // 2], coarse[0, 0], atol=1e-5)


def test_white_noise_and_a_chessboard_are_less_like_the_training_pictures_than_these_are(trained: Any, tmp_path: Path):
    def mean_unlikeness(pictures: list[np.ndarray], name: str) -> float:
        found = []
        for n, pixels in enumerate(pictures):
            Image.fromarray(pixels).save(tmp_path / f"{name}{n}.png")
            found.append(nital.predict("classes", tmp_path / f"{name}{n}.png", artifact=trained.folder).unlikeness)
        return float(np.mean(found))

    rng = np.random.default_rng(0)
    known = mean_unlikeness([draw_structure(kind, rng, (32, 32)) for kind in KINDS for _ in range(2)], "known")
    noise = mean_unlikeness([rng.integers(0, 256, (32, 32), dtype=np.uint8) for _ in range(5)], "noise")
    board = np.indices((32, 32)).sum(0) % 2 * np.uint8(200)
    chess = mean_unlikeness([board.astype(np.uint8)], "chess")
    assert known < 1
    assert noise > 1.2 * known
    assert chess > 1.2 * known


@pytest.mark.parametrize(("kind", "foreign"), [("chessboard", True), ("martensite", False)])
def test_none_of_these_comes_with_a_warning(trained: Any, tmp_path: Path, kind: str, foreign: bool):
    board = (np.indices((32, 32)).sum(0) % 2 * 200).astype(np.uint8)
    pixels = board if foreign else draw_structure(kind, np.random.default_rng(2), (32, 32))
    Image.fromarray(pixels).save(tmp_path / "a.png")
    result = nital.predict("classes", tmp_path / "a.png", artifact=trained.folder)
    assert result.none_of_these is foreign
    assert any("unlike those that the model was trained on" in warning for warning in result.warnings) is foreign
    assert dict(result.headline)["like the training pictures"] == ("no: none of these" if foreign else "yes")


def test_a_picture_at_another_magnification_than_the_training_pictures_is_told(tmp_path: Path):
    """The bundled model knows no magnification, so its facts are given one here."""
    Image.fromarray(draw_structure("lamellar", np.random.default_rng(2), (140, 140))).save(tmp_path / "a.png")
    network = _Knowing(network_of("classes", None), seen_pixel_um=0.5)
    same, other = (
        analyse(network, tmp_path / "a.png", ClassesOptions(pixel_size_um=size)).warnings for size in (0.55, 2.0)
    )
    assert not any("another size" in warning for warning in same)
    assert any("µm per pixel here and had 0.5 µm" in warning for warning in other)


class _Knowing:
    """A network with other facts."""

    def __init__(self, network: Any, **facts: Any) -> None:
        self.network, self.facts = network, {**network.facts, **facts}
        self.name = network.name

    def __call__(self, batch: np.ndarray, /) -> dict[str, np.ndarray]:
        return self.network(batch)


def test_evaluating_on_synthetic_files_counts_each_once_beside_simpler_models(trained: Any, labelled: Path):
    report = nital.evaluate("classes", labelled, artifact=trained.folder).to_json()
    assert np.sum(report["confusion"]) == report["n_samples"] == 18
    assert np.sum(report["confusion"], axis=1).tolist() == [2] * 9
    kinds = {row["name"]: row["kind"] for row in report["models"]}
    assert kinds["network"] == "network" and kinds["always the commonest class"] == "baseline"
    network = next(row for row in report["models"] if row["name"] == "network")
    assert network["accuracy"] == pytest.approx(np.trace(report["confusion"]) / 18)
    assert any("Nobody said which pictures show the same specimen" in note for note in report["notes"])


def test_evaluating_a_class_that_the_model_does_not_know_names_it(trained: Any, labelled: Path, tmp_path: Path):
    for name in ("lamellar", "ledeburite"):
        (tmp_path / name).mkdir()
        source = next((labelled / "lamellar").iterdir())
        (tmp_path / name / "a.png").write_bytes(source.read_bytes())
    with pytest.raises(InputError, match="'ledeburite', which the model does not know"):
        nital.evaluate("classes", tmp_path, artifact=trained.folder)


WITHOUT_TORCH = """
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "numba", "onnx", "safetensors", "jaxtyping", "sklearn"):
            raise ModuleNotFoundError(f"No module named {name!r} (blocked)", name=name)

sys.meta_path.insert(0, Block())
from nital.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("deciding", ["trained", "lost"])
def test_classes_are_predicted_where_torch_cannot_be_imported(
    deciding: str, request: pytest.FixtureRequest, picture: Path, tmp_path: Path
):
    trained: Any = request.getfixturevalue(deciding)
    words = ["predict", "classes", str(picture), "--artifact", str(trained.folder), "--out", str(tmp_path)]
    command = [sys.executable, "-c", WITHOUT_TORCH, *words]
    answer = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False
    )
    assert answer.returncode == 0, answer.stderr
    found = json.loads((tmp_path / "martensite" / "result.json").read_text())
    here = nital.predict("classes", picture, artifact=trained.folder)
    assert found["probabilities"] == pytest.approx(here.probabilities, abs=1e-6)
