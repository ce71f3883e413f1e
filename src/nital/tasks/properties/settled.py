"""With settings settled: what most folds chose, predictions with it, and the model to keep."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from nital.core.progress import Say, tell
from nital.learn.folds import Fold
from nital.tasks.properties.fitting import Unfit, predicted
from nital.tasks.properties.models import Fitted, Rows
from nital.tasks.properties.nested import FoldResult, one_thread
from nital.tasks.properties.recipe import PropertiesRecipe
from nital.tasks.properties.selection import Choice, choose, decide, fit_family

__all__ = ["fit_chosen", "modal_choice", "predict_folds"]


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


def fit_chosen(
    rows: Rows, recipe: PropertiesRecipe, helps: bool | None = None, say: Say = None
) -> tuple[Choice, Fitted]:
    """Choose on all rows, and fit what was chosen.

    Args:
        helps: whether a network helps, where it is known from outer folds; None: the inner ones say so.
    """
    choice = choose(rows, recipe, say)
    while True:
        if helps is not None:
            choice = dataclasses.replace(choice, chosen=choice.network if helps and choice.network else choice.simple)
        try:
            return choice, fit_family(choice, choice.chosen, rows, recipe.seed)
        except Unfit as error:  # on all rows, though it could on parts: the choice is made without it
            single = {name: result for name, result in choice.families.items() if name not in choice.weights}
            choice = decide({**single, **choice.failures, error.family: error.reason}, rows, recipe)


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
