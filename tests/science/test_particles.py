"""Particles parted, chosen among magnifications, matched, measured, and their sizes fitted."""

import numpy as np
import pytest

from nital.science.evening import evened
from nital.science.particles import (
    Candidates,
    boxes_of,
    fit_lognormal,
    match_boxes,
    measure_particles,
    part_by_depth,
    strongest,
)

ROWS, COLS = np.mgrid[:80, :100].astype(float)


def disc(row: float, col: float, radius: float) -> np.ndarray:
    """1 in the middle, 0 at the outline and outside."""
    return np.clip(1 - ((ROWS - row) ** 2 + (COLS - col) ** 2) / radius**2, 0, 1)


def test_discs_that_overlap_are_parted_where_the_depth_falls() -> None:
    depth = np.maximum(disc(40, 35, 14), disc(40, 58, 14))
    labels, sure = part_by_depth((depth > 0).astype(float), depth)
    assert labels.max() == len(sure) == 2
    assert labels[40, 35] != labels[40, 58]
    assert labels[40, 45] == labels[40, 35]


def test_the_depth_of_one_disc_may_waver_without_parting_it() -> None:
    wavering = disc(40, 50, 20) + 0.05 * np.sin(COLS) * (disc(40, 50, 20) > 0)
    assert part_by_depth((disc(40, 50, 20) > 0).astype(float), wavering)[0].max() == 1


def test_a_flat_top_of_equal_heights_is_one_particle() -> None:
    flat = np.minimum(disc(40, 50, 28), 0.8) - 0.02 * (np.random.default_rng(0).random(ROWS.shape) > 0.5)
    labels, sure = part_by_depth((disc(40, 50, 28) > 0.05).astype(float), np.round(flat, 2))
    assert labels.max() == len(sure) == 1


def test_nothing_is_found_where_nothing_is_likely() -> None:
    labels, sure = part_by_depth(np.full((20, 20), 0.2), np.ones((20, 20)))
    assert labels.max() == 0 and len(sure) == 0


def test_a_large_particle_replaces_its_pieces_and_small_ones_stay() -> None:
    near = np.zeros((80, 100), np.int32)
    near[10:20, 10:20] = 1  # alone
    near[40:55, 40:55], near[56:70, 40:55] = 2, 3  # pieces of a large one
    far = np.zeros((40, 50), np.int32)
    far[19:36, 19:28] = 1
    near_sure, far_sure = np.array([0.9, 0.4, 0.4]), np.array([0.8])
    labels, sure = strongest([Candidates(near, near_sure, 0, 50), Candidates(far, far_sure, 8, 50)], (80, 100))
    assert sure.tolist() == [0.9, 0.8]
    assert labels[15, 15] == 1 and set(np.unique(labels[40:70, 40:54])) == {2}


def test_sizes_that_a_look_is_not_for_are_not_taken_from_it() -> None:
    near = np.zeros((80, 100), np.int32)
    near[10:20, 10:20] = 1
    assert len(strongest([Candidates(near, np.array([0.9]), 20, 50)], (80, 100))[1]) == 0


def test_nothing_is_taken_from_where_there_is_no_specimen() -> None:
    near = np.zeros((80, 100), np.int32)
    near[10:20, 10:20] = 1
    valid = np.ones((80, 100), bool)
    valid[:, :15] = False
    labels, _ = strongest([Candidates(near, np.array([0.9]), 0, 50)], (80, 100), valid)
    assert (labels > 0).sum() == 50 and not labels[~valid].any()


def test_each_true_box_is_matched_once_and_by_half_its_side() -> None:
    true = np.array([[0.0, 0, 10, 10], [50, 50, 70, 70]])
    found = np.array([[1.0, 1, 11, 11], [2, 0, 12, 10], [50, 59, 70, 79], [0, 90, 10, 100]])
    matched = match_boxes(found, true)
    assert (matched.found, matched.true, matched.centres, matched.boxes) == (4, 2, 2, 1)
    assert matched.f1 == pytest.approx(2 * 2 / 6)
    assert match_boxes(np.zeros((0, 4)), np.zeros((0, 4))).f1 == 1


def test_sizes_are_diameters_and_areas_are_areas() -> None:
    labels = np.where(disc(40, 50, 15.5) > 0, 1, 0).astype(np.int32)
    labels[0:6, 0:12] = 2
    table = measure_particles(labels)
    assert table["diameter_px"][0] == pytest.approx(31, rel=0.02)
    assert table["area_px"][0] == pytest.approx(np.pi * 15.5**2, rel=0.03)
    assert table["circularity"][0] > 0.93 and table["aspect"][0] == pytest.approx(1, abs=0.02)
    assert table["aspect"][1] == pytest.approx(2, abs=0.05)
    assert table["touches_edge"].tolist() == [False, True]
    assert boxes_of(labels)[1].tolist() == [0, 0, 6, 12]


def test_neighbours_that_touch_are_counted() -> None:
    labels = np.zeros((10, 30), np.int32)
    labels[2:8, 2:8], labels[2:8, 8:14], labels[2:8, 14:20], labels[2:8, 24:28] = 1, 2, 3, 4
    table = measure_particles(labels)
    assert table["neighbour"].tolist() == [1, 2, 1, 0]
    assert table["group"].tolist() == [1, 1, 1, 0]
    assert len(measure_particles(np.zeros((9, 9), np.int32))["group"]) == 0


def test_the_interval_of_a_lognormal_median_holds_it_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    held, refused = 0, 0
    for _ in range(200):
        fit = fit_lognormal(np.exp(rng.normal(np.log(8), 0.3, 40)))
        assert fit is not None
        held += fit.median_ci95[0] <= 8 <= fit.median_ci95[1]
        refused += fit.p < 0.05
    assert 180 <= held <= 199
    assert 2 <= refused <= 22  # 10 are expected


def test_two_populations_are_not_lognormal() -> None:
    rng = np.random.default_rng(1)
    fit = fit_lognormal(np.concatenate([rng.normal(5, 0.4, 100), rng.normal(20, 1, 100)]))
    assert fit is not None and fit.p < 0.01
    assert fit_lognormal(np.full(30, 4.0)) is None and fit_lognormal(np.array([1.0, 2])) is None


def test_a_crop_looks_as_it_does_in_its_picture() -> None:
    rng = np.random.default_rng(2)
    picture = rng.normal(0, 1, (300, 300)) * np.linspace(0.5, 2, 300) + np.linspace(0, 400, 300)
    crop = evened(picture[80:220, 80:220], floor=0.0)[50:90, 50:90]
    whole = evened(picture, floor=0.0)[130:170, 130:170]
    assert np.corrcoef(crop.ravel(), whole.ravel())[0, 1] > 0.99
    assert np.abs(crop - whole).mean() < 0.1


def test_what_is_no_specimen_does_not_reach_over_its_edge() -> None:
    rng = np.random.default_rng(3)
    picture = rng.normal(100, 5, (200, 200))
    alone = evened(picture)
    picture[150:] = 255
    valid = np.ones((200, 200), bool)
    valid[150:] = False
    seen = evened(picture, valid)
    assert (seen[150:] == 0).all()
    assert np.abs(seen[:140] - alone[:140]).mean() < 0.1
