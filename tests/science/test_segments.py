"""NIST's way of counting, and the hand trace that it was shown on."""

import csv

import numpy as np
import pytest
from nist_segments import count_segments
from PIL import Image

from nital.science.labels import label_map_from_boundaries, line_width_px
from nital.science.stereology import measure


@pytest.fixture
def hand_trace(real_data):
    return np.asarray(Image.open(real_data / "grains_nist_gsat" / "labels" / "steel_optical_etched.png")) > 0


def nist_lengths(real_data, pattern):
    name = f"grains_steel_highlighted_distances_{pattern}.csv"
    with open(real_data / "grains_nist_gsat" / "reference" / name, newline="") as file:
        return np.array([float(row[1]) for row in list(csv.reader(file))[1:]])


@pytest.mark.parametrize(("pattern", "n", "mean"), [("e112", 127, 39.5), ("line_grid", 871, 37.2)])
def test_nists_lists_are_reproduced_on_its_own_trace(hand_trace, real_data, pattern, n, mean):
    listed, found = nist_lengths(real_data, pattern), count_segments(hand_trace, pattern)
    assert (len(listed), round(listed.mean(), 1)) == (n, mean)
    assert found.mean() == pytest.approx(listed.mean(), rel=0.05)
    assert len(found) == pytest.approx(n, rel=0.05)
    assert np.median(found) == pytest.approx(np.median(listed), rel=0.1)


def test_planimetric_and_intercept_g_of_the_hand_trace_agree(hand_trace):
    width = line_width_px(hand_trace)
    assert width == pytest.approx(3.0, abs=0.1)
    labels = label_map_from_boundaries(hand_trace, close_gaps=10, min_area_px=round(width**2))
    found = measure(labels, pixel_size_um=0.2252)
    assert abs(found.intercepts.grain_size_number - found.planimetric.grain_size_number) <= 0.35
    assert found.intercepts.grain_size_number == pytest.approx(10.28, abs=0.05)


@pytest.mark.parametrize("pattern", ["e112", "line_grid"])
def test_a_map_without_boundaries_has_no_segments(pattern):
    assert count_segments(np.zeros((60, 80), bool), pattern).size == 0


def test_segments_at_the_edge_and_very_short_ones_are_dropped():
    row = np.zeros(100, bool)
    row[[10, 13, 40]] = True  # runs of 10 (edge), 2 (short), 26, 59 (edge)
    found = count_segments(np.tile(row, (100, 1)), "line_grid", spacing_px=10)
    assert 26.0 in found and 2.0 not in found and 10.0 not in found and 59.0 not in found
