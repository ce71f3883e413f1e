"""Plots, which jobs state as data, drawn as data URIs of PNG."""

import base64
import dataclasses
import io
import math
from collections.abc import Sequence
from typing import Any

from nital.core.sections import Axis, Plot, Series
from nital.core.units import unit_text

__all__ = ["plot_uri"]

COLOURS = ("#8a939b", "#0b7fab", "#d9730d", "#5a7d2a", "#8a4f9e")
"""The first is for what is there to compare with; a series that stands alone takes the second."""
ERRORS = "#4d555c"
LARGEST_DOT, SMALLEST_DOT = 200, 10


def plot_uri(plot: Plot) -> str:
    """Draw a plot, 832 x 416 px."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes: Any = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    names = list(dict.fromkeys(name for series in plot.series if series.style == "bars" for name in series.x))
    for number, series in enumerate(plot.series):
        colour = COLOURS[(number + (len(plot.series) == 1)) % len(COLOURS)]
        if series.style == "bars":
            _draw_bars(axes, series, colour, names, number, len(plot.series))
        else:
            _draw(axes, series, colour)
    if plot.diagonal:
        axes.axline((0, 0), slope=1, linestyle="--", color=COLOURS[0], zorder=0)
    for mark in plot.marks:
        if mark.interval is not None:
            axes.axvspan(*mark.interval, color=COLOURS[0], alpha=0.3, linewidth=0)
        axes.axvline(mark.at, color=COLOURS[0], linewidth=1)
    axes.set_title("; ".join(mark.label for mark in plot.marks), fontsize=10)
    for side, axis in (("x", plot.x), ("y", plot.y)):
        _set_axis(axes, side, axis)
    if any(series.label for series in plot.series):
        axes.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def _draw(axes: Any, series: Series, colour: str) -> None:
    series = dataclasses.replace(
        series, y=_numbers(series.y), spread=_numbers(series.spread), weight=_numbers(series.weight)
    )  # fmt: skip
    label = series.label or None
    if series.weight is not None:
        most = max(series.weight, default=1) or 1
        sizes = [SMALLEST_DOT + (LARGEST_DOT - SMALLEST_DOT) * weight / most for weight in series.weight]
        axes.scatter(series.x, series.y, s=sizes, color=colour, zorder=2, label=label)
        return
    style = {"line": "-", "points": "o", "line_and_points": "o-"}[series.style]
    if series.spread is None:
        axes.plot(series.x, series.y, style, color=colour, label=label)
    else:
        axes.errorbar(series.x, series.y, yerr=series.spread, fmt=style, color=colour, label=label)


def _draw_bars(axes: Any, series: Series, colour: str, names: list[Any], number: int, of: int) -> None:
    """Bars of one of several series: beside their names, and beside one another, the first on top."""
    width = 0.8 / of
    places = [names.index(name) + (number - (of - 1) / 2) * width for name in series.x]
    spread = _numbers(series.spread)
    axes.barh(
        places, _numbers(series.y), width, xerr=spread, color=colour, ecolor=ERRORS, label=series.label or None
    )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.yaxis.set_inverted(True)


def _numbers(values: Sequence[float] | None) -> list[float] | None:
    """Numbers that were not finite are None in JSON; nothing is drawn there."""
    return None if values is None else [math.nan if value is None else value for value in values]


def _set_axis(axes: Any, side: str, axis: Axis) -> None:
    if axis.logarithmic:
        getattr(axes, f"set_{side}scale")("log")
    if axis.whole:
        getattr(axes, f"{side}axis").get_major_locator().set_params(integer=True)
    unit = f" [{unit_text(axis.unit)}]" if axis.unit else ""
    getattr(axes, f"set_{side}label")(f"{axis.label}{unit}")
    low, high = ("left", "right") if side == "x" else ("bottom", "top")
    ends = {low: axis.low, high: axis.high}
    getattr(axes, f"set_{side}lim")(**{name: end for name, end in ends.items() if end is not None})
