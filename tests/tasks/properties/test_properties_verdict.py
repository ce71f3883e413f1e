"""The verdict follows the interval of the difference, and what is chosen follows the verdict."""

import itertools

import numpy as np
import pytest

from nital.learn.significance import PairedTest
from nital.tasks.properties.models import NETWORKS, Candidate, Rows
from nital.tasks.properties.recipe import RECIPES
from nital.tasks.properties.selection import AVERAGE, SIMPLE_AVERAGE, FamilyResult, decide
from nital.tasks.properties.verdict import judged

SIMPLE_MODELS = ("mean", "Ridge", "extra trees", SIMPLE_AVERAGE)
N = 40


@pytest.mark.parametrize(
    ("test", "words", "chosen"),
    [
        (PairedTest(-6.0, -10.0, -2.0, 0.01, 10), "The network helps by 6 MPa (95 % 2 to 10)", "MLP ensemble"),
        (PairedTest(9.0, 2.0, 16.0, 0.02, 10), "Use the simpler model, extra trees: the network is worse", None),
        (PairedTest(1.0, -9.0, 11.0, 0.8, 10), "Use the simpler model, extra trees: the network is no better", None),
        (PairedTest(-1.0, -3.0, 1.0, 0.3, 10), "Use the simpler model, extra trees: the network is no better", None),
        (PairedTest(-6.0, -20.0, 8.0, 0.3, 10), "Your data cannot tell", None),
        (PairedTest(-6.0, np.nan, np.nan, np.nan, 1), "Your data cannot tell: one fold", None),
        (None, "No network was compared.", None),
    ],
)
def test_the_verdict_follows_the_interval_of_the_difference(
    test: PairedTest | None, words: str, chosen: str | None
) -> None:
    said, kept = judged(test, "extra trees", "MLP ensemble", 80.0, " MPa")
    assert said.startswith(words)
    assert kept == (chosen or "extra trees")


DIFFERENCES = [(-6.0, 4.0), (-6.0, 10.0), (0.0, 1.0), (0.0, 0.0), (6.0, 4.0), (6.0, 10.0), (-6.0, np.nan), (-6.0, 0.0)]


@pytest.mark.parametrize(("difference", "half"), DIFFERENCES)
def test_whatever_was_found_verdict_and_choice_name_the_same_model(difference: float, half: float) -> None:
    for simple, network in itertools.product(SIMPLE_MODELS, (*NETWORKS, AVERAGE, None)):
        p = np.nan if np.isnan(half) else 0.5
        words, chosen = judged(
            PairedTest(difference, difference - half, difference + half, p, 10), simple, network, 80.0, " MPa"
        )
        helps = " helps by " in words
        assert helps == (network is not None and difference + half < 0)
        if helps:
            assert chosen == network and words.endswith(f"use {network}.")
        else:
            assert chosen == simple
            assert f"se the simpler model, {simple}" in words


def _result(family: str, error: float, rows: Rows, scatter: float = 0.0) -> FamilyResult:
    rng = np.random.default_rng(len(family))
    signs = np.where(np.arange(N) % 2, 1.0, -1.0)
    values = rows.target + signs * (error + scatter * rng.normal(size=N))
    return FamilyResult(
        Candidate(family, plainness=9 if family in NETWORKS else 6), float(np.abs(values - rows.target).mean()),
        values, np.zeros(N),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("network_error", "scatter", "chosen"),
    [(1.0, 0.0, True), (9.5, 4.0, False), (10.0, 0.0, False), (20.0, 1.0, False)],
)
def test_in_a_training_part_a_network_is_chosen_only_where_it_certainly_helps(
    network_error: float, scatter: float, chosen: bool
) -> None:
    groups = np.arange(N) // 4
    rows = Rows(np.zeros((N, 1)), np.linspace(0, 100, N), groups, {"given": np.arange(1)})
    families = {
        name: _result(name, error, rows, scatter)
        for name, error in (("mean", 30.0), ("Ridge", 10.0), ("MLP ensemble", network_error))
    }
    choice = decide(families, rows, RECIPES["usual"])
    weight = choice.weights[AVERAGE].get("MLP ensemble", 0.0)
    holds = choice.chosen in NETWORKS or (choice.chosen == AVERAGE and weight > 0)
    assert holds is chosen
    assert choice.simple == "Ridge"
    assert choice.chosen == (choice.network if chosen else choice.simple)


def test_the_average_beside_which_no_network_helps_holds_none() -> None:
    groups = np.arange(N) // 4
    rows = Rows(np.zeros((N, 1)), np.linspace(0, 100, N), groups, {"given": np.arange(1)})
    up, down = _result("Ridge", 10.0, rows), _result("extra trees", -10.0, rows)
    families = {"mean": _result("mean", 30.0, rows), "Ridge": up, "extra trees": down}
    families["MLP ensemble"] = _result("MLP ensemble", 9.0, rows)
    choice = decide(families, rows, RECIPES["usual"])
    assert choice.chosen == choice.simple == SIMPLE_AVERAGE
    assert choice.weights[SIMPLE_AVERAGE] == {"Ridge": 0.5, "extra trees": 0.5}
