"""Splits that keep every group on one side, and the check that they did."""

import numpy as np

from nital.core.dataset import Dataset
from nital.core.errors import InputError, LeakError
from nital.core.recipe import Recipe

__all__ = ["check_no_leak", "group_folds", "split_by_group"]


def split_by_group(dataset: Dataset, recipe: Recipe) -> tuple[Dataset, Dataset, Dataset]:
    """Split into training, validation and test parts by group, the same way for the same seed.

    Args:
        recipe: `seed`, and `valid_fraction` and `test_fraction` as shares of the groups; a share above zero
            gets at least one group.

    Returns:
        train, valid and test; samples keep their order.

    Raises:
        InputError: fractions that leave nothing to train on, or too few groups.
        LeakError: never for data that keep still; the split is checked before it is returned.
    """
    names = np.unique(dataset.groups)
    fractions = (recipe.valid_fraction, recipe.test_fraction)
    n_valid, n_test = (max(1, round(f * len(names))) if f > 0 else 0 for f in fractions)
    if min(fractions) < 0 or n_valid + n_test >= len(names):
        raise InputError(
            f"Dataset '{dataset.name}' has {len(names)} groups: too few for valid_fraction {fractions[0]:g} and "
            f"test_fraction {fractions[1]:g}. At least one group must be left to train on."
        )
    names = np.random.default_rng(recipe.seed).permutation(names)
    sides = names[n_valid + n_test :], names[:n_valid], names[n_valid : n_valid + n_test]
    train, valid, test = (dataset.take(np.flatnonzero(np.isin(dataset.groups, side))) for side in sides)
    check_no_leak(train=train, valid=valid, test=test)
    return train, valid, test


def check_no_leak(**sides: Dataset) -> None:
    """Make sure that no group stands on two sides of a split.

    Args:
        sides: name -> dataset.

    Raises:
        LeakError: with the two sides and the groups that they share.
    """
    seen: dict[object, str] = {}
    for side, dataset in sides.items():
        for group in np.unique(dataset.groups).tolist():
            if group in seen:
                raise LeakError(
                    f"Group '{group}' of dataset '{dataset.name}' stands in both the {seen[group]} and the {side} "
                    "part, so that scores would be too good. Split by group, with split_by_group or group_folds."
                )
            seen[group] = side


def group_folds(groups: np.ndarray, k: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split into k folds of nearly equal size, every group in one fold.

    Groups are dealt out from the largest to the smallest, each to the fold that has fewest samples.

    Args:
        groups: shape (n,), one label per sample.
        k: number of folds, from 2 to the number of groups.
        seed: decides between groups of equal size.

    Returns:
        k pairs (indices to train on, indices to test on), each in ascending order.

    Raises:
        InputError: k does not fit the number of groups.

    >>> [test.tolist() for _, test in group_folds(np.array(["a", "a", "b", "c"]), 2, seed=0)]
    [[0, 1], [2, 3]]
    """
    names, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if not 2 <= k <= len(names):
        raise InputError(f"{len(names)} groups cannot be split into {k} folds. Choose 2 to {len(names)}.")
    shuffled = np.random.default_rng(seed).permutation(len(names))
    fold_of_group = np.zeros(len(names), dtype=int)
    filled = np.zeros(k, dtype=int)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")]:
        fold_of_group[group] = smallest = int(np.argmin(filled))
        filled[smallest] += sizes[group]
    fold = fold_of_group[member]
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(k)]
