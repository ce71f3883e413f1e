"""Regions of a phase, intercepts in it, and contiguity."""

import numpy as np
import pytest
from known_phases import cells, discs
from scipy.spatial import KDTree

from nital.core.errors import InputError
from nital.science.phases import REGION_COLUMNS, contiguity, phase_intercepts, regions

PIXELS = np.mgrid[:300, :300].reshape(2, -1).T


def test_a_region_hangs_together_at_corners():
    assert regions(np.eye(20, dtype=int), 1).n_regions == 1


def test_the_number_of_regions_does_not_depend_on_where_the_frame_cuts():
    # Discs of 8 px that never touch, one in each square of 36 px, seen through windows that cut about 20 of 100.
    rng, density = np.random.default_rng(0), []
    squares = 36 * np.mgrid[-1:10, -1:10].reshape(2, -1).T
    for _ in range(30):
        centres = squares + rng.random(2) * 36 + rng.uniform(-9, 9, squares.shape)
        window = KDTree(centres).query(PIXELS)[0].reshape(300, 300) < 8
        found = regions(window.astype(np.uint8), 1, pixel_size_um=1.0)
        density.append((found.regions_per_mm2, found.n_regions / 0.09))
    corrected, naive = np.mean(density, axis=0)
    assert corrected == pytest.approx(1e6 / 36**2, rel=0.01)
    assert naive > 1.06 * corrected


def test_regions_of_squares_have_their_areas():
    labels = np.zeros((100, 100), np.uint8)
    labels[10:20, 10:20] = labels[40:60, 40:60] = labels[90:, 90:] = labels[70, 70] = 2
    found = regions(labels, 2, pixel_size_um=0.5, smallest_px=2)
    assert found.n_regions == 3 and found.n_cut == 1 and found.n_corrected == 2.25
    assert tuple(found.table) == REGION_COLUMNS
    assert found.table["area_px"].tolist() == [100, 400, 100]
    assert found.table["row"].tolist() == [14.5, 49.5, 94.5]
    assert found.table["touches_edge"].tolist() == [False, False, True]
    assert found.median_area_px == 250 and found.median_area_um2 == 62.5
    assert found.mean_diameter_um == pytest.approx(np.mean(np.sqrt([100, 400]) / np.sqrt(np.pi)))
    assert found.largest_share == pytest.approx(4 / 6) and not found.spans
    assert found.label_map.max() == 3 and found.label_map[70, 70] == 0


def test_a_phase_that_is_not_there_has_no_regions():
    found = regions(np.zeros((10, 10), int), 1, pixel_size_um=1.0)
    assert found.n_regions == 0 and found.regions_per_mm2 == 0 and found.mean_area_um2 is None
    assert not found.spans and found.largest_share is None
    with pytest.raises(InputError, match="0 px"):
        regions(np.zeros((10, 10), int), 1, smallest_px=0)


def test_the_edge_of_the_mask_cuts_regions():
    labels = np.zeros((50, 50), int)
    labels[20:30, 20:30] = 1
    valid = np.ones(labels.shape, bool)
    valid[:, 28:] = False
    found = regions(labels, 1, valid=valid)
    assert found.n_cut == 1 and found.table["area_px"].tolist() == [80]
    assert regions(np.ones((9, 9), int), 1).spans


def test_a_cell_structure_has_its_intercepts_in_both_phases():
    # Poisson-Voronoi cells: P_L = 4 sqrt(N_A) / pi; an end of a cell is an interface with chance 2 p (1 - p).
    rng, p, side, n = np.random.default_rng(0), 0.3, 400, 400
    found = [phase_intercepts(cells(rng, side, n, p)[0].astype(int), "ab", pixel_size_um=0.5) for _ in range(6)]
    interface = 4 / np.pi * np.sqrt(n) / side * 2 * p * (1 - p)  # per px
    surface = np.mean([one[1].surface_per_volume for one in found])
    assert surface == pytest.approx(2 * interface / 0.5, rel=0.05)
    assert np.mean([one[1].mean_intercept for one in found]) == pytest.approx(0.5 * 2 * p / interface, rel=0.06)
    assert np.mean([one[1].mean_free_path for one in found]) == pytest.approx(0.5 * 2 * (1 - p) / interface, rel=0.06)
    first, second = found[0]
    assert first.mean_intercept == pytest.approx(second.mean_free_path)
    assert first.unit == "um" and first.mean_intercept_ci95 == pytest.approx(second.mean_free_path_ci95)


def test_overlapping_discs_have_the_interface_of_their_formula():
    # Boolean model of discs: L_A = (1 - V_V) density 2 pi mean radius, and S_V = 4 L_A / pi.
    rng, p, r, spread = np.random.default_rng(1), 0.2, 8, 0.3
    density = -np.log1p(-p) / (np.pi * r**2 * np.exp(2 * spread**2))
    length = (1 - p) * density * 2 * np.pi * r * np.exp(spread**2 / 2)
    found = [phase_intercepts(discs(rng, 400, r, p).astype(int), "ab")[1].surface_per_volume for _ in range(8)]
    assert np.mean(found) == pytest.approx(4 / np.pi * length, rel=0.05)


def test_the_interface_holds_in_its_interval():
    rng = np.random.default_rng(4)
    lines = [phase_intercepts(discs(rng, 96, 3, 0.2).astype(int), "ab")[1] for _ in range(60)]
    truth = np.mean([line.surface_per_volume for line in lines])
    assert np.mean([np.clip(truth, *line.surface_per_volume_ci95) == truth for line in lines]) >= 0.88


def test_lines_do_not_cross_the_mask():
    labels = np.tile(np.repeat([0, 1], 20), 10)[None].repeat(400, axis=0)
    valid = np.ones(labels.shape, bool)
    valid[:, np.arange(400) % 40 < 3] = False  # off specimen where phase 1 ends, wider than any step
    whole, masked = phase_intercepts(labels, "ab")[1], phase_intercepts(labels, "ab", valid=valid)[1]
    assert masked.n_intersections < 0.6 * whole.n_intersections


def test_a_phase_alone_has_no_intercepts():
    found = phase_intercepts(np.zeros((30, 30), int), "ab")
    assert found[0].mean_intercept is None and found[1].surface_per_volume is None


def test_cells_that_are_of_a_phase_by_chance_have_its_fraction_as_contiguity():
    # A side of an a-cell is shared with another a-cell with chance p: C = 2 p^2 / (2 p^2 + 2 p (1 - p)) = p.
    rng, found = np.random.default_rng(5), []
    for _ in range(12):
        phase, grains = cells(rng, 240, 250, 0.4)
        found.append(contiguity(phase.astype(int), 1, grains))
    assert np.mean([one.value for one in found]) == pytest.approx(0.4, abs=0.03)
    assert np.mean([low <= 0.4 <= high for low, high in (one.ci95 for one in found)]) >= 0.8


def test_contiguity_is_the_share_of_boundary_pixels_between_particles():
    phase, grains = cells(np.random.default_rng(0), 400, 400, 0.4)
    aa = ab = 0
    for a, b, of_a, of_b in (
        (grains[1:], grains[:-1], phase[1:], phase[:-1]),
        (grains[:, 1:], grains[:, :-1], phase[:, 1:], phase[:, :-1]),
    ):
        aa, ab = aa + np.sum((a != b) & of_a & of_b), ab + np.sum(of_a != of_b)
    assert contiguity(phase.astype(int), 1, grains).value == pytest.approx(2 * aa / (2 * aa + ab), abs=0.01)


def test_lines_between_particles_go_to_the_nearest_particle():
    rng = np.random.default_rng(1)
    phase, grains = cells(rng, 300, 200, 0.5)
    drawn = grains.copy()
    drawn[:, 1:][grains[:, 1:] != grains[:, :-1]] = 0
    with_lines, without = (contiguity(phase.astype(int), 1, each).value for each in (drawn, grains))
    assert with_lines == pytest.approx(without, abs=0.02)


def test_contiguity_needs_particles_of_the_phase():
    labels = np.repeat([[0] * 10 + [1] * 10], 20, axis=0)
    assert contiguity(labels, 1, None) is None
    assert contiguity(labels, 1, labels).value == 0.0
    assert contiguity(np.ones((20, 20), int), 1, np.ones((20, 20), int)).value is None
    with pytest.raises(InputError, match="No particle"):
        contiguity(labels, 1, 1 - labels)
    with pytest.raises(InputError, match="shape"):
        contiguity(labels, 1, labels[:5])
