from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nital.runs import doctor, jobs

Run = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["predict", "grain", "x.png"], "Did you mean 'grains'?"),
        (["predict", "grains"], "Give at least one file or folder"),
        (["predict", "grains", "x.png", "--twins", "cut"], "'merge', 'count'"),
        (["predict", "grains", "x.png", "--pixel-size-um", "small"], "not a valid float"),
        (["predict", "grains", "x.png", "--pixel-size-um", "0,2252"], "decimal point: 0.2252"),
        (["explain", "grains", "x.png"], "has no explanations"),
        (["train", "grains", "--set", "epoch=3"], "Did you mean 'epochs'?"),
        (["train", "grains", "--set", "epochs=many"], "'many' is not a whole number"),
        (["train", "grains", "--set", "epochs"], "field=value"),
        (["train", "grains", "--recipe", "tinny"], "tiny"),
        (["measure"], "No such command"),
    ],
)
def test_wrong_usage_gives_exit_code_2_and_says_what_is_right(words: list[str], said: str, nital: Run) -> None:
    code, out, err = nital(*words)
    assert (code, out) == (2, "")
    assert said in err


def _raise(error: BaseException) -> Callable[..., Any]:
    def function(*_: object, **__: object) -> None:
        raise error

    return function


def test_an_unexpected_error_is_one_line_that_owns_up(nital: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", _raise(ZeroDivisionError("by zero")))
    code, out, err = nital("doctor")
    assert (code, out) == (1, "")
    assert err == "nital: this is a fault in nital: ZeroDivisionError: by zero; run again with --debug\n"


def test_debug_shows_the_traceback(nital: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", _raise(ZeroDivisionError("by zero")))
    code, _, err = nital("doctor", "--debug")
    assert code == 1
    assert "Traceback" in err


def test_an_interruption_leaves_with_130_and_says_how_to_go_on(nital: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "job_names", _raise(KeyboardInterrupt()))
    code, _, err = nital("list")
    assert code == 130
    assert "run the same command again" in err


def test_a_full_disk_is_no_fault_of_nital(nital: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", _raise(OSError(28, "No space left on device", "results/a.tif")))
    code, _, err = nital("doctor")
    assert code == 1
    assert "results/a.tif: No space left on device" in err
    assert "fault" not in err


def test_a_folder_without_any_report_is_named(nital: Run, tmp_path: Path) -> None:
    code, _, err = nital("report", tmp_path)
    assert code == 1
    assert str(tmp_path) in err
    assert "fault" not in err
