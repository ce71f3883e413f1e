"""What the import linter cannot see: which packages are loaded while nital works."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nital
from nital.core.task import FittedTask
from nital.runs.jobs import get_task, job_names

BLOCKED = (
    "torch",
    "numba",
    "onnx",
    "onnxscript",
    "safetensors",
    "jaxtyping",
    "sklearn",
    "captum",
    "pandas",
    "imagecodecs",
)

PREDICT_WITHOUT_THE_EXTRA_TRAIN = f"""
import sys

class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {BLOCKED}:
            raise ModuleNotFoundError(f"No module named {{name!r}} (blocked)", name=name)

sys.meta_path.insert(0, Block())
from nital.cli import main
main(sys.argv[1:])
"""


def _run(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PREDICT_WITHOUT_THE_EXTRA_TRAIN, *words]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


@pytest.fixture(scope="module")
def bricks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows, columns = np.mgrid[:160, :160]
    path = tmp_path_factory.mktemp("bricks") / "bricks.png"
    Image.fromarray(np.where((rows % 20 < 2) | (columns % 20 < 2), 60, 190).astype(np.uint8)).save(path)
    return path


def test_grains_are_predicted_where_torch_cannot_be_imported(bricks: Path, tmp_path: Path) -> None:
    answer = _run("predict", "grains", str(bricks), "--pixel-size-um", "0.5", "--out", str(tmp_path / "out"))
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "out" / "bricks" / "report.html").is_file()


@pytest.mark.parametrize("job", job_names())
def test_training_without_torch_says_what_to_install(job: str, tmp_path: Path) -> None:
    data = ["table.csv"] if isinstance(get_task(job), FittedTask) else []
    answer = _run("train", job, *data, "--out", str(tmp_path / "run"))
    assert answer.returncode == 1
    assert "pip install 'nital[train]'" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("verb", ["list", "predict", "train", "evaluate", "synth"])
def test_every_verb_gives_help_without_the_extra_train(verb: str) -> None:
    answer = _run(verb, "--help")
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == ""


FLAG = re.compile(r"(?<![-\w`|])--[a-z][a-z-]+")
"""A flag of the command line in a text for users."""


def test_no_text_below_the_command_line_names_a_flag() -> None:
    """Each surface words its own mend: options stand in backticks, and the command line makes flags of these."""
    package = Path(nital.__file__).parent
    named = []
    for path in package.rglob("*.py"):
        if path.is_relative_to(package / "cli") or path.is_relative_to(package / "teach"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        named += [f"{path.name}: {text.value}" for text in texts if id(text) not in docs and FLAG.search(text.value)]
    assert not named
