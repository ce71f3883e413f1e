"""Splits that keep every group on one side, and the check that they did."""

import numpy as np

from nital.core.dataset import Dataset
from nital.core.errors import InputError, LeakError
from nital.core.recipe import Recipe

__all__ = ["check_no_leak", "group_folds", "split_by_group"]

DRAWS = 100
"""So often groups are dealt anew while a side lacks a stratum; groups of several strata cannot be dealt out exactly."""


def split_by_group(dataset: Dataset, recipe: Recipe) -> tuple[Dataset, Dataset, Dataset]:
    """Split into training, validation and test parts by group, the same way for the same seed.

    Where the dataset names strata, such as classes, the groups of each are dealt out by themselves, so that every
    part holds every stratum; groups of several strata are dealt until that is so, if it can be. What the dataset holds
    out is the test part as it stands.

    Args:
        recipe: `seed`, and `valid_fraction` and `test_fraction` as shares of the groups; a share above zero
            gets at least one group.

    Returns:
        train, valid and test; samples keep their order.

    Raises:
        InputError: fractions that leave nothing to train on, or too few groups, of a stratum where there are any.
        LeakError: never for data that keep still; the split is checked before it is returned.
    """
    held_out = np.zeros(len(dataset), bool) if dataset.held_out is None else np.asarray(dataset.held_out, bool)
    fractions = (float(recipe.valid_fraction), 0.0 if held_out.any() else float(recipe.test_fraction))
    rng = np.random.default_rng(recipe.seed)
    names, member = np.unique(dataset.groups, return_inverse=True)
    given = np.zeros(len(names), int)  # 0: train, 1: valid, 2: test
    given[member[held_out]] = 2
    parts = _groups_by_stratum(dataset, member, given)
    drawn = [_dealt(dataset, parts, given, fractions, rng)]
    while _missing(dataset, drawn[-1][member], fractions) and len(drawn) < DRAWS:
        drawn.append(_dealt(dataset, parts, given, fractions, rng))
    side = min(drawn, key=lambda one: _missing(dataset, one[member], fractions))
    train, valid, test = (dataset.take(np.flatnonzero(side[member] == number)) for number in range(3))
    check_no_leak(train=train, valid=valid, test=test)
    return train, valid, test


def _dealt(
    dataset: Dataset,
    parts: list[tuple[str | None, np.ndarray]],
    given: np.ndarray,
    fractions: tuple[float, float],
    rng: np.random.Generator,
) -> np.ndarray:
    """The side of each group: 0 train, 1 valid, 2 test."""
    side = given.copy()
    for stratum, groups in parts:
        n_valid, n_test = (max(1, round(f * len(groups))) if f > 0 else 0 for f in fractions)
        if min(fractions) < 0 or n_valid + n_test >= len(groups):
            raise InputError(_too_few(dataset, stratum, len(groups), fractions))
        groups = rng.permutation(groups)
        side[groups[:n_valid]], side[groups[n_valid : n_valid + n_test]] = 1, 2
    return side


def _missing(dataset: Dataset, side: np.ndarray, fractions: tuple[float, float]) -> int:
    """How many strata are missing, over all sides that there should be; training counts most."""
    if dataset.strata is None:
        return 0
    whole = len(np.unique(dataset.strata))
    lacks = [whole - len(np.unique(dataset.strata[side == number])) for number in range(3)]
    return 100 * lacks[0] + sum(lack for lack, share in zip(lacks[1:], fractions, strict=True) if share > 0)


def _groups_by_stratum(dataset: Dataset, member: np.ndarray, side: np.ndarray) -> list[tuple[str | None, np.ndarray]]:
    """Groups that may be dealt out, by the stratum that most of their samples belong to."""
    free = np.flatnonzero(side == 0)
    if dataset.strata is None:
        return [(None, free)]
    names, stratum = np.unique(dataset.strata, return_inverse=True)
    counts = np.zeros((len(side), len(names)), int)
    np.add.at(counts, (member, stratum), 1)
    most = counts.argmax(1)
    if counts.astype(bool).sum(1).max() > 1 and np.bincount(most[free], minlength=len(names)).min() < 3:
        return [(None, free)]  # groups of several strata each, and too few to deal out by the main one
    return [(str(name), free[most[free] == number]) for number, name in enumerate(names)]


def _too_few(dataset: Dataset, stratum: str | None, number: int, fractions: tuple[float, float]) -> str:
    parts = f"valid_fraction {fractions[0]:g} and test_fraction {fractions[1]:g}"
    if stratum is None:
        return (
            f"Dataset '{dataset.name}' has {number} groups: too few for {parts}. "
            "At least one group must be left to train on."
        )
    return (
        f"Class '{stratum}' of '{dataset.name}' has {number} groups (specimens or pictures): too few for {parts}. "
        f"Give at least {1 + sum(f > 0 for f in fractions)}, or leave the class out."
    )


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
