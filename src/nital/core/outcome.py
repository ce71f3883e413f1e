"""Outcome: what a job found in one file. The job states what each thing is; nothing is told from names or shapes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np

from nital.core.sections import Section, Table

__all__ = ["ColourBar", "Fact", "Map", "Outcome", "Picture", "RowCell", "ends", "made"]

RowCell = str | int | float | bool | None
"""A cell of the table of a batch."""

Pixels = np.ndarray | Callable[[], np.ndarray]
"""An array, or what makes it when it is saved or shown, so that who only wants numbers does not wait for pictures."""


@dataclass(frozen=True)
class Fact:
    """One line of a result's report.

    Attributes:
        label: what it is, for people, such as "mean lineal intercept".
        value: a number, a word, a list of these; None: not known.
        unit: of the number, such as "um"; empty: none.
        interval: of the number. interval_is: what kind of one, in words, such as "95 %, counting alone".
    """

    label: str
    value: str | int | float | bool | Sequence[str | int | float] | None
    unit: str = ""
    interval: Sequence[float] | None = None
    interval_is: str = "95 %"


@dataclass(frozen=True)
class Map:
    """One value for each place of the field, saved as TIFF.

    Attributes:
        kind: "labels", integers that number regions, 0 for none; "image", grey or intensity, kept in its own type;
            "doubt", float32, how unsure each place is.
        pixels: (rows, cols) or (channels, rows, cols).
        pixel_size_um: None where it is not known.
    """

    kind: Literal["labels", "image", "doubt"]
    pixels: Pixels
    pixel_size_um: float | None = None


@dataclass(frozen=True)
class ColourBar:
    """What the colours of a map mean, from its lowest to its highest value.

    Attributes:
        label, unit: of the values; empty unit: a bare number. low, high: the values at the ends.
        colours: as "#rrggbb", evenly from low to high.
    """

    label: str
    unit: str
    low: float
    high: float
    colours: Sequence[str]


Made = TypeVar("Made", np.ndarray, ColourBar)


@dataclass(frozen=True)
class Picture:
    """A picture for people, uint8 (rows, cols, 3), saved as PNG and shown in the report.

    Attributes:
        bar: of a map of values that the picture shows, or what makes it when it is shown; None: it shows no such map.
    """

    pixels: Pixels
    title: str
    caption: str
    bar: ColourBar | Callable[[], ColourBar] | None = None


@dataclass
class Outcome:
    """What a job found in one file.

    Attributes:
        values: the job's part of the JSON, ready for `json.dumps`: units in names, None where physics is absent.
        row: column -> cell of the table of a batch. A column has its unit in its name.
        facts: what the report lists, in this order. headline: (label, value) of the few that a person wants first.
        warnings: plain sentences for the user.
        maps: name -> map, saved as NAME.tif. pictures: name -> picture, saved as NAME.png, shown in this order; the
            paths stand in the JSON under these names.
        tables: name -> table, saved as NAME.csv; the paths stand in the JSON as NAME_csv.
        sections: further tables and plots of the report.
    """

    values: dict[str, Any]
    row: dict[str, RowCell] = field(default_factory=dict[str, RowCell])
    facts: list[Fact] = field(default_factory=list[Fact])
    headline: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    warnings: list[str] = field(default_factory=list[str])
    maps: dict[str, Map] = field(default_factory=dict[str, Map])
    pictures: dict[str, Picture] = field(default_factory=dict[str, Picture])
    tables: dict[str, Table] = field(default_factory=dict[str, Table])
    sections: list[Section] = field(default_factory=list[Section])


def made(thing: Made | Callable[[], Made]) -> Made:
    """The thing itself, such as an array; made now, and not kept, where it was not made before."""
    return thing() if callable(thing) else thing


def ends(name: str, interval: Sequence[float] | None) -> Mapping[str, RowCell]:
    """The two ends of an interval as cells of a row; none where there is no interval.

    >>> ends("g_ci95", [7.1, 7.5])
    {'g_ci95_low': 7.1, 'g_ci95_high': 7.5}
    """
    return {} if interval is None else {f"{name}_low": interval[0], f"{name}_high": interval[1]}
