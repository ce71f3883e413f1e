"""predict: values, files, the ledger, and what is refused."""

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import nital
from nital.core.errors import ArtifactError, InputError, OutputError, UnknownName
from nital.core.options import checked_options
from nital.core.plain import plain
from nital.io.micrographs import open_micrograph
from nital.runs.result import Result
from nital.tasks.grains.options import GrainsOptions

Predict = Callable[..., Result]


@pytest.fixture
def predict(run_folder: Path, micrograph: Path) -> Predict:
    def call(file: Path = micrograph, **words: Any) -> Result:
        return nital.predict("grains", file, **{"artifact": run_folder, "scale": 1.0, **words})

    return call


@pytest.fixture(scope="module")
def written(run_folder: Path, micrograph: Path, tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A result with all its files; not to be written to."""
    out = tmp_path_factory.mktemp("out")
    return nital.predict("grains", micrograph, out=out, artifact=run_folder, scale=1.0, pixel_size_um=0.5)


def test_values_are_attributes_and_a_missing_one_is_named(written: Result) -> None:
    assert written.pixel_size_um == 0.5
    assert written.job == "grains"
    assert len(written.model["sha256"]) == 64
    with pytest.raises(AttributeError, match="hardness"):
        _ = written.hardness


def test_the_json_is_one_line_of_what_the_reference_promises(written: Result) -> None:
    text = written.to_json()
    values = json.loads(text)
    assert "\n" not in text
    assert {"file", "job", "model", "seconds", "warnings", "label_map", "overlay", "grains_csv", "report"} <= set(
        values
    )
    assert not {"headline", "ledger", "files"} & set(values)


def test_all_files_of_a_result_are_there_and_no_temporary_one_is(written: Result) -> None:
    assert written.folder is not None
    names = {path.name for path in written.folder.iterdir()}
    assert names == {"result.json", "label_map.tif", "overlay.png", "sizes.png", "grains.csv", "report.html"}
    assert [path.name for path in written.folder.parent.iterdir()] == ["steel"]
    for key in ("label_map", "overlay", "sizes", "grains_csv", "report"):
        assert Path(written.values[key]).is_file()


def test_label_map_and_table_hold_the_grains_of_the_values(written: Result) -> None:
    labels = tifffile.imread(written.label_map)
    with Path(written.grains_csv).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert labels.shape == (192, 256)
    assert labels.dtype.kind == "u"
    assert labels.max() == len(rows) == written.n_grains


def test_the_label_map_carries_the_pixel_size(written: Result) -> None:
    assert open_micrograph(written.label_map).calibration.pixel_size_um == pytest.approx(0.5)


def test_without_out_nothing_is_written(predict: Predict, micrograph: Path) -> None:
    before = sorted(micrograph.parent.iterdir())
    result = predict()
    assert result.folder is None
    assert "report" not in result.values
    assert sorted(micrograph.parent.iterdir()) == before


def test_a_notebook_sees_headline_and_picture(predict: Predict) -> None:
    shown = predict()._repr_html_()
    assert "ASTM grain size number" in shown
    assert "data:image/png;base64,iVBOR" in shown
    assert "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", shown)  # of a picture's letters any word may be made


def test_a_file_name_cannot_bring_markup_into_the_report(predict: Predict, micrograph: Path, tmp_path: Path) -> None:
    hostile = tmp_path / "<img src=x onerror=alert(1)>.png"
    shutil.copy(micrograph, hostile)
    report = Path(predict(hostile, out=tmp_path / "out").report).read_text(encoding="utf-8")
    assert "<img src=x" not in report
    assert "&lt;img src=x" in report


def test_the_same_question_is_answered_from_the_folder(predict: Predict, tmp_path: Path) -> None:
    first = predict(out=tmp_path)
    again = predict(out=tmp_path)
    assert first.outcome is not None
    assert again.outcome is None
    assert json.loads(again.to_json()) == json.loads(first.to_json())
    assert again.headline == first.headline
    assert "data:image/png" in again._repr_html_()


@pytest.mark.parametrize("change", [{"overwrite": True}, {"pixel_size_um": 0.25}, {"twins": "count"}])
def test_another_question_is_computed_anew(predict: Predict, tmp_path: Path, change: dict[str, Any]) -> None:
    predict(out=tmp_path)
    again = predict(out=tmp_path, **change)
    assert again.outcome is not None
    assert again.folder is not None
    assert json.loads((again.folder / "result.json").read_text())["pixel_size_um"] == change.get("pixel_size_um")


def test_a_changed_picture_is_computed_anew(predict: Predict, micrograph: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.png"
    shutil.copy(micrograph, mine)
    predict(mine, out=tmp_path / "out")
    with mine.open("ab") as file:
        file.write(b"\0")
    assert predict(mine, out=tmp_path / "out").outcome is not None


def test_a_result_that_lost_a_file_is_computed_anew(predict: Predict, tmp_path: Path) -> None:
    Path(predict(out=tmp_path).label_map).unlink()
    again = predict(out=tmp_path)
    assert again.outcome is not None
    assert Path(again.label_map).is_file()


def test_a_folder_of_other_files_is_not_replaced(predict: Predict, tmp_path: Path) -> None:
    (tmp_path / "steel").mkdir()
    (tmp_path / "steel" / "thesis.txt").write_text("years of work")
    with pytest.raises(OutputError, match="other files"):
        predict(out=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["steel"]
    assert (tmp_path / "steel" / "thesis.txt").read_text() == "years of work"


def test_a_fault_while_writing_leaves_the_old_result_and_nothing_else(
    predict: Predict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    predict(out=tmp_path)
    before = (tmp_path / "steel" / "result.json").read_bytes()

    def full_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("nital.io.micrographs.save_png", full_disk)
    with pytest.raises(OutputError, match="No space left"):
        predict(out=tmp_path, overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["steel"]
    assert (tmp_path / "steel" / "result.json").read_bytes() == before


def test_an_out_that_is_a_file_is_an_output_error(predict: Predict, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match="taken"):
        predict(out=tmp_path / "taken")


def test_a_file_that_does_not_exist_is_an_input_error(predict: Predict, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.png"):
        predict(tmp_path / "nowhere.png", out=tmp_path / "out")


def test_an_unknown_job_is_named_with_its_neighbour() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'grains'"):
        nital.predict("grain", "steel.tif")


def test_an_unknown_option_is_named_with_its_neighbour() -> None:
    with pytest.raises(UnknownName, match="Did you mean 'pixel_size_um'"):
        checked_options("grains", GrainsOptions, {"pixel_size": 0.5})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"twins": "ignore"}, "`twins` is 'ignore'. Use one of: merge, count"),
        ({"pixel_size_um": "0.5"}, "`pixel_size_um` is '0.5'"),
        ({"page": 1.5}, "`page` is 1.5"),
        ({"page": True}, "`page` is True"),
    ],
)
def test_an_option_of_the_wrong_kind_is_named(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        checked_options("grains", GrainsOptions, given)


def test_numbers_of_numpy_and_whole_numbers_are_numbers() -> None:
    options: Any = checked_options(
        "grains", GrainsOptions, {"pixel_size_um": np.float32(0.5), "scale": 1, "page": np.int64(2)}
    )
    assert options.pixel_size_um == 0.5
    assert options.page == 2


def test_a_result_folder_that_was_moved_names_its_files_where_they_are_now(
    predict: Predict, micrograph: Path, tmp_path: Path
) -> None:
    predict(micrograph, out=tmp_path / "before")
    (tmp_path / "before").rename(tmp_path / "after")
    again = predict(micrograph, out=tmp_path / "after")
    assert again.outcome is None, "it was not computed again"
    for key in ("label_map", "overlay", "grains_csv", "report"):
        assert Path(again.values[key]).is_relative_to(tmp_path / "after")


def test_a_text_file_beside_the_picture_that_changed_makes_a_new_result(
    predict: Predict, micrograph: Path, tmp_path: Path
) -> None:
    picture = tmp_path / micrograph.name
    shutil.copy(micrograph, picture)
    first = predict(picture, out=tmp_path / "out")
    picture.with_suffix(".txt").write_text("PixelSize=500\n")
    assert first.outcome is not None
    assert predict(picture, out=tmp_path / "out").outcome is not None, "computed again"
    assert predict(picture, out=tmp_path / "out").outcome is None, "found finished"


def test_a_users_file_in_a_result_folder_stays_when_the_result_is_made_again(
    predict: Predict, micrograph: Path, tmp_path: Path
) -> None:
    first = predict(micrograph, out=tmp_path)
    assert first.folder is not None
    (first.folder / "my_notes.txt").write_text("keep")
    again = predict(micrograph, out=tmp_path, pixel_size_um=0.7)
    assert again.folder == first.folder
    assert (first.folder / "my_notes.txt").read_text() == "keep"
    assert again.pixel_size_um == 0.7


def test_an_array_instead_of_a_path_is_named(run_folder: Path) -> None:
    with pytest.raises(InputError, match="path of a file, not ndarray"):
        nital.predict("grains", np.zeros((64, 64)), artifact=run_folder)  # type: ignore[arg-type]


def test_a_model_of_another_job_is_refused(predict: Predict, run_folder: Path, tmp_path: Path) -> None:
    other = shutil.copytree(run_folder, tmp_path / "other")
    card = json.loads((other / "card.json").read_text())
    (other / "card.json").write_text(json.dumps(card | {"job": "phases"}))
    with pytest.raises(ArtifactError, match="of the job phases, not of grains"):
        predict(artifact=other)


def test_what_is_no_finite_number_becomes_null() -> None:
    given = {"a": float("nan"), "b": [np.float64("inf"), np.int32(3)], "c": (1.5, None), "d": Path("x")}
    assert plain(given) == {"a": None, "b": [None, 3], "c": [1.5, None], "d": "x"}
