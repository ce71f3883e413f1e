"""Area fractions of phases: in one field, over fields, by points, and with the network's own error."""

import numpy as np
import pytest
from known_phases import cells, discs, waves

from nital.core.errors import InputError
from nital.science.phases import (
    NetworkError,
    fractions_over_fields,
    network_error,
    phase_fractions,
    point_count,
    with_network_error,
)


def coverage(draw, truth, n_fields, seed=0):
    rng = np.random.default_rng(seed)
    intervals = [phase_fractions(draw(rng).astype(np.uint8), ("a", "b"))[1].ci95 for _ in range(n_fields)]
    return np.mean([low <= truth <= high for low, high in intervals])


def test_fractions_are_shares_of_the_specimen_area():
    labels = np.repeat([[0] * 20 + [1] * 30 + [2] * 50], 40, axis=0).astype(np.uint8)
    found = phase_fractions(labels, ("a", "b", "c", "d"))
    assert [one.fraction for one in found] == [0.2, 0.3, 0.5, 0.0]
    assert [one.area_px for one in found] == [800, 1200, 2000, 0]
    assert found[3].ci95 is None and found[3].n_effective is None


def test_pixels_outside_the_mask_take_no_part():
    rng = np.random.default_rng(3)
    phase = discs(rng, 160, 4, 0.2).astype(np.uint8)
    valid = np.ones(phase.shape, bool)
    valid[100:] = False
    spoilt = np.where(valid, phase, 255)
    masked, cropped = phase_fractions(spoilt, ("a", "b"), valid)[1], phase_fractions(phase[:100], ("a", "b"))[1]
    assert masked.fraction == cropped.fraction
    assert masked.ci95 == pytest.approx(cropped.ci95, abs=1e-3)


def test_phases_that_share_all_have_mirrored_intervals():
    first, second = phase_fractions(discs(np.random.default_rng(0), 200, 5, 0.15).astype(int), ("a", "b"))
    assert first.ci95 == pytest.approx((1 - second.ci95[1], 1 - second.ci95[0]))


def test_blocks_of_a_large_field_give_the_interval_of_its_pixels():
    # 128 px are looked at one by one, 1024 px in blocks of 4 x 4.
    small = waves(np.random.default_rng(5), 128, 12, 0.4, spinodal=False).astype(np.uint8)
    large = np.kron(small, np.ones((8, 8), np.uint8))
    assert phase_fractions(large, "ab")[1].ci95 == pytest.approx(phase_fractions(small, "ab")[1].ci95, abs=3e-3)


def test_independent_pixels_count_each():
    field = (np.random.default_rng(1).random((256, 256)) < 0.3).astype(np.uint8)
    low, high = phase_fractions(field, "ab")[1].ci95
    assert (high - low) / 2 == pytest.approx(1.96 * np.sqrt(0.3 * 0.7) / 256, rel=0.1)


def test_a_field_of_one_boundary_gives_no_interval():
    halves = np.repeat([[0] * 50 + [1] * 50], 100, axis=0)
    assert [one.ci95 for one in phase_fractions(halves, "ab")] == [None, None]


def test_the_interval_of_one_field_holds_the_truth_in_95_of_100():
    assert 0.9 <= coverage(lambda rng: discs(rng, 96, 3, 0.2), 0.2, 60) <= 1.0
    assert 0.9 <= coverage(lambda rng: waves(rng, 96, 8, 0.3, spinodal=False), 0.3, 60) <= 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "truth"),
    [
        (lambda rng: discs(rng, 128, 4, 0.2), 0.2),
        (lambda rng: discs(rng, 128, 2.5, 0.05), 0.05),
        (lambda rng: cells(rng, 128, 100, 0.3)[0], 0.3),
        (lambda rng: cells(rng, 128, 400, 0.5)[0], 0.5),
        (lambda rng: waves(rng, 128, 12, 0.4, spinodal=False), 0.4),
        (lambda rng: waves(rng, 128, 4, 0.3, spinodal=False, stretch=6), 0.3),
    ],
)
def test_the_interval_holds_the_truth_in_structures_of_many_kinds(draw, truth):
    # 400 fields: 0.95 is known to 0.011; discs cut into pixels cover a little more or less than their formula.
    assert 0.9 <= coverage(draw, truth, 400) <= 0.985


@pytest.mark.parametrize(
    ("labels", "valid", "text"),
    [
        (np.array([[0, 3]]), None, "holds 3, but its 2 classes"),
        (np.array([[0, -1]]), None, "holds -1"),
        (np.array([[0.0, 1.0]]), None, "float64"),
        (np.array([0, 1]), None, "shape"),
        (np.array([[0, 1]]), np.array([[True]]), "mask"),
    ],
)
def test_a_map_that_is_none_is_refused(labels, valid, text):
    with pytest.raises(InputError, match=text):
        phase_fractions(labels, ("a", "b"), valid)


def test_fields_are_averaged_as_e562_says():
    found = fractions_over_fields([0.10, 0.12, 0.08, 0.14, 0.11], [1, 1, 1, 1, 1])
    # t(4) = 2.776, s = 0.02236: 95 % CI = t s / sqrt(5).
    assert found.mean == pytest.approx(0.11) and found.std == pytest.approx(0.0223607, rel=1e-5)
    assert found.ci95_half == pytest.approx(2.776445 * 0.0223607 / np.sqrt(5), rel=1e-5)
    assert found.relative_accuracy_percent == pytest.approx(100 * found.ci95_half / 0.11)
    assert found.warning == ""


def test_fields_of_unlike_size_are_warned_of():
    assert "3.0 times" in fractions_over_fields([0.1, 0.2], [3.0, 1.0]).warning
    assert fractions_over_fields([0.1, 0.2], [2.0, 1.0]).warning == ""


def test_an_interval_over_fields_stays_within_0_and_1():
    found = fractions_over_fields([0.0, 0.02])
    assert found.ci95[0] == 0.0 and found.ci95_half > found.mean
    assert fractions_over_fields([0.0, 0.0]).relative_accuracy_percent is None


@pytest.mark.parametrize(("fractions", "areas"), [([0.2], None), ([0.2, 1.2], None), ([0.2, 0.3], [1.0])])
def test_fields_that_cannot_be_averaged_are_refused(fractions, areas):
    with pytest.raises(InputError):
        fractions_over_fields(fractions, areas)


def test_points_scatter_about_the_fraction_as_their_error_says():
    rng = np.random.default_rng(0)
    counts = [point_count(discs(rng, 200, 4, 0.2).astype(int), "ab")[1] for _ in range(100)]
    off = [(count.fraction - 0.2) / 0.04 for count in counts]
    assert abs(np.mean(off)) < 0.4 and 0.8 < np.std(off) < 1.2
    assert counts[0].standard_error == pytest.approx(0.04, rel=0.25)


def test_points_off_the_specimen_are_not_counted():
    labels = np.zeros((100, 200), int)
    valid = np.zeros(labels.shape, bool)
    valid[:, :100] = True
    assert point_count(labels, "ab", valid=valid)[0].n_points == 100
    with pytest.raises(InputError, match="3 points"):
        point_count(labels, "ab", points=3)


def test_pictures_of_one_specimen_count_as_one():
    error = network_error([0.3, 0.3, 0.3, 0.2], [0.29, 0.29, 0.29, 0.22], ["a", "a", "a", "b"])
    assert error.n_specimens == 2 and error.bias == pytest.approx(-0.005)
    assert error.spread == pytest.approx(0.03 / np.sqrt(2))


def test_the_widened_interval_holds_the_truth_of_a_new_specimen():
    rng, held, n = np.random.default_rng(2), [], 5
    for _ in range(2000):
        errors = rng.normal(0.02, 0.015, n + 1)
        error = NetworkError(float(errors[:n].mean()), float(errors[:n].std(ddof=1)), n)
        seen = 0.3 + errors[n] + rng.normal(0, 0.01)
        low, high = with_network_error(seen, (seen - 0.0196, seen + 0.0196), error)
        held.append(low <= 0.3 <= high)
    assert 0.94 <= np.mean(held) <= 0.99


def test_the_widened_interval_is_never_narrower_and_stays_within_0_and_1():
    assert with_network_error(0.3, (0.25, 0.36), NetworkError(0.0, 0.0, 3)) == pytest.approx((0.25, 0.36))
    assert with_network_error(0.02, (0.01, 0.05), NetworkError(0.0, 0.05, 3))[0] == 0.0


def test_a_network_error_of_one_specimen_is_refused():
    with pytest.raises(InputError, match="1 specimens"):
        network_error([0.2], [0.3], ["a"])
    with pytest.raises(InputError, match="do not fit"):
        network_error([0.2], [0.3], ["a", "b"])
    with pytest.raises(InputError, match="cannot be"):
        with_network_error(0.3, (0.4, 0.5), NetworkError(0.0, 0.1, 3))
