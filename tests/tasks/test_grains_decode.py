"""Decoding: boundary probabilities to grains."""

import numpy as np
import pytest
from scipy import ndimage

from nital.science.labels import adjusted_rand_index
from nital.tasks.grains.decode import (
    MERGE_BELOW,
    merge_weak_edges,
    over_segment,
    partition,
    shared_edges,
)


def lines_of(labels: np.ndarray, thickness: int = 3) -> np.ndarray:
    """Probability 1 on the boundaries of a label map."""
    edge = (labels != np.roll(labels, 1, 0)) | (labels != np.roll(labels, 1, 1))
    edge[0], edge[:, 0] = False, False
    return ndimage.binary_dilation(edge, np.ones((thickness, thickness))).astype(np.float32)


def squares(side: int, n: int) -> np.ndarray:
    return np.kron(np.arange(1, n * n + 1).reshape(n, n), np.ones((side, side), int))


def test_perfect_boundaries_give_back_the_grains() -> None:
    truth = squares(24, 6)
    found = partition(lines_of(truth))
    assert found.max() == 36
    assert adjusted_rand_index(found, truth) > 0.9


def test_a_gap_in_the_etching_is_closed() -> None:
    truth = squares(32, 4)
    boundary = lines_of(truth)
    boundary[32 - 3 : 32 + 3, 44:52] = 0  # a third of one facet is missing
    assert partition(boundary).max() == 16


def test_a_line_that_ends_inside_a_grain_makes_no_grain() -> None:
    boundary = lines_of(squares(64, 2))
    boundary[10:14, 20:40] = 1
    assert partition(boundary).max() == 4


def test_weak_lines_separate_nothing() -> None:
    assert partition(lines_of(squares(32, 4)) * np.float32(MERGE_BELOW - 0.1)).max() == 1


def test_labels_are_1_to_n_and_0_only_outside() -> None:
    truth = squares(24, 6)
    valid = np.ones(truth.shape, bool)
    valid[:, :30] = False
    found = partition(lines_of(truth), valid)
    assert ((found == 0) == ~valid).all()
    assert len(np.unique(found[valid])) == found.max()


def test_a_field_without_boundaries_is_one_grain() -> None:
    assert (partition(np.zeros((64, 64), np.float32)) == 1).all()


def test_edges_carry_mean_strength_and_length() -> None:
    regions = np.repeat([[1] * 8 + [2] * 8], 10, 0)
    boundary = np.zeros((10, 16), np.float32)
    boundary[:5, 8] = 1
    edges = shared_edges(regions, boundary)
    assert edges.first.tolist() == [1] and edges.second.tolist() == [2]
    assert edges.strength[0] == pytest.approx(0.5) and edges.length_px[0] == 10


def test_merging_pools_edges_before_it_judges_them() -> None:
    """1 and 2 merge; together their edge with 3 is (0.2 + 0.9) / 2 is above 0.15, so 3 stays."""
    regions = np.zeros((20, 20), int)
    regions[:10, :10], regions[10:, :10], regions[:, 10:] = 1, 2, 3
    boundary = np.zeros((20, 20), np.float32)
    boundary[:10, 10], boundary[10:, 10] = 0.2, 0.9
    merged = merge_weak_edges(regions, shared_edges(regions, boundary), 0.15)
    assert merged.max() == 2
    assert (merged[:, 10:] != merged[0, 0]).all()


def test_over_segmentation_never_crosses_a_sure_boundary() -> None:
    truth = squares(32, 4)
    regions = over_segment(lines_of(truth))
    inner = ndimage.minimum_filter(truth, 9) == ndimage.maximum_filter(truth, 9)
    for region in np.unique(regions[inner]):
        assert len(np.unique(truth[inner & (regions == region)])) == 1
