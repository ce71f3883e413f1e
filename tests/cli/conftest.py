"""A model folder and a micrograph that the commands can work on in a second."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from nital.cli import main


class Answer(NamedTuple):
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


@pytest.fixture
def nital(capsys: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run a command line: `nital("predict", "grains", ...)`."""

    def run(*words: object) -> Answer:
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        return Answer(int(left.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def dark_line_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder whose network takes dark pixels for boundaries."""
    onnx = pytest.importorskip("onnx")
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    weights = np.array([[0, -3, 0]], np.float32).reshape(3, 1, 1, 1)
    bias = np.array([0, -3.6, -20], np.float32)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["image", "weights", "bias"], ["logits"]),
            helper.make_node("Softmax", ["logits"], ["probability"], axis=1),
        ],
        "dark_lines",
        [helper.make_tensor_value_info("image", kind, ["n", 1, "h", "w"])],
        [helper.make_tensor_value_info("probability", kind, ["n", 3, "h", "w"])],
        [onnx.numpy_helper.from_array(weights, "weights"), onnx.numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()
    folder = tmp_path_factory.mktemp("dark_lines")
    (folder / "model.onnx").write_bytes(model)
    card = {"job": "grains", "name": "dark lines", "model_sha256": hashlib.sha256(model).hexdigest()}
    (folder / "card.json").write_text(json.dumps(card))
    (folder / "recipe.json").write_text("{}")
    return folder


@pytest.fixture(scope="session")
def brick_wall(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A micrograph of bright rectangular grains, 16 x 24 px, between dark lines; 192 x 256 px."""
    rows, columns = np.mgrid[:192, :256]
    lines = (rows % 16 < 2) | ((columns + 12 * (rows // 16 % 2)) % 24 < 2)
    noise = np.random.default_rng(0).normal(0, 4, lines.shape)
    path = tmp_path_factory.mktemp("pictures") / "bricks.png"
    Image.fromarray(np.clip(np.where(lines, 60, 190) + noise, 0, 255).astype(np.uint8)).save(path)
    return path
