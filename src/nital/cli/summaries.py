"""Results, scores and the state of the installation as text for a terminal."""

from collections.abc import Sequence
from typing import Any

from nital.cli.text import aligned

__all__ = ["doctor_text", "found_text", "result_text", "scores_text"]


def result_text(result: Any) -> str:
    """Headline, warnings and where the files are, of a `Result`."""
    files = [(name, str(result.values[name])) for name in ("report", "overlay", "label_map") if result.values.get(name)]
    return found_text(str(result.values["file"]), result.headline, result.values["warnings"], files)


def found_text(
    title: str,
    headline: Sequence[tuple[str, str]],
    warnings: Sequence[str],
    files: Sequence[tuple[str, str]] = (),
) -> str:
    """A title, and under it what was found, what must be read besides, and where it is."""
    notes = [f"  note: {sentence}" for sentence in warnings]
    return "\n".join([title, aligned(headline), *notes, aligned(files)]).rstrip()


def scores_text(report: dict[str, Any]) -> str:
    """One row per model, one column per metric, then the verdict and what else must be read."""
    models = report["models"]
    metrics = [
        name for name, value in models[0].items() if isinstance(value, int | float) and f"{name}_ci95" in models[0]
    ]
    rows = [["", *metrics]]
    for model in models:
        cells = []
        for metric in metrics:
            low_high = model.get(f"{metric}_ci95")
            tail = f" ({low_high[0]:.3g} to {low_high[1]:.3g})" if low_high else ""
            cells.append("-" if model.get(metric) is None else f"{model[metric]:.3g}{tail}")
        rows.append([model["name"], *cells])
    notes = [f"  {sentence}" for sentence in (report["verdict"], *report.get("notes", ()))]
    read = [f"  read: {sentence}" for sentence in report.get("account", ())]
    return "\n".join([aligned(rows), *notes, *read])


def doctor_text(facts: dict[str, Any]) -> str:
    """What is installed, what is missing and how to get it."""
    machine = [
        (name.replace("_", " "), str(facts[name])) for name in ("nital", "python", "platform", "cores", "threads")
    ]
    engines = [(name, str(version or "missing")) for name, version in facts["engines"].items()]
    extras = [
        (name, "present" if extra["present"] else f"missing {', '.join(extra['missing'])}; {extra['install']}")
        for name, extra in facts["extras"].items()
    ]
    models = [(model["job"], model["detail"]) for model in facts["models"]]
    parts = [("machine", machine), ("engines", engines), ("extras", extras), ("bundled models", models)]
    return "\n".join(f"{title}\n{aligned(rows)}" for title, rows in parts if rows)
