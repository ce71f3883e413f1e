"""Confusion, precision, recall, calibration and the place of a transition, against scikit-learn and known truths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from nital.learn.classification import (
    calibration_curve,
    confusion_matrix,
    fit_temperature,
    per_class,
    transition,
)

answers = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=40).map(np.array)
CLASSES = ["a", "b", "c", "d"]


def softmax(logits):
    scaled = np.exp(logits - logits.max(1, keepdims=True))
    return scaled / scaled.sum(1, keepdims=True)


def drawn(probability, seed=0):
    """For each sample a true class, drawn with just these probabilities."""
    cumulative = probability.cumsum(1)
    below = np.random.default_rng(seed).random((len(probability), 1)) > cumulative[:, :-1]
    return below.sum(1)


def honest_logits(n, classes=3, seed=0):
    logits = np.random.default_rng(seed).normal(0, 1.5, (n, classes))
    return logits, drawn(softmax(logits), seed + 1)


# Confusion


@given(answers)
def test_the_confusion_matrix_is_that_of_scikit_learn(pairs):
    true, guess = pairs.T
    np.testing.assert_array_equal(
        confusion_matrix(true, guess, 4), metrics.confusion_matrix(true, guess, labels=range(4))
    )


# Precision and recall


@given(answers)
def test_precision_and_recall_are_those_of_scikit_learn_and_none_where_undefined(pairs):
    true, guess = pairs.T
    rows = per_class(true, guess, np.arange(len(true)), CLASSES)
    expected = metrics.precision_recall_fscore_support(true, guess, labels=range(4), zero_division=np.nan)
    for metric, values in zip(("precision", "recall"), expected, strict=False):
        mine = [np.nan if row[metric] is None else row[metric] for row in rows]
        np.testing.assert_allclose(mine, values, atol=1e-12)
    assert [row["n"] for row in rows] == expected[3].tolist()
    assert [row["name"] for row in rows] == CLASSES


def test_a_class_never_met_and_never_called_has_neither_number_nor_interval():
    row = per_class(np.array([0, 0]), np.array([0, 0]), np.array(["g", "h"]), ["x", "y"])[1]
    assert row == {
        "name": "y", "n": 0, "n_groups": 0,
        "precision": None, "recall": None, "precision_ci95": None, "recall_ci95": None,
    }  # fmt: skip


def test_one_group_gives_no_interval_and_two_give_the_whole_range():
    true, guess = np.array([0, 0, 0, 0, 1]), np.array([0, 0, 0, 1, 1])
    one = per_class(true, guess, np.array(["g", "g", "g", "g", "h"]), ["x", "y"])[0]
    assert (one["n_groups"], one["recall"], one["recall_ci95"], one["precision_ci95"]) == (1, 0.75, None, None)
    two = per_class(true, guess, np.array(["g", "g", "h", "h", "h"]), ["x", "y"])[0]
    assert two["n_groups"] == 2
    assert two["recall_ci95"] == [0.0, 1.0], "two groups whose means are 0.5 and 1 tell nothing: t(0.975, 1) is 12.7"
    many = per_class(np.zeros(40, int), np.arange(40) % 4 // 3, np.repeat(np.arange(10), 4), ["x", "y"])[0]
    assert many["recall_ci95"] == pytest.approx([0.75, 0.75])


# Calibration


@pytest.mark.parametrize(("sharpened", "least", "most"), [(1.0, 0.0, 0.02), (3.0, 0.1, 1.0), (0.3, 0.1, 1.0)])
def test_the_error_is_near_0_for_honest_answers_only(sharpened, least, most):
    logits, true = honest_logits(20_000)
    error = calibration_curve(softmax(sharpened * logits), true)["expected_calibration_error"]
    assert least <= error <= most


def test_overconfident_answers_are_right_less_often_than_they_say():
    logits, true = honest_logits(20_000)
    for sure, right, count in calibration_curve(softmax(3 * logits), true)["bins"]:
        assert right < sure or count < 100


def test_bins_are_weighted_by_their_number_of_samples():
    # 9 samples at 0.95, all right: distance 0.05; 1 at 0.65, wrong: distance 0.65.
    probability = np.array([[0.95, 0.05]] * 9 + [[0.65, 0.35]])
    curve = calibration_curve(probability, np.array([0] * 9 + [1]))
    assert curve["expected_calibration_error"] == pytest.approx(0.9 * 0.05 + 0.1 * 0.65)
    np.testing.assert_allclose(curve["bins"], [[0.65, 0.0, 1], [0.95, 1.0, 9]])


@given(st.integers(1, 60), st.integers(1, 20), st.integers(0, 99))
def test_every_sample_is_in_one_bin_and_the_bins_keep_the_share_of_right_answers(n, bins, seed):
    logits, true = honest_logits(n, seed=seed)
    logits[0] = [900, 0, 0]  # a probability of exactly 1 belongs to the last bin
    probability = softmax(logits)
    rows = np.array(calibration_curve(probability, true, bins)["bins"])
    assert rows[:, 2].sum() == n and len(rows) <= bins
    assert (rows[:, 1] * rows[:, 2]).sum() == pytest.approx((probability.argmax(1) == true).sum())


# Temperature


@pytest.mark.parametrize("factor", [3.0, 0.5])
def test_logits_times_a_factor_give_the_temperature_times_that_factor(factor):
    logits, true = honest_logits(400)
    assert fit_temperature(factor * logits, true) == pytest.approx(factor * fit_temperature(logits, true), rel=0.01)


def test_honest_logits_have_a_temperature_near_1_and_overconfident_ones_are_mended():
    logits, true = honest_logits(5000)
    assert fit_temperature(logits, true) == pytest.approx(1, abs=0.1)
    before = calibration_curve(softmax(4 * logits), true)["expected_calibration_error"]
    mended = softmax(4 * logits / fit_temperature(4 * logits, true))
    assert calibration_curve(mended, true)["expected_calibration_error"] < before / 4


@given(st.integers(2, 40), st.integers(0, 999), st.floats(0.01, 100))
def test_the_temperature_stays_in_its_range_and_changes_no_answer(n, seed, scale):
    logits, true = honest_logits(n, seed=seed)
    logits *= scale
    temperature = fit_temperature(logits, true)
    assert 0.05 <= temperature <= 20
    np.testing.assert_array_equal((logits / temperature).argmax(1), logits.argmax(1))


@given(st.integers(1, 40), st.integers(0, 999), st.floats(0.01, 100))
def test_without_a_mistake_the_temperature_is_never_below_1(n, seed, scale):
    logits, _ = honest_logits(n, seed=seed)
    assert fit_temperature(scale * logits, logits.argmax(1)) >= 1


def test_timid_logits_with_one_mistake_have_the_temperature_that_the_odds_demand():
    # 99 of 100 right at one margin: the best probability is 0.99, so margin / T = ln 99.
    logits = np.array([[1.0, 0.0]] * 100)
    assert fit_temperature(logits, np.array([1] + [0] * 99)) == pytest.approx(1 / np.log(99), rel=0.001)


# Transition


@given(
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=30, unique=True).flatmap(
        lambda values: st.tuples(st.just(sorted(values)), st.integers(1, len(values) - 1), st.permutations(values))
    )
)
def test_separable_answers_are_cut_halfway_between_the_two_that_meet(drawing):
    ascending, n_below, values = drawing
    guess = np.isin(values, ascending[n_below:]).astype(int)
    found = transition(np.array(values), guess, draws=20)
    assert found["value"] == (ascending[n_below - 1] + ascending[n_below]) / 2
    assert found["width"] == 0


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 1)), min_size=1, max_size=20), st.randoms())
def test_the_place_is_the_same_in_whatever_order_the_samples_come(samples, random):
    shuffled = list(samples)
    random.shuffle(shuffled)
    (value, guess), (other_value, other_guess) = np.array(samples).T, np.array(shuffled).T
    one, other = transition(value, guess, draws=5), transition(other_value, other_guess, draws=5)
    assert (one["value"], one["width"]) == (other["value"], other["width"])


def noisy_transitions(n, seeds=40):
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        value = rng.uniform(0, 5, n)
        guess = (rng.random(n) < 1 / (1 + np.exp(-(value - 2.3) / 0.15))).astype(int)
        yield transition(value, guess, draws=100)


def test_the_interval_of_noisy_answers_holds_the_truth_about_as_often_as_it_says_and_narrows():
    spans = {}
    for n in (100, 1000):
        limits = np.array([found["ci95"] for found in noisy_transitions(n)])
        held = np.count_nonzero((limits[:, 0] <= 2.3) & (limits[:, 1] >= 2.3))
        assert held >= 34  # of 40; with a true 95 % fewer come by chance 3 times in 1000
        spans[n] = np.diff(limits).mean()
    assert spans[1000] < 0.7 * spans[100] < 0.5


def test_the_same_seed_gives_the_same_interval_and_another_seed_another():
    rng = np.random.default_rng(0)
    value = rng.uniform(0, 5, 200)
    guess = (value + rng.normal(0, 0.3, 200) > 2).astype(int)
    assert transition(value, guess, seed=3) == transition(value, guess, seed=3)
    assert transition(value, guess, seed=3)["ci95"] != transition(value, guess, seed=5)["ci95"]


def test_the_width_is_the_stretch_over_which_answers_are_mixed():
    found = transition(np.array([1.0, 2.0, 3.0, 4.5, 6.0]), np.array([0, 1, 0, 0, 1]))
    assert found["width"] == 2.5  # from the lowest 1 at 2.0 to the highest 0 at 4.5
    assert found["value"] == 5.25  # one answer is on the wrong side; any other place leaves more


def test_of_several_places_that_are_as_good_the_middle_is_given():
    # One answer is on the wrong side of 1.5, and one of 3.5; two of any other place.
    assert transition(np.array([4.0, 3.0, 2.0, 1.0]), np.array([1, 0, 1, 0]))["value"] == 2.5
