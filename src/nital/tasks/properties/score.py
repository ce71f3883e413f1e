"""Scores: what every model did on the outer folds, and how far two of them stand apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from nital.core.progress import Say
from nital.core.report import Metric, Score
from nital.learn.folds import Fold, repeated_group_folds
from nital.learn.intervals import mean_interval
from nital.learn.significance import PairedTest
from nital.tasks.properties.candidates import EFFORT
from nital.tasks.properties.models import NETWORKS, Rows
from nital.tasks.properties.nested import FoldResult
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.selection import AVERAGE, Choice, paired
from nital.tasks.properties.settled import modal_choice, predict_folds

__all__ = ["CHOSEN", "SIMPLE", "WITH_NETWORK", "Compared"]

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

    @classmethod
    def of(cls, problem: Problem, results: Sequence[FoldResult], seed: int, say: Say = None) -> "Compared":
        """Compare what the folds gave; the same models on random rows tell what a careless split would show."""
        modal = modal_choice(results, problem.rows)
        return cls(problem, results, modal, _random_maes(problem, modal, results, seed, say))

    @property
    def metric(self) -> Metric:
        """The mean absolute error, in the unit of the target."""
        return Metric(self.problem.metric, self.problem.target_unit or "", "lower", "mean absolute error", (0, None))

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
        errors, metric = self._errors(name), self.metric
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
        given = [values for values in self._values(name) if values is not None]
        reasons = [one.choice.failures[name] for one in self.results if name in one.choice.failures]
        random, mae = self.random.get(name), self.mae(name)
        gap = None if random is None or mae is None else mae - random
        spread = None if not given else float(np.std([error for error in self.fold_errors(name) if error is not None]))
        return {
            "r2_pooled": self._r2(name), "fold_sd": spread, "random_split_mae": random, "leakage_gap": gap,
            "folds": len(given), "reason": reasons[0] if reasons else None,
        }  # fmt: skip

    def test(self, first: str, second: str) -> PairedTest | None:
        """The corrected paired test over the folds that both have; None: there is none."""
        both = [
            (one, other, result.fold)
            for one, other, result in zip(self.fold_errors(first), self.fold_errors(second), self.results, strict=True)
            if one is not None and other is not None
        ]
        return paired([b[0] for b in both], [b[1] for b in both], [b[2] for b in both]) if both else None

    def fold_errors(self, name: str) -> list[float | None]:
        """Mean absolute error in each fold; None where it could not be fitted."""
        target = self.problem.rows.target
        return [
            None if values is None else float(np.abs(values - target[result.fold.test]).mean())
            for values, result in zip(self._values(name), self.results, strict=True)
        ]

    def _values(self, name: str) -> list[np.ndarray | None]:
        """Predictions of each fold."""
        found = []
        for one in self.results:
            named = {CHOSEN: one.choice.chosen, SIMPLE: one.choice.simple, WITH_NETWORK: one.choice.network}
            found.append(one.values.get(named.get(name, name) or ""))
        return found

    def _errors(self, name: str) -> np.ndarray:
        """Mean absolute error of each row over the repetitions, (n,), NaN where untested."""
        target = self.problem.rows.target
        total, count = np.zeros(len(target)), np.zeros(len(target))
        for result, values in zip(self.results, self._values(name), strict=True):
            if values is not None:
                total[result.fold.test] += np.abs(values - target[result.fold.test])
                count[result.fold.test] += 1
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)

    def _r2(self, name: str) -> float | None:
        """R2 of all tested rows together."""
        pairs = [
            (values, self.problem.rows.target[result.fold.test])
            for values, result in zip(self._values(name), self.results, strict=True) if values is not None
        ]  # fmt: skip
        if not pairs:
            return None
        given, truth = (np.concatenate(side) for side in zip(*pairs, strict=True))
        spread = float(((truth - truth.mean()) ** 2).sum())
        return 1 - float(((given - truth) ** 2).sum()) / spread if spread > 0 else None


def _random_maes(
    problem: Problem, modal: Choice, results: Sequence[FoldResult], seed: int, say: Say
) -> dict[str, float]:
    """Mean absolute errors where rows, not groups, are dealt; without those that cannot be fitted so."""
    if problem.group is None:
        return {}
    rows, names = problem.rows, tuple(modal.families)
    single = Rows(rows.matrix, rows.target, np.arange(len(rows.target)), rows.sets)
    first: list[Fold] = [result.fold for result in results if result.fold.repeat == 0]
    dealt = repeated_group_folds(single.groups, len(first), 1, seed)
    errors = np.abs(predict_folds(single, dealt, modal, names, seed, say) - rows.target)
    means = dict(zip(names, errors.mean(axis=1).tolist(), strict=True))
    return {name: mean for name, mean in means.items() if np.isfinite(mean)}
