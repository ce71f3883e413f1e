"""Every job that `tasks/` lists, and one small training run of each."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from nital.core.dataset import Dataset
from nital.core.recipe import Recipe
from nital.core.task import FittedTask, NetworkTask, Task
from nital.runs.jobs import get_task, job_names

Small = Callable[..., Recipe]


class Trained(NamedTuple):
    """A model, still in torch, and the folder that it was saved in."""

    task: NetworkTask
    recipe: Recipe
    model: object
    folder: Path
    test: Dataset


@pytest.fixture(scope="session", params=job_names())
def task(request: pytest.FixtureRequest) -> Task:
    return get_task(request.param)


def fitted_jobs() -> list[str]:
    return [name for name in job_names() if isinstance(get_task(name), FittedTask)]


def tiny_recipes() -> list[tuple[str, str]]:
    """(job, recipe) of every tiny recipe of the jobs with one network; there is one for each source of data."""
    tasks = [get_task(name) for name in job_names()]
    return [(t.card.job, n) for t in tasks if isinstance(t, NetworkTask) for n in t.recipes() if n.startswith("tiny")]


@pytest.fixture(scope="session", params=tiny_recipes(), ids="-".join)
def tiny(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param


@pytest.fixture(scope="session")
def network_task(tiny: tuple[str, str]) -> NetworkTask:
    """A job with one network that is trained by the shared loop."""
    task = get_task(tiny[0])
    assert isinstance(task, NetworkTask)
    return task


@pytest.fixture(scope="session")
def samples(network_task: NetworkTask, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Recipe], Dataset]:
    """The samples of a recipe; of the small data that the job writes for trials where it learns from data alone."""
    data, _ = network_task.trial_data(tmp_path_factory.mktemp("data"))
    return lambda recipe: network_task.dataset(recipe, data)


@pytest.fixture(scope="session", params=fitted_jobs())
def fitted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A job that fits several kinds of models, its trial data, and a run of `tiny` on these."""
    pytest.importorskip("torch")
    import nital

    task = get_task(request.param)
    data, options = task.trial_data(tmp_path_factory.mktemp("data"))
    folder = tmp_path_factory.mktemp(task.card.job)
    report = nital.train(task.card.job, data, recipe="tiny", out=folder, **options)
    return task, data, folder, report


@pytest.fixture(scope="session")
def small(network_task: NetworkTask, tiny: tuple[str, str]) -> Small:
    """A tiny recipe of the job on one thread, with changes."""

    def make(**changes: object) -> Recipe:
        return network_task.recipes()[tiny[1]].replace(threads=1, **changes)

    return make


@pytest.fixture(scope="session")
def trained(network_task: NetworkTask, small: Small, samples: Any, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A model after one epoch of two steps, saved as an artifact: bad at its job, good enough to be kept."""
    pytest.importorskip("torch")
    from nital.learn.fit import fit
    from nital.learn.split import split_by_group
    from nital.runs.artifact import save_artifact

    task = network_task
    recipe = small(epochs=1, steps_per_epoch=2)
    train, valid, test = split_by_group(samples(recipe), recipe)
    model, history = fit(task, recipe, train.take(np.arange(16)), valid.take(np.arange(min(4, len(valid)))))
    folder = tmp_path_factory.mktemp(task.card.job)
    facts = {"data": {"fingerprint": train.fingerprint()}, "split": {"test": len(test)}}
    save_artifact(folder, task, recipe, model, history, facts)
    return Trained(task, recipe, model, folder, test)
