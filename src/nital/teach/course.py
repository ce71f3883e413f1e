"""The course: finds the lessons, runs them, marks answers, writes notebooks.

A lesson is one file in the percent format (`# %%`), `lessons/lesson_13_counting.py`: it runs as a script, by
`nital learn 13`, and opens as a notebook. lessons/README.md says how to write one.

    python -m nital.teach.course 13 --golden tests/teach/golden/lesson_13.txt

writes what lesson 13 prints into a golden file, which a person then reads.
"""

import argparse
import contextlib
import io
import os
import re
import time
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nital.teach.exercises import Mark, mark, read_answers
from nital.teach.pictures import pictures_into

__all__ = [
    "Lesson",
    "Part",
    "Run",
    "check_answers",
    "data_folder",
    "find_lesson",
    "list_lessons",
    "run_lesson",
    "write_notebook",
]

_LESSONS = Path(__file__).parent / "lessons"
_HEADER = re.compile(r"# (?P<number>\d+)\. (?P<title>.+)\n\n(?P<summary>(?:.+\n?)+)")
_data: ContextVar[Path | None] = ContextVar("data", default=None)


@dataclass(frozen=True)
class Cell:
    """A piece of a lesson: prose (Markdown) or code; `line` counts the lines of the file above it."""

    prose: bool
    text: str
    line: int


@dataclass(frozen=True)
class Lesson:
    """One lesson, as its file says; `needs` are packages beyond the base install, or the word data."""

    number: int
    title: str
    summary: str
    needs: tuple[str, ...]
    path: Path

    def cells(self) -> list[Cell]:
        """The pieces of the file, in order."""
        return _cells(self.path.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Part:
    """A cell after it ran: what it printed and which pictures it saved."""

    cell: Cell
    printed: str
    pictures: tuple[Path, ...]


@dataclass(frozen=True)
class Run:
    """A lesson after it ran."""

    lesson: Lesson
    parts: tuple[Part, ...]
    seconds: float

    @property
    def printed(self) -> str:
        """What all cells printed."""
        return "".join(part.printed for part in self.parts)

    @property
    def pictures(self) -> tuple[Path, ...]:
        """All saved pictures."""
        return tuple(path for part in self.parts for path in part.pictures)


def list_lessons() -> list[Lesson]:
    """All lessons, by number."""
    return [_read(path) for path in sorted(_LESSONS.glob("lesson_*.py"))]


def find_lesson(number: int) -> Lesson:
    """One lesson.

    Raises:
        ValueError: there is none with this number.
    """
    lessons = {lesson.number: lesson for lesson in list_lessons()}
    if number not in lessons:
        raise ValueError(f"There is no lesson {number}. Known: {', '.join(map(str, lessons))}.")
    return lessons[number]


def run_lesson(
    number: int, folder: Path, data: Path | None = None, watch: Callable[[Part], None] = lambda part: None
) -> Run:
    """Run a lesson from its first to its last cell.

    Args:
        number: of the lesson.
        folder: where its pictures go.
        data: folder of real data, for lessons that need it; None: what NITAL_DATA names.
        watch: is told each part as soon as it is done.

    Raises:
        ValueError: no such lesson, or it needs data that are not there.
    """
    lesson, started = find_lesson(number), time.perf_counter()
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": str(lesson.path)}
    parts: list[Part] = []
    token = _data.set(data)
    try:
        for cell in lesson.cells():
            parts.append(_run_cell(cell, lesson.path, namespace, folder))
            watch(parts[-1])
    finally:
        _data.reset(token)
    return Run(lesson, tuple(parts), time.perf_counter() - started)


def check_answers(number: int, answers: Path) -> list[Mark]:
    """Mark a student's file against a lesson's exercises; of the lesson only the first and last code cell run.

    Raises:
        ValueError: no such lesson, or the student's file cannot be run.
    """
    lesson = find_lesson(number)
    code = [cell for cell in lesson.cells() if not cell.prose]
    namespace: dict[str, Any] = {"__name__": "__main__", "__file__": str(lesson.path)}
    for cell in (code[0], code[-1]):
        _run_cell(cell, lesson.path, namespace, Path())
    return mark(namespace["EXERCISES"], read_answers(answers))


def write_notebook(number: int, folder: Path) -> Path:
    """Write a lesson as a Jupyter notebook, by jupytext; gives its path.

    Raises:
        ValueError: no such lesson.
        ImportError: jupytext is not installed.
    """
    import jupytext

    lesson = find_lesson(number)
    notebook = jupytext.read(lesson.path)
    notebook.metadata["kernelspec"] = {"display_name": "Python 3", "language": "python", "name": "python3"}
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{lesson.path.stem}.ipynb"
    jupytext.write(notebook, path, fmt="ipynb")
    return path


def data_folder(name: str) -> Path:
    """A folder of real data that a lesson needs.

    Args:
        name: of the folder inside the one that `--data` or NITAL_DATA names.

    Raises:
        ValueError: it is not there; says how to name it.
    """
    root = _data.get() or Path(os.environ.get("NITAL_DATA", "data"))
    if not (root / name).is_dir():
        raise ValueError(
            f"{root} holds no folder {name}. Pass --data FOLDER, or set NITAL_DATA to the folder above it."
        )
    return root / name


def _read(path: Path) -> Lesson:
    header = _HEADER.match(_cells(path.read_text(encoding="utf-8"))[0].text)
    if header is None:
        raise ValueError(f"{path.name} must begin with a title '# 1. ...', an empty line and a summary.")
    needs = re.search(r"^# Needs: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return Lesson(
        number=int(header["number"]),
        title=header["title"].strip(),
        summary=" ".join(header["summary"].split()),
        needs=tuple(word.strip() for word in needs[1].split(",")) if needs else (),
        path=path,
    )


def _cells(source: str) -> list[Cell]:
    """Cut a file in the percent format at its `# %%` lines."""
    lines = source.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("# %%")]
    cells = []
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        prose, body = "[markdown]" in lines[start], lines[start + 1 : end]
        if prose:
            body = [line.removeprefix("#").removeprefix(" ") for line in body]
        cells.append(Cell(prose, "\n".join(body).strip("\n") + "\n", start + 1))
    return cells


def _run_cell(cell: Cell, path: Path, namespace: dict[str, Any], folder: Path) -> Part:
    if cell.prose:
        return Part(cell, "", ())
    blank_lines = "\n" * cell.line  # so that a traceback gives the line of the file
    with pictures_into(folder) as pictures, contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(blank_lines + cell.text, str(path), "exec"), namespace)
    return Part(cell, printed.getvalue(), tuple(pictures))


def _main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="Write what a lesson prints into a golden file.")
    parser.add_argument("number", type=int)
    parser.add_argument("--golden", type=Path, required=True)
    parser.add_argument("--pictures", type=Path, default=Path("nital-lessons"))
    arguments = parser.parse_args(words)
    run = run_lesson(arguments.number, arguments.pictures / f"{arguments.number:02d}")
    arguments.golden.write_text(run.printed, encoding="utf-8")
    print(f"{run.printed}\n{arguments.golden}, {run.seconds:.1f} s. Read it, and look at: {[*map(str, run.pictures)]}")


if __name__ == "__main__":
    _main()
