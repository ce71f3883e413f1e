"""Folds keep groups whole, cover every row once per repetition, and are the prescribed ones where prescribed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.errors import InputError
from nital.learn.folds import given_folds, matbench_folds, repeated_group_folds


@given(
    st.lists(st.integers(0, 8), min_size=2, max_size=60).filter(lambda labels: len(set(labels)) > 1),
    st.integers(2, 6),
    st.integers(1, 3),
    st.integers(0, 1000),
)
def test_each_repetition_tests_every_row_once_and_never_parts_a_group(
    labels: list[int], k: int, repeats: int, seed: int
) -> None:
    groups = np.array(labels)
    folds = repeated_group_folds(groups, k, repeats, seed)
    assert len(folds) == repeats * min(k, len(set(labels)))
    for repeat in range(repeats):
        tested = np.concatenate([fold.test for fold in folds if fold.repeat == repeat])
        assert sorted(tested.tolist()) == list(range(len(groups)))
    for fold in folds:
        assert not set(groups[fold.train]) & set(groups[fold.test])
        assert len(fold.train) + len(fold.test) == len(groups)


def test_repetitions_deal_the_groups_differently_and_the_same_seed_deals_them_alike() -> None:
    groups = np.repeat(np.arange(20), 3)
    first, again = repeated_group_folds(groups, 5, 2, seed=1), repeated_group_folds(groups, 5, 2, seed=1)
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.test, other.test)
    assert any(not np.array_equal(a.test, b.test) for a, b in zip(first[:5], first[5:], strict=True))


def test_one_group_cannot_be_split() -> None:
    with pytest.raises(InputError, match="one group"):
        repeated_group_folds(np.array(["a"] * 50), 5)


@pytest.mark.parametrize(("k", "repeats"), [(1, 1), (5, 0)])
def test_impossible_numbers_of_folds_are_refused(k: int, repeats: int) -> None:
    with pytest.raises(InputError, match="cannot be made"):
        repeated_group_folds(np.arange(10), k, repeats)


@pytest.mark.parametrize("n", [10, 312, 313, 636])
def test_matbench_folds_are_those_of_scikit_learn(n: int) -> None:
    selection = pytest.importorskip("sklearn.model_selection")
    prescribed = selection.KFold(5, shuffle=True, random_state=18012019).split(np.zeros(n))
    for fold, (train, test) in zip(matbench_folds(n), prescribed, strict=True):
        np.testing.assert_array_equal(fold.train, train)
        np.testing.assert_array_equal(fold.test, test)


def test_given_folds_need_two_labels() -> None:
    with pytest.raises(InputError, match="at least two"):
        given_folds(np.zeros(5))
