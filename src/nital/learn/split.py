"""Splits that keep every group on one side, and the check that they did."""

from typing import NamedTuple

import numpy as np

from nital.core.dataset import Dataset
from nital.core.errors import InputError, LeakError
from nital.core.recipe import Recipe

__all__ = ["Sides", "check_no_leak", "group_folds", "groups_to_test", "split_by_group", "split_with_test"]

DRAWS = 100
"""So often groups are dealt anew while `_lacks` finds fault; groups of several strata cannot be dealt out exactly."""


class Sides(NamedTuple):
    """The three parts of a split; samples keep their order."""

    train: Dataset
    valid: Dataset
    test: Dataset


def split_by_group(dataset: Dataset, recipe: Recipe) -> Sides:
    """Split into training, validation and test parts by group, the same way for the same seed.

    Where the dataset names strata, such as classes, the groups of each are dealt out by themselves, so that every
    part holds every stratum; groups of several strata are dealt until that is so, if it can be, and until there is more
    to learn from than to validate with. What the dataset holds out is the test part as it stands.

    Args:
        recipe: `seed`, and `valid_fraction` and `test_fraction` as shares of the groups; a share above zero
            gets at least one group.

    Raises:
        InputError: fractions that leave nothing to train on, or too few groups, of a stratum where there are any.
        LeakError: never for data that keep still; the split is checked before it is returned.
    """
    held_out = _held_out(dataset)
    fractions = (float(recipe.valid_fraction), 0.0 if held_out.any() else float(recipe.test_fraction))
    return _split(dataset, held_out, fractions, recipe.seed, spare=False)


def split_with_test(dataset: Dataset, recipe: Recipe, test: np.ndarray) -> Sides:
    """`split_by_group` with a test part that is given; a stratum with one group left is trained on, not validated.

    Args:
        test: shape (n,), True for samples whose groups are tested.

    Raises:
        InputError: too few groups are left, of a stratum where there are any.
    """
    return _split(dataset, test, (float(recipe.valid_fraction), 0.0), recipe.seed, spare=True)


def groups_to_test(dataset: Dataset, recipe: Recipe) -> int:
    """How many groups `split_by_group` would put into the test part."""
    if (held_out := _held_out(dataset)).any():
        return len(np.unique(dataset.groups[held_out]))
    names, member = np.unique(dataset.groups, return_inverse=True)
    parts = _groups_by_stratum(dataset, member, np.zeros(len(names), int))
    return sum(_share(float(recipe.test_fraction), len(groups)) for _, groups in parts)


def _split(dataset: Dataset, tested: np.ndarray, fractions: tuple[float, float], seed: int, *, spare: bool) -> Sides:
    rng = np.random.default_rng(seed)
    names, member = np.unique(dataset.groups, return_inverse=True)
    given = np.zeros(len(names), int)  # 0: train, 1: valid, 2: test
    given[member[tested]] = 2
    parts = _groups_by_stratum(dataset, member, given)
    shares = [_shares(dataset, stratum, len(groups), fractions, spare=spare) for stratum, groups in parts]
    if not any(n_valid for n_valid, _ in shares):
        raise InputError(
            f"Beside the groups of '{dataset.name}' that are tested each class has one group at most: none can "
            "validate. Give more groups, or set more `folds`."
        )
    drawn = [_dealt(parts, shares, given, rng)]
    while _lacks(dataset, drawn[-1][member], fractions) and len(drawn) < DRAWS:
        drawn.append(_dealt(parts, shares, given, rng))
    side = min(drawn, key=lambda one: _lacks(dataset, one[member], fractions))
    sides = Sides(*(dataset.take(np.flatnonzero(side[member] == number)) for number in range(3)))
    check_no_leak(**sides._asdict())
    return sides


def _dealt(
    parts: list[tuple[str | None, np.ndarray]],
    shares: list[tuple[int, int]],
    given: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """The side of each group: 0 train, 1 valid, 2 test."""
    side = given.copy()
    for (_, groups), (n_valid, n_test) in zip(parts, shares, strict=True):
        groups = rng.permutation(groups)
        side[groups[:n_valid]], side[groups[n_valid : n_valid + n_test]] = 1, 2
    return side


def _shares(
    dataset: Dataset, stratum: str | None, groups: int, fractions: tuple[float, float], *, spare: bool
) -> tuple[int, int]:
    """How many groups of one part are for validation and for testing."""
    if spare and stratum is not None and groups <= 1:
        if groups == 0:
            raise InputError(
                f"Class '{stratum}' of '{dataset.name}' has 1 group (specimen or picture): none is left to learn from "
                "while it is tested. Give at least 2, or leave the class out."
            )
        return 0, 0
    n_valid, n_test = (_share(fraction, groups) for fraction in fractions)
    if min(fractions) < 0 or n_valid + n_test >= groups:
        raise InputError(_too_few(dataset, stratum, groups, fractions, in_turn=spare))
    return n_valid, n_test


def _share(fraction: float, groups: int) -> int:
    return max(1, round(fraction * groups)) if fraction > 0 else 0


def _held_out(dataset: Dataset) -> np.ndarray:
    return np.zeros(len(dataset), bool) if dataset.held_out is None else np.asarray(dataset.held_out, bool)


def _lacks(dataset: Dataset, side: np.ndarray, fractions: tuple[float, float]) -> int:
    """What is wrong with a deal: strata that a side lacks, most of all training; more to validate with than to learn
    from, which happens where one group holds most of the samples.
    """
    scant = int((side == 0).sum() < (side == 1).sum())
    if dataset.strata is None:
        return scant
    whole = len(np.unique(dataset.strata))
    lacks = [whole - len(np.unique(dataset.strata[side == number])) for number in range(3)]
    return 100 * lacks[0] + scant + sum(lack for lack, share in zip(lacks[1:], fractions, strict=True) if share > 0)


def _groups_by_stratum(dataset: Dataset, member: np.ndarray, side: np.ndarray) -> list[tuple[str | None, np.ndarray]]:
    """Groups that may be dealt out, by the stratum that most of their samples belong to."""
    free = np.flatnonzero(side == 0)
    if dataset.strata is None:
        return [(None, free)]
    names, counts = np.unique(dataset.strata), _strata_of_groups(member, dataset.strata)
    most = counts.argmax(1)
    if counts.astype(bool).sum(1).max() > 1 and np.bincount(most[free], minlength=len(names)).min() < 3:
        return [(None, free)]  # groups of several strata each, and too few to deal out by the main one
    return [(str(name), free[most[free] == number]) for number, name in enumerate(names)]


def _too_few(
    dataset: Dataset, stratum: str | None, groups: int, fractions: tuple[float, float], *, in_turn: bool
) -> str:
    """Groups that are tested already are counted out of `groups`, so a sentence that counts these says so."""
    what = f"Dataset '{dataset.name}'" if stratum is None else f"Class '{stratum}' of '{dataset.name}'"
    number = f"{groups} group{'s' * (groups != 1)}"
    if in_turn:
        return (
            f"{what} has only {number} left beside those that are tested: too few for valid_fraction {fractions[0]:g}. "
            "Set more `folds`, or give more groups."
        )
    mend = "Give at least" if stratum is None else "Leave the class out, or give at least"
    return (
        f"{what} has {number}: too few for valid_fraction {fractions[0]:g} and test_fraction {fractions[1]:g}. "
        f"{mend} {1 + sum(fraction > 0 for fraction in fractions)}."
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


def group_folds(
    groups: np.ndarray, k: int, seed: int, strata: np.ndarray | None = None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split into k folds of nearly equal size, every group in one fold.

    Groups are dealt out from the largest to the smallest, each to the fold that has fewest samples; with strata to
    the fold that has least of the group's strata, and not all of one stratum to one fold, if it can be.

    Args:
        groups: shape (n,), one label per sample.
        k: number of folds, from 2 to the number of groups.
        seed: decides between groups of equal size.
        strata: shape (n,), such as classes; None: there are none.

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
    holds = None if strata is None else _strata_of_groups(member, strata) > 0
    shuffled = np.random.default_rng(seed).permutation(len(names))
    fold_of_group = np.full(len(names), -1)
    filled = np.zeros(k, dtype=int)
    for group in shuffled[np.argsort(-sizes[shuffled], kind="stable")].tolist():
        fewest = np.argmin(filled) if holds is None else _least_alike(group, fold_of_group, holds, filled)
        fold_of_group[group] = fewest
        filled[fewest] += sizes[group]
    fold = fold_of_group[member]
    return [(np.flatnonzero(fold != number), np.flatnonzero(fold == number)) for number in range(k)]


def _least_alike(group: int, fold_of_group: np.ndarray, holds: np.ndarray, filled: np.ndarray) -> int:
    """The fold with least of a group's strata, then with fewest samples; none that would get all of a stratum."""
    strata = holds[:, holds[group]]
    held = np.array([strata[fold_of_group == number].sum(0) for number in range(len(filled))])
    everywhere = np.maximum(strata.sum(0), 2)  # a stratum of one group is whole wherever it goes
    whole = (held + 1 == everywhere).any(1)
    return int(np.lexsort((filled, (held / everywhere).sum(1), whole))[0])


def _strata_of_groups(member: np.ndarray, strata: np.ndarray) -> np.ndarray:
    """How many samples of each group belong to each stratum, shape (groups, strata)."""
    names, stratum = np.unique(strata, return_inverse=True)
    counts = np.zeros((int(member.max()) + 1, len(names)), int)
    np.add.at(counts, (member, stratum), 1)
    return counts
