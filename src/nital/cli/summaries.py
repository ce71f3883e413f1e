"""Results, scores and the state of the installation as text for a terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from nital.cli.text import aligned, as_flags

if TYPE_CHECKING:
    from nital.core.report import Report, Score
    from nital.runs.result import Result

__all__ = ["doctor_text", "found_text", "result_text", "scores_text"]


def result_text(result: "Result") -> str:
    """Headline, warnings and where the files are."""
    files = sorted(((name, str(path)) for name, path in result.files.items()), key=lambda file: file[0] != "report")
    return found_text(str(result.values["file"]), result.headline, result.values["warnings"], files)


def found_text(
    title: str,
    headline: Sequence[tuple[str, str]],
    warnings: Sequence[str],
    files: Sequence[tuple[str, str]] = (),
) -> str:
    """A title, and under it what was found, what must be read besides, and where it is."""
    notes = [f"  note: {as_flags(sentence)}" for sentence in warnings]
    return "\n".join([title, aligned(headline), *notes, aligned(files)]).rstrip()


def scores_text(report: "Report") -> str:
    """One row per model, one column per metric, then the verdict and what else must be read."""
    scored = {score.metric for score in report.scores}
    metrics = [metric.name for metric in report.metrics if metric.name in scored]
    found = {(score.model, score.metric): score for score in report.scores}
    rows = [[name, *(_score(found.get((name, metric))) for metric in metrics)] for name in report.model_names]
    notes = [f"  {as_flags(sentence)}" for sentence in (report.verdict, *report.notes)]
    read = [f"  read: {as_flags(sentence)}" for sentence in report.account]
    return "\n".join([aligned([["", *metrics], *rows]), *notes, *read])


def _score(score: "Score | None") -> str:
    if score is None or score.value is None:
        return "-"
    tail = f" ({score.interval[0]:.3g} to {score.interval[1]:.3g})" if score.interval else ""
    return f"{score.value:.3g}{tail}"


def doctor_text(facts: dict[str, Any]) -> str:
    """What is installed, what is missing and how to get it."""
    machine = [
        (name.replace("_", " "), str(facts[name])) for name in ("nital", "python", "platform", "cores", "threads")
    ]
    machine.append(("devices to train on", ", ".join(facts["devices"]) or "none: see the extra train"))
    engines = [(name, str(version or "missing")) for name, version in facts["engines"].items()]
    extras = [
        (name, "present" if extra["present"] else f"missing {', '.join(extra['missing'])}; {extra['install']}")
        for name, extra in facts["extras"].items()
    ]
    models = [(model["job"], model["detail"]) for model in facts["models"]]
    parts = [("machine", machine), ("engines", engines), ("extras", extras), ("bundled models", models)]
    return "\n".join(f"{title}\n{aligned(rows)}" for title, rows in parts if rows)
