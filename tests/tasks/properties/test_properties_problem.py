"""What is learned from a table, and what is refused or told."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from nital.core.errors import InputError, UnknownName
from nital.io.tables import Table, read_table
from nital.tasks.properties.options import TrainOptions
from nital.tasks.properties.problem import Problem, state_problem
from nital.tasks.properties.recipe import RECIPES

N = 40
RNG = np.random.default_rng(0)
X, Y = RNG.uniform(0, 1, N), RNG.uniform(0, 1, N)
HEATS = np.array([f"H{k // 4}" for k in range(N)])
Make = Callable[..., Table]


def test_numbers_categories_and_physics_become_columns_of_the_matrix(problem: Problem) -> None:
    assert problem.design.names[:4] == ("grain size [um]", "Cr [wt%]", "quench = oil", "quench = water")
    assert "inverse_root_grain_size" in problem.design.names
    assert problem.metric.name == "mae_hardness_hv"
    assert len(np.unique(problem.rows.groups)) == 15
    place = problem.design.names.index("inverse_root_grain_size")
    np.testing.assert_allclose(problem.rows.matrix[:, place], problem.columns["grain size [um]"] ** -0.5, rtol=1e-6)


def test_every_value_of_the_matrix_is_one_of_single_precision(problem: Problem) -> None:
    matrix = problem.rows.matrix
    np.testing.assert_array_equal(matrix, matrix.astype(np.float32).astype(np.float64))


def test_columns_that_cannot_serve_are_left_out_and_named(table_of: Make) -> None:
    table = table_of(
        row=np.arange(N), name=[f"s{k}" for k in range(N)], vanadium=np.zeros(N), x=X, twin=X, heat=HEATS, y=Y,
        grade=[f"grade {k // 4}" for k in range(N)],
    )  # fmt: skip
    problem = state_problem(table, TrainOptions(target="y", group="heat"))
    assert problem.design.names == ("x",)
    account = " ".join(problem.account)
    for header in ("row", "name", "vanadium", "twin", "grade"):
        assert f"'{header}'" in account


def test_an_outcome_left_among_the_inputs_is_told_and_may_be_excluded(table_of: Make) -> None:
    table = table_of(x=X, tensile_strength=2 * Y + 0.001 * X, heat=HEATS, yield_strength=Y)
    told = " ".join(state_problem(table, TrainOptions(target="yield_strength", group="heat")).warnings)
    assert "almost alone" in told and "named like a result of a test" in told
    without = state_problem(table, TrainOptions(target="yield_strength", group="heat", exclude="tensile_strength"))
    assert without.design.names == ("x",)
    assert not without.warnings


def test_rows_without_target_or_group_are_left_out_and_counted(table_of: Make) -> None:
    y, heats = Y.copy(), HEATS.copy()
    y[:3], heats[5] = np.nan, ""
    problem = state_problem(table_of(x=X, heat=heats, y=y), TrainOptions(target="y", group="heat"))
    assert len(problem.rows.target) == N - 4
    assert problem.numbers.tolist() == [3, 4, *range(6, N)]
    assert "3 of 40 rows have no 'y'" in " ".join(problem.account)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y": np.full(N, 3.0)}, "All values of 'y'"),
        ({"heat": ["H1"] * N}, "one group 'H1'"),
        ({"y": np.where(np.arange(N) < 9, Y, np.nan)}, "9 rows"),
        ({"y": np.where(np.arange(N) == 4, 1e300, Y)}, "1e\\+300"),
        ({"x": np.where(np.arange(N) == 4, 1e300, X)}, "row 5"),
        ({"x": np.zeros(N)}, "no column left"),
    ],
)
def test_what_nothing_can_be_learned_from_is_refused_by_name(
    table_of: Make, changes: dict[str, object], message: str
) -> None:
    table = table_of(**({"x": X, "heat": HEATS, "y": Y} | changes))
    with pytest.raises(InputError, match=message):
        state_problem(table, TrainOptions(target="y", group="heat"))


def test_infinite_values_of_a_file_count_as_missing_and_are_told(heats_csv: Callable[..., Path]) -> None:
    path = heats_csv()
    lines = path.read_text().splitlines()
    cells = lines[3].split(",")
    lines[3] = ",".join([cells[0], "inf", *cells[2:]])
    path.write_text("\n".join(lines) + "\n")
    problem = state_problem(read_table(path), TrainOptions(target="hardness", group="heat"))
    assert np.isnan(problem.columns["grain size [um]"][2])
    assert "infinite" in " ".join(problem.account)


def test_a_group_that_is_nearly_everything_few_rows_and_no_group_are_told(table_of: Make) -> None:
    heats = np.array(["A"] * (N - 2) + ["B", "C"])
    assert "holds 38 of 40" in " ".join(
        state_problem(table_of(x=X, heat=heats, y=Y), TrainOptions(target="y", group="heat")).warnings
    )
    few = table_of(x=X[:12], y=Y[:12])
    told = " ".join(state_problem(few, TrainOptions(target="y")).warnings)
    assert "Only 12 rows" in told and "No group is named" in told and "name their column with `group`" in told


@pytest.mark.parametrize(("header", "found"), [("Heat no", True), ("sample", True), ("preheat", False)])
def test_a_column_that_seems_to_say_what_belongs_together_is_named_where_no_group_is(
    table_of: Make, header: str, found: bool
) -> None:
    told = " ".join(state_problem(table_of(**{"x": X, header: HEATS, "y": Y}), TrainOptions(target="y")).warnings)
    assert (f"give `group` '{header}'" in told) is found
    alone = np.array([f"s{n}" for n in range(N)])
    assert "give `group`" not in " ".join(
        state_problem(table_of(**{"x": X, header: alone, "y": Y}), TrainOptions(target="y")).warnings
    )


def test_of_a_large_table_a_part_is_drawn_and_that_is_said(table_of: Make) -> None:
    problem = state_problem(
        table_of(x=X, heat=HEATS, y=Y), TrainOptions(target="y", group="heat"), RECIPES["usual"].replace(most_rows=25)
    )
    assert len(problem.rows.target) == 25
    assert "15 of 40 rows are left out" in " ".join(problem.account)


def test_unknown_columns_are_named_with_the_nearest(table_of: Make) -> None:
    table = table_of(x=X, heat=HEATS, y=Y)
    with pytest.raises(UnknownName, match="heat"):
        state_problem(table, TrainOptions(target="y", group="heats"))
    with pytest.raises(InputError, match="target or the group"):
        state_problem(table, TrainOptions(target="y", group="heat", inputs="y"))


def test_a_formula_makes_features_although_it_is_no_category(table_of: Make) -> None:
    formulas = [f"Fe{100 - k} Ni{k}" for k in range(1, N + 1)]
    problem = state_problem(table_of(alloy_formula=formulas, x=X, y=Y), TrainOptions(target="y"))
    assert "vec" in problem.design.names
    assert problem.design.inputs == ("x", "alloy_formula")


def test_a_third_of_the_smallest_value_is_outside_however_wide_the_range_is() -> None:
    """Grain sizes of 0.3 to 9 um say nothing about 0.1 um."""
    from nital.tasks.properties.domain import Domain

    size = np.linspace(0.3, 9.0, 50)[:, None]
    domain = Domain(
        points=size, mean=np.zeros(1), scale=np.ones(1), low=size.min(0), high=size.max(0), gaps=np.zeros(1, bool),
        limit=np.inf, names=("grain size",),
    )  # fmt: skip
    new = np.array([[0.1], [0.28], [9.2], [12.0]])
    out = ["grain size out of range"]
    assert domain.reasons(new, np.zeros(4)) == [out, [], [], out]
    assert any("leaves the range" in sentence for sentence in domain.warnings(new, np.zeros(4)))
