"""nital learn: the list, a lesson, its notebook, answers marked; what is wrong is one line."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., tuple[int, str, str]]


def test_the_list_gives_number_title_and_one_line(nital: Run) -> None:
    code, out, _ = nital("learn")
    assert code == 0
    assert "13  Counting" in out
    assert "How many numbers a layer has to learn" in out


def test_the_list_is_one_json_object_per_lesson(nital: Run) -> None:
    lessons = [json.loads(line) for line in nital("learn", "--json")[1].splitlines()]
    assert {"lesson", "title", "summary", "needs"} == set(lessons[0])
    assert 13 in [lesson["lesson"] for lesson in lessons]


def test_a_lesson_prints_prose_and_numbers_and_says_where_its_pictures_are(nital: Run, tmp_path: Path) -> None:
    code, out, _ = nital("learn", "13", "--out", tmp_path)
    assert code == 0
    assert out.index("# 13. Counting") < out.index("dense layer 20 -> 64: 1,344") < out.index("What to try next")
    assert str(tmp_path / "13" / "weights.png") in out
    assert (tmp_path / "13" / "weights.png").is_file()


def test_a_lesson_as_json_is_one_object(nital: Run, tmp_path: Path) -> None:
    answer = json.loads(nital("learn", "13", "--out", tmp_path, "--json")[1])
    assert answer["printed"][0] == "dense layer 20 -> 64: 1,344 parameters"
    assert answer["pictures"] == [str(tmp_path / "13" / "weights.png")]


def test_right_answers_end_with_0_and_wrong_ones_with_1_and_a_hint(nital: Run, tmp_path: Path) -> None:
    answers = tmp_path / "answers.py"
    answers.write_text(
        "hidden = 100 * (128 * 128 + 1)\nadam_gib = 32\ndef count_conv(i, o, k): return o * (i * k * k + 1)\n"
    )
    assert nital("learn", "13", "--check", answers)[0] == 0
    answers.write_text(answers.read_text().replace("adam_gib = 32", "adam_gib = 8"))
    code, out, _ = nital("learn", "13", "--check", answers)
    assert code == 1
    assert "adam_gib    not yet. Hint: " in out
    marks = json.loads(nital("learn", "13", "--check", answers, "--json")[1])["exercises"]
    assert [mark["right"] for mark in marks] == [True, True, False]


def test_a_notebook_is_written_but_not_run(nital: Run, tmp_path: Path) -> None:
    pytest.importorskip("jupytext")
    code, out, _ = nital("learn", "13", "--notebook", "--out", tmp_path)
    path = tmp_path / "lesson_13_counting.ipynb"
    assert (code, out.strip()) == (0, str(path))
    assert all(not cell.get("outputs") for cell in json.loads(path.read_text())["cells"])


def test_a_notebook_without_jupytext_says_what_to_install(
    nital: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "jupytext", None)
    code, _, err = nital("learn", "13", "--notebook", "--out", tmp_path)
    assert code == 1
    assert "pip install 'nital[teach]'" in err


@pytest.mark.parametrize("words", [("1",), ("1", "--check", "answers.py")])
def test_a_lesson_whose_package_is_missing_says_what_to_install(
    words: tuple[str, ...], nital: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lesson_01_x.py").write_text("# %% [markdown]\n# # 1. Title\n#\n# Summary.\n#\n# Needs: torch, data\n")
    monkeypatch.setattr("nital.teach.course._LESSONS", tmp_path)
    monkeypatch.setitem(sys.modules, "torch", None)
    code, _, err = nital("learn", *words)
    assert code == 1
    assert "Lesson 1 needs the package torch" in err
    assert "pip install 'nital[train]'" in err
    assert "Summary. (needs torch" in nital("learn")[1]


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("77",), 2, "There is no lesson 77. Known: "),
        (("thirteen",), 2, "is not a valid integer"),
        (("--notebook",), 2, "Give the number of a lesson"),
        (("13", "--check", "nowhere.py"), 1, "nowhere.py cannot be read"),
    ],
)
def test_wrong_use_is_one_line(nital: Run, words: tuple[str, ...], code: int, complaint: str) -> None:
    answer = nital("learn", *words)
    assert answer[0] == code
    assert complaint in answer[2]
    assert "Traceback" not in answer[2]
