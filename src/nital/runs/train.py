"""train: a named recipe, with changes, to a model folder."""

import dataclasses
import os
import typing
from pathlib import Path
from typing import Any

from nital.core.errors import InputError, need, unknown_name
from nital.core.options import checked_options
from nital.core.progress import Say
from nital.core.recipe import Recipe
from nital.core.report import Report
from nital.core.task import FittedTask, NetworkTask
from nital.runs.jobs import get_task
from nital.runs.places import check_place

__all__ = ["train"]


def train(
    job: str,
    data: str | os.PathLike[str] | None = None,
    *,
    recipe: str | None = None,
    out: str | os.PathLike[str],
    resume: bool = True,
    device: str = "cpu",
    say: Say = None,
    **changes: Any,
) -> Report:
    """Train a job's model by a named recipe.

    Args:
        job: such as "grains". data: a user's data, for a job that learns from these; None: the job makes its own.
        recipe: one of the job's recipes; None: its usual one. out: the run's folder, which becomes the model folder.
        resume: go on from the last epoch that `out` holds. device: where a network is trained, such as "cuda".
        say: is given progress, see `nital.core.progress`.
        changes: the job's options of training, and recipe fields to change, such as `seed=1`.

    Returns:
        what was scored, as `out` holds it in report.json.

    Raises:
        MissingExtra: without the extra `train`. UnknownName: no such job, recipe or field. InputError: the data.
    """
    need("torch", "train", "Training a model")
    check_place(out)
    task = get_task(job)
    chosen = _chosen(job, task.recipes(), recipe)
    if isinstance(task, NetworkTask):
        need("numba", "train", "Simulating structures")
        from nital.runs.run import run

        if data is not None and task.learns_from is None:
            raise InputError(f"The job {job} makes its own samples and takes no data. Leave out {data}.")
        if data is None and task.needs_data:
            raise InputError(f"The job {job} learns from your data. Name them: {task.learns_from}.")
        where = None if data is None else Path(data)
        return run(task, chosen.replace(**changes), Path(out), where, resume=resume, device=device, say=say)
    if not isinstance(task, FittedTask):
        raise InputError(f"The job {job} is not one that can be trained.")
    if data is None:
        raise InputError(f"The job {job} learns from your data. Name them.")
    names = {field.name for field in dataclasses.fields(task.train_options_type)}
    options = checked_options(job, task.train_options_type, {n: v for n, v in changes.items() if n in names})
    chosen = chosen.replace(**{name: value for name, value in changes.items() if name not in names})
    return _fitted(task, chosen, Path(data), options, Path(out), say)


def _chosen(job: str, recipes: typing.Mapping[str, Recipe], name: str | None) -> Recipe:
    if name is not None and name not in recipes:
        raise unknown_name(f"recipe of {job}", name, recipes)
    return recipes[name or next(iter(recipes))]


def _fitted(task: FittedTask, recipe: Recipe, data: Path, options: Any, out: Path, say: Say) -> Report:
    from nital.runs.artifact import save_fitted
    from nital.runs.pages import write_report

    trained = task.train(recipe, data, options, say)
    report = dataclasses.replace(trained.report, recipe=recipe.name)
    save_fitted(out, task, recipe, trained)
    write_report(out, report, task.card)
    return report
