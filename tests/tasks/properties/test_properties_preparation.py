"""Preparation: learned in the training part, safe where a column is constant there or leaves its range."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from nital.tasks.properties.preparation import Preparation, Style

STYLES: list[Style] = ["plain", "scaled", "bins"]


def _learned(train: np.ndarray, style: Style) -> Preparation:
    return Preparation.learn(train, np.arange(train.shape[1]), style)


@pytest.mark.parametrize("style", STYLES)
def test_a_column_that_is_constant_in_training_cannot_make_predictions_explode(style: Style) -> None:
    """With (x - mean) / (std + 1e-8) vanadium of 0.1 % would enter as ten million."""
    train = np.column_stack([np.linspace(0, 1, 20), np.zeros(20), np.full(20, 0.3) + 1e-14 * np.arange(20)])
    prepared = _learned(train, style).apply(np.array([[0.5, 0.1, 0.4]]))
    assert np.abs(prepared).max() < 5


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.float64, (12, 3), elements=st.floats(-1e6, 1e6) | st.just(np.nan)),
    hnp.arrays(np.float64, (5, 3), elements=st.floats(-1e30, 1e30) | st.just(np.nan)),
    st.sampled_from(STYLES[1:]),
)
def test_whatever_comes_the_prepared_values_are_finite_and_bounded(
    train: np.ndarray, test: np.ndarray, style: Style
) -> None:
    preparation = _learned(train, style)
    prepared = preparation.apply(test)
    assert prepared.shape == (5, preparation.width)
    assert np.isfinite(prepared).all()
    assert np.abs(prepared).max(initial=0) < 100


@pytest.mark.parametrize("style", STYLES[1:])
def test_scaled_training_columns_have_mean_zero_and_spread_one(style: Style) -> None:
    train = np.random.default_rng(0).lognormal(3, 2, (200, 2))
    preparation = _learned(train, style)
    scaled = preparation.apply(train)[:, :2]
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-12)


def test_a_network_sees_the_logarithm_of_a_skewed_column_and_bins_of_all() -> None:
    train = np.column_stack([np.exp(np.linspace(-3, 6, 100)), np.linspace(0, 1, 100)])
    preparation = _learned(train, "bins")
    assert preparation.logs[0] > 0 and preparation.logs[1] == 0
    assert preparation.width == 2 + 16
    bins = preparation.apply(train)[:, 2:]
    assert bins.min() == -1 and bins.max() == 1
    assert (np.diff(bins[:, :8].sum(axis=1)) > 0).all()  # every difference of a value can be seen


def test_missing_values_become_the_median_and_a_mark() -> None:
    train = np.array([[1.0], [2.0], [30.0], [np.nan]])
    preparation = _learned(train, "plain")
    np.testing.assert_array_equal(preparation.apply(train), [[1, 0], [2, 0], [30, 0], [2, 1]])


def test_each_prepared_value_knows_its_column() -> None:
    train = np.column_stack([np.zeros(30), np.linspace(0, 1, 30), np.r_[np.nan, np.linspace(5, 9, 29)]])
    preparation = _learned(train, "bins")
    assert preparation.origin[:3].tolist() == [1, 2, 2]
    assert len(preparation.origin) == preparation.width
