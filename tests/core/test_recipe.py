import json
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.errors import InputError, UnknownName
from nital.core.recipe import Recipe


@dataclass(frozen=True, kw_only=True)
class Detailed(Recipe):
    widths: tuple[int, ...] = (8, 16)
    clip: float | None = None


@given(
    st.builds(
        Detailed, name=st.text(), seed=st.integers(0), learning_rate=st.floats(1e-9, 1.0),
        steps_per_epoch=st.none() | st.integers(1), folds=st.none() | st.integers(2),
        schedule=st.sampled_from(["cosine", "constant"]), widths=st.lists(st.integers()).map(tuple),
        clip=st.none() | st.floats(0, 1),
    )
)  # fmt: skip
def test_a_recipe_comes_back_from_its_json(recipe):
    assert Detailed.from_json(recipe.to_json()) == recipe
    assert all(key in json.loads(recipe.to_json()) for key in ("name", "folds", "widths"))


@pytest.mark.parametrize(
    "values",
    [
        {"epochs": 1.5}, {"epochs": True}, {"epochs": np.int64(3)}, {"learning_rate": "0.1"}, {"learning_rate": False},
        {"schedule": "linear"}, {"widths": (1, "2")}, {"widths": 3}, {"name": None}, {"patience": 2.0},
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused_with_field_and_value(values):
    field = next(iter(values))
    with pytest.raises(InputError, match=f"{field} = "):
        Detailed(name="r").replace(**values)


def test_an_integer_is_a_number_too():
    assert Recipe(name="r").replace(learning_rate=1).learning_rate == 1


def test_a_field_that_does_not_exist_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'epochs'"):
        Recipe(name="r").replace(epoch=3)


def test_a_recipe_needs_its_name():
    with pytest.raises(InputError, match="no 'name'"):
        Recipe.from_dict({"epochs": 3})


@pytest.mark.parametrize(("text", "words"), [("{", "not valid JSON"), ("[1]", "not an object"), ("3", "not an object")])
def test_text_that_is_no_recipe_is_refused(text, words):
    with pytest.raises(InputError, match=words):
        Recipe.from_json(text)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("batch_size", 0), ("epochs", -1), ("learning_rate", 0.0), ("learning_rate", float("nan")),
        ("learning_rate", float("inf")), ("threads", 0),
        ("gradient_clip", 0.0), ("steps_per_epoch", 0), ("seed", -1), ("weight_decay", -1e-9), ("warmup_steps", -1),
        ("folds", 1), ("folds", -2), ("valid_fraction", 1.0), ("valid_fraction", 0), ("test_fraction", -0.1),
        ("test_fraction", float("nan")),
    ],
)  # fmt: skip
def test_numbers_that_no_run_can_have_are_refused_by_their_field(field, value):
    with pytest.raises(InputError, match=f"Recipe 'r' has {field} = "):
        Recipe(name="r").replace(**{field: value}).check()


@pytest.mark.parametrize(
    "values",
    [
        {"folds": 0},
        {"folds": 2},
        {"folds": None},
        {"steps_per_epoch": 1},
        {"test_fraction": 0.0},
    ],
)
def test_numbers_at_the_edge_are_fine(values):
    Recipe(name="r").replace(**values).check()


def test_a_recipe_that_was_built_directly_is_checked_too():
    for wrong in (Recipe(name="r", learning_rate=float("inf")), Detailed(name="r", clip=float("nan"))):
        with pytest.raises(InputError, match=r"Recipe 'r' has \w+ = (inf|nan); it must be a finite number"):
            wrong.check()


def test_a_recipe_does_not_name_a_device():
    assert "device" not in Recipe(name="r").to_json()
