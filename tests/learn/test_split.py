import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError, LeakError
from nital.core.recipe import Recipe
from nital.learn.split import check_no_leak, group_folds, split_by_group, split_with_test


def dataset(groups):
    groups = np.asarray(groups)
    return ArrayDataset("steels", {"x": np.arange(len(groups))}, groups, source="own", licence="none")


def test_every_sample_is_on_one_side_and_no_group_on_two():
    data = dataset(np.arange(100) // 3)
    sides = split_by_group(data, Recipe(name="r", valid_fraction=0.2, test_fraction=0.3))
    assert sorted(np.concatenate([side.batch(range(len(side)))["x"] for side in sides]).tolist()) == list(range(100))
    groups = [set(side.groups.tolist()) for side in sides]
    assert [len(side) for side in groups] == [17, 7, 10]
    assert not groups[0] & groups[1] | groups[0] & groups[2] | groups[1] & groups[2]


def test_the_same_seed_splits_alike_and_another_differently():
    data = dataset(np.arange(40))
    first, second, third = (split_by_group(data, Recipe(name="r", seed=seed))[2].groups for seed in (0, 0, 1))
    assert first.tolist() == second.tolist() != third.tolist()


def test_a_fraction_of_zero_leaves_a_side_empty():
    train, valid, test = split_by_group(dataset(range(10)), Recipe(name="r", test_fraction=0))
    assert (len(train), len(valid), len(test)) == (9, 1, 0)


def test_too_few_groups_are_an_error_with_their_number():
    with pytest.raises(InputError, match="'steels' has 2 groups"):
        split_by_group(dataset([0, 0, 0, 1, 1, 1]), Recipe(name="r"))


def test_a_group_on_two_sides_is_a_leak_that_names_both():
    with pytest.raises(LeakError, match="Group 'b' of dataset 'steels' stands in both the train and the test part"):
        check_no_leak(train=dataset(["a", "b"]), test=dataset(["b", "c"]))


@given(st.lists(st.integers(0, 12), min_size=20, max_size=60), st.integers(2, 4), st.integers(0, 5))
def test_folds_test_every_sample_once_and_share_no_group(labels, k, seed):
    groups = np.array([*labels, 13, 14, 15, 16])
    folds = group_folds(groups, k, seed)
    assert sorted(np.concatenate([test for _, test in folds]).tolist()) == list(range(len(groups)))
    for train, test in folds:
        assert len(train) + len(test) == len(groups)
        assert not set(groups[train]) & set(groups[test])


def test_folds_of_equal_groups_have_equal_size():
    sizes = [len(test) for _, test in group_folds(np.arange(60) // 2, 5, seed=1)]
    assert sizes == [12] * 5


def test_more_folds_than_groups_are_refused():
    with pytest.raises(InputError, match="3 groups cannot be split into 4 folds"):
        group_folds(np.array(["a", "b", "c"]), 4, seed=0)


def test_groups_of_several_strata_are_dealt_until_every_side_holds_every_stratum():
    groups = np.array([f"s{n}" for n in range(20) for _ in range(3)])
    strata = np.array([("a", "a", "b" if n % 5 == 0 else "a") for n in range(20)]).ravel()
    for seed in range(20):
        data = ArrayDataset("mixed", {"x": np.zeros(60)}, groups, source="own", licence="none", strata=strata)
        sides = split_by_group(data, Recipe(name="r", seed=seed, valid_fraction=0.2, test_fraction=0.2))
        assert [set(side.strata) for side in sides] == [{"a", "b"}] * 3


def test_pure_strata_are_each_dealt_out_and_one_that_is_too_small_is_named():
    strata = np.array(["a"] * 30 + ["b"] * 4)
    data = ArrayDataset("two", {"x": np.zeros(34)}, np.arange(34), source="own", licence="none", strata=strata)
    sides = split_by_group(data, Recipe(name="r", valid_fraction=0.1, test_fraction=0.1))
    assert [int((side.strata == "b").sum()) for side in sides] == [2, 1, 1]
    few = data.take(np.arange(32))
    with pytest.raises(InputError, match="Class 'b' of 'two' has 2 groups"):
        split_by_group(few, Recipe(name="r", valid_fraction=0.1, test_fraction=0.1))


def test_what_the_makers_hold_out_is_the_test_part():
    held_out = np.arange(20) >= 15
    data = ArrayDataset("idx", {"x": np.arange(20)}, np.arange(20), source="own", licence="none", held_out=held_out)
    train, valid, test = split_by_group(data, Recipe(name="r", valid_fraction=0.2, test_fraction=0.5))
    assert test.batch(np.arange(5))["x"].tolist() == [15, 16, 17, 18, 19]
    assert len(train) == 12 and len(valid) == 3


def test_the_largest_group_is_learned_from_and_does_not_validate_the_rest():
    data = dataset([0] * 12 + [1] * 2 + [2] * 2 + [3] * 2)
    tested = data.groups == 3
    for seed in range(10):
        sides = split_with_test(data, Recipe(name="r", seed=seed, valid_fraction=0.2), tested)
        assert (len(sides.train), len(sides.valid), len(sides.test)) == (14, 2, 2)
