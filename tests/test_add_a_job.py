"""Jobs put into a copy of the package: that of the guide, to the letter, and two that could be guessed wrongly."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import nital

HERE = Path(__file__).resolve().parent
GUIDE = HERE.parent / "docs" / "how-to" / "add-a-job.md"
JOBS = ("pores", "pairs", "spectra")

Run = Callable[..., str]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package under src that has three jobs more."""
    pytest.importorskip("torch")
    folder = tmp_path_factory.mktemp("copy")
    package = Path(nital.__file__).parent
    shutil.copytree(package, folder / "src" / "nital", ignore=shutil.ignore_patterns("__pycache__", "bundled"))
    files = re.findall(r"`(src/nital/\S+\.py)`\n\n```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(files) == 7
    for name, text in files:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for job in JOBS[1:]:
        shutil.copytree(HERE / "jobs" / job, folder / "src" / "nital" / "tasks" / job)
    return folder


@pytest.fixture
def run(copy: Path, tmp_path: Path) -> Run:
    def call(*words: object) -> str:
        command = [sys.executable, "-c", "from nital.cli import main; main()", *map(str, words)]
        environment = os.environ | {"PYTHONPATH": str(copy / "src"), "OMP_NUM_THREADS": "1"}
        answer = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    return call


def test_the_three_jobs_pass_the_contract_of_all_jobs(copy: Path) -> None:
    words = [
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        "tests/contract",
        "-m",
        "not slow",
        "-k",
        " or ".join(JOBS),
    ]
    environment = os.environ | {"PYTHONPATH": str(copy / "src"), "OMP_NUM_THREADS": "1"}
    answer = subprocess.run([sys.executable, *words], cwd=HERE.parent, env=environment, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout[-3000:] + answer.stderr[-1000:]
    assert int(re.findall(r"(\d+) passed", answer.stdout)[-1]) > 60


def test_the_job_of_the_guide_trains_and_predicts(run: Run, tmp_path: Path) -> None:
    picture = np.full((80, 100), 180, np.uint8)
    picture[20:40, 30:50] = 60
    Image.fromarray(picture).save(tmp_path / "section.png")
    assert "pores" in run("list")
    report = json.loads(run("train", "pores", "--recipe", "tiny", "--out", "run", "--json"))
    assert {row["name"]: row["constant"] for row in report["models"]} == {
        "network": False, "Otsu threshold": False, "no pore anywhere": True,
    }  # fmt: skip
    found = json.loads(run("predict", "pores", "section.png", "--artifact", "run", "--out", tmp_path / "out", "--json"))
    assert found["pore_area_fraction"] == pytest.approx(400 / 8000, abs=0.01)
    assert np.array_equal(np.unique(tifffile.imread(found["label_map"])), [0, 1])


def test_curves_of_three_specimens_are_scored_by_leaving_each_out(copy: Path, run: Run, tmp_path: Path) -> None:
    curves = tmp_path / "curves"
    curves.mkdir()
    make = "from nital.tasks.spectra.task import TASK; from pathlib import Path; TASK.trial_data(Path('curves'))"
    environment = os.environ | {"PYTHONPATH": str(copy / "src")}
    subprocess.run([sys.executable, "-c", make], cwd=tmp_path, env=environment, check=True)
    report = json.loads(run("train", "spectra", curves, "--out", "run", "--json"))
    assert report["groups"] == ["specimen0", "specimen1", "specimen2"] and report["split"]["folds"] == 3
    assert report["split"]["test"] == 72
    assert report["chosen"] == "network" and "The network is better than" in report["verdict"]
    rows = {row["name"]: row for row in report["models"]}
    assert rows["network"]["chi2_reduced"] < rows["highest point"]["chi2_reduced"]

    known = json.loads(run("evaluate", "spectra", curves, "--artifact", "run", "--json"))["notes"][0]
    assert known.startswith("72 of 72 samples are among those that this model was trained on")
    others = "from nital.tasks.spectra.curves import write_curves; from pathlib import Path; Path('others').mkdir(); "
    others += "write_curves(Path('others'), 2, 3, seed=1)"
    subprocess.run([sys.executable, "-c", others], cwd=tmp_path, env=environment, check=True)
    assert json.loads(run("evaluate", "spectra", "others", "--artifact", "run", "--json"))["notes"] == []

    files = sorted(curves.iterdir())[:2]
    first, _ = map(
        json.loads,
        run("predict", "spectra", *files, "--artifact", "run", "--out", tmp_path / "out", "--json").splitlines(),
    )
    with (tmp_path / "out" / "spectra.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["structure"], row["intensity_unit"]) == ("martensite/bainite", "1/cm")
    page = Path(first["report"]).read_text(encoding="utf-8")
    assert all(f"model/{number}" in page for number in range(20))
    assert "ferrite, pearlite" in page and "magnification" not in page and "data:image/png" in page
    strip = tifffile.imread(first["restored"])
    assert strip.dtype == np.uint8 and strip.max() == 255, "an image is kept in its own type"
    assert "is 9.0 eV. From -5 to 5." in _refused(copy, tmp_path, "predict", "spectra", files[0], "--offset-ev", 9)


def test_two_channels_go_through_tiles_to_a_map_of_two_pages(run: Run, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "map.tif", np.random.default_rng(0).random((2, 50, 70)).astype(np.float32))
    run("train", "pairs", "--out", "run")
    found = json.loads(run("predict", "pairs", "map.tif", "--artifact", "run", "--out", tmp_path / "out", "--json"))
    phases, doubt = tifffile.imread(found["phases"]), tifffile.imread(found["doubt"])
    assert phases.shape == doubt.shape == (2, 50, 70)
    assert phases.dtype == np.uint8 and doubt.dtype == np.float32


def _refused(copy: Path, folder: Path, *words: object) -> str:
    command = [sys.executable, "-c", "from nital.cli import main; main()", *map(str, words), "--artifact", "run"]
    environment = os.environ | {"PYTHONPATH": str(copy / "src")}
    answer = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1 and "--offset-ev" in answer.stderr
    return answer.stderr
