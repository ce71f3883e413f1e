"""Learning on from another model, and parts of it that stay."""

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from safetensors.torch import load_file

from nital.core.errors import ArtifactError
from nital.tasks.classes.task import TASK


def test_learning_on_starts_from_the_body_of_the_other_model_with_a_fresh_head(trained: Any):
    recipe = trained.recipe.replace(start_from=str(trained.folder))
    torch.manual_seed(1)
    fresh = TASK.model(recipe, {"classes": ["a", "b"]})
    head = {name: value.clone() for name, value in fresh.state_dict().items() if ".head." in name}
    begun = TASK.initial_weights(fresh, recipe).state_dict()
    source = load_file(trained.folder / "weights.safetensors")
    body = [name for name in source if ".body." in name]
    assert len(body) > 20
    for name in body:
        torch.testing.assert_close(begun[name], source[name], rtol=0, atol=0)
    for name, value in head.items():
        torch.testing.assert_close(begun[name], value, rtol=0, atol=0)


def test_without_a_source_the_model_stays_as_chance_made_it(trained: Any):
    model = TASK.model(trained.recipe, {"classes": ["a", "b"]})
    before = {name: value.clone() for name, value in model.state_dict().items()}
    for name, value in TASK.initial_weights(model, trained.recipe).state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)


def test_learning_on_from_a_model_of_another_shape_says_what_to_set(trained: Any):
    recipe = trained.recipe.replace(start_from=str(trained.folder), widths=(16, 48))
    with pytest.raises(ArtifactError, match=r"another shape.*widths"):
        TASK.initial_weights(TASK.model(recipe, {"classes": ["a", "b"]}), recipe)


def test_learning_on_from_nothing_is_named(trained: Any, tmp_path: Path):
    recipe = trained.recipe.replace(start_from=str(tmp_path / "gone"))
    with pytest.raises(ArtifactError, match="gone"):
        TASK.initial_weights(TASK.model(recipe, {"classes": ["a", "b"]}), recipe)


def test_frozen_parts_stay_and_deeper_parts_learn_more_slowly(trained: Any):
    recipe = trained.recipe.replace(frozen=("classifier.body.1",), depth_share=0.5)
    model = TASK.initial_weights(TASK.model(recipe, {"classes": ["a", "b"]}), recipe)
    still = [name for name, parameter in model.named_parameters() if not parameter.requires_grad]
    assert still and all(name.startswith("classifier.body.1.") for name in still)
    groups = TASK.parameter_groups(model, recipe)
    shares = [group["rate_share"] for group in groups]
    assert shares == sorted(shares) and shares[-1] == 1 and shares[-2] == 0.5
    assert [id(p) for group in groups for p in group["params"]] == [id(p) for p in model.parameters()]
