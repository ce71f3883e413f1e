"""Every lesson in the folder: short, runs, prints its golden numbers, saves its pictures, marks answers, is a notebook.

A new lesson is covered as soon as its file appears. To write its golden file, read what it prints:
python -m nital.teach.course 13 --golden tests/teach/golden/lesson_13.txt
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from nital.teach import course
from nital.teach.course import Lesson, Run, check_answers, list_lessons, run_lesson, write_notebook

HERE = Path(__file__).parent
LESSONS = list_lessons()
RELATIVE_TOLERANCE = 1e-3
# Lessons that train need more room where another machine rounds otherwise: number -> relative tolerance.
WIDER = dict[int, float]()
NUMBER = re.compile(r"[-+]?\d[\d,]*\.?\d*(?:e[-+]?\d+)?")
EVERY_LESSON = pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: f"{lesson.number:02d}")
# Executing a notebook starts a kernel; one goes with the quick tests, the others are slow.
NOTEBOOKS = [
    pytest.param(lesson, marks=() if lesson.number == 13 else pytest.mark.slow, id=f"{lesson.number:02d}")
    for lesson in LESSONS
]


@pytest.fixture(scope="module")
def runs() -> dict[int, Run]:
    """Lessons that ran already."""
    return {}


@pytest.fixture
def ran(
    lesson: Lesson, runs: dict[int, Run], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Run:
    """The lesson after it ran, once for all tests of this file."""
    if lesson.number not in runs:
        data = _provide(lesson, request)
        runs[lesson.number] = run_lesson(lesson.number, tmp_path_factory.mktemp(f"lesson{lesson.number:02d}"), data)
    return runs[lesson.number]


def _provide(lesson: Lesson, request: pytest.FixtureRequest) -> Path | None:
    for package, module in (("torch", "torch"), ("scikit-learn", "sklearn")):
        if package in lesson.needs:
            pytest.importorskip(module)
    return request.getfixturevalue("real_data") if "data" in lesson.needs else None


def differences(printed: str, golden: str, tolerance: float) -> list[str]:
    """Lines that differ: words exactly, numbers by more than the relative tolerance."""
    ours, theirs = printed.splitlines(), golden.splitlines()
    if len(ours) != len(theirs):
        return [f"{len(ours)} lines instead of {len(theirs)}"]
    return [f"{ours_line!r} instead of {line!r}" for ours_line, line in zip(ours, theirs, strict=True)
            if not _alike(ours_line, line, tolerance)]  # fmt: skip


def _alike(ours: str, theirs: str, tolerance: float) -> bool:
    if NUMBER.sub("#", ours) != NUMBER.sub("#", theirs):
        return False
    pairs = zip(NUMBER.findall(ours), NUMBER.findall(theirs), strict=True)
    return all(_close(a, b, tolerance) for a, b in pairs)


def _close(ours: str, theirs: str, tolerance: float) -> bool:
    """Within the relative tolerance, or one step of the last printed decimal: another machine may round otherwise."""
    mantissa, _, exponent = theirs.partition("e")
    decimals = mantissa.partition(".")[2]
    step = 1.01 * 10.0 ** (int(exponent or 0) - len(decimals)) if decimals else 0
    value = float(theirs.replace(",", "").rstrip("."))
    return abs(float(ours.replace(",", "").rstrip(".")) - value) <= max(step, tolerance * abs(value))


def test_numbers_are_compared_with_a_tolerance_and_words_exactly() -> None:
    assert differences("R2: 0.9120 of 1,344", "R2: 0.9121 of 1,344", 1e-3) == []
    assert differences("slope -0.03", "slope -0.02", 1e-3) == []
    assert differences("12 epochs", "13 epochs", 1e-3) != []
    assert differences("R2: 0.9120", "R2: 0.9150", 1e-3) == ["'R2: 0.9120' instead of 'R2: 0.9150'"]
    assert differences("MSE: 0.9120", "R2: 0.9120", 1e-3) != []
    assert differences("a\nb", "a", 1e-3) == ["2 lines instead of 1"]


def test_the_lessons_are_numbered_without_repetition_and_named_after_their_number() -> None:
    numbers = [lesson.number for lesson in LESSONS]
    assert numbers == sorted(set(numbers))
    assert [lesson.path.name[:10] for lesson in LESSONS] == [f"lesson_{number:02d}_" for number in numbers]


@EVERY_LESSON
def test_a_lesson_is_shorter_than_120_lines(lesson: Lesson) -> None:
    assert len(lesson.path.read_text(encoding="utf-8").splitlines()) < 120


@EVERY_LESSON
def test_a_lesson_imports_only_numpy_nital_teach_and_what_it_says_it_needs(lesson: Lesson) -> None:
    modules = {"torch": "torch", "scikit-learn": "sklearn"}
    allowed = {"numpy", "nital.teach", *(modules[need] for need in lesson.needs if need in modules)}
    tree = ast.parse(lesson.path.read_text(encoding="utf-8"))
    names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    foreign = [name for name in names if name.partition(".")[0] not in sys.stdlib_module_names]
    assert [name for name in foreign if not any(name == a or name.startswith(f"{a}.") for a in allowed)] == []


@EVERY_LESSON
def test_a_lesson_prints_its_golden_numbers(lesson: Lesson, ran: Run) -> None:
    golden = (HERE / "golden" / f"lesson_{lesson.number:02d}.txt").read_text(encoding="utf-8")
    assert differences(ran.printed, golden, WIDER.get(lesson.number, RELATIVE_TOLERANCE)) == []


@EVERY_LESSON
def test_a_lesson_saves_pictures_that_show_something(lesson: Lesson, ran: Run) -> None:
    assert ran.pictures
    for path in ran.pictures:
        if path.suffix == ".svg":
            assert ElementTree.parse(path).getroot().tag.endswith("svg")
        else:
            low, high = Image.open(path).convert("L").getextrema()
            assert high - low > 100, path.name


@EVERY_LESSON
def test_a_lesson_ends_with_exercises_and_what_to_try_next(lesson: Lesson, ran: Run) -> None:
    assert "\nExercises: " in ran.printed
    assert ran.printed.strip().splitlines()[-1].startswith("What to try next: ")


@EVERY_LESSON
def test_the_model_answers_are_right(lesson: Lesson, request: pytest.FixtureRequest) -> None:
    _provide(lesson, request)
    marks = check_answers(lesson.number, HERE / "answers" / f"answer_{lesson.number:02d}.py")
    assert [mark for mark in marks if not mark.right] == []


@EVERY_LESSON
@pytest.mark.parametrize("answer", ["-12345.678", "lambda *values: 0 / 0", "'grain'", "None"])
def test_a_wrong_answer_gets_a_hint(
    lesson: Lesson, answer: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    _provide(lesson, request)
    names = [mark.name for mark in check_answers(lesson.number, _written(tmp_path, ""))]
    assert len(names) >= 2
    marks = check_answers(lesson.number, _written(tmp_path, "".join(f"{name} = {answer}\n" for name in names)))
    assert [mark for mark in marks if mark.right] == []
    assert all(len(mark.words.partition("Hint: ")[2]) > 10 for mark in marks)


def _written(folder: Path, text: str) -> Path:
    path = folder / "answers.py"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("lesson", NOTEBOOKS)
def test_a_notebook_runs_to_its_end_and_shows_the_pictures(
    lesson: Lesson, ran: Run, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    data = _provide(lesson, request)
    if data is not None:
        monkeypatch.setenv("NITAL_DATA", str(data))
    notebook = nbformat.read(write_notebook(lesson.number, tmp_path), as_version=4)
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    printed = "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")
    assert differences(printed, ran.printed, RELATIVE_TOLERANCE) == []
    shown = [kind for output in outputs for kind in output.get("data", {}) if kind.startswith("image/")]
    assert len(shown) == len(ran.pictures)


def test_a_lesson_runs_as_a_script_and_puts_its_pictures_beside_it(tmp_path: Path) -> None:
    script = shutil.copy(course.find_lesson(13).path, tmp_path)
    answer = subprocess.run(
        [sys.executable, script], cwd=tmp_path, capture_output=True, text=True, env=dict(os.environ)
    )
    assert answer.returncode == 0, answer.stderr
    assert "1,344 parameters" in answer.stdout
    assert (tmp_path / "nital-lessons" / "13" / "weights.png").is_file()
