"""Tables and plots of the job's reports, as data."""

from collections.abc import Mapping
from typing import Any

from nital.core.report import Metric
from nital.core.sections import Axis, Plot, Section, Series, Table

__all__ = ["sections"]

MOST_BARS = 12


def sections(details: Mapping[str, Any], metric: Metric) -> tuple[Section, ...]:
    """Those that there are numbers for.

    Args:
        details: the job's entries of the report's JSON.
    """
    found: list[Section] = []
    if len(details.get("learning_curve", {}).get("points", ())) > 1:
        found.append(_learning_curve(details["learning_curve"], metric))
    if details.get("importance"):
        found.append(_importance(details["importance"], metric))
    found += [_dependence(curve, details["target"], metric.unit) for curve in details.get("partial_dependence", ())]
    return (*found, _checklist(details["advise"]))


def _learning_curve(found: Mapping[str, Any], metric: Metric) -> Section:
    points = found["points"]
    series = Series([one["groups"] for one in points], [one[metric.name] for one in points], "line_and_points")
    axes = Axis("groups to learn from", low=0), Axis(metric.words, metric.unit, low=0)
    return Section("Learning curve", Plot((series,), *axes), found["words"])


def _importance(found: list[dict[str, Any]], metric: Metric) -> Section:
    rows = [row for row in found if "of" not in row][:MOST_BARS]
    growth = [row[f"growth_of_{metric.name}"] for row in rows]
    bars = Series([row["columns"] for row in rows], growth, "bars", spread=[row["spread"] for row in rows])
    return Section(
        "Importance", Plot((bars,), Axis(f"growth of the {metric.words}", metric.unit), Axis("")),
        "Growth of the error on unseen groups when a column is shuffled; bars: spread over folds.",
    )  # fmt: skip


def _dependence(curve: Mapping[str, Any], target: str, unit: str) -> Section:
    named = curve["unit"] and curve["unit"] in curve["column"]
    across = Axis(curve["column"], "" if named else curve["unit"] or "")
    up = Axis(target, "" if unit in target else unit)
    return Section(
        f"Course over {curve['column']}", Plot((Series(curve["values"], curve["mean_prediction"]),), across, up),
        "Mean prediction when all rows get this value: a description of the model, no cause.",
    )  # fmt: skip


def _checklist(advice: list[dict[str, str]]) -> Section:
    rows = [[one["question"], one["answer"], one["speaks_for"]] for one in advice]
    return Section("When a deep network is out of place", Table(("question", "this table", "speaks for"), rows))
