"""Explanations on functions whose answer is known."""

import numpy as np

from nital.learn.importance import integrated_gradients, partial_dependence, permutation_importance

RNG = np.random.default_rng(0)
COLUMNS = {"a": RNG.normal(size=400), "b": RNG.normal(size=400), "c": RNG.normal(size=400)}


def _linear(columns: dict[str, np.ndarray]) -> np.ndarray:
    return 3 * columns["a"] + columns["b"]


def test_a_column_that_is_not_used_has_no_importance_and_a_steeper_one_has_more() -> None:
    found = permutation_importance(_linear, COLUMNS, _linear(COLUMNS), {name: (name,) for name in COLUMNS})
    assert found["c"] == (0.0, 0.0)
    # The mean distance of two standard normal draws is 2 / sqrt(pi).
    np.testing.assert_allclose(found["a"][0], 3 * 2 / np.sqrt(np.pi), rtol=0.1)
    np.testing.assert_allclose(found["b"][0], 2 / np.sqrt(np.pi), rtol=0.1)


def test_columns_of_a_set_move_together() -> None:
    """A difference of two equal columns stays zero when both are shuffled alike, and not when one is."""
    columns = {"x": COLUMNS["a"], "y": COLUMNS["a"].copy()}
    sets = {"both": ("x", "y"), "one": ("x",)}
    found = permutation_importance(lambda c: c["x"] - c["y"], columns, np.zeros(400), sets)
    assert found["both"][0] == 0
    assert found["one"][0] > 1


def test_partial_dependence_of_a_sum_is_the_line_of_the_column() -> None:
    course = partial_dependence(_linear, COLUMNS, "a", np.array([0.0, 1.0, 2.0]))
    np.testing.assert_allclose(np.diff(course), 3.0)


def test_integrated_gradients_of_a_product_sum_to_the_difference() -> None:
    rows, origin = np.array([[2.0, 3.0], [1.0, -1.0]]), np.zeros(2)
    shares = integrated_gradients(lambda x: x[:, ::-1], rows, origin)  # of x0 * x1
    np.testing.assert_allclose(shares.sum(axis=1), rows[:, 0] * rows[:, 1])
    np.testing.assert_allclose(shares[:, 0], shares[:, 1])
