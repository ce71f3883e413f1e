"""The report: what it holds, what its words say, and that it takes leakage and physics for what they are."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import nital
from nital.core.errors import InputError
from nital.core.report import Report
from nital.io.tables import Table, read_table
from nital.learn.folds import repeated_group_folds
from nital.tasks.properties.checks import _luckier
from nital.tasks.properties.options import TrainOptions
from nital.tasks.properties.problem import state_problem
from nital.tasks.properties.recipe import PropertiesRecipe
from nital.tasks.properties.report import evaluate_problem
from nital.tasks.properties.score import CHOSEN


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    size = np.exp(rng.uniform(np.log(0.5), np.log(100), 60))
    hardness = 100 + 200 / np.sqrt(size) + rng.normal(0, 5, 60)
    lines = ["heat,grain size [um],Cr [wt%],Ni [wt%],hardness [HV]"]
    lines += [f"H{k // 4},{size[k]:.4f},{k % 7},{k % 3},{hardness[k]:.2f}" for k in range(60)]
    lines.append(lines[1].replace("H0", "H9"))  # a row of heat 0 that stands in heat 9 too
    path = tmp_path_factory.mktemp("report") / "heats.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = nital.evaluate("properties", path, target="hardness", group="heat", recipe="tiny", seed=1)
    values = json.loads(json.dumps(report.to_json()))
    assert json.loads(json.dumps(Report.from_json(values).to_json())) == values
    return values


def test_every_model_has_its_error_with_interval_on_new_groups_and_on_random_rows(report: dict[str, Any]) -> None:
    names = [row["name"] for row in report["models"]]
    assert names[:9] == [
        "mean", "Ridge", "Ridge + physics", "random forest", "extra trees", "gradient boosting", "kernel regression",
        "lecture MLP", "MLP ensemble",
    ]  # fmt: skip
    for row in report["models"]:
        low, high = row["mae_hardness_hv_ci95"]
        assert low <= row["mae_hardness_hv"] <= high
        assert row["r2_pooled"] < 1
    assert {row["kind"] for row in report["models"]} == {"baseline", "network"}
    assert [row["name"] for row in report["models"] if row["constant"]] == ["mean"]
    assert report["metrics"][0] | {"bounds": None} == {
        "name": "mae_hardness_hv", "unit": "HV", "better": "lower", "title": "mean absolute error", "bounds": None,
    }  # fmt: skip
    assert report["random_split_mae"] > 0


def test_the_law_of_hall_and_petch_is_found_and_the_network_is_not_needed(report: dict[str, Any]) -> None:
    assert report["verdict"].startswith("Use the simpler model, Ridge + physics")
    assert report["chosen"] == "Ridge + physics"
    assert "inverse_root_grain_size" in " ".join(report["physics_found"]["settings"])
    assert report["importance"][0]["columns"] == "grain size [um]"
    curve = next(curve for curve in report["partial_dependence"] if curve["column"] == "grain size [um]")
    assert curve["unit"] == "um"
    assert np.all(np.diff(curve["mean_prediction"]) < 0)


@pytest.mark.parametrize(("other", "told"), [(30.0, True), (48.0, False)])
def test_a_model_that_scored_clearly_better_than_the_choice_is_named_and_why_it_was_not_chosen(
    table_of: Callable[..., Table], other: float, told: bool
) -> None:
    maes = {"Ridge": other, CHOSEN: 50.0}
    problem = state_problem(table_of(x=np.arange(40.0) ** 2 % 17, y=np.arange(40.0)), TrainOptions(target="y"))
    compared: Any = SimpleNamespace(problem=problem, names=tuple(maes), mae=maes.get)
    sentences = _luckier(compared)
    assert bool(sentences) is told
    assert all("Ridge scored better than the choice here (30)" in sentence for sentence in sentences)


def test_shares_of_integrated_gradients_sum_up_but_for_a_small_gap(report: dict[str, Any]) -> None:
    assert report["integrated_gradients"]["gap"] < 0.05
    assert len(report["integrated_gradients"]["shares"]) >= 3


def test_a_row_that_stands_in_two_heats_is_listed(report: dict[str, Any]) -> None:
    assert report["duplicates"]["exact"] == 1
    assert {"rows_of_the_file": [2, 62], "groups": ["H0", "H9"]} in report["duplicates"]["across_groups"]


def test_the_checklist_answers_with_numbers_of_this_table(report: dict[str, Any]) -> None:
    answers = {item["question"]: item["answer"] for item in report["advise"]}
    assert answers["Are there thousands of rows?"].startswith("61 rows")
    assert answers["Are there many independent groups?"] == "15 groups."
    assert {item["speaks_for"] for item in report["advise"]} <= {"a network", "a simpler model"}


def test_coverage_learning_curve_and_notes_are_there(report: dict[str, Any]) -> None:
    assert 0.7 <= report["coverage90"] <= 1
    assert [point["groups"] for point in report["learning_curve"]["points"]] == [2, 5, 8, 10]
    assert any("leakage gap" in note for note in report["notes"])


def test_leakage_of_heats_is_measured(table_of: Callable[..., Table], only: Callable[..., None]) -> None:
    """Heats with an offset of their own, told by their composition: random rows know it, new heats do not."""
    rng = np.random.default_rng(0)
    heats = np.repeat(np.arange(16), 6)
    carbon, offset = rng.uniform(0, 1, 16)[heats], rng.normal(0, 50, 16)[heats]
    table = table_of(heat=[f"H{k}" for k in heats], carbon=carbon, x=rng.uniform(0, 1, 96), y=300 + offset)
    problem = state_problem(table, TrainOptions(target="y", group="heat"))
    only("mean", "extra trees")
    recipe = PropertiesRecipe(name="few", inner_folds=3, trees=20, threads=1)
    found = evaluate_problem(problem, recipe, repeated_group_folds(problem.rows.groups, 4), why=False).to_json()
    row = next(row for row in found["models"] if row["name"] == "extra trees")
    assert row["random_split_mae"] < 0.6 * row["mae_y"]
    assert "too small" in found["leakage"]
    assert (found["verdict"], found["chosen"]) == ("No network was compared.", "mean")


def test_with_few_groups_the_intervals_promise_nothing_and_that_is_said(
    table_of: Callable[..., Table], only: Callable[..., None]
) -> None:
    rng = np.random.default_rng(0)
    table = table_of(heat=[f"H{k % 4}" for k in range(40)], x=rng.uniform(0, 1, 40), y=rng.uniform(0, 1, 40))
    problem = state_problem(table, TrainOptions(target="y", group="heat"))
    only("mean", "Ridge")
    recipe = PropertiesRecipe(name="few", inner_folds=2, threads=1)
    found = evaluate_problem(problem, recipe, repeated_group_folds(problem.rows.groups, 4), why=False).to_json()
    assert "90 % cannot be promised" in found["coverage90_note"]


def test_the_sections_hold_what_the_page_draws(report: dict[str, Any]) -> None:
    titles = [section["title"] for section in report["sections"]]
    assert titles[:3] == ["Learning curve", "Importance", "Course over grain size [um]"]
    assert titles[-1] == "When a deep network is out of place"
    importance = report["sections"][1]["plot"]["series"][0]
    assert importance["style"] == "bars" and importance["x"][0] == "grain size [um]"


def test_without_target_the_columns_are_listed_and_a_folder_is_refused(
    heats_csv: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"`target`. It has: heat, grain size \[um\]"):
        nital.evaluate("properties", heats_csv())
    with pytest.raises(InputError, match="is a folder"):
        nital.evaluate("properties", tmp_path, target="y")


@pytest.mark.slow
def test_the_dummy_on_the_official_folds_has_the_official_error(real_data: Path) -> None:
    """Matbench's leaderboard gives 229.74 MPa for its dummy, the mean over folds: the folds are the official ones."""
    path = real_data / "tables" / "steel_strength.csv"
    exclude = "matbench_order, formula, tensile_strength_MPa, elongation_pct, family_derived"
    problem = state_problem(read_table(path), TrainOptions(target="yield_strength_MPa", exclude=exclude))
    from nital.learn.folds import matbench_folds

    target = problem.rows.target
    errors = [np.abs(target[f.test] - target[f.train].mean()).mean() for f in matbench_folds(len(target))]
    assert round(float(np.mean(errors)), 2) == 229.74
