"""What stands on a terminal."""

import os
import subprocess
import sys

import pytest

from nital.cli.text import Progress


def test_the_time_left_follows_from_what_was_done_since_the_run_began(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 100.0, 100.0, 110.0])
    monkeypatch.setattr("nital.cli.text.time.monotonic", lambda: next(clock))
    progress = Progress()
    progress.logged(50, 100, "resumed after epoch 50")  # what was done before costs no time now
    progress.logged(51, 100, "epoch 51")
    assert capsys.readouterr().err.splitlines() == ["resumed after epoch 50", "epoch 51, about 8 min left"]


def test_the_time_left_of_a_second_training_does_not_count_the_first(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = iter([0.0, 0.0, 0.0, 500.0, 1000.0, 1000.0, 1010.0])
    monkeypatch.setattr("nital.cli.text.time.monotonic", lambda: next(clock))
    progress = Progress()
    for done in (0, 4, 1, 2):
        progress.logged(done, 4, f"epoch {done}")
    assert capsys.readouterr().err.splitlines()[-1] == "epoch 2, about 20 s left"


@pytest.mark.parametrize(("encoding", "unit"), [("ascii", None), ("koi8-r", b"In um."), ("utf-8", "In µm.".encode())])
def test_a_terminal_of_any_encoding_shows_the_unit(encoding: str, unit: bytes | None) -> None:
    command = [sys.executable, "-m", "nital", "predict", "grains", "--help"]
    answer = subprocess.run(command, env=os.environ | {"PYTHONIOENCODING": encoding}, capture_output=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert unit is None or unit in answer.stdout
