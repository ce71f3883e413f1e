"""Writes docs/lessons/: each lesson of `nital learn` as a page, with its code, what it prints, and its pictures.

Sphinx runs this before it reads the pages. A page is written again when the lesson or nital.teach is newer.
"""

import importlib.util
import os
from pathlib import Path

from nital.teach.course import Lesson, Part, list_lessons, run_lesson

MODULES = {"torch": "torch", "scikit-learn": "sklearn"}
DATA_BESIDE_THE_REPOSITORY = Path(__file__).resolve().parents[2] / "shared" / "data"


def write_pages(folder: Path) -> None:
    """Write one page per lesson, and the table that tutorials/lessons.md shows."""
    folder.mkdir(parents=True, exist_ok=True)
    lessons = list_lessons()
    for lesson in lessons:
        page = folder / f"{lesson.path.stem}.md"
        if not page.exists() or page.stat().st_mtime < _last_change(lesson):
            page.write_text(_page(lesson, folder), encoding="utf-8")
    rows = [f"| [{one.number}. {one.title}](../lessons/{one.path.stem}.md) | {one.summary} |" for one in lessons]
    table = "\n".join(["| lesson | what it shows |", "|---|---|", *rows])
    (folder / "table.txt").write_text(table + "\n", encoding="utf-8")


def _last_change(lesson: Lesson) -> float:
    shared = lesson.path.parents[1].glob("*.py")
    return max(path.stat().st_mtime for path in (lesson.path, Path(__file__), *shared))


def _page(lesson: Lesson, folder: Path) -> str:
    data = Path(os.environ.get("NITAL_DATA") or DATA_BESIDE_THE_REPOSITORY)
    missing = [word for word in lesson.needs if not _is_there(word, data)]
    if missing:
        parts = tuple(Part(cell, "", ()) for cell in lesson.cells())
        note = f"*This page was made without {' and '.join(missing)}: results and pictures are not shown.*\n\n"
    else:
        parts, note = run_lesson(lesson.number, folder / "pictures" / f"{lesson.number:02d}", data).parts, ""
    how = f"Run it: `nital learn {lesson.number}`. As a notebook: `nital learn {lesson.number} --notebook`.\n"
    return "\n".join([*(_part(part, folder) for part in parts), note + how])


def _is_there(word: str, data: Path) -> bool:
    return data.is_dir() if word == "data" else importlib.util.find_spec(MODULES[word]) is not None


def _part(part: Part, folder: Path) -> str:
    if part.cell.prose:
        return part.cell.text
    printed = f"\n```text\n{part.printed.strip(chr(10))}\n```\n" if part.printed.strip() else ""
    pictures = "".join(f"\n![{path.stem}]({path.relative_to(folder).as_posix()})\n" for path in part.pictures)
    return f"```python\n{part.cell.text}```\n{printed}{pictures}"
