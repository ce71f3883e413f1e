"""Intervals by groups: the quantile by hand, the promise on simulated heats, and what few groups allow."""

import math

import numpy as np
import pytest

from nital.core.errors import InputError
from nital.learn.conformal import conformal_factor, coverage_by_group, fewest_groups, half_widths, stable_difficulty


def test_with_one_row_per_group_it_is_the_usual_conformal_quantile() -> None:
    """The ceil((n + 1) * 0.9)-th smallest of n residuals."""
    residuals = np.random.default_rng(1).normal(size=99)
    assert conformal_factor(residuals, np.arange(99)) == np.sort(np.abs(residuals))[89]


def test_a_group_of_many_rows_has_no_more_say_than_one_of_one_row() -> None:
    groups = np.array(["big"] * 1000 + [f"small {i}" for i in range(19)])
    residuals = np.r_[np.full(1000, 50.0), np.arange(1.0, 20.0)]
    assert conformal_factor(residuals, groups) == 19.0


def test_too_few_groups_promise_nothing_and_the_largest_difference_is_given() -> None:
    residuals = np.arange(80.0)
    assert conformal_factor(residuals, np.arange(80) % 8) == math.inf
    assert math.isfinite(conformal_factor(residuals, np.arange(80) % 9))
    assert fewest_groups(0.9) == 9 and fewest_groups(0.95) == 19
    assert half_widths(math.inf, np.ones(2), 7.0).tolist() == [7.0, 7.0]


def test_nine_of_ten_rows_of_new_heats_lie_inside() -> None:
    """Heats with an offset of their own and rows that differ in difficulty: coverage over 400 draws of 30 heats."""
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(400):
        groups = np.repeat(np.arange(31), rng.integers(1, 12, 31))
        difficulty = rng.uniform(0.5, 3.0, len(groups))
        residual = difficulty * (rng.normal(size=31)[groups] + 0.5 * rng.normal(size=len(groups)))
        new = groups == 30
        factor = conformal_factor(residual[~new], groups[~new], difficulty[~new])
        inside.append(np.mean(np.abs(residual[new]) <= factor * difficulty[new]))
    assert 0.87 < np.mean(inside) < 0.95


def test_rows_as_the_unit_would_promise_too_much() -> None:
    """The same heats with all rows counted alike, as if they were independent: what the groups are for."""
    rng = np.random.default_rng(8)
    by_group, by_row = [], []
    for _ in range(300):
        groups = np.repeat(np.arange(13), 20)
        residual = 2 * rng.normal(size=13)[groups] + 0.2 * rng.normal(size=len(groups))
        new = groups == 12
        for found, labels in ((by_group, groups[~new]), (by_row, np.arange((~new).sum()))):
            found.append(np.mean(np.abs(residual[new]) <= conformal_factor(residual[~new], labels)))
    assert np.mean(by_row) < 0.88 < np.mean(by_group)


def test_the_unit_of_the_difficulty_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    residuals, groups, spread = rng.normal(size=60), np.arange(60) % 20, rng.uniform(1, 2, 60)
    one = conformal_factor(residuals, groups, spread)
    assert conformal_factor(residuals, groups, 1000 * spread) == pytest.approx(one / 1000)


def test_coverage_counts_the_ends_and_is_given_for_each_group() -> None:
    groups = np.array(["a", "a", "b"])
    assert coverage_by_group([0.0, 2.0, 9.0], [0.0] * 3, [2.0] * 3, groups) == {"a": 1.0, "b": 0.0}


def test_a_spread_of_zero_everywhere_is_no_difficulty_at_all() -> None:
    assert stable_difficulty([0.0, 0.0], 0.0).tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("residuals", "difficulty"), [([np.nan, 1.0], None), ([1.0], None), ([1.0, 2.0], [0.0, 1.0]), ([], None)]
)
def test_residuals_that_cannot_be_used_are_refused(residuals: list[float], difficulty: list[float] | None) -> None:
    with pytest.raises(InputError):
        conformal_factor(residuals, np.array(["a", "b"]), difficulty)
