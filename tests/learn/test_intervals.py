import math

import numpy as np
import pytest

from nital.core.errors import InputError
from nital.learn.intervals import Comparison, bootstrap_interval, compare, score_by_group, verdict


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


@pytest.mark.parametrize(
    ("comparison", "higher", "start", "simpler"),
    [
        (Comparison(0.1, 0.05, 0.2, 9), True, "The network is better than Otsu by 0.1 in F1", False),
        (Comparison(-0.1, -0.2, -0.05, 9), True, "The network is worse than Otsu by 0.1 in F1", True),
        (Comparison(-0.1, -0.2, -0.05, 9), False, "The network is better than Otsu by 0.1 in F1", False),
        (Comparison(0.1, -0.05, 0.2, 9), True, "No difference between the network and Otsu can be shown", True),
        (Comparison(0.1, math.nan, math.nan, 1), True, "The network differs from Otsu by +0.1 in F1, on one", False),
    ],
)
def test_the_verdict_says_what_the_interval_allows(comparison, higher, start, simpler):
    words = verdict(comparison, baseline="Otsu", metric="F1", higher_is_better=higher)
    assert words.startswith(start)
    assert ("Use the simpler model, Otsu." in words) == simpler


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
