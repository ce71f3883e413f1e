"""Mean lineal intercepts against formulae, and their laws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_structures import hexagons, poisson_voronoi, squares, voronoi

from nital.core.errors import InputError
from nital.science.labels import boundaries_from_label_map, fill_boundaries
from nital.science.stereology import circle_intercepts, combine_fields, intercepts
from nital.science.stereology.e112 import INTERCEPT_SLOPE
from nital.science.stereology.lattice import LATTICE

VORONOI = poisson_voronoi(230, (330, 330), seed=3)


def g_error(found_px, true_px):
    return abs(INTERCEPT_SLOPE * math.log10(found_px / true_px))


@pytest.mark.parametrize("angle", [0.0, 7.0, 22.5, 45.0])
def test_squares_have_their_known_intercept_at_any_turn(angle):
    # Isotropic mean of l: pi A / boundary length = pi a / 4 for squares of side a.
    assert g_error(intercepts(squares(20.3, (320, 320), angle)).mean_intercept_px, math.pi * 20.3 / 4) <= 0.05


@pytest.mark.parametrize("angle", [0.0, 11.0, 30.0])
def test_hexagons_have_their_known_intercept_at_any_turn(angle):
    # Side s: A = 3 sqrt(3) / 2 s^2, boundary per grain 3 s, l = pi A / (2 * 3 s).
    side = math.sqrt(400 / (1.5 * math.sqrt(3)))
    known = math.pi * 400 / (6 * side)
    assert g_error(intercepts(hexagons(400, (320, 320), angle)).mean_intercept_px, known) <= 0.05


def test_poisson_voronoi_has_its_known_intercept():
    # Boundary length per area 2 sqrt(N_A), so l = pi / (4 sqrt(N_A)); 2,000 grains keep the sampling error small.
    density = 2000 / 900**2
    found = intercepts(poisson_voronoi(2000, (900, 900), seed=1))
    assert g_error(found.mean_intercept_px, math.pi / (4 * math.sqrt(density))) <= 0.05


def test_directed_intercepts_of_upright_squares_are_their_side():
    found = intercepts(squares(20, (400, 400)))
    assert found.by_direction[0.0] == pytest.approx(20, rel=0.01)
    assert found.by_direction[90.0] == pytest.approx(20, rel=0.01)
    assert found.by_direction[45.0] == pytest.approx(20 / math.sqrt(2), rel=0.02)


def test_a_straight_boundary_at_any_slope_is_met_as_often_as_geometry_says():
    rows, cols = np.mgrid[:300, :300]
    for slope in np.radians([3, 20, 44, 46, 71, 88]):
        band = np.floor((rows * np.cos(slope) + cols * np.sin(slope)) / 15).astype(int)
        labels = band - band.min() + 1
        found = intercepts(labels)
        # Lamellae of width w have l = w pi / 2.
        assert found.mean_intercept_px == pytest.approx(15 * math.pi / 2, rel=0.02)


@pytest.mark.parametrize("thickness", [1, 3, 5])
def test_a_boundary_zone_of_any_thickness_is_one_intersection(thickness):
    labels = squares(31.7, (380, 380), 13.0)
    drawn = np.where(boundaries_from_label_map(labels, thickness), 0, labels)
    # Counted twice, each zone would shift G by 2.
    assert g_error(intercepts(drawn).mean_intercept_px, intercepts(labels).mean_intercept_px) <= 0.03


def test_a_dangling_boundary_is_no_intersection():
    labels = squares(40.0, (320, 320))
    dangling = labels.copy()
    dangling[80, 88:100] = 0
    assert intercepts(dangling).n_intersections == intercepts(labels).n_intersections


def test_stretching_shows_as_anisotropy_and_its_direction():
    labels = poisson_voronoi(1500, (600, 600), seed=4)
    stretched = np.repeat(labels, 2, axis=1)
    found = intercepts(stretched)
    assert found.anisotropy == pytest.approx(2.0, abs=0.1)
    assert min(found.elongation_deg, 180 - found.elongation_deg) < 2
    assert intercepts(stretched.T).elongation_deg == pytest.approx(90, abs=2)
    turned = voronoi_stretched_along(30.0)
    assert intercepts(turned).elongation_deg == pytest.approx(30, abs=4)


def voronoi_stretched_along(angle_deg):
    """Cells twice as long along an angle, counter-clockwise from the rows."""
    rng = np.random.default_rng(8)
    turn = np.radians(angle_deg)
    along = np.array([-np.sin(turn), np.cos(turn)])
    rows, cols = np.mgrid[:500, :500]
    pixels = np.stack([rows, cols], axis=-1) - 250.0
    squeezed = pixels - 0.5 * (pixels @ along)[..., None] * along
    seeds = rng.random((3000, 2)) * 800 - 400
    from scipy.spatial import KDTree

    return KDTree(seeds).query(squeezed.reshape(-1, 2))[1].reshape(500, 500) + 1


def test_lines_stay_on_the_specimen():
    labels = VORONOI.copy()
    valid = np.ones(labels.shape, bool)
    valid[280:] = False
    noise = labels.copy()
    noise[280:] = np.random.default_rng(0).integers(1, 9, noise[280:].shape)
    assert intercepts(noise, valid=valid).mean_intercept_px == intercepts(labels[:280]).mean_intercept_px
    assert circle_intercepts(noise, valid=valid).mean_intercept_px == circle_intercepts(labels[:280]).mean_intercept_px


def test_the_circles_of_e112_agree_with_the_lines_within_their_interval():
    labels = poisson_voronoi(2500, (900, 900), seed=2)
    found, known = circle_intercepts(labels), intercepts(labels).mean_intercept_px
    assert abs(found.mean_intercept_px / known - 1) <= 1.5 * found.relative_accuracy_percent / 100


def test_circles_are_not_biased_by_digitisation():
    ratios = []
    for seed in range(12):
        labels = poisson_voronoi(400, (400, 400), seed)
        ratios.append(circle_intercepts(labels).mean_intercept_px / intercepts(labels).mean_intercept_px)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.03)


def test_the_interval_covers_the_truth_about_95_times_in_100():
    covered = []
    for seed in range(60):
        found = intercepts(poisson_voronoi(200, (200, 200), seed))
        half = found.relative_accuracy_percent / 100 / found.mean_intercept_px
        covered.append(abs(1 / found.mean_intercept_px - 4 * math.sqrt(200 / 200**2) / math.pi) <= half)
    # 60 draws at 95 %: fewer than 50 hits happen once in 3,000 times; all 60 once in 20.
    assert sum(covered) >= 50


def test_fields_combine_as_e112_combines_them():
    fields = [intercepts(poisson_voronoi(300, (300, 300), seed), pixel_size_um=0.5) for seed in range(5)]
    together = combine_fields(fields)
    values = np.array([f.mean_intercept_um for f in fields])
    # t of Student for 95 % and 4 degrees of freedom: 2.776 (ASTM E112-13, table of t).
    half = 2.776 * values.std(ddof=1) / math.sqrt(5)
    assert together.quantity == "mean_intercept_um"
    assert together.mean == pytest.approx(values.mean())
    assert together.ci95_half == pytest.approx(half, rel=1e-3)
    assert together.relative_accuracy_percent == pytest.approx(100 * half / values.mean(), rel=1e-3)
    low, high = together.grain_size_number_ci95
    assert low < together.grain_size_number < high


def test_one_field_cannot_be_combined():
    with pytest.raises(InputError, match="at least two"):
        combine_fields([intercepts(VORONOI)])


def test_without_a_pixel_size_lengths_are_in_pixels_and_g_is_absent():
    found = intercepts(VORONOI)
    assert found.mean_intercept_px > 0
    assert found.mean_intercept_um is None and found.grain_size_number is None and found.grain_size_number_ci95 is None


@pytest.mark.parametrize("labels", [np.ones((50, 50), int), np.zeros((50, 50), int), np.ones((1, 1), int)])
def test_a_field_without_boundaries_has_no_intercept(labels):
    for found in (intercepts(labels, pixel_size_um=1.0), circle_intercepts(labels, pixel_size_um=1.0)):
        assert found.mean_intercept_px is None and found.grain_size_number is None
        assert found.n_intersections == 0


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"label_map": np.ones((4, 4))}, "integers"),
        ({"label_map": np.ones(4, int)}, "rows and columns"),
        ({"label_map": np.full((4, 4), -1)}, "1..n"),
        ({"valid": np.ones((2, 2), bool)}, "boolean array"),
        ({"valid": np.zeros(VORONOI.shape, bool)}, "no pixel is specimen"),
        ({"pixel_size_um": -1.0}, "pixel size"),
        ({"pixel_size_um": float("nan")}, "pixel size"),
    ],
)
def test_what_cannot_be_measured_is_refused_with_a_reason(bad, words):
    with pytest.raises(InputError, match=words):
        intercepts(**({"label_map": VORONOI} | bad))


fields = st.builds(
    poisson_voronoi, st.integers(40, 150), st.tuples(st.integers(90, 160), st.integers(90, 160)), st.integers(0, 10**6)
)


@settings(max_examples=15, deadline=None)
@given(fields, st.integers(1, 3))
def test_turning_by_90_degrees_changes_nothing_but_the_direction(labels, turns):
    a, b = intercepts(labels), intercepts(np.rot90(labels, turns))
    assert b.mean_intercept_px == pytest.approx(a.mean_intercept_px, rel=1e-9)
    assert b.anisotropy == pytest.approx(a.anisotropy, rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(fields, st.sampled_from([0, 1]))
def test_a_mirror_image_has_the_same_intercept(labels, axis):
    a, b = intercepts(labels), intercepts(np.flip(labels, axis))
    assert b.mean_intercept_px == pytest.approx(a.mean_intercept_px, rel=1e-9)


@settings(max_examples=10, deadline=None)
@given(fields, st.floats(1e-3, 100), st.floats(0.1, 10))
def test_the_intercept_grows_with_the_pixel_and_g_falls_by_its_logarithm(labels, size, factor):
    a, b = intercepts(labels, pixel_size_um=size), intercepts(labels, pixel_size_um=size * factor)
    assert b.mean_intercept_um == pytest.approx(a.mean_intercept_um * factor)
    assert b.grain_size_number == pytest.approx(a.grain_size_number + INTERCEPT_SLOPE * math.log10(factor), abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_cropping_a_few_rows_moves_g_by_less_than_its_interval(seed, rows):
    labels = poisson_voronoi(200, (200, 200), seed)
    a, b = intercepts(labels, pixel_size_um=1.0), intercepts(labels[rows:], pixel_size_um=1.0)
    low, high = a.grain_size_number_ci95
    assert low <= b.grain_size_number <= high


@settings(max_examples=10, deadline=None)
@given(fields)
def test_renumbering_grains_changes_nothing(labels):
    order = np.random.default_rng(0).permutation(int(labels.max())) + 1
    renumbered = np.r_[0, order][labels]
    assert intercepts(renumbered).mean_intercept_px == intercepts(labels).mean_intercept_px


def test_the_directions_are_sixteen_and_cover_the_half_circle():
    assert len(LATTICE) == 16
    assert LATTICE[0.0] == (0, 1) and LATTICE[90.0] == (1, 0) and LATTICE[45.0] == (1, -1)
    gaps = np.diff([*LATTICE, 180.0])
    assert gaps.min() > 7 and gaps.max() < 18.5


def test_a_voronoi_helper_of_these_tests_holds_the_density_it_claims():
    labels = voronoi(np.array([[10.0, 10.0], [10.0, 30.0]]), (20, 40))
    assert np.bincount(labels.ravel()).tolist() == [0, 400, 400]
    assert fill_boundaries(labels) is labels
