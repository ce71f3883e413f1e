"""Every job that `tasks/` lists, and one small training run of each."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from nital.core.dataset import Dataset
from nital.core.recipe import Recipe
from nital.core.task import NetworkTask, Task
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
def small(network_task: NetworkTask, tiny: tuple[str, str]) -> Small:
    """A tiny recipe of the job on one thread, with changes."""

    def make(**changes: object) -> Recipe:
        return network_task.recipes()[tiny[1]].replace(threads=1, **changes)

    return make


@pytest.fixture(scope="session")
def trained(network_task: NetworkTask, small: Small, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """A model after one epoch of two steps, saved as an artifact: bad at its job, good enough to be kept."""
    pytest.importorskip("torch")
    from nital.learn.fit import fit
    from nital.learn.split import split_by_group
    from nital.runs.artifact import save_artifact

    task = network_task
    recipe = small(epochs=1, steps_per_epoch=2)
    train, valid, test = split_by_group(task.dataset(recipe), recipe)
    model, history = fit(task, recipe, train.take(np.arange(16)), valid.take(np.arange(min(4, len(valid)))))
    folder = tmp_path_factory.mktemp(task.card.job)
    facts = {"data": {"fingerprint": train.fingerprint()}, "split": {"test": len(test)}}
    save_artifact(folder, task, recipe, model, history, facts)
    return Trained(task, recipe, model, folder, test)
