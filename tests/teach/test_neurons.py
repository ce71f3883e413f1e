"""Single neurons: the textbook gates, scikit-learn where it has the same model, and what they say of bad data."""

from collections.abc import Callable

import numpy as np
import pytest
import sklearn.linear_model
from hypothesis import given, settings
from hypothesis import strategies as st

from nital.teach.neurons import ADALINE, McCullochPitts, NotSeparable, Perceptron

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
AND, OR, XOR = [-1, -1, -1, 1], [-1, 1, 1, 1], [-1, 1, 1, -1]
seeds = st.integers(0, 10**6)
UNHURRIED = settings(deadline=None, max_examples=50)


def separable(seed: int, n: int = 40, inputs: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Points with a margin of 0.3 on both sides of a line that does not pass the origin."""
    rng = np.random.default_rng(seed)
    x, direction = rng.uniform(-2, 2, (n, inputs)), rng.normal(size=inputs)
    direction /= np.linalg.norm(direction)
    y = np.where(x @ direction + 0.5 >= 0, 1, -1)
    return x + 0.3 * y[:, None] * direction, y


# ---- McCulloch-Pitts ----


@pytest.mark.parametrize(
    ("weights", "threshold", "expected"),
    [([1, 1], 2, [0, 0, 0, 1]), ([1, 1], 1, [0, 1, 1, 1]), ([1, -1], 1, [0, 0, 1, 0]), ([-1, -1], 0, [1, 0, 0, 0])],
    ids=["and", "or", "first but not second", "neither"],
)
def test_fixed_neurons_are_logic_gates(weights: list[int], threshold: int, expected: list[int]) -> None:
    neuron = McCullochPitts(weights, threshold)
    assert neuron.fit(CORNERS).predict(CORNERS).tolist() == expected


@UNHURRIED
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=2), st.integers(-4, 4))
def test_no_single_fixed_neuron_is_exclusive_or(weights: list[int], threshold: int) -> None:
    assert McCullochPitts(weights, threshold).predict(CORNERS).tolist() != [0, 1, 1, 0]


# ---- Perceptron ----


@pytest.mark.parametrize("labels", [AND, OR])
def test_the_perceptron_learns_and_and_or(labels: list[int]) -> None:
    neuron = Perceptron().fit(CORNERS, labels)
    assert neuron.predict(CORNERS).tolist() == labels
    assert neuron.score(CORNERS, labels) == 1
    assert neuron.mistakes_[-1] == 0


def test_the_first_steps_are_those_of_the_rule_done_by_hand() -> None:
    # From zero every sample is wrong: +(1, 2), then (-1, 1) with label -1: (1, 2).(-1, 1) = 1 is wrong: -(-1, 1).
    neuron = Perceptron(bias=False).fit([[1, 2], [-1, 1]], [1, -1])
    np.testing.assert_array_equal(neuron.path_[:3], [[0, 0], [1, 2], [2, 1]])
    assert neuron.intercept_ == 0


def test_xor_is_proved_not_separable_by_weights_that_come_back() -> None:
    neuron = Perceptron(max_passes=10**9)
    with pytest.raises(NotSeparable, match="after pass 1 the weights are where they were before"):
        neuron.fit(CORNERS, XOR)
    assert neuron.mistakes_ == [4]
    assert neuron.predict(CORNERS).shape == (4,)  # what was reached can be looked at


def test_whole_numbers_that_are_not_separable_always_end_in_a_proof() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(-3, 4, (20, 2))
    x[1] = x[0]
    y = np.where(rng.random(20) < 0.5, 1, -1)
    y[:2] = 1, -1  # the same sample with both labels
    with pytest.raises(NotSeparable, match="would go round for ever"):
        Perceptron(max_passes=10**6).fit(x, y)


def test_without_proof_the_passes_allowed_end_the_search() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(30, 2))
    with pytest.raises(NotSeparable, match=r"in 50 passes; the last one made \d+ mistakes in 30 samples"):
        Perceptron(max_passes=50).fit(x, np.where(x[:, 0] * x[:, 1] > 0, 1, -1))


def test_a_line_that_misses_the_origin_needs_a_bias() -> None:
    with pytest.raises(NotSeparable):
        Perceptron(bias=False).fit(CORNERS, AND)


@UNHURRIED
@given(seed=seeds, bias=st.booleans())
def test_the_perceptron_takes_the_same_steps_as_that_of_scikit_learn(seed: int, bias: bool) -> None:
    x, y = separable(seed)
    y = y if bias else np.where(x @ np.ones(2) > 0, 1, -1)
    ours = Perceptron(bias=bias).fit(x, y)
    theirs = sklearn.linear_model.Perceptron(
        fit_intercept=bias, shuffle=False, tol=None, max_iter=len(ours.mistakes_)
    ).fit(x, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_[0], rtol=1e-10, atol=1e-10)
    assert ours.intercept_ == pytest.approx(theirs.intercept_[0] if bias else 0, abs=1e-10)
    np.testing.assert_array_equal(ours.predict(x), theirs.predict(x))


@UNHURRIED
@given(seed=seeds, inputs=st.integers(1, 4))
def test_changes_stay_below_the_convergence_bound(seed: int, inputs: int) -> None:
    x, y = separable(seed, inputs=inputs)
    neuron = Perceptron(max_passes=100_000).fit(x, y)
    assert sum(neuron.mistakes_) == len(neuron.path_) - 1 <= neuron.mistake_bound(x, y)


def test_the_convergence_bound_of_one_sample_done_by_hand() -> None:
    # One sample (3, 4) and the 1 of the bias: the line found is the sample itself, so R = gamma.
    assert Perceptron().fit([[3, 4]], [1]).mistake_bound([[3, 4]], [1]) == pytest.approx(1)


def test_there_is_no_bound_for_samples_on_the_wrong_side() -> None:
    with pytest.raises(NotSeparable, match="no margin and no bound"):
        Perceptron().fit(CORNERS, AND).mistake_bound(CORNERS, XOR)


# ---- ADALINE ----


@UNHURRIED
@given(seed=seeds)
def test_gradient_descent_arrives_at_the_closed_form_of_scikit_learn(seed: int) -> None:
    x, y = separable(seed)
    neuron = ADALINE()
    neuron = ADALINE(0.9 * neuron.largest_learning_rate(x), epochs=2000).fit(x, y)
    exact, line = ADALINE().closed_form(x, y), sklearn.linear_model.LinearRegression().fit(x, y)
    for found in (neuron, exact):
        np.testing.assert_allclose(found.coef_, line.coef_, rtol=1e-8, atol=1e-8)
        assert found.intercept_ == pytest.approx(line.intercept_, rel=1e-8, abs=1e-8)
    assert neuron.losses_[-1] == pytest.approx(exact.losses_[-1], rel=1e-8)
    assert all(np.diff(neuron.losses_) <= 1e-12)


def test_without_bias_the_closed_form_goes_through_the_origin() -> None:
    x, y = separable(0)
    neuron, line = ADALINE(bias=False).closed_form(x, y), sklearn.linear_model.LinearRegression(fit_intercept=False)
    np.testing.assert_allclose(neuron.coef_, line.fit(x, y).coef_, rtol=1e-10)
    assert neuron.intercept_ == 0


def test_the_first_step_is_the_gradient_of_the_lecture() -> None:
    x, y = np.array([[1.0], [3.0]]), [-1, 1]
    neuron = ADALINE(learning_rate=0.1, epochs=1).fit(x, y)
    # w = 0: -0.1 * 2/2 * X^T (0 - y) = 0.1 * (-1 + 3, -1 + 1)
    np.testing.assert_allclose(neuron.path_, [[0, 0], [0.2, 0]], atol=1e-15)
    assert neuron.losses_ == pytest.approx([1, (1.2**2 + 0.4**2) / 2])


def test_the_largest_learning_rate_parts_descent_from_divergence() -> None:
    x, y = [[1.0], [2.0], [3.0]], [-1, 1, 1]
    limit = ADALINE(bias=False).largest_learning_rate(x)
    assert limit == pytest.approx(3 / 14)  # N / sum of squares
    losses = ADALINE(0.999 * limit, epochs=500, bias=False).fit(x, y).losses_
    assert losses[-1] < losses[0]
    losses = ADALINE(1.001 * limit, epochs=500, bias=False).fit(x, y).losses_
    assert losses[-1] > losses[0]


def test_a_learning_rate_that_runs_away_is_told_its_limit() -> None:
    # The largest eigenvalue for the four corners with their ones is (7 + sqrt 33) / 8 = 1.593.
    assert ADALINE().largest_learning_rate(CORNERS) == pytest.approx(8 / (7 + 33**0.5))
    with pytest.raises(ValueError, match=r"learning_rate 10 runs away; for X it must be below 0\.6277\."):
        ADALINE(10, epochs=1000).fit(CORNERS, AND)


def test_adaline_gets_and_right_although_its_loss_does_not_vanish() -> None:
    neuron = ADALINE(0.4, epochs=500).fit(CORNERS, AND)
    assert neuron.score(CORNERS, AND) == 1
    assert neuron.losses_[-1] == pytest.approx(0.25)


# ---- bad input ----


@pytest.mark.parametrize("neuron", [Perceptron, ADALINE])
@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        ([[0.0], [1.0]], [0, 1], r"y must hold the labels -1 and 1 alone, not \[0.0\]"),
        ([[0.0], [1.0]], [1], "y has 1 labels for the 2 rows of X"),
        ([[0.0], [1.0]], [[1], [1]], "y must be numbers in 1 dimensions"),
        ([[0.0], [1.0]], ["a", "b"], "y must be numbers in 1 dimensions"),
        ([0.0, 1.0], [1, 1], "X must be numbers in 2 dimensions"),
        (np.ones((0, 2)), [], "X must be numbers in 2 dimensions, not empty"),
        ([[0.0], [np.nan]], [1, -1], "X holds 1 NaN or infinite values"),
        ([[0.0], [np.inf]], [1, -1], "X holds 1 NaN or infinite values"),
    ],
)
def test_bad_data_are_named_with_what_was_expected(neuron: Callable, x: object, y: object, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        neuron().fit(x, y)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Perceptron(max_passes=0), "max_passes must be 1 or more"),
        (lambda: ADALINE(learning_rate=0), "learning_rate must be above 0"),
        (lambda: ADALINE(epochs=0), "epochs 1 or more"),
        (lambda: Perceptron().predict(CORNERS), "This Perceptron has learned nothing yet"),
        (lambda: Perceptron().fit(CORNERS, AND).predict([[1.0]]), "X has 1 inputs in each row; expected 2"),
        (lambda: McCullochPitts([1, 1], 1).predict([[0, 2]]), "X must hold 0 and 1 alone"),
        (lambda: McCullochPitts([1, np.nan], 1), "weights holds 1 NaN"),
        (lambda: McCullochPitts([[1]], 1), "weights must be numbers in 1 dimensions"),
    ],
)
def test_wrong_use_is_named_with_what_was_expected(call: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()
