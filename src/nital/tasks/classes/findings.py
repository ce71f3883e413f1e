"""What answers to pictures with known classes show: confusion, class by class, calibration, along the value."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nital.core.dataset import Dataset
from nital.core.sections import Axis, Estimate, Mark, Plot, Section, Series, Table
from nital.core.task import Findings
from nital.learn.classification import calibration_curve, confusion_matrix, per_class, transition

__all__ = ["describe"]

BINS = 20  # along the value, each with as many samples
SHARE_RIGHT = Axis("share right", low=0, high=1.05)


def describe(answers: Mapping[str, np.ndarray], dataset: Dataset) -> Findings:
    """Sections, notes and JSON entries on the answers to all samples.

    Args:
        answers: `probability` (n, classes), with a value `value` (n,). dataset: n samples that were not trained on.

    Returns:
        with the details `n_samples` (crops), `n_pictures`, `classes` (names), `confusion` (rows: true), `per_class`,
        `calibration`, and where there is a value `by_value` and, for two classes, `transition`.
    """
    known = dataset.batch(np.arange(len(dataset)))
    label, names = known["label"], list(dataset.facts["classes"])
    guess = answers["probability"].argmax(1)
    details: dict[str, Any] = {
        "n_samples": len(label),
        "n_pictures": len(np.unique(known["picture"])),
        "classes": names,
        "confusion": confusion_matrix(label, guess, len(names)).tolist(),
        "per_class": per_class(label, guess, dataset.groups, names),
        "calibration": calibration_curve(answers["probability"], label),
    }
    sections = [_confusion(details), _class_by_class(details), _calibration(details)]
    if dataset.facts.get("value") and "value" in answers and "value" in known:
        details |= _along_the_value(known["value"], answers["value"], guess, guess == label, dataset.facts)
        sections.append(_value_section(details))
    return Findings(tuple(sections), tuple(_notes(details, dataset)), details)


def _notes(details: Mapping[str, Any], dataset: Dataset) -> list[str]:
    notes = list(dataset.facts.get("notes", ()))
    if details["n_pictures"] < details["n_samples"]:
        notes.append(
            f"Scored are {details['n_samples']} crops of {details['n_pictures']} pictures; a picture's answer is the "
            "mean over its crops, as good as this or better as a rule."
        )
    return [*notes, _mistakes(details["confusion"], details["classes"])]


def _mistakes(confusion: Sequence[Sequence[int]], names: Sequence[str]) -> str:
    counts = np.array(confusion)
    np.fill_diagonal(counts, 0)
    if not counts.any():
        return "No test sample was taken for another class."
    true, guess = np.unravel_index(counts.argmax(), counts.shape)
    if counts.max() == 1 and counts.sum() > 1:
        return f"{counts.sum()} mistakes, no two of them alike."
    return (
        f"Most frequent mistake: '{names[int(true)]}' taken for '{names[int(guess)]}', {counts.max()} of "
        f"{np.sum(confusion[int(true)])} samples."
    )


def _along_the_value(
    true: np.ndarray, found: np.ndarray, guess: np.ndarray, right: np.ndarray, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Accuracy and error by the true value, and where the class changes."""
    edges = np.quantile(true, np.linspace(0, 1, BINS + 1))
    place = np.clip(np.searchsorted(edges, true, side="right") - 1, 0, BINS - 1)
    rows = [place == n for n in range(BINS) if (place == n).any()]
    bins = [
        [float(true[row].mean()), float(right[row].mean()), float(np.abs(found - true)[row].mean()), int(row.sum())]
        for row in rows
    ]
    columns = ["value", "accuracy", "mae_value", "n"]
    details: dict[str, Any] = {"by_value": {"name": facts["value"]["name"], "columns": columns, "bins": bins}}
    if len(facts["classes"]) == 2 and len(np.unique(guess)) == 2:
        upper = int(true[guess == 1].mean() > true[guess == 0].mean())
        details["transition"] = transition(true, (guess == upper).astype(int))
    return details


def _confusion(details: Mapping[str, Any]) -> Section:
    names, counts = details["classes"], details["confusion"]
    table = Table(["", *names], [[name, *row] for name, row in zip(names, counts, strict=True)])
    return Section("Confusion", table, "Rows: the true class; columns: what was said; numbers of samples.")


def _class_by_class(details: Mapping[str, Any]) -> Section:
    def estimate(row: Mapping[str, Any], name: str) -> Estimate | None:
        return None if row[name] is None else Estimate(row[name], row[f"{name}_ci95"])

    rows = [
        [row["name"], row["n"], row["n_groups"], estimate(row, "precision"), estimate(row, "recall")]
        for row in details["per_class"]
    ]
    return Section(
        "Class by class", Table(["class", "samples", "groups", "precision", "recall"], rows),
        "Precision: share of those called so that are; recall: share of those that are that were found; 95 % intervals "
        "over groups.",
    )  # fmt: skip


def _calibration(details: Mapping[str, Any]) -> Section:
    sure, right, count = zip(*details["calibration"]["bins"], strict=True)
    return Section(
        "Calibration",
        Plot(
            [Series(sure, right, "points", weight=count)],
            Axis("probability of the answer", low=0, high=1.03), SHARE_RIGHT, diagonal=True,
        ),
        "How often the answer was right where the model was so sure; the area of a dot is the number of samples. On "
        "the dashed line probabilities mean what they say.",
    )  # fmt: skip


def _value_section(details: Mapping[str, Any]) -> Section:
    found, marks = details["by_value"], []
    if change := details.get("transition"):
        low, high = change["ci95"]
        words = f"changes at {change['value']:.4g} (95 % {low:.4g} to {high:.4g})"
        marks = [Mark(change["value"], (low, high), words)]
    value, right, _, _ = zip(*found["bins"], strict=True)
    plot = Plot([Series(value, right, "line_and_points")], Axis(found["name"]), SHARE_RIGHT, marks)
    return Section(
        "Along the value", plot, "Share of right answers by the true value, and where the answer changes (band: 95 %)."
    )
