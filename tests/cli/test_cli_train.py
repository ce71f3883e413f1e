import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]

SMALL = ("number=30", "crop_px=32", "epochs=1", "steps_per_epoch=1", "batch_size=2", "depth=2", "width=2")


@pytest.fixture
def words(tmp_path: Path) -> list[str]:
    settings = [word for setting in SMALL for word in ("--set", setting)]
    return ["train", "grains", "--recipe", "tiny", "--out", str(tmp_path / "run"), *settings]


def test_training_prints_scores_of_network_and_baselines(nital: Run, words: list[str], tmp_path: Path) -> None:
    pytest.importorskip("torch")
    code, out, err = nital(*words)
    assert code == 0
    assert "network" in out
    assert "watershed" in out
    assert "epoch" in err
    assert (tmp_path / "run" / "model.onnx").is_file()
    code, out, _ = nital(*words, "--json")
    assert json.loads(out)["recipe"] == "tiny"


def test_a_number_that_cannot_be_is_named_before_training(nital: Run, words: list[str]) -> None:
    pytest.importorskip("torch")
    code, _, err = nital(*words, "--set", "epochs=0")
    assert code == 1
    assert "epochs" in err
    assert "fault" not in err
