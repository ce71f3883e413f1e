"""explain: what a trained network looked at in a user's file. Needs torch, because it needs gradients."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard

from nital.core.errors import ArtifactError, InputError, need
from nital.core.options import checked_options
from nital.core.outcome import Outcome
from nital.core.task import NetworkTask, Task
from nital.runs.engine import OnnxNetwork, network_of
from nital.runs.jobs import get_task
from nital.runs.places import check_place, result_folder
from nital.runs.predict import predict_one
from nital.runs.result import Result

__all__ = ["explain", "explainer", "explains", "no_explanations"]


def explains(task: Task) -> TypeGuard[NetworkTask]:
    """Whether the job has explanations beyond its results."""
    return isinstance(task, NetworkTask) and task.explain_options_type is not None


def no_explanations(job: str) -> InputError:
    """What is said where a job has none."""
    return InputError(f"The job {job} has no explanations beyond its results: use nital predict {job}.")


def explain(
    job: str,
    file: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    artifact: str | os.PathLike[str] | None = None,
    **options: Any,
) -> Result:
    """Show what a model looked at in one file.

    Args:
        job: such as "classes". file: what the job opens. out: a folder, see `nital.predict`; the result goes into a
            folder that ends in "-explained". artifact: a model folder from `nital train`; None: the bundled model.
        options: the job's own, such as `layer="body.3"`.

    Raises:
        MissingExtra: without the extra `train`. InputError: the file or an option cannot be used, or the job has no
            explanations. UnknownName: no such job, option, class or layer. ArtifactError: the model is damaged.
    """
    return explainer(job, artifact, out, **options)(Path(file))


def explainer(
    job: str,
    artifact: str | os.PathLike[str] | None,
    out: str | os.PathLike[str] | None,
    *,
    overwrite: bool = False,
    **options: Any,
) -> Callable[[Path], Result]:
    """Open a model once, to explain many files with it; arguments and errors as for `explain`."""
    task = get_task(job)
    if not explains(task) or task.explain_options_type is None:
        raise no_explanations(job)
    chosen = checked_options(job, task.explain_options_type, options)
    check_place(out)
    need("torch", "train", "Explaining a network")
    network = network_of(job, artifact)
    model = _with_weights(task, network)

    def analyse(network: OnnxNetwork, path: Path, options: Any) -> Outcome:
        return task.explain(model, network.facts, path, options)

    def one(file: Path) -> Result:
        folder = None if out is None else result_folder(Path(out), f"{file.stem}-explained", job, file)
        return predict_one(task, network, file, chosen, folder, overwrite=overwrite, analyse=analyse)

    return one


def _with_weights(task: NetworkTask, network: OnnxNetwork) -> Any:
    from safetensors.torch import load_file

    path = network.artifact.folder / "weights.safetensors"
    try:
        model = task.model(task.recipe_type.from_dict(network.artifact.recipe), network.facts)
        model.load_state_dict(load_file(path))
    except Exception as error:
        raise ArtifactError(
            f"{path} does not hold the weights of this model ({error}). Copy the folder again."
        ) from error
    return model.eval()
