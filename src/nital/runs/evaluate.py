"""evaluate: models on a user's labelled data."""

import dataclasses
import os
from pathlib import Path
from typing import Any

from nital.core.errors import InputError
from nital.core.options import checked_options
from nital.core.progress import Say
from nital.core.report import Report
from nital.learn.seen import WatchedNetwork
from nital.runs.engine import network_of
from nital.runs.jobs import get_task

__all__ = ["evaluate"]


def evaluate(
    job: str,
    data: str | os.PathLike[str],
    *,
    artifact: str | os.PathLike[str] | None = None,
    say: Say = None,
    **options: Any,
) -> Report:
    """Score a job's models and baselines on labelled data.

    Args:
        job: such as "grains". data: a folder of labelled files or a table, as the job's guide describes it.
        artifact: a model folder; None: the bundled model. say: is given progress. options: the job's own.

    Returns:
        the report, with a warning first among its notes where the model was trained on some of these samples; its
        `to_json()` is the JSON of `nital evaluate`.

    Raises:
        InputError: the data do not exist, or cannot be used.
    """
    task = get_task(job)
    chosen = checked_options(job, task.evaluate_options_type or task.options_type, options)
    if not Path(data).exists():
        raise InputError(f"{data} does not exist. Check the name.")
    network = network_of(job, artifact) if task.evaluates_a_model else None
    if network is None or not (learned_from := network.artifact.card.get("learned_from")):
        return task.evaluate(network, Path(data), chosen, say)
    watched = WatchedNetwork(network, learned_from)
    report = task.evaluate(watched, Path(data), chosen, say)
    return dataclasses.replace(report, notes=(watched.warning, *report.notes)) if watched.warning else report
