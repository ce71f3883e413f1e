"""Sections: a table or a plot of a report as data, which a page, a terminal or a notebook draws in its own way."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["Axis", "Cell", "Estimate", "Mark", "Plot", "Section", "Series", "Table"]


@dataclass(frozen=True)
class Estimate:
    """A number with its 95 % interval, as one cell of a table; None: no interval can be given."""

    value: float
    interval: tuple[float, float] | None


Cell = str | int | float | bool | None | Estimate
"""What stands in a table; None: nothing is known."""


@dataclass(frozen=True)
class Table:
    """Rows under named columns; units stand in the names of the columns."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Axis:
    """One axis of a plot.

    Attributes:
        label, unit: for people; empty unit: a bare number. low, high: its ends; None: as the data need.
        logarithmic: decades are equally long. whole: only whole numbers are marked.
    """

    label: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    logarithmic: bool = False
    whole: bool = False


@dataclass(frozen=True)
class Series:
    """Some points of a plot.

    Attributes:
        x: numbers, or for bars their names. y: numbers; for bars their lengths.
        style: how they are drawn; bars lie, their names beside them.
        label: for the legend; empty: none. spread: half lengths of error bars in y.
        weight: what the areas of dots are proportional to.
    """

    x: Sequence[float | str]
    y: Sequence[float]
    style: Literal["line", "points", "line_and_points", "bars"] = "line"
    label: str = ""
    spread: Sequence[float] | None = None
    weight: Sequence[float] | None = None


@dataclass(frozen=True)
class Mark:
    """A place on the horizontal axis with its 95 % interval, and what it is in words."""

    at: float
    interval: tuple[float, float] | None
    label: str


@dataclass(frozen=True)
class Plot:
    """Series over common axes.

    Attributes:
        marks: places on the horizontal axis. diagonal: whether the line of equal x and y is drawn.
    """

    series: Sequence[Series]
    x: Axis
    y: Axis
    marks: Sequence[Mark] = ()
    diagonal: bool = False


@dataclass(frozen=True)
class Section:
    """A table or a plot with its title and a sentence on how to read it."""

    title: str
    content: Table | Plot
    caption: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON: `title`, `caption`, and `table` or `plot`."""
        kind = "table" if isinstance(self.content, Table) else "plot"
        return {"title": self.title, "caption": self.caption, kind: dataclasses.asdict(self.content)}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "Section":
        """Read what `to_json` wrote.

        Raises:
            KeyError, TypeError: an entry is missing or damaged.
        """
        content = _table(values["table"]) if "table" in values else _plot(values["plot"])
        return cls(values["title"], content, values["caption"])


def _table(values: Mapping[str, Any]) -> Table:
    return Table(values["columns"], [[_cell(cell) for cell in row] for row in values["rows"]])


def _cell(value: Cell | Mapping[str, Any]) -> Cell:
    return Estimate(value["value"], _interval(value["interval"])) if isinstance(value, Mapping) else value


def _plot(values: Mapping[str, Any]) -> Plot:
    return Plot(
        series=[Series(**one) for one in values["series"]],
        x=Axis(**values["x"]),
        y=Axis(**values["y"]),
        marks=[Mark(one["at"], _interval(one["interval"]), one["label"]) for one in values["marks"]],
        diagonal=values["diagonal"],
    )


def _interval(values: Sequence[float] | None) -> tuple[float, float] | None:
    return None if values is None else (values[0], values[1])
