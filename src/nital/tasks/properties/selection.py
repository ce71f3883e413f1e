"""Choosing a model from the training part alone: inner cross-validation by group, then the simplest good one.

A network is chosen only where it certainly helps; else the choice is made among what holds none.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from nital.core.progress import Say, tell
from nital.learn.folds import Fold, repeated_group_folds
from nital.learn.significance import PairedTest, corrected_paired_test
from nital.tasks.properties.candidates import EFFORT, candidates
from nital.tasks.properties.fitting import Unfit, fit, predicted
from nital.tasks.properties.models import NETWORKS, Average, Candidate, Fitted, Rows, combine
from nital.tasks.properties.recipe import PropertiesRecipe

__all__ = [
    "AVERAGE", "SIMPLE_AVERAGE", "Choice", "FamilyResult", "choose", "compare_family", "decide", "fit_family", "paired",
]  # fmt: skip

AVERAGE, SIMPLE_AVERAGE = "weighted average", "weighted average without networks"
PICKS = 20
TOLERANCE = 0.01
"""A simpler model is preferred when its error is larger by this share at most."""
HOPELESS, TRIED = 1.1, 2
"""Settings whose error after so many folds is larger than the best of their family by this factor are given up."""


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
        families: name -> best settings and inner predictions, the weighted averages included.
        simple: the best that holds no network. network: the best that holds one; None: there is none.
        chosen: `network` where it is certainly better over the inner folds, else `simple`.
        weights: average -> family -> weight. failures: family that could not be fitted -> reason.
    """

    families: dict[str, FamilyResult]
    simple: str
    network: str | None
    chosen: str
    weights: dict[str, dict[str, float]]
    failures: dict[str, str] = field(default_factory=dict)

    def settings(self, family: str) -> str:
        """The chosen settings of a family, or the weights of an average, in words."""
        if family not in self.weights:
            return self.families[family].candidate.words
        return ", ".join(f"{name} {weight:.2f}" for name, weight in self.weights[family].items() if weight > 0)


def choose(rows: Rows, recipe: PropertiesRecipe, say: Say = None) -> Choice:
    """Compare all candidates by cross-validation within these rows and choose.

    Args:
        rows: of the training part; nothing else is seen.
    """
    attempts: dict[str, FamilyResult | str] = {}
    names = list(candidates(rows, recipe))
    for family in names:
        tell(say, sum(EFFORT[name] for name in attempts), sum(EFFORT[name] for name in names), "")
        try:
            attempts[family] = compare_family(rows, family, recipe)
        except Unfit as error:  # the others go on; the mean can always be fitted
            attempts[family] = error.reason
    return decide(attempts, rows, recipe)


def _inner_folds(rows: Rows, recipe: PropertiesRecipe) -> list[Fold]:
    """Folds by group; by rows where the training part has a single group."""
    labels = rows.groups if len(np.unique(rows.groups)) > 1 else np.arange(len(rows.target))
    return repeated_group_folds(labels, recipe.inner_folds, 1, recipe.seed)


def compare_family(rows: Rows, family: str, recipe: PropertiesRecipe) -> FamilyResult:
    """The plainest good settings of one family, by inner cross-validation.

    Raises:
        Unfit: none of its settings can be fitted.
    """
    n = len(rows.target)
    running = [(candidate, np.zeros(n), np.zeros(n)) for candidate in candidates(rows, recipe)[family]]
    failure, tested = Unfit(family, "it has no settings"), np.zeros(n, dtype=bool)
    for done, fold in enumerate(_inner_folds(rows, recipe), 1):
        tested[fold.test] = True
        for one in list(running):
            candidate, values, spreads = one
            try:
                model = fit(candidate, rows.take(fold.train), recipe.seed + fold.number)
                values[fold.test], spreads[fold.test] = predicted(model, rows.matrix[fold.test], family)
            except Unfit as error:
                failure = error
                running = [other for other in running if other is not one]
        if done == TRIED and running:
            errors = [_mae(values[tested], rows.target[tested]) for _, values, _ in running]
            hopeless = HOPELESS * min(errors)
            running = [one for one, error in zip(running, errors, strict=True) if error <= hopeless]
    if not running:
        raise failure
    return _plainest([FamilyResult(c, _mae(values, rows.target), values, spreads) for c, values, spreads in running])


def decide(attempts: Mapping[str, FamilyResult | str], rows: Rows, recipe: PropertiesRecipe) -> Choice:
    """Add the averages, and choose.

    Args:
        attempts: family -> its inner cross-validation, or why it could not be fitted.
    """
    found = {name: result for name, result in attempts.items() if not isinstance(result, str)}
    failed = {name: reason for name, reason in attempts.items() if isinstance(reason, str)}
    weights, folds = {}, _inner_folds(rows, recipe)
    single = [name for name in found if name != "mean"]
    simple_ones = [name for name in single if name not in NETWORKS]
    for average, names in ((SIMPLE_AVERAGE, simple_ones), (AVERAGE, single)):
        if len(names) > 1 and not (average == AVERAGE and names == simple_ones):
            weights[average], found[average] = _averaged(average, names, found, rows.target, folds)
    holding = [name for name in found if any(weights.get(name, {name: 1.0}).get(network) for network in NETWORKS)]
    simple = _plainest([result for name, result in found.items() if name not in (*holding, AVERAGE)])
    if not holding:
        return Choice(found, simple.candidate.family, None, simple.candidate.family, weights, failed)
    network = _plainest([found[name] for name in holding])
    first, second = (
        [_mae(result.values[fold.test], rows.target[fold.test]) for fold in folds] for result in (network, simple)
    )
    helps = paired(first, second, folds).certainly_lower
    names = (simple.candidate.family, network.candidate.family)
    return Choice(found, *names, names[helps], weights, failed)


def paired(first: Sequence[float], second: Sequence[float], folds: Sequence[Fold]) -> PairedTest:
    """The corrected test of the errors of two models on the same folds."""
    return corrected_paired_test(first, second, [len(f.train) for f in folds], [len(f.test) for f in folds])


def fit_family(choice: Choice, family: str, rows: Rows, seed: int, fitted: dict[str, Fitted] | None = None) -> Fitted:
    """Fit a family with its chosen settings to all rows; `fitted` keeps what the averages share with others.

    Raises:
        Unfit: it cannot be, or one of an average's models.
    """
    fitted = {} if fitted is None else fitted
    if family in fitted:
        return fitted[family]
    if family in choice.weights:
        names = [name for name, weight in choice.weights[family].items() if weight > 0]
        parts = tuple(fit_family(choice, name, rows, seed, fitted) for name in names)
        fitted[family] = Average(parts, np.array([choice.weights[family][name] for name in names]))
    else:
        fitted[family] = fit(choice.families[family].candidate, rows, seed)
        predicted(fitted[family], rows.matrix, family)
    return fitted[family]


def _mae(values: np.ndarray, target: np.ndarray) -> float:
    return float(np.abs(values - target).mean())


def _plainest(results: Sequence[FamilyResult]) -> FamilyResult:
    """The plainest of those whose error is next to the smallest; of equally plain ones the best."""
    best = min(result.mae for result in results)
    near = [result for result in results if result.mae <= best * (1 + TOLERANCE)]
    return min(near, key=lambda result: (result.candidate.plainness, result.mae))


def _averaged(
    average: str, names: Sequence[str], families: Mapping[str, FamilyResult], target: np.ndarray, folds: Sequence[Fold]
) -> tuple[dict[str, float], FamilyResult]:
    """Weights from the inner predictions; its error is that of weights from the other inner folds."""
    values = np.stack([families[name].values for name in names])
    honest, spread = np.zeros(len(target)), np.zeros(len(target))
    for fold in folds:
        weights = _weights(values[:, fold.train], target[fold.train])
        parts = [(families[name].values[fold.test], families[name].spreads[fold.test]) for name in names]
        honest[fold.test], spread[fold.test] = combine(parts, weights)
    weights = dict(zip(names, _weights(values, target).tolist(), strict=True))
    plainness = 10 if average == AVERAGE else 8
    return weights, FamilyResult(Candidate(average, plainness=plainness), _mae(honest, target), honest, spread)


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
