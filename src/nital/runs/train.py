"""train: a named recipe, with changes, to a model folder."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nital.core.errors import need, unknown_name
from nital.runs.jobs import get_task

__all__ = ["train"]


def train(
    job: str,
    recipe: str = "bundled",
    *,
    out: str | os.PathLike[str],
    resume: bool = True,
    progress: Callable[[str], object] | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """Train a job's model by a named recipe.

    Args:
        job: such as "grains". recipe: one of the job's recipes. out: the run's folder, which becomes the model folder.
        resume: go on from the last epoch that `out` holds. changes: recipe fields to change, such as `seed=1`.

    Returns:
        the report of `nital.runs.run.run`.

    Raises:
        MissingExtra: without the extra `train`. UnknownName: no such job, recipe or field.
    """
    need("torch", "train", "Training a model")
    need("numba", "train", "Simulating structures")
    from nital.runs.run import run

    task = get_task(job)
    recipes = task.recipes()
    if recipe not in recipes:
        raise unknown_name(f"recipe of {job}", recipe, recipes)
    return run(task, recipes[recipe].replace(**changes), Path(out), resume=resume, progress=progress)
