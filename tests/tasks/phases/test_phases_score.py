"""Scores, findings and baselines of segmentations."""

from pathlib import Path

import numpy as np
import pytest

from nital.io.labelled import UNLABELLED
from nital.tasks.phases.baselines import fit_baselines
from nital.tasks.phases.findings import area_errors, described, weak_classes
from nital.tasks.phases.recipe import RECIPES
from nital.tasks.phases.samples import picture_samples
from nital.tasks.phases.score import class_iou, confusion, mean_iou, sample_scores


def answer(labels: np.ndarray, classes: int = 2) -> dict[str, np.ndarray]:
    return {"probability": np.moveaxis(np.eye(classes, dtype=np.float32)[labels], -1, 1)}


def test_the_right_answer_scores_one_and_has_no_error_of_area() -> None:
    truth = np.random.default_rng(0).integers(0, 2, (2, 8, 8)).astype(np.uint8)
    found = sample_scores(answer(truth), {"truth": truth})
    assert found["mean_iou"].tolist() == found["accuracy"].tolist() == [1, 1]
    assert found["area_error_points"].tolist() == [0, 0]


def test_the_scores_of_a_known_mistake() -> None:
    truth = np.zeros((1, 10, 10), np.uint8)
    truth[0, :5] = 1
    guess = np.zeros((1, 10, 10), np.uint8)
    guess[0, :4] = 1  # ten of a hundred pixels are missed
    found = sample_scores(answer(guess), {"truth": truth})
    assert found["accuracy"][0] == pytest.approx(0.9)
    assert found["mean_iou"][0] == pytest.approx((40 / 50 + 50 / 60) / 2)
    assert found["area_error_points"][0] == pytest.approx(10)


def test_unlabelled_pixels_do_not_count() -> None:
    truth = np.full((6, 6), UNLABELLED, np.uint8)
    truth[0] = 1
    assert confusion(truth, np.ones((6, 6), np.uint8), 2).tolist() == [[0, 0], [0, 6]]


def test_a_rare_phase_counts_where_the_truth_has_it() -> None:
    assert mean_iou(np.array([[99_950, 0], [50, 0]])) == pytest.approx(0.5, abs=0.01)


def test_a_class_that_neither_has_does_not_count() -> None:
    counts = np.array([[50, 0, 0], [0, 50, 0], [0, 0, 0]])
    assert mean_iou(counts) == 1
    assert np.isnan(class_iou(counts)[2])


def test_a_class_that_is_hardly_found_is_named_with_its_picture() -> None:
    counts = np.array([[[900, 0], [90, 10]], [[900, 0], [0, 100]]])
    assert weak_classes(["a.png", "b.png"], counts, ["matrix", "pores"]) == [
        "In a.png hardly found: pores (IoU 0.10, 10 % of the labelled area)."
    ]


def test_pooled_scores_count_every_pixel_alike() -> None:
    found = described(["a", "b"], np.array([[[10, 0], [0, 0]], [[0, 0], [45, 45]]]), ["x", "y"])
    assert found.details["iou"] == {"x": pytest.approx(10 / 55), "y": pytest.approx(0.5)}
    assert found.details["mean_iou_pooled"] == pytest.approx((10 / 55 + 0.5) / 2)


def test_errors_of_area_are_over_specimens() -> None:
    errors = np.array([[0.02, -0.02], [0.04, -0.04], [-0.03, 0.03]])
    found = area_errors(errors, ["a", "a", "b"], ["x", "y"])
    assert found["x"]["n"] == 2
    assert found["x"]["bias"] == pytest.approx(0)
    assert found["x"]["spread"] == pytest.approx(np.std([0.03, -0.03], ddof=1))


def test_the_forest_tells_what_a_threshold_can_tell_and_the_constant_does_not(folder: Path) -> None:
    pytest.importorskip("sklearn")
    dataset = picture_samples(RECIPES["tiny"].replace(crop_px=32, window_px=64), folder)
    forest, constant = fit_baselines(dataset.take(np.arange(8)))
    batch = dataset.batch(np.arange(len(dataset) - 4, len(dataset)))
    assert constant.constant and not forest.constant
    assert sample_scores(forest.predict(batch), batch)["mean_iou"].mean() > 0.8
    assert sample_scores(constant.predict(batch), batch)["mean_iou"].mean() < 0.5
