"""The HTML reports and the run that they tell of: whole, self-contained, honest."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

import nital
from nital.core.errors import ArtifactError, InputError
from nital.core.outcome import ColourBar, Outcome, Picture
from nital.core.report import Source, Split
from nital.core.task import Baseline
from nital.learn.judge import judge
from nital.runs.artifact import load_artifact
from nital.runs.pages import write_page
from nital.runs.run import score
from nital.runs.writing import write_result
from nital.tasks.grains.task import TASK


@pytest.fixture(scope="module")
def result(run_folder: Path, micrograph: Path, tmp_path_factory: pytest.TempPathFactory) -> nital.Result:
    out = tmp_path_factory.mktemp("out")
    return nital.predict("grains", micrograph, out=out, artifact=run_folder, scale=1.0, pixel_size_um=0.5)


def fetched(page: str) -> list[str]:
    """Everything that a browser would fetch for a page."""
    found = re.findall(r"""(?:src|href|srcset|action)\s*=\s*["']([^"']*)|url\(([^)]*)|@import""", page)
    return [a or b for a, b in found if not (a or b).startswith("data:")]


def test_the_report_of_a_result_fetches_nothing(result: nital.Result) -> None:
    page = Path(result.report).read_text(encoding="utf-8")
    assert fetched(page) == []
    assert "<script" not in page
    assert page.count("data:image/png;base64,") == 2


def test_the_report_says_numbers_warnings_model_scale_and_limits_in_this_order(result: nital.Result) -> None:
    page = Path(result.report).read_text(encoding="utf-8")
    wanted = [
        result.headline[0][0],
        "What was found",
        "All values",
        "pixel size from",
        result.model["sha256"],
        "Limits",
    ]
    places = [page.index(word) for word in wanted]
    assert places == sorted(places)
    for limit in TASK.card.limits:
        assert limit in page
    for warning in result.warnings:
        assert page.index(warning.replace("'", "&#39;")) < page.index("All values")


def test_a_picture_of_a_map_has_a_colour_bar_with_ends_unit_and_label(result: nital.Result, tmp_path: Path) -> None:
    pixels = np.zeros((4, 4, 3), np.uint8)
    bar = ColourBar("distance of two boundaries", "um", 0.0, 2.5, ["#000000", "#ffffff"])
    outcome = Outcome({}, pictures={"far": Picture(pixels, "Far", "", lambda: bar), "plain": Picture(pixels, "", "")})
    pictures = [{"name": name, "title": name, "caption": ""} for name in outcome.pictures]
    values = {**result.values, "pictures": pictures, "tables": [], "sections": []}
    write_result(tmp_path / "one", TASK.card, values, outcome)
    page = write_page(tmp_path / "one").read_text(encoding="utf-8")
    assert page.count('<div class="bar">') == 1
    assert "linear-gradient(to right, #000000, #ffffff)" in page
    assert "<span>0</span>" in page and "2.5 µm</span><span>distance of two boundaries</span>" in page


def test_a_result_without_pixel_size_warns_in_its_report(run_folder: Path, micrograph: Path, tmp_path: Path) -> None:
    found = nital.predict("grains", micrograph, out=tmp_path, artifact=run_folder, scale=1.0)
    page = Path(found.report).read_text(encoding="utf-8")
    assert '<p class="warning">No pixel size is known' in page
    assert "unknown; lengths are in pixels" in page


def test_a_report_is_built_again_from_its_folder_alone(result: nital.Result, tmp_path: Path) -> None:
    assert result.folder is not None
    moved = shutil.copytree(result.folder, tmp_path / "moved")
    (moved / "report.html").unlink()
    written = write_page(moved)
    assert written == moved / "report.html"
    assert fetched(written.read_text(encoding="utf-8")) == []
    assert result.headline[0][1] in written.read_text(encoding="utf-8")


def test_a_folder_that_holds_no_result_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=tmp_path.name):
        write_page(tmp_path)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"job": 3}'])
def test_a_damaged_result_is_an_input_error_that_names_it(tmp_path: Path, content: str) -> None:
    (tmp_path / "result.json").write_text(content)
    with pytest.raises(InputError, match=r"result\.json"):
        write_page(tmp_path)


def test_the_report_of_a_training_shows_verdict_curve_and_all_models(run_folder: Path) -> None:
    page = (run_folder / "report.html").read_text(encoding="utf-8")
    report = json.loads((run_folder / "report.json").read_text(encoding="utf-8"))
    assert fetched(page) == []
    assert "data:image/png;base64," in page
    for model in report["models"]:
        assert model["name"] in page
    assert report["verdict"].split(" (")[0] in page


def test_the_report_of_a_training_says_what_was_kept_together_and_which_way_is_better(run_folder: Path) -> None:
    page = (run_folder / "report.html").read_text(encoding="utf-8")
    assert "split by micrograph." in page
    assert "<th>adjusted Rand index (higher is better)</th>" in page
    assert "<th>size of the error of G (lower is better)</th>" in page
    assert "<th>error of G</th>" in page


def test_report_and_card_of_a_run_agree(run_folder: Path) -> None:
    report = json.loads((run_folder / "report.json").read_text(encoding="utf-8"))
    card = load_artifact(run_folder).card
    assert report["models"] == card["scores"]
    assert report["data"] == card["data"]
    assert len(report["groups"]) == report["split"]["test"] > 1
    assert [entry["epoch"] for entry in report["history"]] == [1, 2]


def test_a_run_that_is_finished_is_resumed_to_the_same_model(run_folder: Path, tmp_path: Path) -> None:
    from nital.runs.run import run

    copy = shutil.copytree(run_folder, tmp_path / "again")
    lines: list[str] = []
    recipe = TASK.recipe_type.from_json((copy / "recipe.json").read_text(encoding="utf-8"))
    run(TASK, recipe, copy, say=lambda *told: lines.append(told[2]))
    assert lines[0].startswith("resumed after epoch 2")
    assert load_artifact(copy).sha256 == load_artifact(run_folder).sha256


def test_without_a_certain_gain_the_simpler_model_is_chosen() -> None:
    pytest.importorskip("numba")
    recipe = TASK.recipes()["tiny"].replace(number=12)
    dataset = TASK.dataset(recipe)

    def truth(batch: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        return {"probability": np.stack([batch["truth"] != 1, batch["truth"] == 1], 1).astype(np.float32)}

    others = [Baseline("the same", truth), *TASK.baselines(dataset)]
    models = score(TASK, truth, others, dataset, recipe).models
    about = {"job": "grains", "data": Source("a", "b"), "split": Split(by="micrograph")}
    judged = judge(models, dataset.groups, TASK.metrics, **about)
    assert judged.verdict.startswith("No difference")
    assert judged.chosen == "the same"


@pytest.mark.parametrize("name", ["model.onnx", "card.json", "recipe.json"])
def test_a_model_folder_without_one_of_its_files_is_refused(run_folder: Path, tmp_path: Path, name: str) -> None:
    copy = shutil.copytree(run_folder, tmp_path / "copy")
    (copy / name).unlink()
    with pytest.raises(ArtifactError, match="not a complete model folder"):
        load_artifact(copy)


def test_weights_can_be_read_by_others(run_folder: Path) -> None:
    assert (run_folder / "weights.safetensors").stat().st_mode & 0o044 == 0o044
