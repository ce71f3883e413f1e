"""What limits a score: how often intervals hold, rows that repeat others, rows unlike those that were learned from."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nital.learn.conformal import coverage_by_group, fewest_groups
from nital.learn.folds import Fold
from nital.science.screening import find_twin_rows
from nital.tasks.properties.domain import learn_domain
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.score import CHOSEN, Compared

__all__ = ["coverage", "duplicates", "share_outside", "too_few_groups"]


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
    twins, rows = find_twin_rows(problem.columns), problem.rows
    across = [members for members in twins.sets() if len(np.unique(rows.groups[members])) > 1]
    same = [np.abs(np.subtract.outer(rows.target[m], rows.target[m]))[np.triu_indices(len(m), 1)].mean()
            for m in twins.sets(near=False)]  # fmt: skip
    listed = [
        {"rows_of_the_file": [int(problem.numbers[member]) + 2 for member in members[:10]],
         "groups": sorted({str(rows.groups[member]) for member in members})[:10]}
        for members in sorted(across, key=len, reverse=True)[:20]
    ]  # fmt: skip
    return {
        "exact": twins.n_exact, "near": twins.n_near, "sets_across_groups": len(across), "across_groups": listed,
        "target_difference": float(np.mean(same)) if same else None,
        "note": "The header is row 1. Twins in different groups make scores on new groups too good."
        if across and problem.group else None,
    }  # fmt: skip


def share_outside(problem: Problem, folds: Sequence[Fold]) -> float:
    """Share of tested rows that lie outside of the domain of their training part."""
    found = []
    for fold in folds:
        domain = learn_domain(problem.rows.take(fold.train), problem.design.names)
        test = problem.rows.given[fold.test]
        found.append(~domain.inside(test, domain.distances(test)))
    return float(np.concatenate(found).mean())
