"""Nested cross-validation: what was chosen on the training part alone meets the test part once."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from nital.core.task import Say
from nital.learn.conformal import conformal_factor, half_widths, stable_difficulty
from nital.learn.folds import Fold
from nital.tasks.properties.models import Rows
from nital.tasks.properties.selection import AVERAGE, Choice, Plan, choose, fit_family

__all__ = [
    "Calibration", "FoldResult", "calibrate", "modal_choice", "one_thread", "outer_folds", "predict_folds", "run_fold",
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
        values: family -> shape (test,). half: half of the 90 % interval of the chosen model.
        settings: family -> its settings in words. choice: what was chosen, without its inner predictions' use.
    """

    fold: Fold
    values: dict[str, np.ndarray]
    half: np.ndarray
    choice: Choice
    seconds: float


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


def run_fold(rows: Rows, fold: Fold, plan: Plan, seed: int) -> FoldResult:
    """Choose and fit on the training part of a fold, and predict its test part."""
    started = time.perf_counter()
    with one_thread():
        train = rows.take(fold.train)
        choice = choose(train, plan, seed)
        fitted, values = {}, {}
        for family in choice.families:
            model = fit_family(choice, family, train, seed, fitted)
            value, spread = model.predict(rows.matrix[fold.test])
            values[family] = value
            if family == choice.chosen:
                half = calibrate(choice, train).half_widths(spread)
    return FoldResult(fold, values, half, choice, time.perf_counter() - started)


def outer_folds(
    rows: Rows, folds: Sequence[Fold], plan: Plan, seed: int, workers: int = 1, progress: Say = None
) -> list[FoldResult]:
    """Run all outer folds, on several processes if wished; says after each what time is left."""
    results: list[FoldResult] = []
    started = time.perf_counter()
    for result in _running(rows, folds, plan, seed, workers):
        results.append(result)
        if progress:
            left = (time.perf_counter() - started) / len(results) * (len(folds) - len(results))
            progress(f"fold {len(results)}/{len(folds)}  chosen: {result.choice.chosen}  {left / 60:.1f} min left")
    return results


def _running(rows: Rows, folds: Sequence[Fold], plan: Plan, seed: int, workers: int) -> Iterator[FoldResult]:
    if workers <= 1:
        yield from (run_fold(rows, fold, plan, seed) for fold in folds)
        return
    from joblib import Parallel, delayed

    running: Any = Parallel(n_jobs=workers, return_as="generator")
    yield from running(delayed(run_fold)(rows, fold, plan, seed) for fold in folds)


def modal_choice(results: Sequence[FoldResult]) -> Choice:
    """The settings that most folds chose, and the mean weights; for questions beside the comparison."""
    families = {}
    for family in results[0].choice.families:
        found = [result.choice.families[family] for result in results if family in result.choice.families]
        words = [result.candidate.words for result in found]
        families[family] = found[words.index(max(words, key=words.count))]
    chosen = [result.choice.chosen for result in results]
    simple = [result.choice.simple for result in results]
    weights = {
        name: float(np.mean([result.choice.weights.get(name, 0.0) for result in results]))
        for name in families
        if name not in ("mean", AVERAGE)
    }
    weights = {name: weight for name, weight in weights.items() if weight >= 0.05}
    total = sum(weights.values())
    return Choice(
        families, max(chosen, key=chosen.count), max(simple, key=simple.count),
        {name: weight / total for name, weight in weights.items()} if total else {},
    )  # fmt: skip


def predict_folds(rows: Rows, folds: Sequence[Fold], choice: Choice, families: Sequence[str], seed: int) -> np.ndarray:
    """Out-of-fold predictions with fixed settings, shape (families, n); NaN for rows that no fold tests."""
    values = np.full((len(families), len(rows.target)), np.nan)
    with one_thread():
        for fold in folds:
            fitted, train = {}, rows.take(fold.train)
            for number, family in enumerate(families):
                model = fit_family(choice, family, train, seed, fitted)
                values[number, fold.test] = model.predict(rows.matrix[fold.test])[0]
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
