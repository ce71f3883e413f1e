"""Scores of one partition against another."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from known_structures import poisson_voronoi

from nital.core.errors import InputError
from nital.science.labels import adjusted_rand_index, boundaries_from_label_map, boundary_f1, relative_tolerance_px

LABELS = poisson_voronoi(60, (160, 160), 1)
LINES = boundaries_from_label_map(LABELS)
partitions = arrays(np.int32, (6, 7), elements=st.integers(1, 4))


@settings(max_examples=40, deadline=None)
@given(partitions, partitions)
def test_the_rand_index_is_scikit_learns(a, b):
    metrics = pytest.importorskip("sklearn.metrics")
    assert adjusted_rand_index(a, b) == pytest.approx(metrics.adjusted_rand_score(b.ravel(), a.ravel()), abs=1e-12)


@settings(max_examples=40, deadline=None)
@given(partitions, partitions)
def test_the_rand_index_is_that_of_counting_every_pair(a, b):
    same_a, same_b = (x.ravel()[:, None] == x.ravel()[None, :] for x in (a, b))
    upper = np.triu_indices(a.size, 1)
    same_a, same_b = same_a[upper], same_b[upper]
    expected = same_a.sum() * same_b.sum() / len(same_a)
    most = (same_a.sum() + same_b.sum()) / 2
    known = 1.0 if most == expected else ((same_a & same_b).sum() - expected) / (most - expected)
    assert adjusted_rand_index(a, b) == pytest.approx(known, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(partitions, st.permutations([1, 2, 3, 4]))
def test_new_numbers_for_the_same_grains_change_no_score(a, order):
    renamed = np.array([0, *order])[a]
    assert adjusted_rand_index(renamed, a) == pytest.approx(1.0)


def test_only_pixels_of_true_grains_inside_the_mask_count():
    truth = LABELS.copy()
    truth[:20] = 0
    predicted = LABELS.copy()
    predicted[:20] = 7
    valid = np.ones(truth.shape, bool)
    valid[100:] = False
    predicted[100:] = 9
    assert adjusted_rand_index(predicted, truth, valid) == pytest.approx(1.0)


def test_a_shifted_boundary_scores_by_its_tolerance():
    shifted = np.roll(LINES, 3, axis=1)
    assert boundary_f1(LINES, LINES, 0).f1 == 1.0
    assert boundary_f1(shifted, LINES, 3.5).f1 > 0.97
    assert boundary_f1(shifted, LINES, 0.5).f1 < 0.5


def test_thickness_of_the_truth_does_not_cost_precision():
    thick = boundaries_from_label_map(LABELS, 7)
    score = boundary_f1(LINES, thick, 2)
    assert score.precision == 1.0 and score.recall > 0.95


def test_missing_and_invented_lines_are_told_apart():
    half = LINES.copy()
    half[:, :80] = False
    missing, invented = boundary_f1(half, LINES, 2), boundary_f1(LINES, half, 2)
    assert missing.precision == 1.0 and missing.recall < 0.65
    assert invented.precision < 0.65 and invented.recall == 1.0
    right = np.zeros(LINES.shape, bool)
    right[:, 80:] = True
    assert boundary_f1(half, LINES, 2, right).f1 > 0.97


def test_maps_without_boundaries_score_one_or_nothing():
    none = np.zeros_like(LINES)
    assert boundary_f1(none, none, 3) == (1.0, 1.0, 1.0)
    assert boundary_f1(none, LINES, 3) == (0.0, 0.0, 0.0)


def test_the_relative_tolerance_is_a_share_of_the_mean_diameter():
    areas = np.bincount(LABELS.ravel())[1:]
    assert relative_tolerance_px(LABELS) == pytest.approx(0.08 * np.mean(np.sqrt(4 * areas / np.pi)))


def test_maps_that_cannot_be_compared_are_refused():
    with pytest.raises(InputError, match="shape"):
        adjusted_rand_index(LABELS, LABELS[1:])
    with pytest.raises(InputError, match="nothing to compare"):
        adjusted_rand_index(LABELS, np.zeros_like(LABELS))


def test_absurd_tolerances_and_overlaps_are_refused():
    with pytest.raises(InputError, match="tolerance"):
        boundary_f1(LINES, LINES, -1)
    with pytest.raises(InputError, match="scored"):
        boundary_f1(LINES, LINES[1:], 1)
    with pytest.raises(InputError, match="no grain"):
        relative_tolerance_px(np.zeros((5, 5), int))
