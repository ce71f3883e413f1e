"""evaluate: network and baselines on a user's labelled files."""

import os
from pathlib import Path
from typing import Any

from nital.core.errors import InputError
from nital.runs.engine import network_of
from nital.runs.jobs import get_task
from nital.runs.predict import checked_options, plain

__all__ = ["evaluate"]


def evaluate(
    job: str, folder: str | os.PathLike[str], *, artifact: str | os.PathLike[str] | None = None, **options: Any
) -> dict[str, Any]:
    """Score a model and the job's baselines on labelled data.

    Args:
        job: such as "grains". folder: labelled files, as the job's guide describes them.
        artifact: a model folder; None: the bundled model. options: the job's own.

    Returns:
        the JSON object of `nital evaluate`: `job`, `data`, `split`, `groups`, `verdict`, `chosen`, `models`.

    Raises:
        InputError: the folder does not exist or holds no labelled file.
    """
    task = get_task(job)
    chosen = checked_options(task, options)
    if not Path(folder).is_dir():
        raise InputError(f"{folder} is not a folder. Give the folder that holds images and labels.")
    return plain(task.evaluate(network_of(job, artifact), Path(folder), chosen))
