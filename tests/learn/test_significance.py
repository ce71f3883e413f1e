"""The corrected test: its formula, its symmetry, and how often it cries wolf."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from nital.core.errors import InputError
from nital.learn.significance import corrected_paired_test


def test_without_overlap_it_is_the_plain_paired_t_test() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(1, 1, 10), rng.normal(0, 1, 10)
    plain = ttest_rel(one, other)
    test = corrected_paired_test(one, other, 1e12, 1)
    assert test.p == pytest.approx(plain.pvalue)
    low, high = plain.confidence_interval(0.95)
    assert (test.low, test.high) == pytest.approx((low, high))


def test_the_overlap_of_ten_folds_widens_the_interval_as_published() -> None:
    """With 10 folds the variance factor is 1/10 + 1/9 instead of 1/10: 1.453 times the width."""
    one, other = np.arange(10.0), np.zeros(10)
    corrected = corrected_paired_test(one, other, 90, 10)
    plain = corrected_paired_test(one, other, 1e12, 1)
    assert (corrected.high - corrected.low) / (plain.high - plain.low) == pytest.approx(np.sqrt((0.1 + 1 / 9) / 0.1))


def test_exchanging_the_models_turns_the_sign() -> None:
    one, other = [1.0, 3.0, 2.0], [0.5, 1.0, 4.0]
    test, back = corrected_paired_test(one, other, 80, 20), corrected_paired_test(other, one, 80, 20)
    assert (test.difference, test.low, test.high) == pytest.approx((-back.difference, -back.high, -back.low))
    assert test.p == pytest.approx(back.p)


def test_equal_models_differ_by_nothing_and_one_fold_tells_nothing() -> None:
    same = corrected_paired_test([1.0, 2.0], [1.0, 2.0], 80, 20)
    assert (same.difference, same.p, same.certain) == (0.0, 1.0, False)
    single = corrected_paired_test([1.0], [3.0], 80, 20)
    assert single.difference == -2.0
    assert np.isnan(single.p) and not single.certain


def test_it_finds_a_difference_in_equal_models_seldom_where_the_plain_test_does_often() -> None:
    """Two ways of predicting a mean that are equally good, on ten repetitions of ten folds of 50 rows."""
    rng = np.random.default_rng(3)
    found = {"corrected": 0, "plain": 0}
    for _ in range(60):
        y = rng.normal(size=50)
        first, second = [], []
        for _ in range(10):
            order = rng.permutation(50)
            for test in np.array_split(order, 10):
                train = np.setdiff1d(order, test)
                first.append(np.mean((y[test] - y[train[::2]].mean()) ** 2))
                second.append(np.mean((y[test] - y[train[1::2]].mean()) ** 2))
        found["corrected"] += corrected_paired_test(first, second, 45, 5).p < 0.05
        found["plain"] += corrected_paired_test(first, second, 1e12, 1).p < 0.05
    assert found["corrected"] <= 6
    assert found["plain"] > found["corrected"]


@pytest.mark.parametrize("scores", [[np.nan, 1.0], [np.inf, 1.0], [1.0]])
def test_scores_that_cannot_be_compared_are_refused(scores: list[float]) -> None:
    with pytest.raises(InputError):
        corrected_paired_test(scores, [1.0, 2.0], 80, 20)
