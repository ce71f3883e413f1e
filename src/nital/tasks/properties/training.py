"""Evaluate and train on a user's table."""

from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import ArtifactError, InputError, need
from nital.core.task import Say, Trained
from nital.io.tables import read_table
from nital.learn.folds import Fold, matbench_folds, repeated_group_folds
from nital.tasks.properties.options import EvaluateOptions, TrainOptions
from nital.tasks.properties.problem import Problem, state_problem
from nital.tasks.properties.recipe import RECIPES, PropertiesRecipe

__all__ = ["evaluate_table", "train_table"]

OTHER_MODEL = 1e-3
"""An ONNX file whose predictions differ from the model's by more than this share of their spread is refused."""


def evaluate_table(data: Path, options: EvaluateOptions, progress: Say = None) -> dict[str, Any]:
    """The report of `nital evaluate properties`."""
    problem = _problem(data, options, RECIPES[options.recipe].most_rows, options.seed)
    recipe = RECIPES[options.recipe].replace(
        seed=options.seed,
        repeats=RECIPES[options.recipe].repeats if options.repeats is None else options.repeats,
        threads=RECIPES[options.recipe].threads if options.processes is None else options.processes,
    )
    return _report(problem, recipe, options.folds, options.why, progress)


def train_table(recipe: PropertiesRecipe, data: Path, options: TrainOptions, progress: Say = None) -> Trained:
    """Evaluate, choose on all rows, fit, calibrate and write the model."""
    problem = _problem(data, options, recipe.most_rows, recipe.seed)
    report = _report(problem, recipe, "group", True, progress)

    from nital.tasks.properties.domain import learn_domain
    from nital.tasks.properties.export import to_onnx
    from nital.tasks.properties.nested import calibrate, one_thread
    from nital.tasks.properties.report import too_few_groups
    from nital.tasks.properties.selection import choose, fit_choice

    _say(progress, "the model to keep: chosen and fitted on all rows")
    rows = problem.rows
    with one_thread():
        choice = choose(rows, recipe.plan(), recipe.seed)
        model = fit_choice(choice, rows, recipe.seed)
        calibration = calibrate(choice, rows)
    given = rows.sets["given"]
    domain = learn_domain(
        rows.matrix[:, given], rows.groups, tuple(problem.design.names[k] for k in given), recipe.seed
    )
    written = to_onnx(model, domain, given, rows.matrix.shape[1])
    facts = {
        "design": problem.design.as_json(), "domain": domain.as_json(), "target": problem.target,
        "unit": problem.target_unit, "group": problem.group, "family": choice.chosen, "settings": _settings(choice),
        "note": too_few_groups(len(np.unique(rows.groups))),
        "calibration": {"factor": calibration.factor if np.isfinite(calibration.factor) else None,
                        "scaled": calibration.scaled, "typical": calibration.typical, "largest": calibration.largest},
    }  # fmt: skip
    report |= {"chosen": choice.chosen, "kept": f"{choice.chosen} ({_settings(choice)}), fitted on all rows"}
    return Trained(written, facts, report, _difference(written, model.predict(rows.matrix)[0], rows.matrix))


def _problem(data: Path, options: TrainOptions, most_rows: int, seed: int) -> Problem:
    if data.is_dir():
        raise InputError(f"{data} is a folder, and a table is needed: .csv, .tsv, .xlsx or .parquet.")
    need("sklearn", "train", "Comparing models")
    need("torch", "train", "Training a network")
    table = read_table(data, sheet=options.sheet)
    if not options.target:
        raise InputError(
            f"Which column of {data} is to be predicted? Name it with --target. It has: {', '.join(table.columns)}."
        )
    inputs = None if options.inputs is None else _names(options.inputs)
    return state_problem(
        table, options.target, group=options.group, inputs=inputs, exclude=_names(options.exclude or ""),
        most_rows=most_rows, base=options.base, seed=seed,
    )  # fmt: skip


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _report(problem: Problem, recipe: PropertiesRecipe, folds: str, why: bool, progress: Say) -> dict[str, Any]:
    from nital.tasks.properties.report import evaluate_problem

    recipe.check()
    outer: list[Fold] = (
        matbench_folds(len(problem.rows.target))
        if folds == "matbench"
        else repeated_group_folds(problem.rows.groups, recipe.folds, recipe.repeats, recipe.seed)
    )
    return evaluate_problem(
        problem, recipe.plan(), outer, seed=recipe.seed, workers=recipe.threads, why=why, progress=progress
    )


def _settings(choice: Any) -> str:
    from nital.tasks.properties.selection import AVERAGE

    if choice.chosen == AVERAGE:
        return ", ".join(f"{name} {weight:.2f}" for name, weight in choice.weights.items() if weight > 0)
    return choice.families[choice.chosen].candidate.words


def _difference(written: bytes, expected: np.ndarray, matrix: np.ndarray) -> float:
    """Largest difference between the file and the model, in the unit of the target."""
    import onnxruntime

    session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
    given = np.asarray(session.run(["prediction"], {"rows": matrix.astype(np.float32)})[0])
    difference = float(np.abs(given - expected).max())
    if difference > OTHER_MODEL * max(float(np.std(expected)), 1e-12) + 1e-6 * float(np.abs(expected).max()):
        raise ArtifactError(f"The ONNX file differs from the model by {difference:g}. Please report this as a fault.")
    return difference


def _say(progress: Say, text: str) -> None:
    if progress:
        progress(text)
