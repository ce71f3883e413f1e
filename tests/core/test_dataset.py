import numpy as np
import pytest

from nital.core.dataset import ArrayDataset, GeneratedDataset
from nital.core.errors import InputError

SAID = {"source": "own", "licence": "none"}


def held(**changes) -> ArrayDataset:
    arrays = {"curve": np.arange(24.0).reshape(4, 2, 3), "label": np.array([0, 1, 1, 0])}
    beside = {"groups": np.array(["a", "a", "b", "c"]), "strata": np.array(list("xyyx")), "held_out": np.arange(4) > 2}
    values = {"arrays": arrays, **beside, **changes}
    said = {"facts": {"classes": 2}, **SAID}
    return ArrayDataset("curves", values.pop("arrays"), values.pop("groups"), **said | values)


def made(indices=range(100), groups=None, *, factor=1, recipe="ramp 1", **beside) -> GeneratedDataset:
    def make(index: int) -> dict[str, np.ndarray]:
        return {"curve": factor * index * np.ones((2, 5)), "label": np.array(index % 3)}

    return GeneratedDataset("ramps", make, np.asarray(indices), groups, recipe=recipe, **beside, **SAID)


@pytest.mark.parametrize("dataset", [held(), made([7, 3, 9, 1], np.array(["a", "a", "b", "c"]))])
def test_a_part_of_a_dataset_holds_the_samples_and_groups_of_the_whole(dataset):
    part = dataset.take(np.array([3, 1]))
    assert len(part) == 2
    assert part.groups.tolist() == ["c", "a"]
    assert part.take([0]).groups.tolist() == ["c"]
    assert part.facts == dataset.facts
    for key, values in dataset.batch([3, 1]).items():
        np.testing.assert_array_equal(part.batch([0, 1])[key], values)


def test_strata_and_what_is_held_out_go_with_their_samples():
    marks = {"strata": np.array(list("xyyx")), "held_out": np.arange(4) > 2}
    for dataset in (held(), made(range(4), **marks)):
        part = dataset.take([3, 1])
        assert part.strata is not None and part.held_out is not None
        assert (part.strata.tolist(), part.held_out.tolist()) == (["x", "y"], [True, False])


@pytest.mark.parametrize("name", ["groups", "strata", "held_out"])
def test_columns_of_unequal_length_are_refused_with_their_lengths(name):
    with pytest.raises(InputError, match=rf"'curves' has arrays of unequal length: .*'{name}': 3"):
        held(**{name: np.zeros(3)})
    with pytest.raises(InputError, match=rf"'ramps' has arrays of unequal length: .*'{name}': 3"):
        made(range(4), **{name: np.zeros(3)})


def test_values_of_a_batch_may_have_any_number_of_axes():
    assert {key: value.shape for key, value in made().batch([1, 2, 3]).items()} == {"curve": (3, 2, 5), "label": (3,)}


def test_a_generated_sample_is_its_own_group_unless_groups_are_stated():
    assert made(range(5, 9)).groups.tolist() == [5, 6, 7, 8]
    crops = made(range(6), np.array(["p1", "p1", "p1", "p2", "p2", "p2"]))
    assert crops.take([0, 4]).groups.tolist() == ["p1", "p2"]
    assert crops.batch([4])["curve"][0, 0, 0] == 4


def test_taking_makes_no_sample_and_a_fingerprint_makes_eight_at_most():
    asked = []

    def make(index: int) -> dict[str, np.ndarray]:
        asked.append(index)
        return {"x": np.zeros(1)}

    data = GeneratedDataset("counted", make, np.arange(10_000), recipe="zeros", **SAID)
    part = data.take(np.arange(5000))
    assert asked == []
    part.fingerprint()
    assert len(asked) == 8 and (min(asked), max(asked)) == (0, 4999)


@pytest.mark.parametrize(
    "other",
    [
        made(range(1, 101)), made(range(99)), made(factor=2), made(recipe="ramp 2"), made(groups=np.arange(100) // 2),
    ],
)  # fmt: skip
def test_a_fingerprint_tells_other_indices_groups_recipes_and_generators(other):
    assert made().fingerprint() == made().fingerprint() != other.fingerprint()


def test_even_an_empty_part_has_a_fingerprint():
    assert made().take(np.arange(0)).fingerprint() != made().take([0]).fingerprint()


def test_a_fingerprint_of_arrays_tells_every_sample_and_group():
    arrays = {"curve": np.arange(24.0).reshape(4, 2, 3), "label": np.array([0, 1, 1, 0])}
    changed = {**arrays, "label": np.array([0, 1, 1, 1])}
    regrouped = held(groups=np.array(["a", "b", "b", "c"]))
    prints = [data.fingerprint() for data in (held(), held(arrays=changed), regrouped, held().take([0, 1, 2]))]
    assert len(set(prints)) == 4
    assert held().fingerprint() == prints[0]


@pytest.mark.parametrize(
    "beside",
    [
        {"facts": {"classes": ["b", "a"]}}, {"strata": np.array(list("xyxy"))}, {"held_out": np.arange(4) > 1},
        {"groups": np.array(["1", "2", "3", "4"])},
    ],
    ids=lambda beside: next(iter(beside)),
)  # fmt: skip
def test_a_fingerprint_tells_what_is_said_of_the_samples_and_numbers_from_their_text(beside):
    groups, facts = np.array([1, 2, 3, 4]), {"classes": ["a", "b"]}
    marks = {"groups": groups, "facts": facts, "strata": np.array(list("xyyx")), "held_out": np.arange(4) > 2}
    for build in (lambda **said: made(range(4), said.pop("groups"), **said), held):
        assert build(**marks).fingerprint() != build(**marks | beside).fingerprint()
        assert build(**marks).fingerprint() == build(**marks).fingerprint()
