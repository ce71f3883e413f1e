"""Scores, verdict and choice: they agree, and they follow what the metric says of itself."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.report import Metric, Report, Source, Split
from nital.learn import judge as learn_judge
from nital.learn.intervals import Comparison
from nital.learn.judge import Scored, verdict

HIGHER, LOWER = Metric("f1", "", "higher", "F1", (0, 1)), Metric("chi2_reduced", "", "lower")
GROUPS = [f"specimen {n}" for n in range(12)]


def judge(scored, groups, metrics) -> Report:
    return learn_judge.judge(scored, groups, metrics, job="pores", data=Source("a", "b"), split=Split(by="specimen"))


def models(network: float, otsu: float, constant: float, metric: Metric = HIGHER, spread: float = 0.01) -> list[Scored]:
    steps = np.linspace(-spread, spread, len(GROUPS))
    return [
        Scored("network", "network", {metric.name: network + steps}),
        Scored("Otsu", "baseline", {metric.name: otsu + steps[::-1]}),
        Scored("no pore anywhere", "baseline", {metric.name: np.full(len(GROUPS), constant)}, constant=True),
    ]


@pytest.mark.parametrize(
    ("comparison", "metric", "start", "simpler"),
    [
        (Comparison(0.1, 0.05, 0.2, 9), HIGHER, "The network is better than Otsu by 0.1 in F1", False),
        (Comparison(-0.1, -0.2, -0.05, 9), HIGHER, "The network is worse than Otsu by 0.1 in F1", True),
        (Comparison(-0.1, -0.2, -0.05, 9), LOWER, "The network is better than Otsu by 0.1 in chi2 reduced", False),
        (Comparison(0.1, -0.05, 0.2, 9), HIGHER, "No difference between the network and Otsu can be shown", True),
        (Comparison(0.1, math.nan, math.nan, 1), HIGHER, "The network differs from Otsu by +0.1 in F1, on one", False),
        (Comparison(-6.0, -9.0, -3.0, 20), Metric("mae_mpa", "MPa", "lower", "mean absolute error"),
         "The network is better than Otsu by 6 MPa in mean absolute error (95 % interval 3 to 9, 20 groups).", False),
    ],
)  # fmt: skip
def test_the_verdict_says_what_the_interval_allows(comparison, metric, start, simpler):
    words = verdict(comparison, "Otsu", metric)
    assert words.startswith(start)
    assert ("Use the simpler model, Otsu." in words) == simpler


def test_a_small_chi2_is_better_because_the_metric_says_so():
    judged = judge(models(1.1, 5.0, 90.0, LOWER), GROUPS, [LOWER])
    assert judged.chosen == "network" and "better than Otsu" in judged.verdict
    assert judge(models(5.0, 1.1, 90.0, LOWER), GROUPS, [LOWER]).chosen == "Otsu"


def test_a_network_that_finds_nothing_anywhere_is_no_better_than_saying_so_always():
    judged = judge(models(0.9, 0.4, 0.9), GROUPS, [HIGHER])
    assert judged.chosen == "no pore anywhere"
    assert "Use the simpler model, no pore anywhere." in judged.verdict


@given(st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.floats(0.1, 0.9), st.sampled_from([HIGHER, LOWER]))
def test_verdict_and_choice_never_contradict_each_other(network, otsu, constant, metric):
    judged = judge(models(network, otsu, constant, metric), GROUPS, [metric])
    assert (judged.chosen == "network") == ("better than" in judged.verdict)
    assert judged.chosen == "network" or f"Use the simpler model, {judged.chosen}." in judged.verdict


def test_each_model_and_metric_has_a_score_with_unit_and_bounded_interval():
    error = Metric("g_error", "mm", None)
    given_models = [
        Scored(one.name, one.kind, {**one.values, "g_error": np.linspace(-3, 3, 12)}, one.constant)
        for one in models(0.999, 0.4, 0.0, spread=0.3)
    ]
    scores = judge(given_models, GROUPS, [HIGHER, error]).scores
    assert [(score.model, score.metric) for score in scores[:2]] == [("network", "f1"), ("network", "g_error")]
    assert scores[0].interval is not None and scores[0].interval[1] == 1
    assert scores[1].unit == "mm" and scores[1].interval is not None and scores[1].interval[0] < 0
    assert [score.constant for score in scores] == [False] * 4 + [True] * 2


@pytest.mark.parametrize("wrong", [lambda found: found[1:], lambda found: found[:2], lambda found: [found[0], *found]])
def test_one_network_and_a_constant_answer_must_be_there(wrong):
    with pytest.raises(ValueError, match="one network and its baselines, one of them constant"):
        judge(wrong(models(0.5, 0.5, 0.5)), GROUPS, [HIGHER])


def test_a_metric_that_decides_must_say_which_way_is_better():
    with pytest.raises(ValueError, match="which way is better"):
        judge(models(0.5, 0.5, 0.5), GROUPS, [Metric("f1", "", None)])


def test_a_single_group_chooses_nothing():
    assert judge(models(0.9, 0.1, 0.0), ["a"] * 12, [HIGHER]).chosen is None
