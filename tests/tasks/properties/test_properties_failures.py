"""One failure is not the run's: odd tables give a report, and what could not be fitted is named."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from nital.core.report import Report
from nital.io.tables import Table
from nital.learn.folds import repeated_group_folds
from nital.tasks.properties import fitting
from nital.tasks.properties.models import Candidate, Fitted, Rows
from nital.tasks.properties.nested import outer_folds
from nital.tasks.properties.options import TrainOptions
from nital.tasks.properties.problem import state_problem
from nital.tasks.properties.recipe import PropertiesRecipe
from nital.tasks.properties.report import evaluate_problem
from nital.tasks.properties.score import CHOSEN
from nital.tasks.properties.settled import fit_chosen

Make = Callable[..., Table]
N = 48
RNG = np.random.default_rng(0)
X = RNG.normal(size=(N, 4))
Y = 300 + 40 * X[:, 0] + RNG.normal(size=N)
HEATS = np.array([f"H{k // 4}" for k in range(N)])
FIRST = np.arange(N) < 4
SCALES = 10.0 ** np.array([-12, -4, 4, 12])


def _columns() -> dict[str, Any]:
    return {"heat": HEATS, **{f"x{k}": X[:, k].copy() for k in range(4)}, "y": Y.copy()}


def _evaluated(table: Table, recipe: PropertiesRecipe, why: bool = False) -> Report:
    problem = state_problem(table, TrainOptions(target="y", group="heat"))
    return evaluate_problem(problem, recipe, repeated_group_folds(problem.rows.groups, 3), why=why)


TINY = PropertiesRecipe(name="tiny", inner_folds=2, members=2, epochs=2, trees=5, rounds=5, threads=1)
FEW = PropertiesRecipe(name="few", inner_folds=3, trees=5, threads=1)


@pytest.mark.parametrize(
    "changes",
    [
        {f"x{k}": np.where(np.random.default_rng(k).random(N) < 0.8, np.nan, X[:, k]) for k in range(4)},
        {"x3": np.full(N, np.nan)},
        {"x3": np.where(FIRST, X[:, 3], np.nan)},
        {f"x{k}": np.abs(X[:, k]) * SCALES[k] for k in range(4)},
        {"x1": np.where(FIRST, np.inf, X[:, 1]), "x2": np.where(FIRST, -np.inf, X[:, 2])},
        {"y": np.where(FIRST, Y, 7.0)},
        {"y": np.where(FIRST, 0.0, np.abs(Y))},
        {"y": Y * 1e-12},
        {"y": Y * 1e12},
    ],
    ids=[
        "many blanks", "a blank column", "blank but in one fold", "scales from 1e-12 to 1e12", "infinite values",
        "a constant target but in one fold", "a target of zero in one fold", "tiny targets", "huge targets",
    ],
)  # fmt: skip
def test_odd_tables_give_a_finite_report_without_a_warning(table_of: Make, changes: dict[str, Any]) -> None:
    columns = {name: _as_read(values) for name, values in (_columns() | changes).items()}
    report = _evaluated(table_of(**columns), TINY)
    for score in report.scores:
        assert score.value is not None and np.isfinite(score.value), score.model
    assert report.chosen in report.model_names
    assert 0 <= report.details["coverage90"] <= 1


def _as_read(values: np.ndarray) -> np.ndarray:
    """Infinite values of a file count as missing."""
    return np.where(np.isinf(values), np.nan, values) if values.dtype.kind == "f" else values


def _failing(families: tuple[str, ...], where: Callable[[Rows], bool]) -> Callable[..., Fitted]:
    real = fitting.fit

    def fit(candidate: Candidate, rows: Rows, seed: int) -> Fitted:
        if candidate.family in families and where(rows):
            raise fitting.Unfit(candidate.family, "LinAlgError: SVD did not converge")
        return real(candidate, rows, seed)

    return fit


def _patched(monkeypatch: pytest.MonkeyPatch, fit: Callable[..., Fitted]) -> None:
    from nital.tasks.properties import nested, selection

    monkeypatch.setattr(selection, "fit", fit)
    monkeypatch.setattr(nested, "fit", fit)


def test_a_model_that_fails_in_one_fold_is_left_out_there_and_told(
    table_of: Make, only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    _patched(monkeypatch, _failing(("Ridge",), lambda rows: len(rows.target) == 32 and "H0" not in rows.groups))
    only("mean", "Ridge", "extra trees")
    report = _evaluated(table_of(**_columns()), FEW, why=True)
    assert report.models["Ridge"]["folds"] == 2 and report.models["extra trees"]["folds"] == 3
    assert report.models["Ridge"]["reason"] == "LinAlgError: SVD did not converge"
    assert "Ridge was left out of 1 of 3 folds" in " ".join(report.notes)
    assert report.score(CHOSEN).value is not None


def test_where_a_model_fails_everywhere_its_row_says_why_and_where_all_but_the_mean_do_that_is_said(
    table_of: Make, only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    _patched(monkeypatch, _failing(("Ridge", "extra trees"), lambda rows: True))
    only("mean", "Ridge", "extra trees")
    report = _evaluated(table_of(**_columns()), FEW)
    assert "No model but the mean could be fitted to this table." in report.notes
    assert report.chosen == "mean"
    assert report.score("Ridge").value is None
    assert Report.from_json(report.to_json()).to_json() == report.to_json()


def test_what_cannot_be_fitted_to_all_rows_is_not_kept(
    only: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = Rows(X, Y, np.arange(N) // 4, {"given": np.arange(4)})
    _patched(monkeypatch, _failing(("Ridge",), lambda part: len(part.target) == N))
    only("mean", "Ridge", "extra trees")
    choice, _ = fit_chosen(rows, FEW)
    assert choice.chosen == "extra trees"
    assert choice.failures == {"Ridge": "LinAlgError: SVD did not converge"}


def test_the_reason_comes_back_from_another_process(only: Callable[..., None]) -> None:
    rows = Rows(np.full((N, 1), np.nan), np.where(FIRST, -1.0, Y), np.arange(N) // 4, {"given": np.arange(1)})
    with pytest.raises(fitting.Unfit, match="positive"):
        fitting.fit(
            Candidate("Ridge", "given", {"log": True}), Rows(X, rows.target, rows.groups, {"given": np.arange(4)}), 0
        )
    only("mean", "Ridge")
    for result in outer_folds(rows, repeated_group_folds(rows.groups, 2), FEW.replace(inner_folds=2, threads=2)):
        assert np.isfinite(result.values["Ridge"]).all()  # nothing varies: it is the mean


def test_predictions_that_are_not_finite_are_a_failure() -> None:
    from nital.tasks.properties.models import Constant

    with pytest.raises(fitting.Unfit, match="not finite"):
        fitting.predicted(Constant(np.inf), np.zeros((3, 1)), "Ridge")
