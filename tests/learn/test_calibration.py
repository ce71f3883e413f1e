"""Regions of classes among features, and what lies outside of them."""

import numpy as np
import pytest

pytest.importorskip("sklearn")

from nital.learn.calibration import (
    FEW,
    Likeness,
    damping_temperature,
    distance_limit,
    fit_class_regions,
    likeness,
)


@pytest.fixture
def features() -> tuple[np.ndarray, np.ndarray]:
    """Two classes, scattered ten times as far along the first axis."""
    rng = np.random.default_rng(3)
    label = np.repeat([0, 1], 400)
    return rng.normal(0, [10, 1], (800, 2)) + np.array([[0, 0], [50, 8]])[label], label


def test_distances_are_in_units_of_the_scatter(features) -> None:
    centres, whitening = fit_class_regions(*features, 2)
    np.testing.assert_allclose(centres, [[0, 0], [50, 8]], atol=2)
    along, across = np.linalg.norm(np.array([[10.0, 0], [0, 10.0]]) @ whitening, axis=1)
    assert along == pytest.approx(1, rel=0.1) and across == pytest.approx(10, rel=0.1)


def test_a_class_without_samples_stands_at_the_common_mean(features) -> None:
    centres, _ = fit_class_regions(*features, 3)
    np.testing.assert_allclose(centres[2], features[0].mean(0))


def test_one_in_a_hundred_lies_beyond_the_limit() -> None:
    distance = np.random.default_rng(0).permutation(1000).astype(float)
    assert (distance > distance_limit(distance)).sum() == 9


def test_probabilities_are_damped_and_never_sharpened() -> None:
    timid = np.array([[0.1, 0.0]] * 30 + [[0.0, 0.1]])
    assert damping_temperature(timid, np.zeros(31, int)) == 1
    assert damping_temperature(100 * timid, np.r_[np.zeros(20, int), np.ones(11, int)]) > 1


@pytest.mark.parametrize(
    ("unlike", "by", "none", "words"),
    [
        (0.5, FEW, False, "yes"),
        (1.5, FEW, True, "no: none of these"),
        (0.5, FEW - 1, None, f"not checked: {FEW - 1} validation pictures to judge by, {FEW} are needed"),
        (1.5, FEW - 1, None, f"not checked: {FEW - 1} validation pictures to judge by, {FEW} are needed"),
    ],
)
def test_with_too_few_samples_behind_the_limit_nothing_is_said_of_none_of_these(unlike, by, none, words) -> None:
    found = Likeness(unlike, by)
    assert found.none_of_these is none and found.words == words
    assert (found.warning is not None) is (unlike > 1)
    if none is None and found.warning:
        assert "rests on" in found.warning


def test_the_distances_of_the_parts_of_a_picture_are_averaged() -> None:
    found = likeness({"distance_limit": 4.0, "limit_from": 70}, np.array([2.0, 4.0]))
    assert found == Likeness(0.75, 70)
