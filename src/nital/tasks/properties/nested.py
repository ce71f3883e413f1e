"""Nested cross-validation: what was chosen on the training part alone meets the test part once.

The piece of work is one family in one fold, so that processes are busy to the end and progress is told early.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from nital.core.progress import Say, tell
from nital.learn.conformal import conformal_factor, half_widths, stable_difficulty
from nital.learn.folds import Fold
from nital.tasks.properties.candidates import EFFORT, Plan, offered
from nital.tasks.properties.fitting import Unfit, fit, predicted
from nital.tasks.properties.models import Fitted, Rows, combine
from nital.tasks.properties.selection import (
    Choice,
    FamilyResult,
    choose,
    compare_family,
    decide,
    fit_family,
    inner_folds,
)

__all__ = [
    "Calibration", "FoldResult", "calibrate", "fit_chosen", "modal_choice", "one_thread", "outer_folds",
    "predict_folds", "run_fold",
]  # fmt: skip


@dataclass(frozen=True)
class Calibration:
    """How wide intervals are: half width = factor * difficulty, at most where groups are too few: `largest`.

    Attributes:
        factor: infinite where too few groups promise nothing. scaled: whether the spread of the model counts.
        typical: median spread. largest: largest residual that was seen.
    """

    factor: float
    scaled: bool
    typical: float
    largest: float

    def half_widths(self, spread: np.ndarray) -> np.ndarray:
        """Half of the interval of each row, shape (n,), in the unit of the target."""
        difficulty = stable_difficulty(spread, self.typical) if self.scaled else np.ones(len(spread))
        return half_widths(self.factor, difficulty, self.largest)


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


@dataclass(frozen=True)
class Attempt:
    """A family in an outer fold: its inner result, and value and spread of each test row, each (test,)."""

    result: FamilyResult
    values: np.ndarray
    spreads: np.ndarray


def calibrate(choice: Choice, rows: Rows, confidence: float = 0.9) -> Calibration:
    """Calibrate intervals on the inner predictions; of both kinds of difficulty the one with narrower intervals."""
    result = choice.families[choice.chosen]
    residuals = result.values - rows.target
    typical, largest = float(np.median(result.spreads)), float(np.abs(residuals).max())
    plain = conformal_factor(residuals, rows.groups, confidence=confidence)
    if typical > 0 and np.isfinite(plain):
        difficulty = stable_difficulty(result.spreads, typical)
        scaled = conformal_factor(residuals, rows.groups, difficulty, confidence=confidence)
        if (scaled * difficulty).mean() < plain:
            return Calibration(scaled, True, typical, largest)
    return Calibration(plain, False, typical, largest)


def outer_folds(
    rows: Rows, folds: Sequence[Fold], plan: Plan, seed: int, workers: int = 1, say: Say = None
) -> list[FoldResult]:
    """Run all outer folds, on several processes if wished; tells what is done after each family."""
    families = offered(rows, plan)
    order = sorted(families, key=lambda family: -EFFORT[family])  # no long piece of work is left for the end
    work = [(fold, family) for fold in folds for family in order]
    whole, done, tried = sum(EFFORT[family] for _, family in work), 0, []
    for (_, family), attempt in zip(work, _running(rows, work, plan, seed, workers), strict=True):
        tried.append(attempt)
        done += EFFORT[family]
        tell(say, done, whole, f"fold {1 + (len(tried) - 1) // len(order)} of {len(folds)}: {family} is done")
    results = []
    for number, fold in enumerate(folds):
        mine = dict(zip(order, tried[number * len(order) : (number + 1) * len(order)], strict=True))
        results.append(_decided(rows, fold, plan, seed, {family: mine[family] for family in families}))
    return results


def run_fold(rows: Rows, fold: Fold, plan: Plan, seed: int) -> FoldResult:
    """Choose and fit on the training part of a fold, and predict its test part."""
    return outer_folds(rows, [fold], plan, seed)[0]


def _running(
    rows: Rows, work: Iterable[tuple[Fold, str]], plan: Plan, seed: int, workers: int
) -> Iterator[Attempt | str]:
    if workers <= 1:
        yield from (_attempted(rows, fold, family, plan, seed) for fold, family in work)
        return
    from joblib import Parallel, delayed

    running: Any = Parallel(n_jobs=workers, return_as="generator")
    yield from running(delayed(_attempted)(rows, fold, family, plan, seed) for fold, family in work)


def _attempted(rows: Rows, fold: Fold, family: str, plan: Plan, seed: int) -> Attempt | str:
    """One family in one fold; the reason where it cannot be fitted."""
    train = rows.take(fold.train)
    with one_thread():
        try:
            result = compare_family(train, family, plan, seed)
            return Attempt(result, *predicted(fit(result.candidate, train, seed), rows.matrix[fold.test], family))
        except Unfit as error:
            return error.reason


def _decided(rows: Rows, fold: Fold, plan: Plan, seed: int, attempts: Mapping[str, Attempt | str]) -> FoldResult:
    """What the training part of a fold chooses, and what that predicts."""
    there = {family: attempt for family, attempt in attempts.items() if isinstance(attempt, Attempt)}
    failures = {family: attempt for family, attempt in attempts.items() if isinstance(attempt, str)}
    train = rows.take(fold.train)
    results = {family: attempt.result for family, attempt in there.items()}
    choice = decide(results, train, inner_folds(train, plan, seed), failures)
    values = {family: attempt.values for family, attempt in there.items()}
    spreads = {family: attempt.spreads for family, attempt in there.items()}
    for average, weights in choice.weights.items():
        values[average], spreads[average] = combine(
            np.stack([there[family].values for family in weights]),
            np.stack([there[family].spreads for family in weights]),
            np.array(list(weights.values())),
        )
    return FoldResult(fold, values, calibrate(choice, train).half_widths(spreads[choice.chosen]), choice)


def modal_choice(results: Sequence[FoldResult], rows: Rows) -> Choice:
    """The settings that most folds chose, and the mean weights; for questions beside the comparison."""
    choices = [result.choice for result in results]
    families = {}
    for family in dict.fromkeys(name for choice in choices for name in choice.families):
        found = [choice.families[family] for choice in choices if family in choice.families]
        usable = [one for one in found if rows.target.min() > 0 or not one.candidate.settings.get("log")] or found
        words = [one.candidate.words for one in usable]
        families[family] = usable[words.index(max(words, key=words.count))]
    networks = [choice.network for choice in choices if choice.network]
    weights = {}
    for average in dict.fromkeys(name for choice in choices for name in choice.weights):
        given = [choice.weights[average] for choice in choices if average in choice.weights]
        names = dict.fromkeys(name for one in given for name in one)
        mean = {name: float(np.mean([one.get(name, 0.0) for one in given])) for name in names}
        kept = {name: weight for name, weight in mean.items() if weight >= 0.05}
        weights[average] = {name: weight / sum(kept.values()) for name, weight in kept.items()}
    return Choice(
        families, _most([choice.simple for choice in choices]), _most(networks) if networks else None,
        _most([choice.chosen for choice in choices]), weights,
    )  # fmt: skip


def _most(names: Sequence[str]) -> str:
    return max(names, key=names.count)


def fit_chosen(rows: Rows, plan: Plan, seed: int, helps: bool | None = None, say: Say = None) -> tuple[Choice, Fitted]:
    """Choose on all rows, and fit what was chosen.

    Args:
        helps: whether a network helps, where it is known from outer folds; None: the inner ones say so.
    """
    choice = choose(rows, plan, seed, say)
    folds = inner_folds(rows, plan, seed)
    while True:
        if helps is not None:
            choice = dataclasses.replace(choice, chosen=choice.network if helps and choice.network else choice.simple)
        try:
            return choice, fit_family(choice, choice.chosen, rows, seed)
        except Unfit as error:  # on all rows, though it could on parts: the choice is made without it
            left = {n: r for n, r in choice.families.items() if n not in (*choice.weights, error.family)}
            choice = decide(left, rows, folds, {**choice.failures, error.family: error.reason})


def predict_folds(
    rows: Rows, folds: Sequence[Fold], choice: Choice, families: Sequence[str], seed: int, say: Say = None
) -> np.ndarray:
    """Out-of-fold predictions with fixed settings, shape (families, n); NaN for rows that no fold tests."""
    values = np.full((len(families), len(rows.target)), np.nan)
    with one_thread():
        for done, fold in enumerate(folds):
            fitted, train = {}, rows.take(fold.train)
            for number, family in enumerate(families):
                tell(say, done * len(families) + number, len(folds) * len(families), "")
                try:
                    model = fit_family(choice, family, train, seed, fitted)
                    values[number, fold.test] = predicted(model, rows.matrix[fold.test], family)[0]
                except Unfit:
                    continue
    return values


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
