"""Folds keep groups whole, cover every row once per repetition, and are the prescribed ones where prescribed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError
from nital.core.recipe import Recipe
from nital.learn.folds import matbench_folds, repeated_group_folds, scoring_folds
from nital.learn.split import split_by_group

RECIPE = Recipe(name="r")


def dataset(groups, strata=None, held_out=None) -> ArrayDataset:
    groups = np.asarray(groups)
    return ArrayDataset(
        "steels", {"x": np.arange(len(groups))}, groups, source="own", licence="none",
        strata=None if strata is None else np.asarray(strata), held_out=held_out,
    )  # fmt: skip


def samples(side) -> list[int]:
    return side.batch(np.arange(len(side)))["x"].tolist()


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
def test_matbench_folds_are_shuffled_rows_cut_into_five(n: int) -> None:
    pytest.importorskip("sklearn")
    order = np.arange(n)
    np.random.RandomState(18012019).shuffle(order)
    for fold, part in zip(matbench_folds(n), np.array_split(order, 5), strict=True):
        np.testing.assert_array_equal(fold.test, np.sort(part))
        np.testing.assert_array_equal(fold.train, np.setdiff1d(order, part))


@st.composite
def few_groups(draw) -> tuple[ArrayDataset, int | None]:
    """Groups of several samples, in random order, of two or three strata or of none; and a number of folds."""
    folds = draw(st.sampled_from([None, 3, 4]))
    numbers = draw(st.lists(st.integers(3 if folds else 2, 5), min_size=2, max_size=3))
    sizes = draw(st.lists(st.integers(1, 6), min_size=sum(numbers), max_size=sum(numbers)))
    order = draw(st.permutations(range(sum(sizes))))
    groups = np.repeat(np.arange(sum(numbers)), sizes)[order]
    strata = np.repeat([f"class {number}" for number in range(len(numbers))], numbers)[groups]
    return dataset(groups, strata if draw(st.booleans()) else None), folds


@given(few_groups(), st.integers(0, 1000), st.sampled_from([0.1, 0.3]))
def test_scoring_folds_test_every_sample_once_on_groups_that_nothing_was_learned_from(made, seed, valid):
    data, folds = made
    recipe = RECIPE.replace(folds=folds, seed=seed, valid_fraction=valid)
    found = scoring_folds(data, recipe)
    if not found:
        assert folds is None and len(np.unique(data.groups)) >= 10
        return
    assert sorted(number for sides in found for number in samples(sides.test)) == list(range(len(data)))
    for sides in found:
        assert sorted(number for side in sides for number in samples(side)) == list(range(len(data)))
        train, held, test = (set(side.groups.tolist()) for side in sides)
        assert train and held and test
        assert not train & held | train & test | held & test
        if data.strata is not None:
            assert set(sides.train.strata) == set(data.strata)


@given(few_groups(), st.integers(0, 1000))
def test_scoring_folds_follow_from_the_seed(made, seed):
    data, folds = made
    recipe = RECIPE.replace(folds=folds, seed=seed)
    first, again = scoring_folds(data, recipe), scoring_folds(data, recipe)
    assert [list(map(samples, sides)) for sides in first] == [list(map(samples, sides)) for sides in again]


@pytest.mark.parametrize(
    ("groups", "test_fraction", "folds"),
    [(3, 0.1, 3), (9, 0.1, 9), (10, 0.1, 5), (24, 0.1, 5), (24, 0.15, 0), (30, 0.1, 0), (12, 0.0, 5)],
)
def test_groups_are_tested_in_turn_where_one_test_part_would_be_small(groups, test_fraction, folds):
    data = dataset(np.repeat(np.arange(groups), 2))
    assert len(scoring_folds(data, RECIPE.replace(test_fraction=test_fraction))) == folds


def test_a_recipe_may_want_one_split_or_a_number_of_folds():
    data = dataset(np.arange(8))
    assert scoring_folds(data, RECIPE.replace(folds=0)) == []
    assert [len(sides.test) for sides in scoring_folds(data, RECIPE.replace(folds=2))] == [4, 4]
    with pytest.raises(InputError, match="8 groups cannot be split into 9 folds"):
        scoring_folds(data, RECIPE.replace(folds=9))


def test_what_the_makers_hold_out_is_tested_once():
    assert scoring_folds(dataset(np.arange(6), held_out=np.arange(6) > 4), RECIPE.replace(folds=3)) == []


@pytest.mark.parametrize("groups", [1, 2])
def test_two_groups_leave_nothing_to_validate_on(groups):
    with pytest.raises(InputError, match=f"'steels' has {groups} groups: .* Give at least 3"):
        scoring_folds(dataset(np.arange(20) % groups), RECIPE)


def test_a_class_of_one_specimen_is_named_because_nothing_is_left_to_learn_it_from():
    with pytest.raises(InputError, match=r"Class 'b' of 'steels' has 1 group .*Give at least 2"):
        scoring_folds(dataset([0, 0, 1, 2, 3], ["a", "a", "a", "a", "b"]), RECIPE)


def test_too_few_folds_for_classes_of_two_specimens_are_refused():
    with pytest.raises(InputError, match="each class has one group at most"):
        scoring_folds(dataset([0, 1, 2, 3], ["a", "a", "b", "b"]), RECIPE.replace(folds=2))


def test_what_is_left_beside_the_tested_groups_is_counted_as_such():
    with pytest.raises(InputError, match=r"'steels' has only 1 group left beside those that are tested.* `folds`"):
        scoring_folds(dataset([0, 1, 2]), RECIPE.replace(folds=2))


def test_test_parts_hold_every_class_where_there_are_specimens_enough():
    groups = np.arange(15).repeat(4)
    strata = np.array(["a"] * 5 + ["b"] * 5 + ["c"] * 5)[groups]
    for seed in range(10):
        for sides in scoring_folds(dataset(groups, strata), RECIPE.replace(folds=5, seed=seed)):
            assert [set(side.strata) for side in sides] == [{"a", "b", "c"}] * 3


def test_a_class_that_only_mixed_specimens_show_is_never_tested_as_a_whole():
    groups = np.arange(12).repeat(3)
    strata = np.where((groups % 6 == 0) & (np.arange(36) % 3 == 0), "rare", "common")
    for seed in range(20):
        found = scoring_folds(dataset(groups, strata), RECIPE.replace(folds=3, seed=seed))
        assert all(set(sides.train.strata) == {"rare", "common"} for sides in found)


def test_the_model_to_keep_learns_from_all_groups_but_those_it_is_validated_on():
    data = dataset(np.arange(6), ["a", "a", "b", "b", "b", "b"])
    train, valid, test = split_by_group(data, RECIPE.replace(test_fraction=0.0))
    assert (len(train), len(valid), len(test)) == (4, 2, 0)
    assert set(train.strata) == set(valid.strata) == {"a", "b"}
