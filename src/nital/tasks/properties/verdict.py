"""What the comparison allows to be said, in words, and the checklist of when a deep net is out of place."""

from typing import Any

import numpy as np

from nital.learn.significance import PairedTest
from nital.tasks.properties.score import SIMPLE, WITH_NETWORK, Compared
from nital.tasks.properties.selection import AVERAGE

__all__ = ["advise", "comparison_json", "judged"]

WORTH = 0.05
"""A gain below this share of the simpler model's error is not worth a network."""


def judged(test: PairedTest | None, simple: str, network: str | None, simple_mae: float, unit: str) -> tuple[str, str]:
    """The best model with a network against the best without one: what may be said, and which is kept, from one test.

    Args:
        test: network minus simpler model, mean absolute error; None: no network was compared.
        simple, network: their names; None: there is no network. unit: with a space before it.

    Returns:
        the verdict, and the name of the chosen model.

    >>> judged(PairedTest(-6.0, -10.0, -2.0, 0.01, 10), "extra trees", "MLP ensemble", 60.0, " MPa")[0]
    'The network helps by 6 MPa (95 % 2 to 10) against extra trees, 10 folds: use MLP ensemble.'
    >>> judged(PairedTest(1.0, -1.0, 3.0, 0.3, 10), "Ridge", "MLP ensemble", 60.0, " MPa")
    ('Use the simpler model, Ridge: the network is no better (mean absolute error +1 MPa, 95 % -1 to +3, 10 folds).', \
'Ridge')
    """
    if test is None:
        return "No network was compared.", simple
    if network is None:
        return f"Use the simpler model, {simple}: no network could be fitted to all rows.", simple
    who = f"the network, part of the {network}," if network == AVERAGE else "the network"
    folds = f"{test.folds} folds"
    if test.certainly_lower:
        words = (
            f"{who[0].upper()}{who[1:]} helps by {-test.difference:.3g}{unit} (95 % {_short(-test.high)} to "
            f"{_short(-test.low)}) against {simple}, {folds}: use {network}."
        )
        return words, network
    change = (
        f"(mean absolute error {test.difference:+.3g}{unit}, 95 % {_short(test.low, '+')} to {_short(test.high, '+')}, "
        f"{folds})"
    )
    if not np.isfinite(test.p):
        words = f"Your data cannot tell: one fold alone was run. Until more are, use the simpler model, {simple}."
    elif test.certain:
        words = f"Use the simpler model, {simple}: {who} is worse {change}."
    elif test.difference >= 0 or -test.low < WORTH * simple_mae:
        words = f"Use the simpler model, {simple}: {who} is no better {change}."
    else:
        words = (
            f"Your data cannot tell whether {who} helps {change}. Until you have more groups, use the simpler model, "
            f"{simple}."
        )
    return words, simple


def _short(value: float, sign: str = "") -> str:
    """Two digits, but no power of ten where a plain number is as short."""
    return f"{value:{sign}.0f}" if 10 <= abs(value) < 1e5 else f"{value:{sign}.2g}"


def comparison_json(compared: Compared, first: str, second: str) -> dict[str, Any] | None:
    """The test of two models as plain data; None: no fold has both."""
    test = compared.test(first, second)
    return None if test is None else {
        "first": first, "second": second, "difference": test.difference, "ci95": [test.low, test.high], "p": test.p,
        "folds": test.folds, "method": "paired t test, variance corrected for shared training rows (Nadeau and Bengio)",
    }  # fmt: skip


def advise(compared: Compared, simple: str, floor: float | None, outside: float) -> list[dict[str, str]]:
    """When not to use a deep net: questions, this table's own numbers, and what each speaks for.

    Args:
        simple: the best simpler model. floor: mean absolute difference of twins, or None.
        outside: share of tested rows outside of the domain.
    """
    problem, unit = compared.problem, compared.problem.unit
    rows, groups, inputs = len(problem.rows.target), len(np.unique(problem.rows.groups)), len(problem.design.inputs)
    simple_mae = compared.mae(SIMPLE) or 0.0
    network_mae = compared.mae(WITH_NETWORK) or simple_mae
    linear, physics = compared.mae("Ridge"), compared.mae("Ridge + physics")
    physics_gain = 1 - physics / linear if linear and physics else 0.0
    linear_mae = linear or simple_mae
    checks = [
        ("Are there thousands of rows?", f"{rows:,} rows, {rows / inputs:.0f} for each input.", rows >= 5000),
        ("Are there many independent groups?",
         f"{groups:,} groups." if problem.group else "No groups are named; rows may not be independent.",
         problem.group is not None and groups >= 100),
        ("Does a law of physics already carry the answer?",
         f"Physics features change the error of a linear model by {-100 * physics_gain:+.0f} %."
         if problem.design.features else "No physics feature applies to these columns.",
         not (problem.design.features and physics_gain > 0.1)),
        ("Is the relation far from linear?",
         f"Linear model {linear_mae:.3g}{unit}, best simpler model ({simple}) {simple_mae:.3g}{unit}.",
         simple_mae < 0.8 * linear_mae),
        ("Does a network beat the best simpler model?",
         f"Network {network_mae:.3g}{unit}, {simple} {simple_mae:.3g}{unit}.",
         network_mae < (1 - WORTH) * simple_mae),
        ("Will it be asked about what it has seen?",
         f"{100 * outside:.0f} % of the rows of a new group lie outside of what the others cover.",
         outside < 0.2),
    ]  # fmt: skip
    if floor is not None:
        checks.append((
            "Is there anything left to learn?",
            f"Rows with equal inputs differ by {floor:.3g}{unit} in the mean; no model of these columns does "
            f"better than about {floor / 2:.3g}{unit} on them.",
            simple_mae > 2 * floor,
        ))  # fmt: skip
    return [
        {"question": question, "answer": answer, "speaks_for": "a network" if network else "a simpler model"}
        for question, answer, network in checks
    ]
