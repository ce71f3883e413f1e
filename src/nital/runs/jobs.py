"""The jobs that exist: the folders under `nital/tasks` that define one."""

import importlib
from pathlib import Path

from nital.core.errors import unknown_name
from nital.core.task import Task

__all__ = ["example_of", "get_task", "job_names"]

_FOLDER = Path(__file__).parent.parent / "tasks"


def job_names() -> list[str]:
    """Names of all jobs, in alphabetical order; imports none of them.

    >>> "grains" in job_names()
    True
    """
    return sorted(path.parent.name for path in _FOLDER.glob("*/task.py"))


def get_task(name: str) -> Task:
    """The job of that name.

    Raises:
        UnknownName: there is no such job.
    """
    if name not in job_names():
        raise unknown_name("job", name, job_names())
    return importlib.import_module(f"nital.tasks.{name}.task").TASK


def example_of(job: str) -> Path | None:
    """The folder with the example that comes with nital; None: the job has none."""
    folder = _FOLDER / job / "example"
    return folder if folder.is_dir() else None
