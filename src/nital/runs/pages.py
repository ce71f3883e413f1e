"""Pages: one HTML file with numbers, doubts and pictures, that needs nothing else to be read."""

import base64
import csv
import itertools
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nital.core.errors import InputError
from nital.core.plain import plain
from nital.core.report import Report
from nital.core.sections import Axis, Plot, Section, Series, Table
from nital.core.task import Card
from nital.core.units import unit_text
from nital.io.atomic import atomic_write_text
from nital.runs.jobs import get_task
from nital.runs.plots import plot_uri

__all__ = ["report_html", "result_html", "write_page", "write_report"]

MOST_ROWS = 200
"""So many rows of a table are shown on a page."""


def write_page(folder: Path) -> Path:
    """Build report.html again in a result folder or a training run's folder.

    Raises:
        InputError: the folder holds neither, or what it holds is damaged or of an early nital.
    """
    folder = Path(folder)
    for name in ("result.json", "report.json"):
        if (folder / name).is_file():
            try:
                values = json.loads((folder / name).read_text(encoding="utf-8"))
                card = get_task(values["job"]).card
                if name == "result.json":
                    text = result_html(values, folder, card)
                else:
                    text = report_html(Report.from_json(values), card)
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                raise InputError(
                    f"{folder / name} is damaged, or was written by an early nital ({error!r}). Make the result again."
                ) from error
            atomic_write_text(folder / "report.html", text)
            return folder / "report.html"
    raise InputError(f"{folder} holds no result.json (from `nital predict`) and no report.json (from `nital train`).")


def result_html(values: Mapping[str, Any], folder: Path, card: Card) -> str:
    """The page of one file.

    Args:
        values: the contents of the result's result.json.
        folder: holds the result's files.
        card: of the job.
    """
    files = values["files"]
    pictures = [{**picture, "source": _png(folder / files[picture["name"]])} for picture in values["pictures"]]
    return _render(
        "result.html.j2", values=values, card=card, pictures=pictures,
        facts=[(fact["label"], fact_text(fact)) for fact in values["facts"]],
        tables=[_csv_table(folder / files[name]) for name in values["tables"]],
        sections=[_shown(Section.from_json(section)) for section in values["sections"]],
    )  # fmt: skip


def report_html(report: Report, card: Card) -> str:
    """The page of an evaluation or a training: the network beside the baselines, its mistakes, and plots."""
    sections = [*_losses(report), *report.sections]
    return _render("report.html.j2", report=report, card=card, sections=[_shown(section) for section in sections])


def write_report(folder: Path, report: Report, card: Card) -> None:
    """Keep a report in a run's folder, as report.json and as report.html."""
    atomic_write_text(folder / "report.json", json.dumps(plain(report.to_json()), indent=2) + "\n")
    atomic_write_text(folder / "report.html", report_html(report, card))


def fact_text(fact: Mapping[str, Any]) -> str:
    """Value, unit and interval of a fact.

    >>> fact_text({"value": 12.34567, "unit": "um", "interval": [11, 13.5], "interval_is": "95 %"})
    '12.35 µm (95 %: 11 to 13.5)'
    """
    unit = f" {unit_text(fact['unit'])}" if fact["unit"] and fact["value"] is not None else ""
    low_high = None if fact["value"] is None else fact["interval"]
    tail = f" ({fact['interval_is']}: {cell_text(low_high[0])} to {cell_text(low_high[1])})" if low_high else ""
    return f"{cell_text(fact['value'])}{unit}{tail}"


def cell_text(value: Any) -> str:
    """A value for people; lists with commas.

    >>> cell_text(None), cell_text(True), cell_text(0.123456), cell_text(["martensite", "ferrite"])
    ('–', 'yes', '0.1235', 'martensite, ferrite')
    """
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return ", ".join(map(cell_text, value)) if isinstance(value, (list, tuple)) else str(value)


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
    environment.filters["number"] = lambda value: f"{value:.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    environment.filters["cell"] = cell_text
    environment.filters["unit"] = unit_text
    return environment


def _shown(section: Section) -> dict[str, Any]:
    """A section as the template takes it: a table, or a plot that is drawn now."""
    shown: dict[str, Any] = {"title": section.title, "caption": section.caption, "table": None, "plot": None}
    if isinstance(section.content, Table):
        return shown | {"table": section.content}
    return shown | {"plot": plot_uri(section.content)}


def _losses(report: Report) -> list[Section]:
    """Losses by epoch, of a training."""
    if not report.history:
        return []
    epochs = [entry["epoch"] for entry in report.history]
    series = [
        Series(epochs, [entry[f"{name}_loss"] for entry in report.history], label=label)
        for name, label in (("train", "training"), ("valid", "validation"))
    ]
    return [Section("Losses by epoch", Plot(series, Axis("epoch", whole=True), Axis("loss")))]


def _csv_table(path: Path) -> tuple[str, list[str], list[list[str]], int]:
    """Name, header and first rows of a result's table, and how many rows are left out."""
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        columns = next(reader, [])
        shown = list(itertools.islice(reader, MOST_ROWS))
        return path.name, columns, shown, sum(1 for _ in reader)


def _png(path: Path) -> str | None:
    """A picture as a data URI."""
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}" if path.is_file() else None
