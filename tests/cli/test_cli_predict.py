import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def predict(nital: Run, dark_line_model: Path, tmp_path: Path) -> Run:
    def run(*words: object) -> tuple[int, str, str]:
        model = ("--artifact", dark_line_model, "--scale", 1)
        return nital("predict", "grains", *words, *model, "--out", tmp_path / "out")

    return run


def test_a_prediction_prints_headline_and_places_of_files(predict: Run, brick_wall: Path, tmp_path: Path) -> None:
    code, out, _ = predict(brick_wall, "--pixel-size-um", 0.5)
    assert code == 0
    assert "ASTM grain size number G" in out
    assert str(tmp_path / "out" / "bricks" / "report.html") in out
    assert (tmp_path / "out" / "bricks" / "report.html").is_file()


def test_json_is_one_object_per_input_on_one_line(predict: Run, brick_wall: Path) -> None:
    code, out, _ = predict(brick_wall, "--pixel-size-um", 0.5, "--json")
    values = json.loads(out)
    assert code == 0
    assert out.count("\n") == 1
    assert values["job"] == "grains"
    assert values["pixel_size_source"] == "argument"
    assert Path(values["label_map"]).is_file()


def test_without_a_pixel_size_g_is_null_and_a_note_says_so(predict: Run, brick_wall: Path) -> None:
    _, out, _ = predict(brick_wall, "--json")
    values = json.loads(out)
    assert values["astm_grain_size_number"] is None
    assert values["pixel_size_um"] is None
    assert any("`pixel_size_um`" in warning for warning in values["warnings"])


def test_a_second_run_finds_the_finished_result(predict: Run, brick_wall: Path) -> None:
    first = json.loads(predict(brick_wall, "--json")[1])
    again = json.loads(predict(brick_wall, "--json")[1])
    assert again["seconds"] == first["seconds"]


def test_one_bad_file_among_good_ones_is_reported_and_the_others_go_on(
    predict: Run, brick_wall: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    (folder / "a_bad.png").write_bytes(b"this is no picture")
    (folder / "b_good.png").write_bytes(brick_wall.read_bytes())
    code, out, err = predict(folder, "--json")
    bad, good = map(json.loads, out.splitlines())
    assert code == 1
    assert "a_bad.png" in bad["error"]
    assert good["n_grains"] > 0
    assert "1 of 2 inputs failed" in err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["b_good", "grains.csv"]


def _write_bad(kind: str, path: Path, good: Path) -> None:
    grey = np.full((64, 64), 120, np.uint8)
    match kind:
        case "text":
            path.write_text("no picture")
        case "truncated":
            path.write_bytes(good.read_bytes()[:900])
        case "empty":
            path.write_bytes(b"")
        case "one pixel":
            Image.fromarray(grey[:1, :1]).save(path)
        case "grey":
            Image.fromarray(grey).save(path)


@pytest.mark.parametrize("kind", ["text", "truncated", "empty", "one pixel", "grey"])
def test_a_bad_picture_gives_one_line_and_exit_code_1(
    kind: str, predict: Run, brick_wall: Path, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    _write_bad(kind, path, brick_wall)
    code, out, err = predict(path)
    assert code == 1
    assert out == ""
    assert err.startswith("nital: ")
    assert err.count("\n") == 1
    assert "picture.png" in err
    assert not list(tmp_path.glob("out/*"))


@pytest.mark.parametrize("size", ["-0.5", "0", "1e9", "nan", "inf"])
def test_an_absurd_pixel_size_is_refused(size: str, predict: Run, brick_wall: Path) -> None:
    code, out, err = predict(brick_wall, "--pixel-size-um", size)
    assert (code, out) == (1, "")
    assert "--pixel-size-um is" in err
    assert "Traceback" not in err


def test_a_missing_file_is_named(predict: Run, tmp_path: Path) -> None:
    code, _, err = predict(tmp_path / "nowhere.tif")
    assert code == 1
    assert "nowhere.tif does not exist" in err


def test_an_output_folder_that_cannot_be_made_is_named(
    nital: Run, dark_line_model: Path, brick_wall: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    place = tmp_path / "file" / "results"
    code, out, err = nital("predict", "grains", brick_wall, "--artifact", dark_line_model, "--scale", 1, "--out", place)
    assert (code, out) == (1, "")
    assert "--out" in err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_folder_without_permission_is_named(predict: Run, brick_wall: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir(mode=0o500)
    code, _, err = predict(brick_wall)
    assert code == 1
    assert "cannot be written to" in err


def test_a_damaged_model_is_refused(nital: Run, dark_line_model: Path, brick_wall: Path, tmp_path: Path) -> None:
    for file in dark_line_model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "model.onnx").open("ab") as file:
        file.write(b"\0")
    code, _, err = nital("predict", "grains", brick_wall, "--artifact", tmp_path)
    assert code == 1
    assert "changed or damaged" in err


def test_a_report_is_written_anew(predict: Run, nital: Run, brick_wall: Path, tmp_path: Path) -> None:
    predict(brick_wall)
    page = tmp_path / "out" / "bricks" / "report.html"
    page.unlink()
    code, out, _ = nital("report", page.parent, "--json")
    assert code == 0
    assert json.loads(out) == {"report": str(page)}
    assert page.is_file()


def test_fields_of_one_specimen_are_taken_together(predict: Run, brick_wall: Path, tmp_path: Path) -> None:
    folder = tmp_path / "fields"
    folder.mkdir()
    wall = np.asarray(Image.open(brick_wall))
    for number in range(3):
        Image.fromarray(wall[20 * number :, 15 * number :]).save(folder / f"{number}.png")
    (folder / "bad.png").write_bytes(b"no picture")
    code, out, _ = predict(folder, "--pixel-size-um", 0.5, "--one-specimen", "--json")
    assert code == 1
    *fields, specimen = [json.loads(line) for line in out.splitlines()]
    lengths = np.array([field["mean_intercept_um"] for field in fields if "error" not in field])
    assert specimen["n_fields"] == len(lengths) == len(specimen["files"]) == 3
    assert specimen["mean_intercept_um"] == pytest.approx(lengths.mean())
    half = 4.302653 * lengths.std(ddof=1) / np.sqrt(3)  # Student's t, two degrees of freedom
    assert specimen["mean_intercept_um_ci95"] == pytest.approx([lengths.mean() - half, lengths.mean() + half], rel=1e-5)
    assert specimen["relative_accuracy_percent"] == pytest.approx(100 * half / lengths.mean(), rel=1e-5)
    low, high = specimen["astm_grain_size_number_ci95"]
    assert low < specimen["astm_grain_size_number"] < high
    kept = json.loads((tmp_path / "out" / "grains-specimen.json").read_text())
    assert kept["astm_grain_size_number"] == specimen["astm_grain_size_number"]
    assert any("3 fields only" in warning for warning in kept["warnings"])


def test_one_field_is_no_specimen(predict: Run, brick_wall: Path) -> None:
    code, out, err = predict(brick_wall, "--pixel-size-um", 0.5, "--one-specimen")
    assert code == 1
    assert "G" in out and "1 fields cannot be averaged" in err
