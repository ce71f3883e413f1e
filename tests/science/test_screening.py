"""What is found wrong with columns and rows, on tables where it is known, and on real ones."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from nital.io.tables import read_table
from nital.science.screening import find_twin_rows, identifier_columns, idle_columns, near_perfect_predictors


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_constant_columns_ignore_missing_values_and_name_the_value() -> None:
    columns = {"V": np.array([0.1, np.nan, 0.1]), "mill": np.array(["A", "A", ""]), "empty": np.full(3, np.nan)}
    assert idle_columns(columns | {"C": np.array([1.0, 2.0, 1.0])}) == {
        name: f"it is '{value}' in all rows" for name, value in (("V", "0.1"), ("mill", "A"), ("empty", ""))
    }


def test_duplicated_columns_need_the_same_missing_values_and_treat_minus_zero_as_zero() -> None:
    columns = {
        "a": np.array([0.0, np.nan, 2.0]),
        "b": np.array([-0.0, np.nan, 2.0]),
        "c": np.array([0.0, 1.0, 2.0]),
        "d": np.array(["x", "y", ""]),
        "e": np.array(["x", "y", ""]),
    }
    assert idle_columns(columns) == {"b": "it repeats 'a'", "e": "it repeats 'd'"}


def test_identifiers_are_texts_that_all_differ_and_row_counters(rng: np.random.Generator) -> None:
    names = np.array([f"specimen {number}" for number in range(40)])
    columns = {"name": names, "row": np.arange(40.0) + 7, "heat": np.repeat(["A", "B"], 20), "C": rng.normal(size=40)}
    assert set(identifier_columns(columns)) == {"name", "row"}
    assert identifier_columns({"name": names[:5]}) == {}


def test_an_outcome_left_among_the_inputs_is_named(rng: np.random.Generator) -> None:
    hardness = rng.uniform(100, 400, 200)
    columns = {
        "uts": 3.3 * hardness + rng.normal(0, 1, 200),
        "exp": -np.exp(hardness / 50),
        "parabola": (hardness - 250) / 100,
        "C": rng.normal(size=200),
        "class": np.array([f"H{value // 5}" for value in hardness]),
    }
    found = near_perfect_predictors(columns, hardness)
    assert set(found) == {"uts", "exp", "parabola", "class"}
    assert "rank correlation -1.000" in found["exp"]
    assert "rank correlation 0.000" in found["class"]
    assert "'uts'" in found["uts"] and "exclude" in found["uts"]
    parabola = near_perfect_predictors({"x": columns["parabola"]}, columns["parabola"] ** 2)["x"]
    assert "R2 1.000" in parabola
    assert abs(float(parabola.split("rank correlation ")[1].split(",")[0])) < 0.5


def test_noise_is_no_near_perfect_predictor_however_few_the_rows(rng: np.random.Generator) -> None:
    for n in (10, 12, 20, 40):
        columns = {str(i): rng.normal(size=n) for i in range(50)}
        columns["heat"] = np.array([f"h{i // 2}" for i in range(n)])
        assert near_perfect_predictors(columns, rng.normal(size=n)) == {}
    assert near_perfect_predictors({"x": np.arange(5.0)}, np.arange(5.0)) == {}


def test_huge_and_constant_values_do_no_harm(rng: np.random.Generator) -> None:
    x = rng.normal(size=50)
    columns = {
        "huge": np.where(np.arange(50) == x.argmax(), 1e300, x),
        "constant": np.ones(50),
        "empty": np.full(50, np.nan),
    }
    assert next(iter(near_perfect_predictors(columns, x))) == "huge"
    assert near_perfect_predictors(columns, np.ones(50)) == {}
    assert "R2 1.000" in near_perfect_predictors({"a": 1e300 * x}, 1e300 * x)["a"]
    # Of 50 numbers in one dimension few are near another; a spread of 1e300 would join all.
    assert sum(len(rows) - 1 for rows in find_twin_rows(columns)[1]) < 10


def test_twin_rows_are_found_among_texts_and_missing_values() -> None:
    columns = {
        "C": np.array([0.1, 0.1, 0.1005, 0.3, np.nan, np.nan, 0.5, 0.1]),
        "kind": np.array(["a", "a", "a", "b", "b", "b", "", "c"]),
    }
    equal, near = find_twin_rows(columns)
    assert [rows.tolist() for rows in near] == [[0, 1, 2], [4, 5]]
    assert [rows.tolist() for rows in equal] == [[0, 1], [4, 5]]


@pytest.mark.parametrize("n_columns", [3, 20])
def test_rows_with_a_twin_are_the_same_as_by_brute_force(n_columns: int, rng: np.random.Generator) -> None:
    values = rng.normal(size=(300, n_columns)).round(2)
    values[rng.random(values.shape) < 0.6] = 0
    values[200:] = values[:100] + rng.uniform(-0.006, 0.006, (100, n_columns)) * rng.choice([0.1, 1.5], (100, 1))
    columns = {str(i): values[:, i] for i in range(n_columns)}
    low, high = np.percentile(values, [16, 84], axis=0)
    spread = np.where(high > low, (high - low) / 2, values.std(axis=0))
    distance = cdist(values / spread, values / spread, "chebyshev")
    np.fill_diagonal(distance, np.inf)
    with_twin = np.isin(np.arange(300), np.concatenate(find_twin_rows(columns)[1]))
    assert np.array_equal(with_twin, distance.min(axis=1) <= 0.01)
    assert 20 < with_twin.sum() < 300


@settings(max_examples=30, deadline=None)
@given(arrays(np.float64, (12, 3), elements=st.sampled_from([0.0, 1.0, 2.0, np.nan])), st.permutations(range(12)))
def test_order_of_rows_does_not_matter(values: np.ndarray, order: list[int]) -> None:
    columns = {str(i): values[:, i] for i in range(3)}
    shuffled = {name: column[order] for name, column in columns.items()}
    equal = find_twin_rows(columns)[0]
    assert sorted(map(len, equal)) == sorted(map(len, find_twin_rows(shuffled)[0]))
    expected = len(values) - len(np.unique(np.nan_to_num(values, nan=-1), axis=0))
    assert sum(len(rows) - 1 for rows in equal) == expected


def test_a_hundred_thousand_rows_take_seconds(rng: np.random.Generator) -> None:
    values = rng.normal(size=(30_000, 40))
    values[rng.random(values.shape) < 0.7] = 0
    values[-500:] = values[:500]
    equal, _ = find_twin_rows({str(i): values[:, i] for i in range(40)})
    assert len(equal) == 500


def test_real_table_of_tempering_has_no_outcome_among_its_inputs(real_data: Path) -> None:
    table = read_table(real_data / "tables" / "temper_hardness.csv")
    inputs = {name: values for name, values in table.columns.items() if name != "hardness_HRC"}
    assert near_perfect_predictors(inputs, table.numeric("hardness_HRC")) == {}
    assert identifier_columns(inputs) == {"row_id": "every row has a text of its own"}
    assert near_perfect_predictors({"x": table.numeric("hardness_HRC") * 10}, table.numeric("hardness_HRC"))


def test_real_table_of_steels_repeats_no_row(real_data: Path) -> None:
    table = read_table(real_data / "tables" / "steel_strength.csv")
    inputs = {name: table.numeric(name) for name in table.columns if name.endswith("_wtpct")}
    assert find_twin_rows(inputs)[0] == []
    assert set(identifier_columns(table.columns)) == {"row_id", "formula", "matbench_order"}
