"""What answers show: the numbers of the JSON, and the same in sections; the metric that decides; the learning curve."""

from typing import Any

import numpy as np
import pytest

from nital.core.dataset import ArrayDataset
from nital.core.sections import Estimate, Plot, Table
from nital.tasks.classes.baselines import commonest_class
from nital.tasks.classes.findings import describe
from nital.tasks.classes.metrics import ordered_metrics
from nital.tasks.classes.recipe import RECIPES
from nital.tasks.classes.simpler import class_probability
from nital.tasks.classes.task import TASK


def dataset(label: list[int], value: list[float] | None = None, **facts: Any) -> ArrayDataset:
    n = len(label)
    arrays = {"image": np.zeros((n, 1, 4, 4), np.float32), "label": np.array(label), "picture": np.arange(n)}
    if value is not None:
        arrays["value"] = np.array(value, np.float32)
        facts["value"] = {"name": "T", "decides": True}
    known = {"classes": ["a", "b"], "notes": ["a note"], **facts}
    return ArrayDataset("made up", arrays, np.arange(n), source="test", licence="none", facts=known)


def sure(guess: list[int], p: float = 0.9) -> np.ndarray:
    return np.where(np.eye(2)[guess] == 1, p, 1 - p)


def test_confusion_classes_and_calibration_stand_in_json_and_sections_alike() -> None:
    found = describe({"probability": sure([0, 1, 1, 1])}, dataset([0, 0, 1, 1]))
    assert found.details["confusion"] == [[1, 1], [0, 2]]
    confusion, classes, calibration = (section.content for section in found.sections)
    assert isinstance(confusion, Table) and confusion.rows == [["a", 1, 1], ["b", 0, 2]]
    assert isinstance(classes, Table)
    precision = classes.rows[1][3]
    assert isinstance(precision, Estimate) and precision.value == pytest.approx(2 / 3)
    assert isinstance(calibration, Plot) and calibration.diagonal
    assert (list(calibration.series[0].x), list(calibration.series[0].y)) == ([pytest.approx(0.9)], [0.75])
    assert found.notes == ("a note", "Most frequent mistake: 'a' taken for 'b', 1 of 2 samples.")


def test_a_class_that_nobody_is_has_no_recall() -> None:
    table = describe({"probability": sure([0, 0, 0])}, dataset([0, 0, 0])).sections[1].content
    assert isinstance(table, Table) and list(table.rows[1]) == ["b", 0, 0, None, None]


def test_along_the_value_the_change_of_the_answer_is_marked() -> None:
    value = np.linspace(1, 4, 40)
    answers = {"probability": sure((value > 2.27).astype(int).tolist()), "value": value + 0.1}
    found = describe(answers, dataset((value > 2.27).astype(int).tolist(), value.tolist()))
    plot = found.sections[-1].content
    assert found.sections[-1].title == "Along the value" and isinstance(plot, Plot)
    assert plot.marks[0].at == pytest.approx(found.details["transition"]["value"]) == pytest.approx(2.27, abs=0.05)
    assert [row[2] for row in found.details["by_value"]["bins"]] == pytest.approx([0.1] * 20, abs=1e-6)


@pytest.mark.parametrize(
    ("value", "first"), [(None, "accuracy"), ({"decides": False}, "accuracy"), ({"decides": True}, "mae_value")]
)
def test_the_value_decides_where_it_is_what_is_asked_for(value: Any, first: str) -> None:
    names = [metric.name for metric in ordered_metrics({"value": value})]
    assert names[0] == first and ("mae_value" in names) is (value is not None)


def test_the_recipe_says_what_decides() -> None:
    samples = TASK.dataset(RECIPES["tiny-ising"].replace(number=20))
    assert TASK.metrics_of(samples.facts)[0].name == "mae_value"
    assert TASK.metrics_of(TASK.dataset(RECIPES["tiny"].replace(number=20)).facts)[0].name == "accuracy"


def test_the_constant_model_gives_shares_and_the_mean_and_can_be_kept() -> None:
    samples = dataset([0, 0, 0, 1], [1.0, 2.0, 3.0, 6.0])
    model = commonest_class(samples.arrays, 3)
    assert model.constant
    answer = model.predict(samples.batch(np.arange(2)))
    np.testing.assert_allclose(answer["probability"], [[0.75, 0.25, 0]] * 2)
    assert answer["value"].tolist() == [3, 3]
    assert model.kept is not None
    np.testing.assert_allclose(class_probability(model.kept, samples.arrays["image"]), [[0.75, 0.25, 0]] * 4)


def test_networks_of_the_learning_curve_are_trained_where_the_run_is_and_tell_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("torch")
    from nital.tasks.classes import more_pictures

    asked: list[Any] = []

    def fit(*_: Any, device: str, say: Any) -> tuple[None, list[Any]]:
        asked.append(device)
        say(1, 2, "epoch 1/2")
        return None, []

    label = np.array([0, 1] * 20)
    test = dataset(label.tolist())
    test.groups = test.groups + 100
    monkeypatch.setattr(more_pictures, "fit", fit)
    monkeypatch.setattr(more_pictures, "answers_of", lambda *_: {"logits": np.eye(2)[label], "label": label})
    told: list[Any] = []
    recipe = RECIPES["usual"].replace(learning_curve=(0.5, 0.75))
    answers = {"probability": np.eye(2)[label]}
    TASK.findings(answers, recipe, dataset(label.tolist()), test, device="cuda:1", say=lambda *one: told.append(one))
    assert asked == ["cuda:1", "cuda:1"]
    assert [one[:2] for one in told] == [(1, 4), (3, 4)] and told[0][2].endswith("epoch 1/2")


def test_a_learning_curve_that_cannot_be_made_is_told_as_not_checked() -> None:
    pytest.importorskip("torch")
    from nital.tasks.classes.more_pictures import curve_findings

    samples, recipe = dataset([0, 1] * 20), RECIPES["usual"]
    pooled = curve_findings(TASK, recipe, samples, samples, 0.9)
    assert "not checked: each group was tested in turn" in pooled.notes[0] and not pooled.sections
    few = curve_findings(TASK, recipe.replace(learning_curve=()), samples.take([0, 1]), samples.take([2, 3]), 0.9)
    assert "not checked: 2 samples to test on" in few.notes[0] and few.details["more_pictures"] is None
