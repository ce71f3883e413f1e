"""Evaluate and train on a user's table."""

import dataclasses
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nital.core.errors import ArtifactError, InputError, need
from nital.core.progress import Say
from nital.core.report import Report
from nital.core.task import Trained
from nital.io.tables import read_table
from nital.learn.folds import Fold, matbench_folds, repeated_group_folds
from nital.tasks.properties.domain import Domain, learn_domain
from nital.tasks.properties.options import EvaluateOptions, TrainOptions
from nital.tasks.properties.problem import Problem, state_problem
from nital.tasks.properties.recipe import RECIPES, PropertiesRecipe

if TYPE_CHECKING:
    from nital.tasks.properties.calibration import Calibration
    from nital.tasks.properties.selection import Choice

__all__ = ["evaluate_table", "train_table"]

OTHER_MODEL = 1e-3
"""An ONNX file whose predictions differ from the model's by more than this share of their spread is refused."""


def evaluate_table(data: Path, options: EvaluateOptions, say: Say = None) -> Report:
    """The report of `nital evaluate properties`."""
    recipe = RECIPES[options.recipe]
    recipe = recipe.replace(
        seed=options.seed,
        repeats=recipe.repeats if options.repeats is None else options.repeats,
        threads=recipe.threads if options.processes is None else options.processes,
    )
    problem = _problem(data, options, recipe.most_rows, recipe.seed)

    from nital.tasks.properties.report import evaluate_problem

    folds = _folds(problem, recipe, options.folds)
    return evaluate_problem(
        problem, recipe.plan(), folds, seed=recipe.seed, workers=recipe.threads, why=options.why, say=say
    )


def train_table(recipe: PropertiesRecipe, data: Path, options: TrainOptions, say: Say = None) -> Trained:
    """Evaluate, choose on all rows by what the verdict says, fit, calibrate and write the model."""
    problem = _problem(data, options, recipe.most_rows, recipe.seed)

    from nital.tasks.properties.calibration import calibrate
    from nital.tasks.properties.export import to_onnx
    from nital.tasks.properties.nested import one_thread
    from nital.tasks.properties.report import compare, report_of, stages_of
    from nital.tasks.properties.settled import fit_chosen

    folds = _folds(problem, recipe, "group")
    started, rows = time.perf_counter(), problem.rows
    stages = stages_of(problem, folds, why=True, keep=True, say=say)
    compared = compare(problem, recipe.plan(), folds, stages, seed=recipe.seed, workers=recipe.threads)
    with one_thread():
        choice, model = fit_chosen(
            rows, recipe.plan(), recipe.seed, compared.helped, stages.part("keep", "the model to keep")
        )
        calibration = calibrate(choice, rows)
    report = report_of(compared, recipe.plan(), stages, seed=recipe.seed, kept=choice, started=started)
    domain = _domain(problem, recipe.seed)
    written = to_onnx(model, domain, rows.sets["given"], rows.matrix.shape[1])
    facts = _facts(problem, choice, calibration, domain)
    kept = f"{choice.chosen} ({facts['settings']}), fitted on all rows"
    report = dataclasses.replace(report, details={**report.details, "kept": kept})
    return Trained(written, facts, report, _difference(written, model.predict(rows.matrix)[0], rows.matrix))


def _facts(problem: Problem, choice: "Choice", calibration: "Calibration", domain: Domain) -> dict[str, Any]:
    """What predicting needs besides the model's file."""
    from nital.tasks.properties.checks import too_few_groups
    from nital.tasks.properties.report import weights_words

    chosen = choice.chosen
    words = weights_words(choice, chosen) if chosen in choice.weights else choice.families[chosen].candidate.words
    return {
        "design": problem.design.as_json(), "domain": domain.as_json(), "target": problem.target,
        "unit": problem.target_unit, "group": problem.group, "family": chosen, "settings": words,
        "note": too_few_groups(len(np.unique(problem.rows.groups))),
        "calibration": {"factor": calibration.factor if np.isfinite(calibration.factor) else None,
                        "scaled": calibration.scaled, "typical": calibration.typical, "largest": calibration.largest},
    }  # fmt: skip


def _domain(problem: Problem, seed: int) -> Domain:
    given = problem.rows.sets["given"]
    names = tuple(problem.design.names[k] for k in given)
    return learn_domain(problem.rows.matrix[:, given], problem.rows.groups, names, seed)


def _folds(problem: Problem, recipe: PropertiesRecipe, kind: str) -> list[Fold]:
    recipe.check()
    if kind == "matbench":
        return matbench_folds(len(problem.rows.target))
    return repeated_group_folds(problem.rows.groups, recipe.folds, recipe.repeats, recipe.seed)


def _problem(data: Path, options: TrainOptions, most_rows: int, seed: int) -> Problem:
    if data.is_dir():
        raise InputError(f"{data} is a folder, and a table is needed: .csv, .tsv, .xlsx or .parquet.")
    need("sklearn", "train", "Comparing models")
    need("torch", "train", "Training a network")
    table = read_table(data, sheet=options.sheet)
    if not options.target:
        raise InputError(
            f"Which column of {data} is to be predicted? Name it with `target`. It has: {', '.join(table.columns)}."
        )
    inputs = None if options.inputs is None else _names(options.inputs)
    return state_problem(
        table, options.target, group=options.group, inputs=inputs, exclude=_names(options.exclude or ""),
        most_rows=most_rows, base=options.base, seed=seed,
    )  # fmt: skip


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _difference(written: bytes, expected: np.ndarray, matrix: np.ndarray) -> float:
    """Largest difference between the file and the model, in the unit of the target."""
    import onnxruntime

    session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
    given = np.asarray(session.run(["prediction"], {"rows": matrix.astype(np.float32)})[0])
    difference = float(np.abs(given - expected).max())
    if difference > OTHER_MODEL * max(float(np.std(expected)), 1e-12) + 1e-6 * float(np.abs(expected).max()):
        raise ArtifactError(f"The ONNX file differs from the model by {difference:g}. Please report this as a fault.")
    return difference
