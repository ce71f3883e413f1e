"""Choosing a model from the training part alone: inner cross-validation by group, then the simplest good one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from nital.learn.folds import Fold, repeated_group_folds
from nital.tasks.properties.models import Average, Candidate, Fitted, Rows, combine, fit

__all__ = ["AVERAGE", "Choice", "FamilyResult", "Plan", "candidates", "choose", "fit_choice", "fit_family"]

AVERAGE = "weighted average"
PICKS = 20
TOLERANCE = 0.01
"""A simpler model is preferred when its error is larger by this share at most."""


@dataclass(frozen=True)
class Plan:
    """What is compared and how hard it is looked for.

    Attributes:
        families: names, the plainest first.
        inner_folds: of the choice. members, epochs: of the MLP ensemble. trees, rounds: of the tree models.
    """

    families: tuple[str, ...] = (
        "mean", "Ridge", "Ridge + physics", "random forest", "extra trees", "gradient boosting", "kernel regression",
        "lecture MLP", "MLP ensemble",
    )  # fmt: skip
    inner_folds: int = 5
    members: int = 8
    epochs: int = 120
    trees: int = 200
    rounds: int = 300


@dataclass(frozen=True)
class FamilyResult:
    """The best settings of one family, and its predictions for rows whose group was not in the training."""

    candidate: Candidate
    mae: float
    values: np.ndarray
    spreads: np.ndarray


@dataclass(frozen=True)
class Choice:
    """What the training part says.

    Attributes:
        families: name -> best settings and inner predictions, the weighted average included.
        chosen: the family to keep. simple: the best family that is no network and no average.
        weights: family -> weight in the average.
    """

    families: dict[str, FamilyResult]
    chosen: str
    simple: str
    weights: dict[str, float]


def candidates(rows: Rows, plan: Plan) -> list[Candidate]:
    """All settings that compete, for the sets of columns that the rows have."""
    physics = ["physics"] if "physics" in rows.sets else []
    extra = [name for name in rows.sets if name not in ("given", "physics")]
    both = ["given", *physics]
    logs = [{}, {"log": True}] if rows.target.min() > 0 else [{}]
    found = [Candidate("mean"), *(Candidate("Ridge", "given", s, 1 + len(s)) for s in logs)]
    found += [
        Candidate("Ridge + physics", name, s, 3 + len(s) + 2 * (name == "physics"))
        for name in [*extra, *physics] for s in logs
    ]  # fmt: skip
    trees = {"n_estimators": plan.trees}
    found += [Candidate("random forest", name, trees, 6) for name in both]
    found += [Candidate("extra trees", name, trees | {"max_features": m}, 6) for name in both for m in (0.5, 1.0)]
    boost = {"max_iter": plan.rounds}
    shapes = ({"min_samples_leaf": 5, "max_leaf_nodes": 8}, {"min_samples_leaf": 10, "max_leaf_nodes": 31})
    found += [Candidate("gradient boosting", name, boost | s, 7) for name in both for s in shapes]
    found += [
        Candidate("kernel regression", name, {"smoothness": nu} | s, 7 + len(s))
        for name in both for nu in ("1/2", "5/2") for s in logs
    ]  # fmt: skip
    found += [Candidate("lecture MLP", "given", {}, 8)]
    net = {"members": plan.members, "epochs": plan.epochs}
    found += [Candidate("MLP ensemble", name, net, 9) for name in both]
    return [candidate for candidate in found if candidate.family in plan.families]


def choose(rows: Rows, plan: Plan, seed: int, say: Callable[[str], object] | None = None) -> Choice:
    """Compare all candidates by cross-validation within these rows and choose.

    Args:
        rows: of the training part; nothing else is seen.
    """
    folds = inner_folds(rows, plan, seed)
    families: dict[str, FamilyResult] = {}
    for family in plan.families:
        results = [_inner(c, rows, folds, seed) for c in candidates(rows, plan) if c.family == family]
        if results:
            families[family] = _plainest(results)
            if say:
                say(f"{family}: {families[family].mae:.4g}")
    weights, averaged = _average(families, rows.target, folds)
    if averaged is not None:
        families[AVERAGE] = averaged
    single = [result for name, result in families.items() if name != AVERAGE]
    simple = _plainest([result for result in single if not result.candidate.network])
    return Choice(families, _plainest(list(families.values())).candidate.family, simple.candidate.family, weights)


def inner_folds(rows: Rows, plan: Plan, seed: int) -> list[Fold]:
    """Folds by group; by rows where the training part has a single group."""
    several = len(np.unique(rows.groups)) > 1
    return repeated_group_folds(rows.groups if several else np.arange(len(rows.target)), plan.inner_folds, 1, seed)


def fit_family(choice: Choice, family: str, rows: Rows, seed: int, fitted: dict[str, Fitted] | None = None) -> Fitted:
    """Fit a family with its chosen settings to all rows; `fitted` keeps what the average shares with others."""
    fitted = {} if fitted is None else fitted
    if family in fitted:
        return fitted[family]
    if family == AVERAGE:
        names = [name for name, weight in choice.weights.items() if weight > 0]
        parts = tuple(fit_family(choice, name, rows, seed, fitted) for name in names)
        fitted[family] = Average(parts, np.array([choice.weights[name] for name in names]))
    else:
        fitted[family] = fit(choice.families[family].candidate, rows, seed)
    return fitted[family]


def fit_choice(choice: Choice, rows: Rows, seed: int) -> Fitted:
    """Fit what was chosen to all rows."""
    return fit_family(choice, choice.chosen, rows, seed)


def _inner(candidate: Candidate, rows: Rows, folds: Sequence[Fold], seed: int) -> FamilyResult:
    values, spreads = np.zeros(len(rows.target)), np.zeros(len(rows.target))
    for fold in folds:
        model = fit(candidate, rows.take(fold.train), seed + fold.number)
        values[fold.test], spreads[fold.test] = model.predict(rows.matrix[fold.test])
    return FamilyResult(candidate, float(np.abs(values - rows.target).mean()), values, spreads)


def _plainest(results: Sequence[FamilyResult]) -> FamilyResult:
    """The plainest of those whose error is next to the smallest; of equally plain ones the best."""
    best = min(result.mae for result in results)
    near = [result for result in results if result.mae <= best * (1 + TOLERANCE)]
    return min(near, key=lambda result: (result.candidate.plainness, result.mae))


def _average(
    families: dict[str, FamilyResult], target: np.ndarray, folds: Sequence[Fold]
) -> tuple[dict[str, float], FamilyResult | None]:
    """Weights from the inner predictions; its error is that of weights from the other inner folds."""
    names = [name for name in families if name != "mean"]
    if len(names) < 2:
        return {}, None
    values = np.stack([families[name].values for name in names])
    spreads = np.stack([families[name].spreads for name in names])
    honest, spread = np.zeros(len(target)), np.zeros(len(target))
    for fold in folds:
        weights = _weights(values[:, fold.train], target[fold.train])
        honest[fold.test], spread[fold.test] = combine(values[:, fold.test], spreads[:, fold.test], weights)
    weights = dict(zip(names, _weights(values, target).tolist(), strict=True))
    result = FamilyResult(Candidate(AVERAGE, plainness=10), float(np.abs(honest - target).mean()), honest, spread)
    return weights, result


def _weights(values: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Weights that sum to 1: again and again the model is taken that lowers the error of the mean of all taken most.

    Source: Caruana et al. 2004, doi:10.1145/1015330.1015432 (ensemble selection with replacement).
    """
    taken, total = np.zeros(len(values)), np.zeros(len(target))
    for number in range(PICKS):
        errors = np.abs((total + values) / (number + 1) - target).mean(axis=1)
        best = int(np.argmin(errors))
        taken[best] += 1
        total = total + values[best]
    return taken / PICKS
