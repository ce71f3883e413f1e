"""The ONNX file gives what the model gives, and refuses tables that do not fit."""

import csv
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nital
from nital.core.errors import ArtifactError, InputError
from nital.core.report import Report
from nital.io.tables import read_table
from nital.tasks.properties.analyse import matching_columns, predict_table
from nital.tasks.properties.design import Design
from nital.tasks.properties.domain import Domain, learn_domain
from nital.tasks.properties.export import to_onnx
from nital.tasks.properties.fitting import fit
from nital.tasks.properties.models import Average, Candidate, Rows
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.task import TASK

ort = pytest.importorskip("onnxruntime")

CANDIDATES = [
    Candidate("mean"), Candidate("Ridge"), Candidate("Ridge + physics", "physics", {"log": True}),
    Candidate("random forest", "physics", {"n_estimators": 10}),
    Candidate("extra trees", "given", {"n_estimators": 10}),
    Candidate("gradient boosting", "physics", {"n_estimators": 20, "max_features": 0.3}), Candidate("lecture MLP"),
    Candidate("kernel regression", "physics", {"smoothness": "1/2", "log": True}),
    Candidate("kernel regression", "given", {"smoothness": "5/2"}),
    Candidate("MLP ensemble", "physics", {"members": 3, "epochs": 5}),
]  # fmt: skip


def _run(model: Any, problem: Problem, matrix: np.ndarray) -> list[np.ndarray]:
    domain = learn_domain(problem.rows, problem.design.names)
    session = ort.InferenceSession(to_onnx(model, domain, matrix.shape[1]), providers=["CPUExecutionProvider"])
    found = session.run(["prediction", "spread", "distance"], {"rows": matrix.astype(np.float32)})
    np.testing.assert_allclose(found[2], domain.distances(matrix[:, : len(domain.mean)]), atol=1e-6)
    return found


@pytest.mark.parametrize("candidate", CANDIDATES, ids=lambda candidate: candidate.family)
def test_the_file_gives_what_the_model_gives_also_on_rows_with_gaps_and_far_away(
    candidate: Candidate, problem: Problem
) -> None:
    model = fit(candidate, problem.rows, 0)
    far = problem.rows.matrix * np.float32(3)
    empty = np.full_like(far[:3], np.nan)
    matrix = np.concatenate([problem.rows.matrix, far, empty])
    prediction, spread, _ = _run(model, problem, matrix)
    value, own = model.predict(matrix)
    np.testing.assert_allclose(prediction, value, rtol=2e-6, atol=1e-4)
    np.testing.assert_allclose(spread, own, rtol=1e-4, atol=1e-3)
    assert np.isfinite(prediction).all()


def test_a_weighted_average_is_written_whole(problem: Problem) -> None:
    parts = tuple(fit(candidate, problem.rows, 0) for candidate in CANDIDATES[1:4])
    model = Average(parts, np.array([0.5, 0.2, 0.3]))
    prediction, spread, _ = _run(model, problem, problem.rows.matrix)
    value, own = model.predict(problem.rows.matrix)
    np.testing.assert_allclose(prediction, value, atol=1e-4)
    np.testing.assert_allclose(spread, own, atol=1e-3)


def test_values_on_the_very_threshold_of_a_tree_take_the_same_branch() -> None:
    """Thresholds lie halfway between neighbours in single precision: rounded up, they would turn the larger one."""
    base = np.float32(1.0)
    steps = [base]
    for _ in range(39):
        steps.append(np.nextafter(steps[-1], np.float32(2)))
    matrix = np.array(steps, dtype=np.float64)[:, None] - 0.99999  # spread is large enough to count as varying
    matrix = matrix.astype(np.float32).astype(np.float64)
    rows = Rows(matrix, np.arange(40.0), np.arange(40), {"given": np.array([0])})
    design = Design(("x",))
    for candidate in (
        Candidate("extra trees", "given", {"n_estimators": 20}), Candidate("random forest"),
        Candidate("gradient boosting", "given", {"n_estimators": 20}),
    ):  # fmt: skip
        model = fit(candidate, rows, 0)
        domain = learn_domain(rows, design.names)
        session = ort.InferenceSession(to_onnx(model, domain, 1), providers=["CPUExecutionProvider"])
        found = session.run(["prediction"], {"rows": matrix.astype(np.float32)})[0]
        np.testing.assert_allclose(found, model.predict(matrix)[0], atol=1e-5)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Report]:
    """A table, the folder of the model that was trained on it, and the report."""
    folder = tmp_path_factory.mktemp("trained")
    rng = np.random.default_rng(5)
    lines = ["heat,grain size [um],Cr [wt%],quench,hardness [HV]"]
    for k in range(60):
        size, chromium = np.exp(rng.uniform(np.log(0.5), np.log(100))), rng.uniform(0, 2)
        hardness = 100 + 200 / np.sqrt(size) + 10 * chromium + rng.normal(0, 5)
        lines.append(f"H{k // 4},{size:.4f},{chromium:.3f},{('oil', 'water')[k % 2]},{hardness:.2f}")
    path = folder / "heats.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    out = folder / "model"
    report = nital.train("properties", path, target="hardness", group="heat", recipe="tiny", out=out)
    return path, out, report


def test_the_trained_model_predicts_with_intervals_and_a_word_on_its_domain(trained: Any, tmp_path: Path) -> None:
    path, out, report = trained
    result = nital.predict("properties", path, artifact=out, out=tmp_path)
    truth = read_table(path).numeric("hardness")
    assert np.abs(np.array(result.prediction) - truth).mean() < 10
    low, high = np.array(result.interval90).T
    assert np.mean((truth >= low) & (truth <= high)) > 0.85
    assert np.mean(result.in_domain) > 0.9
    assert len((tmp_path / "heats" / "predictions.csv").read_text().splitlines()) == 61
    card = json.loads((out / "card.json").read_text())
    assert card["onnx_max_abs_difference"] < 1e-3
    assert card["chosen"] == report.chosen and card["facts"]["family"] == report.chosen


def test_the_folder_of_a_training_has_a_page_with_all_models_and_what_the_model_rests_on(
    trained: Any, tmp_path: Path
) -> None:
    path, out, report = trained
    page = (out / "report.html").read_text(encoding="utf-8")
    for model in report.model_names:
        assert f"<td>{model}" in page
    for heading in ("Learning curve", "Importance", "Course over grain size [um]", "What was read"):
        assert f"<h2>{heading}</h2>" in page
    assert json.loads((out / "card.json").read_text())["trained_on"].startswith("'heats.csv', ")
    nital.predict("properties", path, artifact=out, out=tmp_path)
    page = (tmp_path / "heats" / "report.html").read_text(encoding="utf-8")
    assert "&#39;heats.csv&#39;, " in page
    assert page.count("<tr><td>") >= 60, "the rows of predictions.csv"


def test_the_kept_model_promises_intervals_by_its_own_groups_not_by_those_of_a_fold(trained: Any) -> None:
    _, out, report = trained
    card = json.loads((out / "card.json").read_text())
    assert len(report.groups) == 15 and card["facts"]["note"] is None


def test_columns_that_the_model_does_not_use_stand_behind_its_answers(trained: Any, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("specimen,Cr [wt%],grain size [um],quench,lab no\nA1,1,5,oil,7\n,1,20,water,8\n")
    nital.predict("properties", new, artifact=trained[1], out=tmp_path)
    with (tmp_path / "new" / "predictions.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["row"], row["specimen"], row["lab no"]) for row in rows] == [("1", "A1", "7"), ("2", "", "8")]
    assert "Cr [wt%]" not in rows[0] and float(rows[0]["low 90 %"]) < float(rows[0]["high 90 %"])


def test_a_row_unlike_those_of_the_training_is_out_of_its_domain_and_the_reason_is_told(
    trained: Any, tmp_path: Path
) -> None:
    _, out, _ = trained
    new = tmp_path / "new.csv"
    new.write_text("grain size [um],Cr [wt%],quench\n5,1,oil\n5,9,oil\n5,1,air\n,1,oil\n5,1,oil\n")
    result = nital.predict("properties", new, artifact=out)
    assert result.in_domain == [True, False, False, False, True]
    assert "'quench' holds texts in 1 rows that training did not know, such as 'air'." in result.warnings
    assert result.outcome is not None
    reasons = [str(row[5]) for row in result.outcome.tables["predictions"].rows]
    assert reasons[0] == reasons[4] == ""
    assert "Cr [wt%] out of range" in reasons[1]
    assert "quench with a text that training did not know" in reasons[2]
    assert "grain size [um] missing" in reasons[3]
    told = " ".join(result.warnings)
    assert "'Cr [wt%]' leaves the range" in told and "in row 2." in told
    assert "'grain size [um]' was never missing" in told
    assert result.prediction[0] == result.prediction[4]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("grain size [um],quench", r"'Cr \[wt%\]' is missing"),
        ("grain size [mm],Cr [wt%],quench", r"'grain size \[mm\]' is in mm, and the model learned it in um"),
        ("grain size [um],Cr [at%],quench", r"'Cr \[at%\]' is in at%, and the model learned it in wt%"),
        ("grain size,Cr [wt%],quench", "no unit, and the model learned it in um"),
    ],
)
def test_a_table_with_other_columns_or_units_is_refused_by_name(
    trained: Any, tmp_path: Path, header: str, message: str
) -> None:
    new = tmp_path / "new.csv"
    new.write_text(header + "\n" + ",".join(["5", "1", "oil"][: header.count(",") + 1]) + "\n")
    with pytest.raises(InputError, match=message) as error:
        nital.predict("properties", new, artifact=trained[1])
    assert "new.csv does not fit the model" in str(error.value)


def test_text_where_numbers_were_learned_is_refused(trained: Any, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("grain size [um],Cr [wt%],quench\nfine,1,oil\n")
    with pytest.raises(InputError, match="holds text"):
        nital.predict("properties", new, artifact=trained[1])


def test_the_facts_that_predicting_needs_are_in_every_card(trained: Any) -> None:
    facts = json.loads((trained[1] / "card.json").read_text())["facts"]
    assert set(TASK.needed_facts) <= set(facts)


def test_the_row_of_a_batch_names_target_and_unit(trained: Any) -> None:
    outcome = nital.predict("properties", trained[0], artifact=trained[1]).outcome
    assert outcome is not None
    assert outcome.row == {"target": "hardness [HV]", "unit": "HV"}


def test_a_card_without_the_facts_is_refused(heats_csv: Callable[..., Path]) -> None:
    class Bare:
        facts: dict[str, Any] = {}  # noqa: RUF012

        def __call__(self, batch: np.ndarray) -> dict[str, np.ndarray]:
            return {}

    with pytest.raises(ArtifactError, match="Train it again"):
        predict_table(Bare(), heats_csv())


def test_design_and_domain_come_back_from_json_as_they_were(problem: Problem) -> None:
    design = Design.from_json(json.loads(json.dumps(asdict(problem.design))))
    assert design == problem.design
    np.testing.assert_array_equal(design.matrix(problem.columns), problem.rows.matrix)
    domain = learn_domain(problem.rows, problem.design.names)
    again = Domain.from_json(json.loads(json.dumps(domain.as_json())))
    assert again.limit == domain.limit
    np.testing.assert_array_equal(again.low, domain.low)


def test_columns_match_by_name_and_unit_however_the_header_writes_them(
    problem: Problem, heats_csv: Callable[..., Path]
) -> None:
    written = read_table(heats_csv(name="other.csv", size="Grain size (µm)", cr="wt% Cr"))
    columns = matching_columns(written, problem.design)
    np.testing.assert_array_equal(problem.design.matrix(columns), problem.rows.matrix)
