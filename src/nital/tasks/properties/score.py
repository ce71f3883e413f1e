"""Scores: what every model did on the outer folds, and how far two of them stand apart."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nital.core.progress import Say
from nital.core.report import Score
from nital.learn.folds import Fold, repeated_group_folds
from nital.learn.intervals import mean_interval
from nital.learn.significance import PairedTest
from nital.tasks.properties.candidates import EFFORT
from nital.tasks.properties.models import NETWORKS, Rows
from nital.tasks.properties.nested import FoldResult, outer_folds
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.recipe import PropertiesRecipe
from nital.tasks.properties.selection import AVERAGE, Choice, paired
from nital.tasks.properties.settled import modal_choice, predict_folds
from nital.tasks.properties.stages import Stages

__all__ = ["CHOSEN", "SIMPLE", "WITH_NETWORK", "Compared", "compare"]

CHOSEN = "chosen by nested selection"
SIMPLE = "best simpler model, by nested selection"
WITH_NETWORK = "best model with a network, by nested selection"


@dataclass(frozen=True)
class Compared:
    """All models on the same outer folds.

    Attributes:
        problem, results: what was asked, and each fold. modal: the settings that most folds chose.
        random: family -> mean absolute error where rows, not groups, are dealt; empty where no group is named.
    """

    problem: Problem
    results: Sequence[FoldResult]
    modal: Choice
    random: dict[str, float]

    @property
    def first_folds(self) -> list[Fold]:
        """Of the first repetition, which test every row once."""
        return [result.fold for result in self.results if result.fold.repeat == 0]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the models, those that could not be fitted anywhere included, and of the nested selections."""
        failed = {name for result in self.results for name in result.choice.failures}
        found = {name for result in self.results for name in result.values}
        single = [name for name in self.families if name in found | failed]
        averages = [name for name in self.modal.weights if name in found]
        return (*single, *averages, SIMPLE, *([WITH_NETWORK] if self.modal.network else []), CHOSEN)

    @property
    def families(self) -> tuple[str, ...]:
        """Names of all families that were tried, the plainest first."""
        tried = {name for one in self.results for name in (*one.choice.families, *one.choice.failures)}
        return tuple(name for name in EFFORT if name in tried)

    def mae(self, name: str) -> float | None:
        """Mean absolute error of a model over all rows that it was tested on; None: it could not be fitted."""
        errors = self._errors(name)
        tested = ~np.isnan(errors)
        return float(errors[tested].mean()) if tested.any() else None

    def score(self, name: str) -> Score:
        """Mean absolute error with its interval over groups."""
        errors, metric = self._errors(name), self.problem.metric
        tested, interval = ~np.isnan(errors), None
        if tested.any():
            low, high = mean_interval(errors[tested], self.problem.rows.groups[tested])
            interval = None if np.isnan(low) else (max(low, 0.0), high)
        network = name in (*NETWORKS, AVERAGE, WITH_NETWORK)
        kind = "network" if network or (name == CHOSEN and self.helped) else "baseline"
        return Score(name, kind, metric.name, self.mae(name), interval, metric.unit, constant=name == "mean")

    @property
    def helped(self) -> bool:
        """Whether a model with a network is certainly better than the best without one, over the outer folds."""
        test = self.test(WITH_NETWORK, SIMPLE)
        return test is not None and test.certainly_lower

    def entry(self, name: str) -> dict[str, Any]:
        """What the JSON says of a model beside its score."""
        errors = self._fold_errors(name)
        errors = errors[~np.isnan(errors)]
        reasons = [one.choice.failures[name] for one in self.results if name in one.choice.failures]
        random, mae = self.random.get(name), self.mae(name)
        gap = None if random is None or mae is None else mae - random
        return {
            "r2_pooled": self._r2(name), "fold_sd": float(errors.std()) if len(errors) else None,
            "random_split_mae": random, "leakage_gap": gap, "folds": len(errors),
            "reason": reasons[0] if reasons else None,
        }  # fmt: skip

    def settings(self, name: str) -> dict[str, int]:
        """Settings of a family, or weights of an average, in words -> number of folds that chose them."""
        return dict(Counter(one.choice.settings(name) for one in self.results if name in one.choice.families))

    def test(self, first: str, second: str) -> PairedTest | None:
        """The corrected paired test over the folds that both have; None: there is none."""
        one, other = self._fold_errors(first), self._fold_errors(second)
        both = np.flatnonzero(~np.isnan(one - other)).tolist()
        folds = [self.results[k].fold for k in both]
        return paired(one[both].tolist(), other[both].tolist(), folds) if both else None

    def tested(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Tested rows, fold by fold, and what was predicted for them; without folds where it could not be fitted."""
        pairs = [(one.fold.test, v) for one in self.results if (v := self._values(one, name)) is not None]
        if not pairs:
            return np.zeros(0, dtype=int), np.zeros(0)
        return np.concatenate([rows for rows, _ in pairs]), np.concatenate([values for _, values in pairs])

    def _values(self, result: FoldResult, name: str) -> np.ndarray | None:
        """Predictions in a fold; None where the model could not be fitted."""
        choice = result.choice
        named = {CHOSEN: choice.chosen, SIMPLE: choice.simple, WITH_NETWORK: choice.network}
        return result.values.get(named.get(name, name) or "")

    def _fold_errors(self, name: str) -> np.ndarray:
        """Mean absolute error in each fold, (folds,), NaN where it could not be fitted."""
        target = self.problem.rows.target
        values = [self._values(one, name) for one in self.results]
        return np.array([
            np.nan if v is None else np.abs(v - target[one.fold.test]).mean()
            for v, one in zip(values, self.results, strict=True)
        ])  # fmt: skip

    def _errors(self, name: str) -> np.ndarray:
        """Mean absolute error of each row over the repetitions, (n,), NaN where untested."""
        target = self.problem.rows.target
        rows, values = self.tested(name)
        total = np.bincount(rows, np.abs(values - target[rows]), len(target))
        with np.errstate(invalid="ignore"):
            return total / np.bincount(rows, minlength=len(target))

    def _r2(self, name: str) -> float | None:
        """R2 of all tested rows together."""
        rows, values = self.tested(name)
        truth = self.problem.rows.target[rows]
        spread = float(((truth - truth.mean()) ** 2).sum()) if len(rows) else 0.0
        return 1 - float(((values - truth) ** 2).sum()) / spread if spread > 0 else None


def compare(problem: Problem, recipe: PropertiesRecipe, folds: Sequence[Fold], stages: Stages) -> Compared:
    """All models on the same outer folds; the same models on random rows tell what a careless split would show."""
    results = outer_folds(problem.rows, folds, recipe, stages.part("folds"))
    compared = Compared(problem, results, modal_choice(results, problem.rows), {})
    if problem.group is None:
        return compared
    say = stages.part("random", "the same models where rows are dealt at random")
    return replace(compared, random=_random_maes(compared, recipe.seed, say))


def _random_maes(compared: Compared, seed: int, say: Say) -> dict[str, float]:
    """Mean absolute errors where rows, not groups, are dealt; without those that cannot be fitted so."""
    rows, names = compared.problem.rows, tuple(compared.modal.families)
    single = Rows(rows.matrix, rows.target, np.arange(len(rows.target)), rows.sets)
    dealt = repeated_group_folds(single.groups, len(compared.first_folds), 1, seed)
    errors = np.abs(predict_folds(single, dealt, compared.modal, names, seed, say) - rows.target)
    means = dict(zip(names, errors.mean(axis=1).tolist(), strict=True))
    return {name: mean for name, mean in means.items() if np.isfinite(mean)}
