"""What a person types for the job `classes`."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nital.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def words(*given: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in given])
        return (int(left.value.code or 0), *capsys.readouterr())

    return words


def test_only_jobs_with_explanations_are_offered(run):
    code, out, _ = run("explain", "--help")
    assert code == 0
    assert re.findall(r"^  (\S+)", out.partition("Commands:")[2], re.MULTILINE) == ["classes"]


def test_explaining_a_job_without_explanations_is_wrong_usage(run):
    code, out, err = run("explain", "grains", "x.png")
    assert (code, out) == (2, "")
    assert "grains" in err and "Traceback" not in err


def test_the_flags_of_explain_are_those_of_the_job(run):
    code, out, _ = run("explain", "classes", "--help")
    assert code == 0
    for flag in ("--of", "--layer", "--method", "--grain-size-px", "--artifact", "--out"):
        assert flag in out


def test_synth_writes_a_folder_per_kind_that_another_seed_does_not_repeat(run, tmp_path: Path):
    for seed in (1, 2):
        code, _, err = run("synth", "classes", "--number", 9, "--seed", seed, "--out", tmp_path / str(seed))
        assert code == 0, err
    folders = sorted(path.name for path in (tmp_path / "1").iterdir() if path.is_dir())
    assert len(folders) == 9 and "martensite" in folders
    first, second = (np.array(Image.open(next((tmp_path / s / "martensite").iterdir()))) for s in "12")
    assert first.shape == second.shape == (256, 256) and not np.array_equal(first, second)


def test_the_example_is_martensite_to_the_bundled_model(run, tmp_path: Path):
    from nital.tasks.classes import task

    example = next((Path(task.__file__).parent / "example").glob("*.png"))
    code, out, err = run("predict", "classes", example, "--json")
    assert code == 0, err
    found = json.loads(out)
    assert found["class"] == "martensite" and not found["none_of_these"]
    assert found["probability"] > 0.5


def test_a_class_that_cannot_be_explained_fails_and_the_classes_are_listed(run, tmp_path: Path):
    pytest.importorskip("torch")
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)).save(tmp_path / "a.png")
    code, _, err = run("explain", "classes", tmp_path / "a.png", "--of", "ledeburite", "--out", tmp_path / "out")
    assert code == 1
    assert "Traceback" not in err
    assert "ledeburite" in err and "martensite" in err


def test_of_many_pictures_one_can_have_the_table_alone(run, tmp_path: Path):
    import csv

    run("synth", "classes", "--number", 9, "--out", tmp_path / "in")
    (tmp_path / "in" / "martensite" / "bad.png").write_bytes(b"no picture")
    folders = [path for path in (tmp_path / "in").iterdir() if path.is_dir()]
    code, out, err = run("predict", "classes", *folders, "--out", tmp_path / "out", "--table-only")
    assert code == 1 and "bad.png" in err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["classes.csv"]
    with (tmp_path / "out" / "classes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    assert ["bad.png" in row["file"] for row in rows] == [bool(row["error"]) for row in rows]
    good = [row for row in rows if not row["error"]]
    assert sum(Path(row["file"]).parent.name == row["class"] for row in good) >= 7
    for row in good:
        assert float(row[f"probabilities_{row['class']}"]) == float(row["probability"])
    assert out == "", "for thousands of pictures the table is enough"


def test_an_interrupted_batch_with_the_table_alone_keeps_the_rows_that_are_done(run, tmp_path: Path, monkeypatch):
    from nital.runs import batch

    run("synth", "classes", "--number", 9, "--out", tmp_path / "in")
    real = batch.predict_many

    def interrupted(*given, **options):
        for number, result in enumerate(real(*given, **options)):
            if number == 4:
                raise KeyboardInterrupt
            yield result

    monkeypatch.setattr(batch, "predict_many", interrupted)
    folders = [path for path in (tmp_path / "in").iterdir() if path.is_dir()]
    code, _, err = run("predict", "classes", *folders, "--out", tmp_path / "out", "--table-only")
    assert code == 130 and "begins again" in err
    assert len((tmp_path / "out" / "classes.csv").read_text().splitlines()) == 5
