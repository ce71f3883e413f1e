"""Where results go when `out` already holds results of earlier runs."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nital.runs.batch import predict_many
from nital.runs.predict import Result, predict


@pytest.fixture
def two_days(micrograph: Path, tmp_path: Path) -> tuple[Path, Path]:
    """Different pictures of one name in two folders."""
    first, second = tmp_path / "monday" / "steel.png", tmp_path / "tuesday" / "steel.png"
    for path in (first, second):
        path.parent.mkdir()
    shutil.copy(micrograph, first)
    Image.fromarray(np.asarray(Image.open(micrograph))[::-1]).save(second)
    return first, second


def predicted(file: Path, run_folder: Path, out: Path) -> Result:
    (found,) = predict_many("grains", [file], out=out, artifact=run_folder, scale=1.0)
    assert isinstance(found, Result)
    return found


def test_a_later_run_does_not_replace_the_result_of_another_file_of_the_same_name(
    run_folder: Path, two_days: tuple[Path, Path], tmp_path: Path
) -> None:
    first, second = (predicted(file, run_folder, tmp_path / "out") for file in two_days)
    assert first.folder == tmp_path / "out" / "steel"
    assert second.folder == tmp_path / "out" / "steel-2"
    kept = json.loads((tmp_path / "out" / "steel" / "result.json").read_text(encoding="utf-8"))
    assert kept["file"] == str(two_days[0])


def test_each_of_two_files_of_one_name_finds_its_own_finished_result(
    run_folder: Path, two_days: tuple[Path, Path], tmp_path: Path
) -> None:
    folders = [predicted(file, run_folder, tmp_path / "out").folder for file in two_days]
    again = [predicted(file, run_folder, tmp_path / "out") for file in reversed(two_days)]
    assert [one.outcome for one in again] == [None, None]
    assert [one.folder for one in again] == folders[::-1]


def test_a_picture_that_was_moved_finds_its_finished_result(
    run_folder: Path, two_days: tuple[Path, Path], tmp_path: Path
) -> None:
    predicted(two_days[0], run_folder, tmp_path / "out")
    moved = tmp_path / "archive" / "steel.png"
    moved.parent.mkdir()
    two_days[0].rename(moved)
    assert predicted(moved, run_folder, tmp_path / "out").outcome is None


def test_a_picture_that_was_edited_replaces_its_own_old_result(
    run_folder: Path, two_days: tuple[Path, Path], tmp_path: Path
) -> None:
    predicted(two_days[0], run_folder, tmp_path / "out")
    shutil.copy(two_days[1], two_days[0])
    assert predicted(two_days[0], run_folder, tmp_path / "out").outcome is not None
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["steel"]


def test_the_result_of_another_job_is_not_replaced(
    run_folder: Path, two_days: tuple[Path, Path], tmp_path: Path
) -> None:
    other = predicted(two_days[0], run_folder, tmp_path / "out").folder
    assert other is not None
    values = json.loads((other / "result.json").read_text(encoding="utf-8"))
    (other / "result.json").write_text(json.dumps(values | {"job": "another"}), encoding="utf-8")
    assert predicted(two_days[0], run_folder, tmp_path / "out").folder == tmp_path / "out" / "steel-2"


def test_predicting_files_one_by_one_in_python_keeps_both_results(
    run_folder: Path, two_days: tuple[Path, Path], tmp_path: Path
) -> None:
    for file in two_days:
        predict("grains", file, out=tmp_path / "out", artifact=run_folder, scale=1.0)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["steel", "steel-2"]
