"""What every job must say of itself and of its data."""

import dataclasses
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from nital.core.errors import InputError
from nital.core.options import Options, options_of
from nital.core.recipe import Recipe
from nital.core.report import Metric
from nital.core.task import NetworkTask, Task
from nital.learn.split import split_by_group

FEW = np.arange(3)


def test_the_card_is_complete_and_named_like_the_folder(task: Task) -> None:
    assert type(task).__module__ == f"nital.tasks.{task.card.job}.task"
    for field in dataclasses.fields(task.card):
        assert getattr(task.card, field.name), f"{field.name} is empty"
    assert all(limit.endswith(".") for limit in task.card.limits), "a limit is one sentence"
    assert task.card.answers.endswith("?")


def test_the_class_of_the_job_is_final(task: Task) -> None:
    assert getattr(type(task), "__final__", False)


def test_a_recipe_called_tiny_exists_and_every_recipe_is_named_as_it_is_listed(task: Task) -> None:
    recipes = task.recipes()
    assert "tiny" in recipes
    for name, recipe in recipes.items():
        assert recipe.name == name
        assert isinstance(recipe, task.recipe_type)


def test_every_recipe_comes_back_from_json_as_it_was(task: Task) -> None:
    for recipe in task.recipes().values():
        assert task.recipe_type.from_json(recipe.to_json()) == recipe


def test_every_option_has_a_help_text_and_a_default(task: Task) -> None:
    assert issubclass(task.options_type, Options)
    task.options_type()
    kinds = [task.options_type, task.evaluate_options_type]
    kinds += [getattr(task, f"{verb}_options_type", None) for verb in ("train", "explain")]
    for kind in filter(None, kinds):
        kind()
        for one in options_of(kind):
            assert one.meaning.endswith("."), f"{one.name} has no sentence that says what it means"
            assert one.unit or not one.name.endswith(("_um", "_nm", "_deg", "_ev")), f"{one.name} states no unit"


def test_the_same_seed_gives_the_same_samples(samples: Any, small: Any) -> None:
    first, again = samples(small()), samples(small())
    assert first.fingerprint() == again.fingerprint()
    one, other = first.batch(FEW), again.batch(FEW)
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_another_seed_gives_other_samples(network_task: NetworkTask, samples: Any, small: Any, tmp_path: Path) -> None:
    if network_task.trial_data(tmp_path)[0] is not None:
        pytest.skip("the samples are a user's")
    first, other = samples(small()), samples(small(seed=small().seed + 1))
    assert first.fingerprint() != other.fingerprint()
    assert any(not np.array_equal(first.batch(FEW)[name], other.batch(FEW)[name]) for name in first.batch(FEW))


def test_the_data_name_their_source_and_licence(network_task: NetworkTask, samples: Any, small: Any) -> None:
    dataset = samples(small())
    assert dataset.name
    assert dataset.source
    assert dataset.licence or network_task.learns_from, "samples that nital makes have a licence"
    assert len(dataset) == len(dataset.groups)


def test_no_group_stands_on_two_sides_of_the_split(samples: Any, small: Any) -> None:
    recipe: Recipe = small()
    train, valid, test = (set(side.groups.tolist()) for side in split_by_group(samples(recipe), recipe))
    assert train
    assert valid
    assert test
    assert not train & valid
    assert not train & test
    assert not valid & test


def test_baselines_one_of_them_constant_give_one_finite_score_per_sample_in_declared_metrics(
    network_task: NetworkTask, samples: Any, small: Any
) -> None:
    train, _, test = split_by_group(samples(small()), small())
    baselines = network_task.baselines(train)
    assert sum(baseline.constant for baseline in baselines) == 1
    declared = {metric.name for metric in network_task.metrics}
    assert network_task.metrics_of(train.facts)[0].better is not None
    assert len({baseline.name for baseline in baselines}) == len(baselines)
    batch = test.batch(FEW)
    for baseline in baselines:
        scores = network_task.score(baseline.predict(batch), batch)
        assert network_task.metrics_of(train.facts)[0].name in scores
        assert set(scores) <= declared | set(network_task.studied)
        for name, values in scores.items():
            assert values.shape == (len(FEW),) or (name not in declared and len(values) == len(FEW)), name
            assert np.isfinite(values).all(), name


@pytest.mark.parametrize("contents", [b"", b"this is neither a picture nor a table", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"])
def test_a_file_that_cannot_be_used_is_an_input_error_that_names_it(
    task: Task, contents: bytes, tmp_path: Path
) -> None:
    path = tmp_path / "wrong_file.png"
    path.write_bytes(contents)

    def network(batch: np.ndarray) -> dict[str, np.ndarray]:
        pytest.fail("the network was asked about a file that cannot be read")

    with pytest.raises(InputError, match=r"wrong_file\.png"):
        task.analyse(network, path, task.options_type())


def test_a_file_that_does_not_exist_is_an_input_error_that_names_it(task: Task, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.png"):
        task.analyse(lambda batch: {}, tmp_path / "nowhere.png", task.options_type())


def test_a_folder_without_labelled_files_is_an_input_error_that_names_it(task: Task, tmp_path: Path) -> None:
    network = SimpleNamespace(facts={"classes": ["a", "b"]})
    with pytest.raises(InputError, match=tmp_path.name):
        task.evaluate(network, tmp_path, (task.evaluate_options_type or task.options_type)())


def test_a_metric_is_named_once_and_states_the_unit_that_its_name_ends_with(network_task: NetworkTask) -> None:
    metrics: tuple[Metric, ...] = network_task.metrics
    assert len({metric.name for metric in metrics}) == len(metrics)
    for metric in metrics:
        assert metric.unit or not metric.name.endswith(("_um", "_nm", "_px", "_mpa", "_k")), metric.name
