"""The report of `nital evaluate properties`: every model on the same folds, what it means, and how far to trust it."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nital.core.progress import Say, tell
from nital.core.report import Report, Source, Split
from nital.learn.folds import Fold
from nital.tasks.properties.candidates import Plan
from nital.tasks.properties.checks import coverage, duplicates, share_outside
from nital.tasks.properties.figures import sections
from nital.tasks.properties.fitting import Unfit
from nital.tasks.properties.nested import FoldResult, outer_folds
from nital.tasks.properties.notes import leakage_words, notes
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.score import CHOSEN, SIMPLE, WITH_NETWORK, Compared
from nital.tasks.properties.selection import Choice
from nital.tasks.properties.stages import Stages
from nital.tasks.properties.verdict import advise, comparison_json, judged
from nital.tasks.properties.why import explain, learning_curve

__all__ = ["compare", "evaluate_problem", "report_of", "stages_of", "weights_words"]


def evaluate_problem(
    problem: Problem,
    plan: Plan,
    folds: Sequence[Fold],
    *,
    seed: int = 0,
    workers: int = 1,
    why: bool = True,
    say: Say = None,
) -> Report:
    """Compare all models on the same outer folds and say what follows.

    Args:
        folds: of the rows of the problem; those of one repetition test every row once.
        why: also importance, partial dependence, integrated gradients and the learning curve.
    """
    started, stages = time.perf_counter(), stages_of(problem, folds, why=why, keep=False, say=say)
    compared = compare(problem, plan, folds, stages, seed=seed, workers=workers)
    return report_of(compared, plan, stages, seed=seed, why=why, started=started)


def stages_of(problem: Problem, folds: Sequence[Fold], *, why: bool, keep: bool, say: Say) -> Stages:
    """The parts of the work; `keep`: a model is chosen on all rows, too."""
    first = sum(fold.repeat == 0 for fold in folds)
    return Stages.of(say, len(folds), first=first, grouped=problem.group is not None, why=why, keep=keep)


def compare(
    problem: Problem, plan: Plan, folds: Sequence[Fold], stages: Stages, *, seed: int = 0, workers: int = 1
) -> Compared:
    """All models on the same outer folds."""
    results = outer_folds(problem.rows, folds, plan, seed, workers, stages.part("folds"))
    return Compared.of(problem, results, seed, stages.part("random", "the same models where rows are dealt at random"))


def report_of(
    compared: Compared,
    plan: Plan,
    stages: Stages,
    *,
    started: float,
    seed: int = 0,
    why: bool = True,
    kept: Choice | None = None,
) -> Report:
    """Say what follows from a comparison.

    Args:
        kept: what was chosen on all rows; None: nothing was, and what most folds chose stands for it.
        started: on the clock of `time.perf_counter`.
    """
    problem, choice = compared.problem, kept or compared.modal
    verdict, chosen = judged(
        compared.test(WITH_NETWORK, SIMPLE), choice.simple, choice.network, compared.mae(SIMPLE) or 0.0, problem.unit
    )
    first = [result.fold for result in compared.results if result.fold.repeat == 0]
    details = _details(compared, plan, chosen, seed) | {"leakage": leakage_words(compared, chosen)}
    said = []
    if why:
        found, said = _why(compared, chosen, first, seed, stages)
        details |= found
    details["advise"] = advise(_facts(compared, choice, details, share_outside(problem, first)))
    details["seconds"] = round(time.perf_counter() - started, 1)
    names, rows = compared.names, problem.rows
    return Report(
        job="properties", data=Source(problem.source.name, str(problem.source)), verdict=verdict, chosen=chosen,
        split=Split(
            by=problem.group or "row", test=len(rows.target), folds=len(first),
            repeats=1 + max(result.fold.repeat for result in compared.results),
            note=f"Choices are made in {plan.inner_folds} inner folds of each training part.",
        ),
        groups=tuple(map(str, np.unique(rows.groups))), metrics=(compared.metric,),
        scores=tuple(compared.score(name) for name in names), models={name: compared.entry(name) for name in names},
        notes=(*notes(compared, chosen, details), *said), account=problem.account, details=details,
        sections=sections(details, compared.metric),
    )  # fmt: skip


def _details(compared: Compared, plan: Plan, chosen: str, seed: int) -> dict[str, Any]:
    """The job's entries of the JSON that need nothing more to be fitted."""
    problem, entry = compared.problem, compared.entry(chosen)
    tests = ((WITH_NETWORK, SIMPLE), (CHOSEN, SIMPLE))
    against = [(test, *pair) if (test := compared.test(*pair)) else None for pair in tests]
    return {
        "target": problem.target, "unit": problem.target_unit, "rows": len(problem.rows.target),
        "inner_folds": plan.inner_folds, "seed": seed, "chosen_settings": settings(compared.results, chosen),
        "random_split_mae": entry["random_split_mae"], "leakage_gap": entry["leakage_gap"],
        **coverage(problem, compared.results),
        "network_against_simple": comparison_json(*against[0]) if against[0] else None,
        "chosen_against_simple": comparison_json(*against[1]) if against[1] else None,
        "physics_found": _physics_found(compared.results), "duplicates": duplicates(problem),
        "warnings": list(problem.warnings),
    }  # fmt: skip


def settings(results: Sequence[FoldResult], family: str) -> dict[str, int]:
    """Settings of a family, or weights of an average, in words -> number of folds that chose them."""
    words = []
    for choice in (result.choice for result in results):
        if family in choice.weights:
            words.append(weights_words(choice, family))
        elif family in choice.families:
            words.append(choice.families[family].candidate.words)
    return {word: words.count(word) for word in dict.fromkeys(words)}


def weights_words(choice: Choice, average: str) -> str:
    """The weights of an average's models."""
    return ", ".join(f"{name} {weight:.2f}" for name, weight in choice.weights[average].items() if weight > 0)


def _physics_found(results: Sequence[FoldResult]) -> dict[str, Any]:
    """Which columns the linear model with physics took in how many folds."""
    both = [one.choice.families for one in results if {"Ridge", "Ridge + physics"} <= set(one.choice.families)]
    if not both:
        return {}
    better = [families["Ridge + physics"].mae < 0.99 * families["Ridge"].mae for families in both]
    found = {"settings": settings(results, "Ridge + physics"), "folds_better_than_without": int(np.sum(better))}
    return {**found, "folds": len(both)}


def _why(
    compared: Compared, chosen: str, folds: Sequence[Fold], seed: int, stages: Stages
) -> tuple[dict[str, Any], list[str]]:
    """What needs further fits; sentences on what of it cannot be had."""
    problem, found, said = compared.problem, {}, []
    mae, modal = compared.mae(chosen), compared.modal
    if mae is None or chosen not in modal.families:
        return {}, [f"There is no importance and no learning curve, since no fold had {chosen}."]

    def curve() -> dict[str, Any]:
        found = learning_curve(problem, modal, chosen, folds, mae, seed, stages.part("curve", "learning curve"))
        return {"learning_curve": found}

    work: Mapping[str, Callable[[], dict[str, Any]]] = {
        "importance and dependence": lambda: explain(problem, modal, chosen, folds, seed), "learning curve": curve,
    }  # fmt: skip
    tell(stages.part("why"), 0, 1, "importance and dependence")
    for name, made in work.items():
        try:
            found |= made()
        except Unfit as error:
            said.append(f"There is no {name}, since {error.family} could not be fitted ({error.reason.rstrip('.')}).")
    return found, said


def _facts(compared: Compared, choice: Choice, details: Mapping[str, Any], outside: float) -> dict[str, Any]:
    """What the checklist asks for."""
    problem, maes = compared.problem, {name: compared.mae(name) for name in compared.names}
    simple, linear, physics = maes[SIMPLE] or 0.0, maes.get("Ridge"), maes.get("Ridge + physics")
    return {
        "rows": len(problem.rows.target), "groups": len(np.unique(problem.rows.groups)),
        "inputs": len(problem.design.inputs), "features": len(problem.design.features), "simple": choice.simple,
        "simple_mae": simple, "network_mae": maes.get(WITH_NETWORK) or simple, "outside": outside,
        "linear_mae": linear or simple, "physics_gain": 1 - physics / linear if linear and physics else 0.0,
        "floor": details["duplicates"]["target_difference"], "unit": problem.unit,
        "grouped": problem.group is not None,
    }  # fmt: skip
