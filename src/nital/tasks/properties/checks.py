"""What limits a score, and the sentences that a person must read besides the verdict."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nital.learn.conformal import coverage_by_group, fewest_groups
from nital.learn.folds import Fold
from nital.science.screening import find_twin_rows
from nital.tasks.properties.domain import learn_domain
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.score import CHOSEN, SIMPLE, WITH_NETWORK, Compared

__all__ = ["coverage", "duplicates", "leakage_words", "notes", "share_outside", "too_few_groups"]

MUCH_BETTER = 0.9
"""A share of the choice's error below which a better model of the table is worth a word."""


def coverage(compared: Compared) -> dict[str, Any]:
    """Measured coverage of the 90 % intervals, per group and over rows, and how wide they are."""
    rows, values = compared.tested(CHOSEN)
    truth, groups = compared.problem.rows.target[rows], compared.problem.rows.groups
    half = np.concatenate([one.half for one in compared.results])
    by_group = coverage_by_group(truth, values - half, values + half, groups[rows])
    worst = sorted(by_group.items(), key=lambda item: item[1])[:5]
    facts: dict[str, Any] = {
        "coverage90": float(np.mean(list(by_group.values()))),
        "coverage90_of_rows": float(np.mean(np.abs(truth - values) <= half)),
        "interval90_half_width": float(np.mean(half)), "coverage90_worst_groups": dict(worst),
    }  # fmt: skip
    smallest = min(len(np.unique(groups[one.fold.train])) for one in compared.results)
    if note := too_few_groups(smallest):
        facts["coverage90_note"] = f"While scoring, part of the groups is held back. {note}"
    return facts


def too_few_groups(count: int) -> str | None:
    """A sentence where so many groups cannot promise a 90 % interval."""
    if count >= fewest_groups(0.9):
        return None
    return (
        f"With {count} groups to learn from, 90 % cannot be promised ({fewest_groups(0.9)} are needed); the intervals "
        "are as wide as the largest error that was seen."
    )


def duplicates(problem: Problem) -> dict[str, Any]:
    """Rows with equal or nearly equal inputs, above all those that stand in different groups, and so in two folds."""
    (equal, near), rows = find_twin_rows(problem.columns), problem.rows
    across = [members for members in near if len(np.unique(rows.groups[members])) > 1]
    same = [np.abs(np.subtract.outer(rows.target[m], rows.target[m]))[np.triu_indices(len(m), 1)].mean()
            for m in equal]  # fmt: skip
    listed = [
        {"rows_of_the_file": [int(problem.numbers[member]) + 2 for member in members[:10]],
         "groups": sorted({str(rows.groups[member]) for member in members})[:10]}
        for members in sorted(across, key=len, reverse=True)[:20]
    ]  # fmt: skip
    return {
        "exact": _repeats(equal), "near": _repeats(near), "sets_across_groups": len(across), "across_groups": listed,
        "target_difference": float(np.mean(same)) if same else None,
        "note": "The header is row 1. Twins in different groups make scores on new groups too good."
        if across and problem.group else None,
    }  # fmt: skip


def _repeats(sets: list[np.ndarray]) -> int:
    return sum(len(members) - 1 for members in sets)


def share_outside(problem: Problem, folds: Sequence[Fold]) -> float:
    """Share of tested rows that lie outside of the domain of their training part."""
    outside: list[bool] = []
    for fold in folds:
        domain = learn_domain(problem.rows.take(fold.train), problem.design.names)
        test = problem.rows.given[fold.test]
        outside += [bool(reasons) for reasons in domain.reasons(test, domain.distances(test))]
    return float(np.mean(outside))


def notes(compared: Compared, chosen: str, details: Mapping[str, Any]) -> tuple[str, ...]:
    """All sentences; what spoils all the rest stands first.

    Args:
        details: the job's entries of the report's JSON.
    """
    problem, settings = compared.problem, details["chosen_settings"]
    usual = f", in most folds with {max(settings, key=settings.get)}" if settings else ""
    found = [
        *details["warnings"], *_failures(compared), f"Chosen: {chosen}{usual}.", *_luckier(compared),
        details["leakage"],
        f"90 % intervals hold {100 * details['coverage90']:.0f} % of "
        + ("a new group's rows in the mean over groups, and " if problem.group else "new rows, dealt at random, and ")
        + f"reach {details['interval90_half_width']:.3g}{problem.unit} to each side in the mean.",
    ]  # fmt: skip
    if "coverage90_note" in details:
        found.append(details["coverage90_note"])
    if physics := details["physics_found"]:
        found.append(
            f"Physics features lowered the inner error of the linear model in {physics['folds_better_than_without']} "
            f"of {physics['folds']} folds ({max(physics['settings'], key=physics['settings'].get)})."
        )
    twins = details["duplicates"]
    if twins["exact"] or twins["near"]:
        found.append(
            f"{twins['exact']} rows repeat the inputs of another exactly, {twins['near']} nearly; "
            f"{twins['sets_across_groups']} sets of twins stand in several groups."
        )
    if "learning_curve" in details:
        found.append(details["learning_curve"]["words"])
    return tuple(found)


def _failures(compared: Compared) -> list[str]:
    """Which models could not be fitted where, and why."""
    folds, found = len(compared.results), []
    for family in compared.families:
        reasons = [one.choice.failures[family] for one in compared.results if family in one.choice.failures]
        if reasons:
            why = reasons[0].rstrip(".")
            found.append(
                f"{family} was left out of {len(reasons)} of {folds} folds, where it could not be fitted: {why}."
            )
    if len(compared.families) > 1 and all(set(one.choice.families) == {"mean"} for one in compared.results):
        found.insert(0, "No model but the mean could be fitted to this table.")
    return found


def _luckier(compared: Compared) -> list[str]:
    """That a model of the table scored clearly better than what nested selection chose, and why it was not chosen."""
    single = [name for name in compared.names if name not in (CHOSEN, SIMPLE, WITH_NETWORK)]
    maes = {name: mae for name in single if (mae := compared.mae(name)) is not None}
    best = min(maes, key=maes.__getitem__)
    if maes[best] > MUCH_BETTER * (compared.mae(CHOSEN) or 0.0):
        return []
    return [
        f"{best} scored better than the choice here ({maes[best]:.3g}{compared.problem.unit}). The choice is made "
        "inside each training part, without these scores; to choose by them would be to choose by the test."
    ]


def leakage_words(compared: Compared, chosen: str) -> str:
    """What rows dealt at random would have promised, against what new groups show."""
    problem, entry, mae = compared.problem, compared.entry(chosen), compared.mae(chosen)
    if problem.group is None:
        return "No group is named, so leakage cannot be measured."
    gap, random = entry["leakage_gap"], entry["random_split_mae"]
    if gap is None or mae is None:
        return f"{chosen} could not be fitted to rows dealt at random, so leakage cannot be measured."
    if gap <= 0:
        return (
            f"Rows dealt at random would have shown {random:.3g}{problem.unit} for {chosen}, new groups of "
            f"'{problem.group}' {mae:.3g}{problem.unit}: no leakage is seen."
        )
    return (
        f"Rows dealt at random would have shown {random:.3g}{problem.unit} for {chosen}; on new groups of "
        f"'{problem.group}' it is {mae:.3g}{problem.unit}. The leakage gap is {gap:.2g}{problem.unit}: "
        f"the random score promises an error {100 * gap / mae:.0f} % too small."
    )
