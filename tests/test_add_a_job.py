"""The guide that adds a job, followed to the letter in a copy of the package."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nital

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "how-to" / "add-a-job.md"


def test_the_job_of_the_guide_trains_and_predicts(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    package = Path(nital.__file__).parent
    shutil.copytree(package, tmp_path / "src" / "nital", ignore=shutil.ignore_patterns("__pycache__", "bundled"))
    files = re.findall(r"`(src/nital/\S+\.py)`\n\n```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(files) == 5
    for name, text in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    picture = np.full((80, 100), 180, np.uint8)
    picture[20:40, 30:50] = 60
    Image.fromarray(picture).save(tmp_path / "section.png")

    def run(*words: str) -> str:
        command = [sys.executable, "-c", "from nital.cli import main; main()", *words]
        environment = os.environ | {"PYTHONPATH": str(tmp_path / "src"), "OMP_NUM_THREADS": "1"}
        answer = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    assert "pores" in run("list")
    report = json.loads(run("train", "pores", "--recipe", "tiny", "--out", "run", "--json"))
    assert {model["name"] for model in report["models"]} == {"network", "Otsu threshold"}
    found = json.loads(run("predict", "pores", "section.png", "--artifact", "run", "--json"))
    assert found["pore_area_fraction"] == pytest.approx(400 / 8000, abs=0.01)
