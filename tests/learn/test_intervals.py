import math

import numpy as np
import pytest

from nital.core.errors import InputError
from nital.learn.intervals import bootstrap_interval, compare, mean_interval, score_by_group, share_interval


def test_the_interval_covers_the_true_mean_about_as_often_as_it_says():
    generator = np.random.default_rng(0)
    groups = np.repeat(np.arange(25), 4)
    hits = 0
    for trial in range(200):
        values = generator.normal(0, 1, 25)[groups] + generator.normal(0, 0.3, 100)
        low, high = bootstrap_interval(values, groups, n=400, seed=trial)
        hits += low <= 0 <= high
    assert 0.89 <= hits / 200 <= 0.98


def test_drawing_samples_instead_of_groups_would_give_a_much_narrower_interval():
    generator = np.random.default_rng(1)
    groups = np.repeat(np.arange(20), 10)
    values = generator.normal(0, 1, 20)[groups]
    by_group = np.ptp(bootstrap_interval(values, groups))
    by_sample = np.ptp(bootstrap_interval(values, np.arange(200)))
    assert by_group == pytest.approx(math.sqrt(10) * by_sample, rel=0.15)


def test_groups_of_unequal_size_are_weighted_by_their_samples():
    low, high = bootstrap_interval([0.0, 0.0, 0.0, 1.0], ["a", "a", "a", "b"], confidence=0.1)
    assert low == high == 0.25


def test_one_group_has_no_interval():
    assert all(math.isnan(bound) for bound in bootstrap_interval([1.0, 2.0], ["a", "a"]))


def test_pairing_finds_a_small_steady_gain_under_large_differences_between_groups():
    generator = np.random.default_rng(2)
    baseline = generator.normal(0, 10, 30)
    groups = np.arange(30)
    steady = compare(baseline + 0.5 + generator.normal(0, 0.1, 30), baseline, groups)
    assert steady.certain
    assert steady.difference == pytest.approx(0.5, abs=0.06)
    assert steady.low < steady.difference < steady.high


def test_with_few_groups_the_interval_is_students():
    values, groups = [0.95, 0.93, 0.96], ["a", "b", "c"]
    low, high = mean_interval(values, groups)
    half = 4.302653 * np.std(values, ddof=1) / math.sqrt(3)  # t(0.975, 2)
    assert (low, high) == pytest.approx((np.mean(values) - half, np.mean(values) + half), abs=1e-6)


def test_the_interval_of_five_groups_holds_the_true_mean_as_often_as_it_says():
    generator = np.random.default_rng(3)
    groups = np.repeat(np.arange(5), 3)
    hits = [0, 0]
    for trial in range(400):
        values = generator.normal(0, 1, 5)[groups] + generator.normal(0, 0.3, 15)
        for number, interval in enumerate((mean_interval, bootstrap_interval)):
            low, high = interval(values, groups, seed=trial)
            hits[number] += low <= 0 <= high
    assert 0.925 <= hits[0] / 400 <= 0.975
    assert hits[1] / 400 < 0.9, "redrawing would promise too much"


def test_three_pictures_tell_a_large_steady_difference_and_no_small_one():
    large = compare([0.95, 0.93, 0.96], [0.60, 0.57, 0.64], ["a", "b", "c"])
    assert large.certain and large.low == pytest.approx(0.35 - 0.025, abs=0.05)
    assert not compare([0.95, 0.70, 0.96], [0.90, 0.72, 0.90], ["a", "b", "c"]).certain


@pytest.mark.parametrize(("groups", "certain"), [(2, False), (3, False), (5, False), (6, True), (12, True)])
def test_right_and_wrong_in_few_groups_prove_no_more_than_a_sign_test(groups, certain):
    """Two-sided, six steps in one direction have p = 0.031, five 0.062."""
    assert compare(np.ones(groups), np.zeros(groups), np.arange(groups)).certain == certain


def test_a_share_stays_between_0_and_1():
    low, high = share_interval([1.0, 1.0, 0.0], ["a", "b", "c"])
    assert (low, high) == (0.0, 1.0)


def test_values_without_a_number_are_refused_with_their_count():
    with pytest.raises(InputError, match="1 of 3 scores are not finite"):
        score_by_group([1.0, math.nan, 2.0], ["a", "b", "c"])


@pytest.mark.parametrize("values", [[], [1.0], np.ones((2, 2))])
def test_values_and_groups_of_unequal_length_are_refused(values):
    with pytest.raises(InputError, match="one group each"):
        bootstrap_interval(values, ["a", "b"] if len(values) else [])


def test_network_and_baseline_need_the_same_samples():
    with pytest.raises(InputError, match="The network has 2 values, the baseline 3"):
        compare([1.0, 2.0], [1.0, 2.0, 3.0], ["a", "b"])
