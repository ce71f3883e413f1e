"""Evaluate and train on a user's table."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import ArtifactError, InputError, need
from nital.core.progress import Say
from nital.core.report import Report
from nital.core.task import Trained
from nital.io.tables import read_table
from nital.learn.folds import matbench_folds, repeated_group_folds
from nital.tasks.properties.calibration import calibrate
from nital.tasks.properties.checks import too_few_groups
from nital.tasks.properties.domain import Domain, learn_domain
from nital.tasks.properties.export import to_onnx
from nital.tasks.properties.nested import one_thread
from nital.tasks.properties.options import EvaluateOptions, TrainOptions
from nital.tasks.properties.problem import Problem, state_problem
from nital.tasks.properties.recipe import RECIPES, PropertiesRecipe
from nital.tasks.properties.report import evaluate_problem, report_of
from nital.tasks.properties.score import compare
from nital.tasks.properties.selection import Choice
from nital.tasks.properties.settled import fit_chosen
from nital.tasks.properties.stages import Stages

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
    problem = _problem(data, options, recipe)
    rows = problem.rows
    folds = (
        matbench_folds(len(rows.target)) if options.folds == "matbench"
        else repeated_group_folds(rows.groups, recipe.folds, recipe.repeats, recipe.seed)
    )  # fmt: skip
    return evaluate_problem(problem, recipe, folds, why=options.why, say=say)


def train_table(recipe: PropertiesRecipe, data: Path, options: TrainOptions, say: Say = None) -> Trained:
    """Evaluate, choose on all rows by what the verdict says, fit, calibrate and write the model."""
    problem = _problem(data, options, recipe)
    rows = problem.rows
    folds = repeated_group_folds(rows.groups, recipe.folds, recipe.repeats, recipe.seed)
    stages = Stages.of(problem, folds, say, why=True, keep=True)
    compared = compare(problem, recipe, folds, stages)
    with one_thread():
        choice, model = fit_chosen(rows, recipe, compared.helped, stages.part("keep", "the model to keep"))
    report = report_of(compared, recipe, stages, kept=choice)
    domain = learn_domain(rows, problem.design.names, recipe.seed)
    written = to_onnx(model, domain, rows.matrix.shape[1])
    facts = _facts(problem, choice, domain)
    kept = f"{choice.chosen} ({facts['settings']}), fitted on all rows"
    report = dataclasses.replace(report, details={**report.details, "kept": kept})
    return Trained(written, facts, report, _difference(written, model.predict(rows.matrix)[0], rows.matrix))


def _facts(problem: Problem, choice: Choice, domain: Domain) -> dict[str, Any]:
    """What predicting needs besides the model's file."""
    calibration = calibrate(choice.families[choice.chosen], problem.rows)
    return {
        "design": dataclasses.asdict(problem.design), "domain": domain.as_json(), "target": problem.target,
        "unit": problem.target_unit, "group": problem.group, "family": choice.chosen,
        "settings": choice.settings(choice.chosen), "note": too_few_groups(len(np.unique(problem.rows.groups))),
        "calibration": dataclasses.asdict(calibration),
    }  # fmt: skip


def _problem(data: Path, options: TrainOptions, recipe: PropertiesRecipe) -> Problem:
    if data.is_dir():
        raise InputError(f"{data} is a folder, and a table is needed: .csv, .tsv, .xlsx or .parquet.")
    need("sklearn", "train", "Comparing models")
    need("torch", "train", "Training a network")
    recipe.check()
    return state_problem(read_table(data, sheet=options.sheet), options, recipe)


def _difference(written: bytes, expected: np.ndarray, matrix: np.ndarray) -> float:
    """Largest difference between the file and the model, in the unit of the target."""
    import onnxruntime

    session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
    given = np.asarray(session.run(["prediction"], {"rows": matrix.astype(np.float32)})[0])
    difference = float(np.abs(given - expected).max())
    if difference > OTHER_MODEL * max(float(np.std(expected)), 1e-12) + 1e-6 * float(np.abs(expected).max()):
        raise ArtifactError(f"The ONNX file differs from the model by {difference:g}. Please report this as a fault.")
    return difference
