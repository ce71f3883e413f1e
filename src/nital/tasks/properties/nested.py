"""Nested cross-validation: what was chosen on the training part alone meets the test part once.

The piece of work is one family in one fold, so that processes are busy to the end and progress is told early.
"""

from collections.abc import Iterator, Mapping, Sequence
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
    from joblib import Parallel, delayed

    families = list(candidates(rows, recipe))
    order = sorted(families, key=lambda family: -EFFORT[family])  # no long piece of work is left for the end
    work = [(number, family) for number in range(len(folds)) for family in order]
    running: Any = Parallel(n_jobs=recipe.threads, return_as="generator")
    attempts = running(delayed(_attempted)(rows, folds[number], family, recipe) for number, family in work)
    whole, done, tried = sum(EFFORT[family] for _, family in work), 0, {}
    for (number, family), attempt in zip(work, attempts, strict=True):
        tried[number, family] = attempt
        done += EFFORT[family]
        tell(say, done, whole, f"fold {number + 1} of {len(folds)} is done" if family == order[-1] else "")
    return [
        _decided(rows, fold, recipe, {family: tried[number, family] for family in families})
        for number, fold in enumerate(folds)
    ]


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
    inner = {family: one if isinstance(one, str) else one[0] for family, one in attempts.items()}
    predictions = {family: one[1] for family, one in attempts.items() if not isinstance(one, str)}
    choice = decide(inner, train, recipe)
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
