"""Nested cross-validation: what was chosen on the training part alone meets the test part once.

The piece of work is one family in one fold, so that processes are busy to the end and progress is told early.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from nital.core.progress import Say, tell
from nital.learn.folds import Fold
from nital.tasks.properties.calibration import calibrate
from nital.tasks.properties.candidates import EFFORT, candidates
from nital.tasks.properties.fitting import Unfit, fit, predicted
from nital.tasks.properties.models import Rows, combine
from nital.tasks.properties.recipe import PropertiesRecipe
from nital.tasks.properties.selection import Choice, FamilyResult, compare_family, decide

__all__ = ["FoldResult", "one_thread", "outer_folds"]


@dataclass(frozen=True)
class FoldResult:
    """One outer fold: predictions for its test part, whose targets nobody has seen.

    Attributes:
        values: family that could be fitted -> shape (test,). half: half of the 90 % interval of the chosen model.
        choice: what the training part said; in its `failures` the families that could not be fitted.
    """

    fold: Fold
    values: dict[str, np.ndarray]
    half: np.ndarray
    choice: Choice


Attempt = tuple[FamilyResult, tuple[np.ndarray, np.ndarray]]
"""A family in an outer fold: its inner result, and value and spread of each test row, each (test,)."""


def outer_folds(rows: Rows, folds: Sequence[Fold], recipe: PropertiesRecipe, say: Say = None) -> list[FoldResult]:
    """Run all outer folds, on as many processes as the recipe has threads; tells the share done after each family."""
    families = list(candidates(rows, recipe))
    order = sorted(families, key=lambda family: -EFFORT[family])  # no long piece of work is left for the end
    work = [(fold, family) for fold in folds for family in order]
    whole, done, tried = sum(EFFORT[family] for _, family in work), 0, []
    for (_, family), attempt in zip(work, _running(rows, work, recipe), strict=True):
        tried.append(attempt)
        done += EFFORT[family]
        fold, left = divmod(len(tried), len(order))
        tell(say, done, whole, "" if left else f"fold {fold} of {len(folds)} is done")
    results = []
    for number, fold in enumerate(folds):
        mine = dict(zip(order, tried[number * len(order) : (number + 1) * len(order)], strict=True))
        results.append(_decided(rows, fold, recipe, {family: mine[family] for family in families}))
    return results


def _running(rows: Rows, work: Iterable[tuple[Fold, str]], recipe: PropertiesRecipe) -> Iterable[Attempt | str]:
    from joblib import Parallel, delayed

    running: Any = Parallel(n_jobs=recipe.threads, return_as="generator")
    return running(delayed(_attempted)(rows, fold, family, recipe) for fold, family in work)


def _attempted(rows: Rows, fold: Fold, family: str, recipe: PropertiesRecipe) -> Attempt | str:
    """One family in one fold; the reason where it cannot be fitted."""
    train = rows.take(fold.train)
    with one_thread():
        try:
            result = compare_family(train, family, recipe)
            model = fit(result.candidate, train, recipe.seed)
            return result, predicted(model, rows.matrix[fold.test], family)
        except Unfit as error:
            return error.reason


def _decided(rows: Rows, fold: Fold, recipe: PropertiesRecipe, attempts: Mapping[str, Attempt | str]) -> FoldResult:
    """What the training part of a fold chooses, and what that predicts."""
    train = rows.take(fold.train)
    failures = {family: attempt for family, attempt in attempts.items() if isinstance(attempt, str)}
    there = {family: attempt for family, attempt in attempts.items() if not isinstance(attempt, str)}
    choice = decide({family: result for family, (result, _) in there.items()}, train, recipe, failures)
    predictions = {family: prediction for family, (_, prediction) in there.items()}
    for average, weights in choice.weights.items():
        parts = [predictions[family] for family in weights]
        predictions[average] = combine(parts, np.array(list(weights.values())))
    half = calibrate(choice.families[choice.chosen], train).half_widths(predictions[choice.chosen][1])
    return FoldResult(fold, {family: values for family, (values, _) in predictions.items()}, half, choice)


@contextmanager
def one_thread() -> Iterator[None]:
    """Small products gain nothing from threads; sums come out the same on every machine."""
    import torch
    from threadpoolctl import threadpool_limits

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)
