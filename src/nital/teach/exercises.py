"""Exercises that the machine marks: a question, a test of the answer, a hint for a wrong one."""

import contextlib
import io
import runpy
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["Exercise", "Mark", "ask", "mark", "read_answers"]


@dataclass(frozen=True)
class Exercise:
    """One question.

    Args:
        name: what the answer is called in the student's file: a number, an array or a function.
        question: what to do, in one or two sentences; says the unit.
        right: takes the answer and says whether it is right. It may fail with any error: then the answer is wrong.
        hint: what helps somebody whose answer is wrong, without giving it away.
    """

    name: str
    question: str
    right: Callable[[Any], Any]
    hint: str


@dataclass(frozen=True)
class Mark:
    """What became of one exercise."""

    name: str
    right: bool
    words: str


def ask(exercises: Sequence[Exercise], try_next: str) -> None:
    """Print the exercises and what to try next: the end of each lesson."""
    print("\nExercises: write the answers into a file of your own, then nital learn NUMBER --check FILE")
    for number, exercise in enumerate(exercises, 1):
        print(f"  {number}. {exercise.name}: {exercise.question}")
    print(f"\nWhat to try next: {try_next}")


def mark(exercises: Sequence[Exercise], answers: Mapping[str, Any]) -> list[Mark]:
    """Mark the answers; in a notebook: `mark(EXERCISES, globals())`.

    Args:
        exercises: of one lesson.
        answers: name to answer.

    >>> twice = Exercise("twice", "What is twice 21?", lambda value: value == 42, "Add 21 to itself.")
    >>> mark([twice], {"twice": 41})
    [Mark(name='twice', right=False, words='not yet. Hint: Add 21 to itself.')]
    """
    return [_mark_one(exercise, answers) for exercise in exercises]


def _mark_one(exercise: Exercise, answers: Mapping[str, Any]) -> Mark:
    if exercise.name not in answers:
        return Mark(exercise.name, False, f"no answer yet: give the name {exercise.name} a value.")
    try:
        with np.errstate(all="ignore"):
            right = bool(np.all(exercise.right(answers[exercise.name])))
    except Exception as error:  # noqa: BLE001 a student's function may fail in any way
        return Mark(exercise.name, False, f"not yet ({type(error).__name__}: {error}). Hint: {exercise.hint}")
    return Mark(exercise.name, right, "right." if right else f"not yet. Hint: {exercise.hint}")


def read_answers(path: Path) -> dict[str, Any]:
    """Run a student's file and take its names; what it prints is dropped.

    Raises:
        ValueError: the file cannot be read or stops with an error; names the line.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return runpy.run_path(str(path), run_name="answers")
    except OSError as error:
        raise ValueError(
            f"{path} cannot be read: {error.strerror or error}. Give the file with your answers."
        ) from error
    except SyntaxError as error:
        raise ValueError(f"{path}, line {error.lineno}: {error.msg}. Mend this line first.") from error
    except (Exception, SystemExit) as error:  # the file is somebody's first program
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        place = f", line {lines[-1]}" if lines else ""
        raise ValueError(f"{path}{place}: {type(error).__name__}: {error}. Mend this line first.") from error
