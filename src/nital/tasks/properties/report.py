"""The report of `nital evaluate properties`: every model on the same folds, what it means, and how far to trust it."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from nital.core.task import Say
from nital.learn.conformal import coverage_by_group, fewest_groups
from nital.learn.folds import Fold, repeated_group_folds
from nital.learn.intervals import bootstrap_interval
from nital.learn.significance import PairedTest, corrected_paired_test
from nital.science.screening import find_twin_rows
from nital.tasks.properties.domain import learn_domain
from nital.tasks.properties.nested import FoldResult, modal_choice, one_thread, outer_folds, predict_folds
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.selection import AVERAGE, Plan, fit_family
from nital.tasks.properties.verdict import advise, comparison_json, verdict
from nital.tasks.properties.why import dependence, gradients, importance

__all__ = ["evaluate_problem", "too_few_groups"]

NETWORK = "MLP ensemble"
CHOSEN = "chosen by nested selection"
SIMPLE = "best simpler model, by nested selection"
MUCH_BETTER = 0.9
"""A share of the choice's error below which a better model of the table is worth a word."""
FRACTIONS = (0.25, 0.5, 0.75)


def evaluate_problem(
    problem: Problem,
    plan: Plan,
    folds: Sequence[Fold],
    *,
    seed: int = 0,
    workers: int = 1,
    why: bool = True,
    progress: Say = None,
) -> dict[str, Any]:
    """Compare all models on the same outer folds and say what follows.

    Args:
        folds: of the rows of the problem; those of one repetition test every row once.
        why: also importance, partial dependence, integrated gradients and the learning curve.

    Returns:
        the JSON of `nital evaluate properties`.
    """
    started, rows = time.perf_counter(), problem.rows
    results = outer_folds(rows, folds, plan, seed, workers, progress)
    first = [fold for fold in folds if fold.repeat == 0]
    choice = modal_choice(results)
    _say(progress, "the same models on folds of single rows, for the leakage gap")
    names = list(results[0].values)
    random = _random_maes(problem, plan, choice, names, first, seed)
    table = [_row(problem, results, name, random.get(name)) for name in (*names, SIMPLE, CHOSEN)]
    by_name = {row["name"]: row for row in table}
    test = _test(results, problem, NETWORK, SIMPLE) if NETWORK in names else None
    simple = by_name[SIMPLE]
    words = (
        verdict(test, choice.simple, simple[problem.metric], problem.unit)
        if test is not None else "No network was compared."
    )  # fmt: skip
    gap = by_name[choice.chosen]["leakage_gap"]
    report = {
        "job": "properties", "data": problem.source, "target": problem.target, "unit": problem.target_unit,
        "split": {
            "by": problem.group or "row", "folds": len(first), "repeats": max(fold.repeat for fold in folds) + 1,
            "inner_folds": plan.inner_folds, "rows": len(rows.target), "test": len(rows.target), "seed": seed,
        },
        "groups": len(np.unique(rows.groups)), "verdict": words, "chosen": choice.chosen,
        "chosen_settings": _settings(results, choice.chosen), "models": table,
        "leakage": _leakage_words(problem, choice.chosen, by_name[choice.chosen]),
        "random_split_mae": random.get(choice.chosen), "leakage_gap": gap,
        **_coverage(problem, results),
        "network_against_simple": comparison_json(test, NETWORK, SIMPLE) if test else None,
        "chosen_against_simple": comparison_json(_test(results, problem, CHOSEN, SIMPLE), CHOSEN, SIMPLE),
        "physics_found": _found(results), "duplicates": _duplicates(problem),
        "account": list(problem.account), "warnings": list(problem.warnings),
    }  # fmt: skip
    outside = _outside(problem, first)
    if why:
        _say(progress, "why, and the learning curve")
        report |= _why(problem, choice, first, seed)
        report["learning_curve"] = _curve(problem, choice, first, by_name[choice.chosen][problem.metric], seed)
    report["advise"] = advise({
        "rows": len(rows.target), "groups": report["groups"], "inputs": len(problem.design.inputs),
        "features": len(problem.design.features), "simple": choice.simple, "simple_mae": simple[problem.metric],
        "network_mae": by_name.get(NETWORK, simple)[problem.metric], "outside": outside,
        "linear_mae": by_name.get("Ridge", simple)[problem.metric],
        "physics_gain": _physics_gain(by_name, problem.metric), "floor": report["duplicates"]["target_difference"],
        "unit": problem.unit, "grouped": problem.group is not None,
    })  # fmt: skip
    report["notes"] = _notes(report, problem)
    return report | {"seconds": round(time.perf_counter() - started, 1)}


def _notes(report: dict[str, Any], problem: Problem) -> list[str]:
    """What a person must read besides the verdict, in sentences."""
    usual = max(report["chosen_settings"], key=report["chosen_settings"].get)
    notes = [
        f"Chosen by nested selection in most folds: {report['chosen']} ({usual}).",
        *_luckier(report, problem),
        report["leakage"],
        f"90 % intervals hold {100 * report['coverage90']:.0f} % of "
        + ("a new group's rows in the mean over groups, and " if problem.group else "new rows, dealt at random, and ")
        + f"reach {report['interval90_half_width']:.3g}{problem.unit} to each side in the mean.",
    ]
    if "coverage90_note" in report:
        notes.append(report["coverage90_note"])
    if report["physics_found"]:
        found = report["physics_found"]
        notes.append(
            f"Physics features lowered the inner error of the linear model in {found['folds_better_than_without']} of "
            f"{found['folds']} folds ({max(found['settings'], key=found['settings'].get)})."
        )
    duplicates = report["duplicates"]
    if duplicates["exact"] or duplicates["near"]:
        notes.append(
            f"{duplicates['exact']} rows repeat the inputs of another exactly, {duplicates['near']} nearly; "
            f"{duplicates['sets_across_groups']} sets of twins stand in several groups."
        )
    if "learning_curve" in report:
        notes.append(report["learning_curve"]["words"])
    return [*report["warnings"], *notes]  # what spoils all the rest stands first


def _luckier(report: dict[str, Any], problem: Problem) -> list[str]:
    """That a model of the table scored clearly better than what nested selection chose, and why it was not chosen."""
    rows = {row["name"]: row for row in report["models"]}
    best = min((row for row in report["models"] if row["kind"] != "selection"), key=lambda row: row[problem.metric])
    if best[problem.metric] > MUCH_BETTER * rows[CHOSEN][problem.metric]:
        return []
    return [
        f"{best['name']} scored better than the choice here ({best[problem.metric]:.3g}{problem.unit}). The choice is "
        "made inside each training part, without these scores; to choose by them would be to choose by the test."
    ]


def _named(result: FoldResult, name: str) -> str:
    return {CHOSEN: result.choice.chosen, SIMPLE: result.choice.simple}.get(name, name)


def _errors(problem: Problem, results: Sequence[FoldResult], name: str) -> tuple[np.ndarray, float]:
    """Mean absolute error of each row over the repetitions, NaN where untested, and the pooled R2."""
    target = problem.rows.target
    total, count, square = np.zeros(len(target)), np.zeros(len(target)), 0.0
    tested = np.concatenate([result.fold.test for result in results])
    for result in results:
        error = result.values[_named(result, name)] - target[result.fold.test]
        total[result.fold.test] += np.abs(error)
        count[result.fold.test] += 1
        square += float((error**2).sum())
    r2 = 1 - square / float(((target[tested] - target[tested].mean()) ** 2).sum())
    return np.where(count > 0, total / np.maximum(count, 1), np.nan), r2


def _row(problem: Problem, results: Sequence[FoldResult], name: str, random: float | None) -> dict[str, Any]:
    errors, r2 = _errors(problem, results, name)
    tested = ~np.isnan(errors)
    mae = float(errors[tested].mean())
    low, high = bootstrap_interval(errors[tested], problem.rows.groups[tested])
    folds = [_fold_mae(problem, result, name) for result in results]
    kind = "network" if name in (NETWORK, "lecture MLP") else "combination" if name == AVERAGE else "baseline"
    if name in (CHOSEN, SIMPLE):
        kind = "selection"
    return {
        "name": name, "kind": kind, problem.metric: mae, f"{problem.metric}_ci95": [low, high], "r2_pooled": r2,
        "fold_sd": float(np.std(folds)), "random_split_mae": random,
        "leakage_gap": None if random is None or problem.group is None else mae - random,
    }  # fmt: skip


def _fold_mae(problem: Problem, result: FoldResult, name: str) -> float:
    return float(np.abs(result.values[_named(result, name)] - problem.rows.target[result.fold.test]).mean())


def _test(results: Sequence[FoldResult], problem: Problem, first: str, second: str) -> PairedTest:
    one, other = ([_fold_mae(problem, result, name) for result in results] for name in (first, second))
    sizes = np.array([[len(result.fold.train), len(result.fold.test)] for result in results], dtype=float)
    return corrected_paired_test(one, other, sizes[:, 0], sizes[:, 1])


def _random_maes(
    problem: Problem, plan: Plan, choice: Any, names: Sequence[str], folds: Sequence[Fold], seed: int
) -> dict[str, float]:
    """The same models with the usual settings where rows, not groups, are dealt: what a careless split would show."""
    if problem.group is None:
        return {}
    rows = problem.rows
    single = type(rows)(rows.matrix, rows.target, np.arange(len(rows.target)), rows.sets)
    dealt = repeated_group_folds(single.groups, len(folds), 1, seed)
    values = predict_folds(single, dealt, choice, names, seed)
    return dict(zip(names, np.abs(values - rows.target).mean(axis=1).tolist(), strict=True))


def _leakage_words(problem: Problem, chosen: str, row: dict[str, Any]) -> str:
    if problem.group is None:
        return "No group is named, so leakage cannot be measured."
    gap, mae, random = row["leakage_gap"], row[problem.metric], row["random_split_mae"]
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


def _coverage(problem: Problem, results: Sequence[FoldResult]) -> dict[str, Any]:
    """Measured coverage of the 90 % intervals, per group and over rows, and how wide they are."""
    truth, middle, half, groups = [], [], [], []
    for result in results:
        truth.append(problem.rows.target[result.fold.test])
        middle.append(result.values[result.choice.chosen])
        half.append(result.half)
        groups.append(problem.rows.groups[result.fold.test])
    y, m, h, g = (np.concatenate(parts) for parts in (truth, middle, half, groups))
    by_group = coverage_by_group(y, m - h, m + h, g)
    worst = sorted(by_group.items(), key=lambda item: item[1])[:5]
    smallest = min(len(np.unique(problem.rows.groups[result.fold.train])) for result in results)
    facts: dict[str, Any] = {
        "coverage90": float(np.mean(list(by_group.values()))),
        "coverage90_of_rows": float(np.mean(np.abs(y - m) <= h)),
        "interval90_half_width": float(np.mean(h)), "coverage90_worst_groups": dict(worst),
    }  # fmt: skip
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


def _settings(results: Sequence[FoldResult], family: str) -> dict[str, int]:
    words = [result.choice.families[family].candidate.words for result in results if family in result.choice.families]
    if family == AVERAGE:
        words = [
            ", ".join(f"{name} {weight:.2f}" for name, weight in result.choice.weights.items() if weight > 0)
            for result in results
        ]
    return {word: words.count(word) for word in dict.fromkeys(words)}


def _found(results: Sequence[FoldResult]) -> dict[str, Any]:
    """Which columns the linear model with physics took in how many folds."""
    family = "Ridge + physics"
    if family not in results[0].choice.families:
        return {}
    better = [r.choice.families[family].mae < 0.99 * r.choice.families["Ridge"].mae for r in results]
    return {
        "settings": _settings(results, family),
        "folds_better_than_without": int(np.sum(better)),
        "folds": len(results),
    }


def _physics_gain(rows: dict[str, dict[str, Any]], metric: str) -> float:
    if "Ridge + physics" not in rows or "Ridge" not in rows:
        return 0.0
    return 1 - rows["Ridge + physics"][metric] / rows["Ridge"][metric]


def _duplicates(problem: Problem) -> dict[str, Any]:
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


def _outside(problem: Problem, folds: Sequence[Fold]) -> float:
    """Share of tested rows that lie outside of the domain of their training part."""
    given = problem.rows.sets["given"]
    found = []
    for fold in folds:
        matrix = problem.rows.matrix[:, given]
        domain = learn_domain(matrix[fold.train], problem.rows.groups[fold.train], problem.design.names[: len(given)])
        test = matrix[fold.test]
        found.append(~domain.inside(test, domain.distances(test)))
    return float(np.concatenate(found).mean())


def _why(problem: Problem, choice: Any, folds: Sequence[Fold], seed: int) -> dict[str, Any]:
    with one_thread():
        found = importance(problem, choice, list(folds), seed)
        model = fit_family(choice, choice.chosen, problem.rows, seed)
        ranking = [row["columns"] for row in found]
        why: dict[str, Any] = {"importance": found, "partial_dependence": dependence(problem, model, ranking=ranking)}
        if NETWORK in choice.families:
            network: Any = fit_family(choice, NETWORK, problem.rows, seed)
            why["integrated_gradients"] = gradients(problem, network)
    return why


def _curve(problem: Problem, choice: Any, folds: Sequence[Fold], mae: float, seed: int) -> dict[str, Any]:
    """Error of the chosen model with a part of the groups, and what twice as many would bring by the same power law."""
    rows, rng, points = problem.rows, np.random.default_rng(seed), []
    full = float(np.mean([len(np.unique(rows.groups[fold.train])) for fold in folds]))
    for fraction in FRACTIONS:
        parts = []
        for fold in folds:
            names = rng.permutation(np.unique(rows.groups[fold.train]))
            kept = names[: max(2, round(fraction * len(names)))]
            parts.append(Fold(fold.train[np.isin(rows.groups[fold.train], kept)], fold.test))
        if min(len(part.train) for part in parts) < 8:
            continue
        values = predict_folds(rows, parts, choice, [choice.chosen], seed)[0]
        points.append(
            {"groups": round(fraction * full), problem.metric: float(np.nanmean(np.abs(values - rows.target)))}
        )
    points.append({"groups": round(full), problem.metric: mae})
    if len(points) < 3:
        return {"points": points, "words": "Too few groups for a learning curve."}
    # The last three: what happens with very few groups says little about more of them.
    x, y = (np.log([point[key] for point in points[-3:]]) for key in ("groups", problem.metric))
    slope, twice = float(np.polyfit(x, y, 1)[0]), 2 ** float(np.polyfit(x, y, 1)[0])
    what = f"{problem.group}s" if problem.group else "rows"
    words = (
        f"Twice as many groups ({what}) would change the mean absolute error from {mae:.3g} to about "
        f"{mae * twice:.3g}{problem.unit}, if the curve goes on as a power law (exponent {slope:.2f}, from "
        "3 points: a rough guess)."
        if slope < -0.02 else "The error no longer falls with more groups of this kind: other columns would help more."
    )  # fmt: skip
    return {"points": points, "exponent": slope, "mae_with_twice_the_groups": mae * twice, "words": words}


def _say(progress: Say, text: str) -> None:
    if progress:
        progress(text)
