"""predict: from a user's file to a result."""

import dataclasses
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nital.core.errors import InputError
from nital.core.options import Options, checked_options
from nital.core.outcome import Outcome
from nital.core.plain import plain
from nital.core.progress import Say, tell
from nital.core.task import Task
from nital.runs.engine import OnnxNetwork, network_of
from nital.runs.jobs import get_task
from nital.runs.ledger import finished, ledger_of
from nital.runs.places import check_place, result_folder
from nital.runs.result import OF_THE_FOLDER, Result
from nital.runs.writing import write_result

__all__ = ["predict", "predict_one"]

GENERAL = ("file", "job", "model", "seconds", "warnings")
"""What the JSON of every job has."""


def predict(
    job: str,
    file: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    artifact: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    say: Say = None,
    **options: Any,
) -> Result:
    """Apply a job's model to one file.

    Args:
        job: such as "grains".
        file: what the job opens.
        out: a folder; the result goes into a folder in it that is named like the file, with a number where a result of
            another file of that name is. None: nothing is written.
        artifact: a model folder from `nital train`; None: the bundled model.
        overwrite: compute again although `out` holds this very result.
        say: is given progress, see `nital.core.progress`.
        options: the job's own, such as `pixel_size_um=0.2252`.

    Raises:
        InputError: the file or an option cannot be used. UnknownName: no such job or option.
        ArtifactError: the model is missing or damaged. OutputError: `out` cannot be written to.
    """
    task = get_task(job)
    chosen = checked_options(job, task.options_type, options)
    if not isinstance(file, (str, os.PathLike)):
        raise InputError(f"predict takes the path of a file, not {type(file).__name__}. Save the array as TIFF first.")
    check_place(out)
    network = network_of(job, artifact)
    folder = None if out is None else result_folder(Path(out), Path(file).stem, job, Path(file))
    return predict_one(task, network, Path(file), chosen, folder, overwrite=overwrite, say=say)


def predict_one(
    task: Task,
    network: OnnxNetwork,
    file: Path,
    options: Options,
    folder: Path | None,
    *,
    overwrite: bool = False,
    say: Say = None,
    analyse: Callable[[OnnxNetwork, Path, Any], Outcome] | None = None,
) -> Result:
    """Apply an open model to one file; `folder` receives exactly this result.

    Args:
        analyse: what is done with the file; None: the job's own analysis.
    """
    if folder is not None and not overwrite and (old := finished(folder, file, network, options)):
        return old
    start = time.perf_counter()
    tell(say, 0, 0, str(file))
    outcome = analyse(network, file, options) if analyse else task.analyse(network, file, options, say)
    _check_names(outcome)
    values: dict[str, Any] = {
        "file": str(file),
        "job": task.card.job,
        "model": {
            "name": network.name,
            "sha256": network.sha256,
            "trained_on": network.artifact.card.get("trained_on"),
        },
        "seconds": round(time.perf_counter() - start, 2),
        "warnings": list(outcome.warnings),
        **outcome.values,
        **_for_people(outcome),
    }
    if folder is not None:
        values = write_result(folder, task.card, values | {"ledger": ledger_of(file, network, options)}, outcome)
    return Result(values, outcome, folder)


def _check_names(outcome: Outcome) -> None:
    """What a job names must not hide what nital says itself, nor another thing of the job; a value that is None may
    stand where the path of a file will.

    Raises:
        ValueError: a name that is taken.
    """
    files = [*outcome.maps, *outcome.pictures, *(f"{name}_csv" for name in outcome.tables), "report"]
    names = [*GENERAL, *OF_THE_FOLDER, *files]
    names += [name for name, value in outcome.values.items() if value is not None or name not in files]
    if taken := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"Values, maps, pictures and tables of a result need names of their own; taken: {taken}.")


def _for_people(outcome: Outcome) -> dict[str, Any]:
    """What page, terminal and table of a batch show."""
    return plain({
        "headline": outcome.headline,
        "row": outcome.row,
        "facts": [dataclasses.asdict(fact) for fact in outcome.facts],
        "sections": [section.to_json() for section in outcome.sections],
        "pictures": [{"name": name, "title": picture.title, "caption": picture.caption}
                     for name, picture in outcome.pictures.items()],
        "tables": [f"{name}_csv" for name in outcome.tables],
    })  # fmt: skip
