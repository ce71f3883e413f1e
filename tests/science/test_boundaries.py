"""From boundary maps to label maps and back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_structures import poisson_voronoi, squares

from nital.core.errors import InputError
from nital.science.labels import (
    adjusted_rand_index,
    boundaries_from_label_map,
    bridge_gaps,
    drop_small,
    fill_boundaries,
    label_map_from_boundaries,
    renumber,
)


@settings(max_examples=15, deadline=None)
@given(st.integers(10, 60), st.integers(0, 10**6), st.integers(1, 3))
def test_boundaries_drawn_and_read_back_give_the_same_grains(n, seed, thickness):
    labels = poisson_voronoi(n, (120, 150), seed)
    drawn = boundaries_from_label_map(labels, thickness)
    back = fill_boundaries(label_map_from_boundaries(drawn))
    assert adjusted_rand_index(back, labels) > 0.85


def test_lines_have_the_thickness_that_was_asked():
    labels = np.repeat([[1] * 20 + [2] * 20], 30, axis=0)
    for thickness in (1, 2, 3, 4):
        assert boundaries_from_label_map(labels, thickness)[10].sum() == thickness


def test_a_diagonal_line_separates():
    assert label_map_from_boundaries(np.eye(20, dtype=bool)).max() == 2


def test_filling_uses_the_nearest_grain_and_leaves_the_outside():
    labels = squares(20, (150, 150))
    drawn = np.where(boundaries_from_label_map(labels, 3), 0, labels)
    valid = np.ones(labels.shape, bool)
    valid[100:] = False
    filled = fill_boundaries(drawn, valid)
    assert (filled[100:] == 0).all() and (filled[:100] > 0).all()
    assert (filled[:100] != labels[:100]).mean() < 0.05


def test_filling_in_strips_equals_filling_at_once():
    from scipy import ndimage

    rng = np.random.default_rng(0)
    seeds = np.where(rng.random((1500, 60)) < 0.002, rng.integers(1, 9, (1500, 60)), 0)
    seeds[400:900] = 0  # a gap that is wider than what a strip sees of its neighbours
    distance, where = ndimage.distance_transform_edt(seeds == 0, return_indices=True)
    filled = fill_boundaries(seeds)
    rows, cols = np.indices(seeds.shape)
    # Ties may fall to either side; the distance to the grain that was taken may not differ.
    for label in range(1, 9):
        own = ndimage.distance_transform_edt(seeds != label)
        np.testing.assert_allclose(own[filled == label], distance[filled == label])
    assert where.shape == (2, *rows.shape) and cols.shape == rows.shape


def test_filling_a_map_without_grains_changes_nothing():
    assert (fill_boundaries(np.zeros((9, 9), int)) == 0).all()


def test_a_gap_is_bridged_and_a_longer_one_is_not():
    boundary = np.zeros((60, 60), bool)
    boundary[30] = True
    boundary[30, 25:33] = False  # 8 px missing
    assert label_map_from_boundaries(boundary).max() == 1
    assert label_map_from_boundaries(boundary, close_gaps=10).max() == 2
    assert label_map_from_boundaries(boundary, close_gaps=4).max() == 1


def test_an_end_is_led_to_the_line_before_it_not_beside_it():
    boundary = np.zeros((80, 80), bool)
    boundary[40, :34] = True
    boundary[:, 42] = True  # ahead, 9 px away
    boundary[44, :20] = True  # beside
    closed = bridge_gaps(boundary, 12)
    assert closed[40, 34:42].all()
    assert label_map_from_boundaries(closed).max() > label_map_from_boundaries(boundary).max()


def test_bridging_keeps_what_was_drawn():
    boundary = boundaries_from_label_map(poisson_voronoi(40, (150, 150), 3))
    holes = boundary & (np.random.default_rng(0).random(boundary.shape) < 0.97)
    assert (bridge_gaps(holes, 6) >= holes).all()


def test_small_regions_become_boundary():
    labels = np.ones((20, 20), int)
    labels[5:7, 5:7] = 2
    labels[12:18, 12:18] = 3
    assert np.unique(drop_small(labels, 5)).tolist() == [0, 1, 2]
    assert drop_small(labels, 5)[14, 14] == 2


def test_renumbering_closes_gaps_and_keeps_order():
    assert renumber(np.array([[0, 5, 2**30, 9]])).tolist() == [[0, 1, 3, 2]]
    assert renumber(np.array([[7, 7]])).tolist() == [[1, 1]]


def test_what_is_no_boundary_map_is_refused():
    with pytest.raises(InputError, match="booleans"):
        label_map_from_boundaries(np.zeros((5, 5)))
    with pytest.raises(InputError, match="1 or more"):
        boundaries_from_label_map(np.ones((5, 5), int), 0)
    with pytest.raises(InputError, match="above 0"):
        bridge_gaps(np.zeros((5, 5), bool), float("nan"))
