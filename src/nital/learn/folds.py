"""Folds for repeated cross-validation: every group on one side, or the folds that a benchmark prescribes."""

from dataclasses import dataclass

import numpy as np

from nital.core.dataset import Dataset
from nital.core.errors import InputError
from nital.core.recipe import Recipe
from nital.learn.intervals import FEW_GROUPS
from nital.learn.split import Sides, group_folds, groups_to_test, split_with_test

__all__ = ["Fold", "matbench_folds", "repeated_group_folds", "scoring_folds"]

MATBENCH_SEED = 18012019
FEW_TESTED, FOLDS = 3, 5
"""With fewer groups in the test part of one split, groups are tested in turn instead, in so many folds."""


def scoring_folds(dataset: Dataset, recipe: Recipe) -> list[Sides]:
    """The splits by which a recipe scores where one split is not enough: every group is tested once.

    The test part of each holds groups of as many strata as it can; its validation part is taken from the other groups
    by the rules of `split_by_group`, which also gives the two sides of the model to keep: with `test_fraction=0`.

    Args:
        recipe: `folds`; where that is None, each group is tested by itself where there are fewer than ten, and five
            folds are made where the test part of one split would hold fewer than three groups.

    Returns:
        nothing where one split does: enough groups, `folds=0`, or a test part that the dataset holds out.

    Raises:
        InputError: too few groups, of a stratum where there are any.
    """
    groups = len(np.unique(dataset.groups))
    if not (k := _number_of_folds(dataset, recipe, groups)):
        return []
    if groups < 3:
        raise InputError(
            f"Dataset '{dataset.name}' has {groups} groups: too few to learn, validate and test on different ones. "
            "Give at least 3."
        )
    sides: list[Sides] = []
    for _, test in group_folds(dataset.groups, k, recipe.seed, dataset.strata):
        tested = np.zeros(len(dataset), bool)
        tested[test] = True
        sides.append(split_with_test(dataset, recipe, tested))
    return sides


def _number_of_folds(dataset: Dataset, recipe: Recipe, groups: int) -> int:
    if dataset.held_out is not None and np.any(dataset.held_out):
        return 0
    if recipe.folds is not None:
        return recipe.folds
    if groups < FEW_GROUPS:
        return groups
    return FOLDS if groups_to_test(dataset, recipe) < FEW_TESTED else 0


@dataclass(frozen=True)
class Fold:
    """One split of the rows.

    Attributes:
        train, test: indices of rows, ascending.
        repeat, number: which repetition, and which fold of it; both from 0.
    """

    train: np.ndarray
    test: np.ndarray
    repeat: int = 0
    number: int = 0


def repeated_group_folds(groups: np.ndarray, k: int, repeats: int = 1, seed: int = 0) -> list[Fold]:
    """Folds of nearly equal size with every group in one of them, dealt anew in each repetition.

    Args:
        groups: shape (n,), one label per row; `np.arange(n)` for folds of single rows.
        k: folds in one repetition; fewer where there are fewer groups.
        repeats: how often all rows are dealt.
        seed: two seeds share no repetition.

    Returns:
        k * repeats folds, the folds of one repetition after another.

    Raises:
        InputError: a single group, or k or repeats too small.

    >>> [fold.test.tolist() for fold in repeated_group_folds(np.array(["a", "a", "b", "c"]), 3)]
    [[0, 1], [3], [2]]
    """
    count = len(np.unique(groups))
    if count < 2:
        raise InputError(
            f"All {len(groups)} rows belong to one group, so nothing can be said about a new one. "
            "Name a column with at least two groups, or leave the group out to split by rows."
        )
    if k < 2 or repeats < 1:
        raise InputError(f"{k} folds in {repeats} repetitions cannot be made. Take at least 2 folds and 1 repetition.")
    return [
        Fold(train, test, repeat, number)
        for repeat in range(repeats)
        for number, (train, test) in enumerate(group_folds(groups, min(k, count), _seed(seed, repeat)))
    ]


def matbench_folds(n: int, k: int = 5, seed: int = MATBENCH_SEED) -> list[Fold]:
    """The folds of Matbench's regression tasks: rows shuffled, then cut into k parts.

    Args:
        n: number of rows, in the order of the data set.

    Source: Dunn et al. 2020, doi:10.1038/s41524-020-00406-3.

    >>> matbench_folds(10)[0].test.tolist()
    [1, 9]
    """
    from sklearn.model_selection import KFold

    if not 2 <= k <= n:
        raise InputError(f"{n} rows cannot be cut into {k} folds.")
    parts = KFold(k, shuffle=True, random_state=seed).split(np.empty(n))
    return [Fold(train, test, 0, number) for number, (train, test) in enumerate(parts)]


def _seed(seed: int, repeat: int) -> int:
    return int(np.random.SeedSequence([seed, repeat]).generate_state(1)[0])
