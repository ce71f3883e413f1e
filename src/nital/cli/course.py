"""`nital learn`: list the lessons, run one, write it as a notebook, mark answers."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from nital.cli.text import aligned, json_line

if TYPE_CHECKING:
    from nital.teach.course import Lesson, Part

__all__ = ["learn"]

# What a lesson may need -> the module to import, nital's extra that brings it.
_EXTRAS = {"torch": ("torch", "train"), "scikit-learn": ("sklearn", "teach")}


@click.command()
@click.argument("number", type=click.IntRange(1), required=False)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("nital-lessons"), show_default=True,
    help="Folder for pictures and notebooks.",
)  # fmt: skip
@click.option("--notebook", is_flag=True, help="Write the lesson as a Jupyter notebook instead of running it.")
@click.option("--check", type=click.Path(path_type=Path), metavar="FILE", help="Mark a Python file with your answers.")
@click.option("--data", type=click.Path(path_type=Path), metavar="FOLDER", help="Real data, for lessons that need it.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per lesson, one per line.")
@click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
def learn(number: int | None, out: Path, notebook: bool, check: Path | None, data: Path | None, as_json: bool) -> int:
    """How neural networks work, one lesson at a time.

    Without NUMBER: the list of lessons. With it: that lesson runs, prints its numbers and saves its pictures.

    \b
    nital learn 14
    nital learn 14 --check answers.py
    nital learn 14 --notebook
    """
    from nital.core.errors import InputError

    if number is None:
        if notebook or check:
            raise click.UsageError("Give the number of a lesson; nital learn lists them.")
        return _list(as_json)
    lesson = _find(number)
    try:
        if check:
            return _check(lesson, check, as_json)
        if notebook:
            return _notebook(lesson, out, as_json)
        return _run(lesson, out / f"{number:02d}", data, as_json)
    except ValueError as error:  # what nital.teach raises about what it was given
        raise InputError(str(error)) from error


def _list(as_json: bool) -> int:
    from nital.teach.course import list_lessons

    lessons = list_lessons()
    if as_json:
        for lesson in lessons:
            click.echo(json_line(_facts(lesson)))
        return 0
    for lesson in lessons:
        needs = f" (needs {', '.join(map(_need_words, lesson.needs))})" if lesson.needs else ""
        click.echo(f"{lesson.number:2d}  {click.style(lesson.title, bold=True)}\n    {lesson.summary}{needs}")
    click.echo("\nRun one: nital learn 1. As a notebook: nital learn 1 --notebook")
    return 0


def _need_words(word: str) -> str:
    import importlib.util

    module, extra = _EXTRAS.get(word, ("", ""))
    missing = module and importlib.util.find_spec(module) is None
    if word == "data":
        return "--data FOLDER"
    return f"{word}: pip install 'nital[{extra}]'" if missing else word


def _find(number: int) -> "Lesson":
    from nital.core.errors import UnknownName
    from nital.teach.course import find_lesson

    try:
        return find_lesson(number)
    except ValueError as error:
        raise UnknownName(str(error)) from error


def _run(lesson: "Lesson", folder: Path, data: Path | None, as_json: bool) -> int:
    from nital.teach.course import run_lesson

    _need_packages(lesson)

    def show(part: "Part") -> None:
        text = part.cell.text if part.cell.prose else part.printed
        if text.strip() and not as_json:
            click.echo(text)

    run = run_lesson(lesson.number, folder, data, watch=show)
    if as_json:
        values = {"printed": run.printed.splitlines(), "pictures": run.pictures, "seconds": round(run.seconds, 2)}
        click.echo(json_line(_facts(lesson) | values))
    else:
        click.echo(aligned([("picture", str(path)) for path in run.pictures]))
        click.echo(f"{run.seconds:.1f} s", err=True)
    return 0


def _need_packages(lesson: "Lesson") -> None:
    from nital.core.errors import need

    for word in lesson.needs:
        if word in _EXTRAS:
            need(*_EXTRAS[word], f"Lesson {lesson.number}")


def _notebook(lesson: "Lesson", folder: Path, as_json: bool) -> int:
    from nital.core.errors import need
    from nital.teach.course import write_notebook

    need("jupytext", "teach", "Writing a notebook")
    path = write_notebook(lesson.number, folder)
    click.echo(json_line(_facts(lesson) | {"notebook": path}) if as_json else str(path))
    return 0


def _check(lesson: "Lesson", answers: Path, as_json: bool) -> int:
    from nital.teach.course import check_answers

    _need_packages(lesson)
    marks = check_answers(lesson.number, answers)
    if as_json:
        rows = [{"name": mark.name, "right": mark.right, "words": mark.words} for mark in marks]
        click.echo(json_line(_facts(lesson) | {"exercises": rows}))
    else:
        click.echo(aligned([(mark.name, mark.words) for mark in marks], indent=""))
    return 0 if all(mark.right for mark in marks) else 1


def _facts(lesson: "Lesson") -> dict[str, object]:
    return {"lesson": lesson.number, "title": lesson.title, "summary": lesson.summary, "needs": lesson.needs}
