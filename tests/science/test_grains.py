"""Grain tables and size distributions."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_structures import poisson_voronoi, squares

from nital.core.errors import InputError
from nital.science.stereology import GRAIN_COLUMNS, grain_table, measure, size_distribution


def ellipse(shape, centre, half_axes, angle_deg):
    rows, cols = np.mgrid[: shape[0], : shape[1]]
    turn = math.radians(angle_deg)
    right, up = cols - centre[1], centre[0] - rows
    along, across = right * math.cos(turn) + up * math.sin(turn), up * math.cos(turn) - right * math.sin(turn)
    return (along / half_axes[0]) ** 2 + (across / half_axes[1]) ** 2 <= 1


@pytest.mark.parametrize("angle", [0, 30, 90, 150])
def test_an_ellipse_has_its_area_aspect_and_orientation(angle):
    labels = np.where(ellipse((200, 200), (90, 110), (60, 20), angle), 2, 1)
    table = grain_table(labels, pixel_size_um=0.5)
    assert table["grain"].tolist() == [1, 2]
    assert table["area_um2"][1] == pytest.approx(math.pi * 60 * 20 / 4, rel=0.01)
    assert table["equivalent_diameter_um"][1] == pytest.approx(math.sqrt(60 * 20), rel=0.01)
    assert table["aspect_ratio"][1] == pytest.approx(3, rel=0.02)
    assert abs((table["orientation_deg"][1] - angle + 90) % 180 - 90) < 1
    assert (table["row"][1], table["column"][1]) == (pytest.approx(90, abs=0.1), pytest.approx(110, abs=0.1))
    assert table["touches_edge"].tolist() == [True, False]


def test_the_table_agrees_with_scikit_image():
    from skimage.measure import regionprops_table

    labels = poisson_voronoi(150, (220, 180), 2)
    table = grain_table(labels)
    names = ("label", "area", "centroid", "orientation")
    known = regionprops_table(labels, properties=names)
    assert (table["area_px"] == known["area"]).all()
    np.testing.assert_allclose(table["row"], known["centroid-0"])
    np.testing.assert_allclose(table["column"], known["centroid-1"])
    # There the angle is counted from the direction of the columns.
    long = table["aspect_ratio"] > 1.1
    apart = table["orientation_deg"] - np.degrees(known["orientation"]) - 90
    np.testing.assert_allclose((apart[long] + 90) % 180 - 90, 0, atol=1e-6)


def test_columns_are_as_promised_and_physical_ones_are_nan_without_a_pixel_size():
    table = grain_table(squares(20, (100, 100)))
    assert tuple(table) == GRAIN_COLUMNS
    assert np.isnan(table["area_um2"]).all() and np.isnan(table["equivalent_diameter_um"]).all()


def test_an_empty_label_map_has_an_empty_table():
    table = grain_table(np.zeros((20, 30), int))
    assert all(len(column) == 0 for column in table.values())
    assert size_distribution(table) is None


@settings(max_examples=20, deadline=None)
@given(st.integers(20, 200), st.integers(0, 10**6))
def test_areas_add_up_to_the_specimen(n, seed):
    labels = poisson_voronoi(n, (90, 120), seed)
    valid = np.ones(labels.shape, bool)
    valid[70:, 30:60] = False
    assert grain_table(labels)["area_px"].sum() == labels.size
    assert grain_table(labels, valid=valid)["area_px"].sum() == valid.sum()


def test_a_grain_beside_a_masked_region_touches_the_edge():
    labels = squares(20, (200, 200))
    valid = np.ones(labels.shape, bool)
    valid[95:105, 95:105] = False
    extra = grain_table(labels, valid=valid)["touches_edge"].sum() - grain_table(labels)["touches_edge"].sum()
    assert 1 <= extra <= 4


def test_inclusion_weights_take_away_the_bias_of_the_frame():
    # Small fields of a two-sized structure: large squares are cut far more often than small ones.
    whole = np.kron(np.arange(900).reshape(30, 30), np.ones((10, 10), int))
    large = np.kron(np.arange(25).reshape(5, 5), np.ones((60, 60), int)) + 900
    columns = np.tile(np.arange(300) // 60 % 2 == 0, (300, 1))
    structure = np.where(columns, large, whole) + 1
    rng = np.random.default_rng(1)
    weighted, plain = np.zeros(2), np.zeros(2)
    for _ in range(200):
        r, c = rng.integers(0, 60), rng.integers(0, 120)  # anywhere in one period
        table = grain_table(structure[r : r + 110, c : c + 110])
        inside = ~table["touches_edge"]
        for k, size in enumerate((100, 3600)):
            chosen = inside & (table["area_px"] == size)
            plain[k] += chosen.sum()
            weighted[k] += (1 / table["inclusion_probability"][chosen]).sum()
    truth = 1 / 36
    assert weighted[1] / weighted[0] == pytest.approx(truth, rel=0.15)
    assert plain[1] / plain[0] < 0.5 * truth


def test_the_inclusion_probability_in_a_general_area_is_close_to_the_rectangles():
    labels = poisson_voronoi(200, (300, 300), 5)
    valid = np.ones(labels.shape, bool)
    valid[0, 0] = False
    exact, read = (grain_table(labels, valid=v)["inclusion_probability"] for v in (None, valid))
    np.testing.assert_allclose(read, exact, atol=0.04)


def test_a_lognormal_sample_gives_its_parameters_back():
    rng = np.random.default_rng(0)
    diameter = np.exp(rng.normal(math.log(12), 0.4, 20000))
    area = math.pi / 4 * diameter**2
    ones = np.ones(len(area))
    table = {"area_px": area, "area_um2": area, "touches_edge": ones == 0, "inclusion_probability": ones}
    found = size_distribution(table)
    assert (found.lognormal_median, found.lognormal_sigma) == (
        pytest.approx(12, rel=0.01), pytest.approx(0.4, rel=0.02),
    )  # fmt: skip
    # Weighting with the area moves the median of a log-normal by exp(2 sigma^2).
    assert found.area_weighted_median == pytest.approx(12 * math.exp(2 * 0.4**2), rel=0.03)
    assert found.mean == pytest.approx(12 * math.exp(0.4**2 / 2), rel=0.01)


def test_a_table_without_its_columns_is_refused():
    with pytest.raises(InputError, match="area_um2"):
        size_distribution({"area_px": np.ones(3)})


def test_measure_puts_everything_into_one_answer():
    found = measure(poisson_voronoi(300, (300, 300), 1), pixel_size_um=1.0)
    assert found.n_grains == len(found.table["grain"])
    low, high = found.intercepts.grain_size_number_ci95
    assert low < found.circles.grain_size_number < high
    # Poisson-Voronoi cells: the two methods differ by 0.365 by their formulae.
    apart = found.intercepts.grain_size_number - found.planimetric.grain_size_number
    assert apart == pytest.approx(0.365, abs=0.12)
    assert found.distribution.unit == "um"


@pytest.mark.slow
def test_a_large_map_is_measured_in_seconds():
    labels = np.kron(np.arange(1, 20165).reshape(142, 142), np.ones((29, 29), np.int32)).astype(np.int32)[:4096, :4096]
    start = time.perf_counter()
    assert measure(labels).n_grains == 142 * 142
    assert time.perf_counter() - start < 20
