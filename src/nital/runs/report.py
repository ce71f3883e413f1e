"""Reports: one HTML file with numbers, doubts and pictures, that needs nothing else to be read."""

import base64
import csv
import itertools
import json
from functools import cache
from pathlib import Path
from typing import Any

from nital.core.errors import InputError
from nital.core.task import Card
from nital.io.atomic import atomic_write_text
from nital.runs.jobs import get_task
from nital.runs.plots import plots_of

__all__ = ["result_html", "training_html", "write_report"]

MOST_ROWS = 200
"""So many rows of a table are shown in a report."""
_HIDDEN = ("headline", "files", "pictures", "ledger", "warnings", "file", "job", "model", "seconds")


def write_report(folder: Path) -> Path:
    """Build report.html again in a result folder or a training run's folder.

    Raises:
        InputError: the folder holds neither.
    """
    folder = Path(folder)
    for name, build in (("result.json", _result_again), ("report.json", _training_again)):
        if (folder / name).is_file():
            try:
                text = build(folder, json.loads((folder / name).read_text(encoding="utf-8")))
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"{folder / name} is damaged ({error}). Make the result again.") from error
            atomic_write_text(folder / "report.html", text)
            return folder / "report.html"
    raise InputError(f"{folder} holds no result.json (from `nital predict`) and no report.json (from `nital train`).")


def result_html(values: dict[str, Any], folder: Path, card: Card) -> str:
    """The report of one file.

    Args:
        values: the contents of the result's result.json.
        folder: holds the result's pictures.
        card: of the job.
    """
    pictures = [{**picture, "source": _png(folder / picture["file"])} for picture in values["pictures"]]
    rows = _rows({name: value for name, value in values.items() if name not in _HIDDEN and not _is_column(value)})
    tables = [_table(folder / name) for name in values["files"] if name.endswith(".csv")]
    return _render("result.html.j2", values=values, card=card, pictures=pictures, rows=rows, tables=tables)


def training_html(report: dict[str, Any], card: Card) -> str:
    """The report of a training: the network beside the baselines, its mistakes, and plots."""
    first = report["models"][0]
    metrics = [name for name in first if isinstance(first[name], float) and not name.endswith("_gap")]
    return _render("training.html.j2", report=report, card=card, metrics=metrics, plots=plots_of(report))


def _result_again(folder: Path, values: dict[str, Any]) -> str:
    return result_html(values, folder, get_task(values["job"]).card)


def _training_again(folder: Path, report: dict[str, Any]) -> str:
    return training_html(report, get_task(report["job"]).card)


def _render(template: str, **values: Any) -> str:
    import jinja2

    from nital import __version__

    try:
        return _environment().get_template(template).render(version=__version__, **values)
    except jinja2.UndefinedError as error:
        raise KeyError(str(error)) from error


@cache
def _environment() -> Any:
    """Kept, because compiling a template takes longer than classifying a picture."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("nital.runs"), autoescape=True, undefined=jinja2.StrictUndefined
    )
    # Shares need three places; strengths in MPa do not.
    environment.filters["number"] = lambda value: f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
    return environment


def _is_column(value: Any) -> bool:
    """A list of one entry per row of a table, which is shown as one."""
    return isinstance(value, list) and len(value) > 2


def _table(path: Path) -> tuple[str, list[str], list[list[str]], int]:
    """Name, header and first rows of a result's table, and how many rows are left out."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        columns = next(reader, [])
        shown = list(itertools.islice(reader, MOST_ROWS))
        return path.name, columns, shown, sum(1 for _ in reader)


def _rows(values: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested values as a flat table of names and texts."""
    rows: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += _rows(value, f"{prefix}{name}.")
        else:
            rows.append((f"{prefix}{name}", _text(value)))
    return rows


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return " to ".join(map(_text, value)) if len(value) == 2 else ", ".join(map(_text, value))
    return str(value)


def _png(path: Path) -> str | None:
    """A picture as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}" if path.is_file() else None
