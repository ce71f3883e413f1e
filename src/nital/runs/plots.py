"""The plots of a training's report, as data URIs of PNG."""

import base64
import io
from typing import Any

__all__ = ["plots_of"]

MOST_BARS = 12
BLUE, GREY = "#0b7fab", "#8a939b"


def plots_of(report: dict[str, Any]) -> list[dict[str, str]]:
    """Those plots that a report has numbers for, each with `title`, `caption` and `source`."""
    drawn = []
    for title, caption, draw in (
        ("Losses by epoch", "", _losses),
        ("Calibration", "How often the answer was right where the network was so sure; the area of a dot is the number "
         "of samples. On the dashed line probabilities mean what they say.", _calibration),
        ("Along the value", "Share of right answers by the true value, and where the answer changes (band: 95 %).",
         _along_the_value),
        ("Learning curve", "What more to learn from would bring.", _learning),
        ("Importance", "Growth of the error on unseen groups when a column is shuffled; bars: spread over folds.",
         _importance),
    ):  # fmt: skip
        figure, axes = _figure()
        if draw(report, axes):
            drawn.append({"title": title, "caption": caption, "source": _as_uri(figure)})
    for curve in report.get("partial_dependence", ()):
        figure, axes = _figure()
        _dependence(curve, report["target"], axes)
        caption = "Mean prediction when all rows get this value: a description of the model, no cause."
        drawn.append({"title": f"Course over {curve['column']}", "caption": caption, "source": _as_uri(figure)})
    return drawn


def _losses(report: dict[str, Any], axes: Any) -> bool:
    history = report.get("history", ())
    epochs = [entry["epoch"] for entry in history]
    axes.plot(epochs, [entry["train_loss"] for entry in history], color=GREY, label="training")
    axes.plot(epochs, [entry["valid_loss"] for entry in history], color=BLUE, label="validation")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set(xlabel="epoch", ylabel="loss")
    axes.legend(frameon=False)
    return bool(history)


def _calibration(report: dict[str, Any], axes: Any) -> bool:
    bins = report.get("calibration", {}).get("bins", [])
    most = max((count for _, _, count in bins), default=1)
    axes.plot([0, 1], [0, 1], "--", color=GREY)
    for sure, right, count in bins:
        axes.scatter(sure, right, s=10 + 190 * count / most, color=BLUE, zorder=2)
    axes.set(xlabel="probability of the answer", ylabel="share right", xlim=(0, 1.03), ylim=(0, 1.05))
    return bool(bins)


def _along_the_value(report: dict[str, Any], axes: Any) -> bool:
    found = report.get("by_value")
    if not found:
        return False
    axes.plot([row[0] for row in found["bins"]], [row[1] for row in found["bins"]], "o-", color=BLUE)
    axes.set(xlabel=found["name"], ylabel="share right")
    if change := report.get("transition"):
        axes.axvspan(*change["ci95"], color=GREY, alpha=0.3, linewidth=0)
        axes.axvline(change["value"], color=GREY, linewidth=1)
        low, high = change["ci95"]
        axes.set_title(f"changes at {change['value']:.4g} (95 % {low:.4g} to {high:.4g})", fontsize=10)
    return True


def _learning(report: dict[str, Any], axes: Any) -> bool:
    points = report.get("learning_curve", {}).get("points", [])
    if len(points) < 2:
        return False
    if isinstance(points[0], dict):  # of a table: groups and the error
        size, error = points[0]
        axes.plot([point[size] for point in points], [point[error] for point in points], "o-", color=BLUE)
        axes.set(xlabel=f"{size} to train on", ylabel=error)
        axes.set_ylim(bottom=0)
    else:
        axes.plot([point[0] for point in points], [point[1] for point in points], "o-", color=BLUE)
        axes.set(xlabel="samples to train on", ylabel="share right", ylim=(0, 1.05))
    axes.set_xlim(left=0)
    return True


def _importance(report: dict[str, Any], axes: Any) -> bool:
    rows = [row for row in report.get("importance", ()) if "of" not in row][:MOST_BARS][::-1]
    if not rows:
        return False
    growth = next(name for name in rows[0] if name.startswith("growth_of_"))
    names = [row["columns"] for row in rows]
    axes.barh(names, [row[growth] for row in rows], xerr=[row["spread"] for row in rows], color=BLUE, ecolor=GREY)
    axes.set_xlabel(growth.replace("_", " "))
    return True


def _dependence(curve: dict[str, Any], target: str, axes: Any) -> None:
    axes.plot(curve["values"], curve["mean_prediction"], color=BLUE)
    unit = f" [{curve['unit']}]" if curve["unit"] and curve["unit"] not in curve["column"] else ""
    axes.set(xlabel=f"{curve['column']}{unit}", ylabel=target)


def _figure() -> tuple[Any, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _as_uri(figure: Any) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=130)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
