"""What surrounds the lessons: the list, marks, data, notebooks, pictures, synthetic samples, errors."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nital.teach import course
from nital.teach.exercises import Exercise, mark, read_answers
from nital.teach.pictures import panels, picture, pictures_into, show_plane
from nital.teach.samples import draw_micrograph

TWICE = Exercise("twice", "What is twice 21?", lambda value: value == 42, "Add 21 to itself.")


def test_teaching_imports_nothing_else_of_nital_and_matplotlib_only_for_a_figure() -> None:
    check = (
        "import nital.teach.course, nital.teach.pictures, nital.teach.samples, sys\n"
        "ours = {name for name in sys.modules if name.startswith('nital.') and not name.startswith('nital.teach')}\n"
        "print(sorted(ours), 'matplotlib' in sys.modules, 'scipy' in sys.modules, 'torch' in sys.modules)"
    )
    answer = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[] False False False"


def test_a_lesson_that_does_not_exist_is_an_error_that_lists_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"no lesson 77. Known: .*13, 14"):
        course.find_lesson(77)


def test_a_lesson_without_a_title_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lesson_01_x.py").write_text("# %% [markdown]\n# No number here\n")
    monkeypatch.setattr(course, "_LESSONS", tmp_path)
    with pytest.raises(ValueError, match=r"lesson_01_x\.py must begin with a title"):
        course.list_lessons()


def test_an_error_inside_a_lesson_gives_the_line_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "lesson_01_x.py"
    path.write_text("# %% [markdown]\n# # 1. Title\n#\n# Summary.\n#\n# Needs: torch, data\n\n# %%\na = 1\nb = 1 / 0\n")
    monkeypatch.setattr(course, "_LESSONS", tmp_path)
    assert course.find_lesson(1).needs == ("torch", "data")
    with pytest.raises(ZeroDivisionError) as error:
        course.run_lesson(1, tmp_path)
    assert [(entry.path, entry.lineno + 1) for entry in error.traceback][-1] == (path, 10)


def test_data_come_from_the_argument_before_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clothes").mkdir()
    monkeypatch.setenv("NITAL_DATA", str(tmp_path))
    assert course.data_folder("clothes") == tmp_path / "clothes"
    with pytest.raises(ValueError, match=r"no folder steels. Pass --data FOLDER, or set NITAL_DATA"):
        course.data_folder("steels")


def test_an_answer_is_right_wrong_missing_or_fails() -> None:
    assert mark([TWICE], {"twice": 42})[0].right
    assert mark([TWICE], {})[0].words == "no answer yet: give the name twice a value."
    fails = Exercise("f", "?", lambda f: f(0) == 1, "Think of zero.")
    assert mark([fails], {"f": lambda x: 1 / x})[0].words.startswith("not yet (ZeroDivisionError")


def test_an_answer_that_is_an_array_is_right_where_all_of_it_is() -> None:
    exercise = Exercise("a", "?", lambda a: np.asarray(a) == np.array([1, 2]), "Count.")
    assert [mark([exercise], {"a": a})[0].right for a in ([1, 2], [1, 3])] == [True, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a = 1\nb = (", "line 2"),
        ("a = 1\n\nb = c\n", r"line 3: NameError: name 'c' is not defined"),
        ("raise SystemExit(3)", "line 1: SystemExit"),
    ],
)
def test_a_file_that_fails_is_an_error_with_its_line(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.py"
    path.write_text(text)
    with pytest.raises(ValueError, match=words):
        read_answers(path)


def test_a_file_that_prints_stays_silent(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "answers.py"
    path.write_text("print('noise')\ntwice = 42\n")
    assert read_answers(path)["twice"] == 42
    assert capsys.readouterr().out == ""


def test_a_boundary_is_coloured_on_both_sides(tmp_path: Path) -> None:
    figure, axes = panels(1, 1)
    show_plane(axes, lambda points: points[:, 0] - 0.5, (0, 1), (0, 1))
    with pictures_into(tmp_path) as saved:
        picture(figure, "plane")
    assert saved == [tmp_path / "plane.png"]
    assert saved[0].stat().st_size > 1000


def test_the_same_seed_gives_the_same_micrograph_and_each_pixel_a_grain() -> None:
    (image, grain), (again, _), (other, _) = (draw_micrograph(64, 9, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(image, again)
    assert not np.array_equal(image, other)
    assert set(np.unique(grain)) <= set(range(9))
    assert image.min() >= 0 and image.max() <= 1


@pytest.mark.parametrize("bad", [{"size": 0}, {"grains": 0}, {"noise": -1}])
def test_a_micrograph_of_nothing_is_refused(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=next(iter(bad))):
        draw_micrograph(**bad)


def test_a_golden_file_is_what_the_lesson_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    golden = tmp_path / "golden.txt"
    course._main(["13", "--golden", str(golden), "--pictures", str(tmp_path)])
    assert "dense layer 20 -> 64: 1,344 parameters" in golden.read_text()
    assert "Read it, and look at:" in capsys.readouterr().out
