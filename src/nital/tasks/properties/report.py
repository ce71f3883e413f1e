"""The report of `nital evaluate properties`: every model on the same folds, what it means, and how far to trust it."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from nital.core.progress import Say, tell
from nital.core.report import Report, Source, Split
from nital.learn.folds import Fold
from nital.tasks.properties.checks import coverage, duplicates, leakage_words, notes, share_outside
from nital.tasks.properties.figures import sections
from nital.tasks.properties.fitting import Unfit
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.recipe import PropertiesRecipe
from nital.tasks.properties.score import CHOSEN, SIMPLE, WITH_NETWORK, Compared, compare
from nital.tasks.properties.selection import Choice
from nital.tasks.properties.stages import Stages
from nital.tasks.properties.verdict import advise, comparison_json, judged
from nital.tasks.properties.why import explain, learning_curve

__all__ = ["evaluate_problem", "report_of"]


def evaluate_problem(
    problem: Problem, recipe: PropertiesRecipe, folds: Sequence[Fold], *, why: bool = True, say: Say = None
) -> Report:
    """Compare all models on the same outer folds and say what follows.

    Args:
        folds: of the rows of the problem; those of one repetition test every row once.
        why: also importance, partial dependence, integrated gradients and the learning curve.
    """
    stages = Stages.of(problem, folds, say, why=why, keep=False)
    return report_of(compare(problem, recipe, folds, stages), recipe, stages, why=why)


def report_of(
    compared: Compared, recipe: PropertiesRecipe, stages: Stages, *, why: bool = True, kept: Choice | None = None
) -> Report:
    """Say what follows from a comparison.

    Args:
        kept: what was chosen on all rows; None: nothing was, and what most folds chose stands for it.
    """
    problem, choice, folds = compared.problem, kept or compared.modal, compared.first_folds
    test = compared.test(WITH_NETWORK, SIMPLE)
    verdict, chosen = judged(test, choice.simple, choice.network, compared.mae(SIMPLE) or 0.0, problem.unit)
    details, said = _details(compared, recipe, chosen), []
    if why:
        found, said = _why(compared, chosen, recipe.seed, stages)
        details |= found
    floor = details["duplicates"]["target_difference"]
    details["advise"] = advise(compared, choice.simple, floor, share_outside(problem, folds))
    details["seconds"] = round(time.perf_counter() - stages.started, 1)
    names, rows = compared.names, problem.rows
    return Report(
        job="properties", data=Source(problem.source.name, str(problem.source)), verdict=verdict, chosen=chosen,
        split=Split(
            by=problem.group or "row", test=len(rows.target), folds=len(folds),
            repeats=1 + max(result.fold.repeat for result in compared.results),
            note=f"Choices are made in {recipe.inner_folds} inner folds of each training part.",
        ),
        groups=tuple(map(str, np.unique(rows.groups))), metrics=(problem.metric,),
        scores=tuple(compared.score(name) for name in names), models={name: compared.entry(name) for name in names},
        notes=(*notes(compared, chosen, details), *said), account=problem.account, details=details,
        sections=sections(details, problem.metric),
    )  # fmt: skip


def _details(compared: Compared, recipe: PropertiesRecipe, chosen: str) -> dict[str, Any]:
    """The job's entries of the JSON that need nothing more to be fitted."""
    problem, entry = compared.problem, compared.entry(chosen)
    return {
        "target": problem.target, "unit": problem.target_unit, "rows": len(problem.rows.target),
        "inner_folds": recipe.inner_folds, "seed": recipe.seed, "chosen_settings": compared.settings(chosen),
        "random_split_mae": entry["random_split_mae"], "leakage_gap": entry["leakage_gap"], **coverage(compared),
        "network_against_simple": comparison_json(compared, WITH_NETWORK, SIMPLE),
        "chosen_against_simple": comparison_json(compared, CHOSEN, SIMPLE),
        "physics_found": _physics_found(compared), "duplicates": duplicates(problem),
        "warnings": list(problem.warnings), "leakage": leakage_words(compared, chosen),
    }  # fmt: skip


def _physics_found(compared: Compared) -> dict[str, Any]:
    """Which columns the linear model with physics took in how many folds."""
    found = [one.choice.families for one in compared.results]
    both = [families for families in found if {"Ridge", "Ridge + physics"} <= set(families)]
    if not both:
        return {}
    better = sum(families["Ridge + physics"].mae < 0.99 * families["Ridge"].mae for families in both)
    settings = compared.settings("Ridge + physics")
    return {"settings": settings, "folds_better_than_without": int(better), "folds": len(both)}


def _why(compared: Compared, chosen: str, seed: int, stages: Stages) -> tuple[dict[str, Any], list[str]]:
    """What needs further fits; sentences on what of it cannot be had."""
    mae = compared.mae(chosen)
    if mae is None or chosen not in compared.modal.families:
        return {}, [f"There is no importance and no learning curve, since no fold had {chosen}."]
    curve_say = stages.part("curve", "learning curve")
    work: Mapping[str, Callable[[], dict[str, Any]]] = {
        "importance and dependence": lambda: explain(compared, chosen, seed),
        "learning curve": lambda: {"learning_curve": learning_curve(compared, chosen, mae, seed, curve_say)},
    }
    tell(stages.part("why"), 0, 1, "importance and dependence")
    found, said = {}, []
    for name, made in work.items():
        try:
            found |= made()
        except Unfit as error:
            said.append(f"There is no {name}, since {error.family} could not be fitted ({error.reason.rstrip('.')}).")
    return found, said
