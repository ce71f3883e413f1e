"""What competes: the families of models and their settings."""

from dataclasses import dataclass

from nital.tasks.properties.models import Candidate, Rows

__all__ = ["EFFORT", "Plan", "candidates", "offered"]

EFFORT = {
    "mean": 1, "Ridge": 1, "Ridge + physics": 1, "random forest": 10, "extra trees": 17, "gradient boosting": 13,
    "kernel regression": 10, "lecture MLP": 14, "MLP ensemble": 60,
}  # fmt: skip
"""Seconds of each family on the tempering table, by their ratio: so progress goes as time does."""


@dataclass(frozen=True)
class Plan:
    """What is compared and how hard it is looked for.

    Attributes:
        families: names, the plainest first.
        inner_folds: of the choice. members, epochs: of the MLP ensemble. trees, rounds: of the tree models.
    """

    families: tuple[str, ...] = tuple(EFFORT)
    inner_folds: int = 5
    members: int = 8
    epochs: int = 120
    trees: int = 200
    rounds: int = 300


def candidates(rows: Rows, plan: Plan) -> list[Candidate]:
    """All settings that compete, for the sets of columns that the rows have."""
    physics = ["physics"] if "physics" in rows.sets else []
    extra = [name for name in rows.sets if name not in ("given", "physics")]
    both = ["given", *physics]
    logs = [{}, {"log": True}] if rows.target.min() > 0 else [{}]
    found = [Candidate("mean"), *(Candidate("Ridge", "given", s, 1 + len(s)) for s in logs)]
    found += [
        Candidate("Ridge + physics", name, s, 3 + len(s) + 2 * (name == "physics"))
        for name in [*extra, *physics] for s in logs
    ]  # fmt: skip
    trees = {"n_estimators": plan.trees}
    found += [Candidate("random forest", name, trees, 6) for name in both]
    found += [Candidate("extra trees", name, trees | {"max_features": m}, 6) for name in both for m in (0.5, 1.0)]
    boost = {"n_estimators": plan.rounds, "min_samples_leaf": 5, "max_leaf_nodes": 8}
    found += [Candidate("gradient boosting", name, boost | {"max_features": m}, 7) for name in both for m in (0.3, 1.0)]
    found += [
        Candidate("kernel regression", name, {"smoothness": nu} | s, 7 + len(s))
        for name in both for nu in ("1/2", "5/2") for s in logs
    ]  # fmt: skip
    found += [Candidate("lecture MLP", "given", {}, 8)]
    net = {"members": plan.members, "epochs": plan.epochs}
    found += [Candidate("MLP ensemble", name, net, 9) for name in both]
    return [candidate for candidate in found if candidate.family in plan.families]


def offered(rows: Rows, plan: Plan) -> list[str]:
    """The families of the plan that these columns have settings for."""
    there = {candidate.family for candidate in candidates(rows, plan)}
    return [family for family in plan.families if family in there]
