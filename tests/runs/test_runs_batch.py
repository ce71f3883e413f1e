"""Many files: order, failures, stems that meet, and going on after an interruption."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from nital.core.errors import OutputError, UnknownName
from nital.core.outcome import made
from nital.runs import batch
from nital.runs.batch import Failure, expand, predict_many, write_summary
from nital.runs.result import Result


@pytest.fixture
def pictures(micrograph: Path, tmp_path: Path) -> Path:
    """Two pictures of one stem, and a broken one between them."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    shutil.copy(micrograph, folder / "a.png")
    (folder / "b.png").write_bytes(b"this is no picture")
    shutil.copy(micrograph, folder / "c.png")
    return folder


def test_a_folder_gives_its_pictures_by_name_and_no_others(pictures: Path) -> None:
    (pictures / "notes.txt").write_text("")
    (pictures / ".hidden.png").write_text("")
    (pictures / "inner.png").mkdir()
    assert [path.name for path in expand([pictures])] == ["a.png", "b.png", "c.png"]


def test_named_files_keep_their_order(pictures: Path) -> None:
    given = [pictures / "c.png", pictures / "a.png"]
    assert expand(given) == given


@pytest.mark.parametrize("name", ["nowhere.png", "empty"])
def test_a_path_that_gives_nothing_is_a_failure_that_names_it_and_the_others_go_on(
    run_folder: Path, pictures: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    files = expand([tmp_path / name, pictures / "a.png"])
    first, second = predict_many("grains", files, out=tmp_path / "out", artifact=run_folder, scale=1.0)
    assert isinstance(first, Failure)
    assert name in first.error
    assert isinstance(second, Result)


def test_a_fault_in_the_program_on_one_file_does_not_stop_the_others(
    run_folder: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nital.tasks.grains import analyse

    real = analyse.measure
    calls: list[int] = []

    def breaks_once(*arguments: Any, **settings: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError("a fault")
        return real(*arguments, **settings)

    monkeypatch.setattr(analyse, "measure", breaks_once)
    files = [pictures / "a.png", pictures / "c.png"]
    first, second = predict_many("grains", files, out=None, artifact=run_folder, scale=1.0)
    assert isinstance(first, Failure)
    assert "ZeroDivisionError" in first.error
    assert isinstance(second, Result)


def test_a_bad_file_is_a_failure_that_names_it_and_the_others_go_on(
    run_folder: Path, pictures: Path, tmp_path: Path
) -> None:
    lines: list[str] = []
    shares: list[float] = []

    def say(done: int, total: int, text: str) -> None:
        lines.append(text)
        shares.append(done / total)

    files = expand([pictures])
    found = list(predict_many("grains", files, out=tmp_path / "out", artifact=run_folder, say=say, scale=1.0))
    assert shares == sorted(shares) and shares[0] >= 0 and shares[-1] <= 1
    assert [type(one) for one in found] == [Result, Failure, Result]
    failure = found[1]
    assert isinstance(failure, Failure)
    assert failure.file.name == "b.png"
    assert "b.png" in failure.error
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a", "c"]
    assert list(dict.fromkeys(line.partition("]")[0] for line in lines)) == ["[1/3", "[2/3", "[3/3"]


def test_a_file_that_is_named_twice_is_measured_once(pictures: Path) -> None:
    found = expand([pictures / "a.png", pictures, pictures / "a.png"])
    assert [one.name for one in found if isinstance(one, Path)] == ["a.png", "b.png", "c.png"]


def test_files_of_one_stem_get_folders_of_their_own(run_folder: Path, micrograph: Path, tmp_path: Path) -> None:
    files = []
    for name in ("one/steel.png", "two/steel.png", "one/steel_png.png"):
        files.append(tmp_path / name)
        files[-1].parent.mkdir(exist_ok=True)
        shutil.copy(micrograph, files[-1])
    found = list(predict_many("grains", files, out=tmp_path / "out", artifact=run_folder, scale=1.0))
    folders = [one.folder for one in found if isinstance(one, Result)]
    assert len(set(folders)) == 3
    assert [one.file for one in found] == [str(file) for file in files]


def test_a_batch_that_was_stopped_goes_on_where_it_was(run_folder: Path, pictures: Path, tmp_path: Path) -> None:
    def run() -> list[Result]:
        files = [pictures / "a.png", pictures / "c.png"]
        given = predict_many("grains", files, out=tmp_path / "out", artifact=run_folder, scale=1.0)
        return [one for one in given if isinstance(one, Result)]

    shutil.rmtree(run()[1].folder or "")
    again = run()
    assert [one.outcome is None for one in again] == [True, False]


def test_a_wrong_option_stops_the_batch_before_its_first_file(run_folder: Path, pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="zoom"):
        list(predict_many("grains", expand([pictures]), out=tmp_path / "out", artifact=run_folder, zoom=2))
    assert not (tmp_path / "out").exists()


def test_an_out_that_cannot_be_written_stops_the_batch(run_folder: Path, pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match="taken"):
        list(predict_many("grains", expand([pictures]), out=tmp_path / "taken", artifact=run_folder, scale=1.0))


def test_quick_jobs_work_on_several_files_at_once_and_keep_their_order(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "cores", lambda: 3)
    for number in range(20):
        shutil.copy(pictures / "a.png", pictures / f"n{number:02}.png")
    files = expand([pictures])
    lines: list[str] = []
    say = lambda *told: lines.append(told[2])  # noqa: E731
    both = [list(predict_many("classes", files, out=out, say=say)) for out in (None, tmp_path / "out")]
    for found in both:
        assert [Path(one.file).name for one in found] == [path.name for path in files if isinstance(path, Path)]
        assert [one.file.name for one in found if isinstance(one, Failure)] == ["b.png"]
    assert sorted(lines[:23]) == sorted(f"[{n}/23] {path}" for n, path in enumerate(files, 1))
    assert len(list((tmp_path / "out").iterdir())) == 22


def test_who_takes_only_the_first_results_does_not_wait_for_all() -> None:
    begun: list[int] = []
    found = batch._in_order(lambda number: begun.append(number) or number, ((n,) for n in range(1000)), 2)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    found.close()
    assert len(begun) < 20


def test_an_error_that_ends_a_batch_ends_it_there() -> None:
    def work(number: int) -> int:
        if number == 5:
            raise OutputError("full")
        return number

    found = batch._in_order(work, ((n,) for n in range(100)), 3)
    assert [next(found) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(OutputError, match="full"):
        next(found)


def test_without_a_place_no_picture_is_drawn(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nital.tasks.classes import analyse

    drawn: list[int] = []
    real = analyse.over
    monkeypatch.setattr(analyse, "over", lambda *given: drawn.append(1) or real(*given))
    (result,) = predict_many("classes", [pictures / "a.png"], out=None)
    assert isinstance(result, Result) and result.outcome
    assert not drawn
    assert made(result.outcome.pictures["overlay"].pixels).ndim == 3 and len(drawn) == 1
    assert "data:image/png" in result._repr_html_() and len(drawn) == 2


def test_a_batch_is_summed_up_in_one_table(tmp_path):
    import csv

    results = [
        {"file": "a/b.tif", "g": 7.5, "g_ci95_low": 7.1, "g_ci95_high": 7.9, "unit": "1/cm", "nothing": None},
        {"file": "c.tif", "g": 8.0, "class": "martensite/bainite"},
        {"file": "d.tif", "error": "no picture"},
    ]
    path = write_summary(tmp_path, "grains", results)
    assert path == tmp_path / "grains.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0] == {"file": "a/b.tif", "g": "7.5", "g_ci95_low": "7.1", "g_ci95_high": "7.9", "unit": "1/cm",
                       "nothing": "", "class": "", "error": ""}  # fmt: skip
    assert rows[1]["class"] == "martensite/bainite" and rows[1]["g_ci95_low"] == ""
    assert rows[2]["error"] == "no picture"
