"""What competes: the families of models and their settings."""

from itertools import groupby

from nital.tasks.properties.models import Candidate, Rows
from nital.tasks.properties.recipe import PropertiesRecipe

__all__ = ["EFFORT", "candidates"]

EFFORT = {
    "mean": 1, "Ridge": 1, "Ridge + physics": 1, "random forest": 10, "extra trees": 17, "gradient boosting": 13,
    "kernel regression": 10, "lecture MLP": 14, "MLP ensemble": 60,
}  # fmt: skip
"""The families, the plainest first, with seconds on the tempering table: so progress goes as time does."""


def candidates(rows: Rows, recipe: PropertiesRecipe) -> dict[str, list[Candidate]]:
    """Family -> its settings that compete, for the sets of columns that the rows have."""
    physics = ["physics"] if "physics" in rows.sets else []
    extra = [name for name in rows.sets if name not in ("given", "physics")]
    both = ["given", *physics]
    logs = [{}, {"log": True}] if rows.target.min() > 0 else [{}]
    trees = {"n_estimators": recipe.trees}
    boost = {"n_estimators": recipe.rounds, "min_samples_leaf": 5, "max_leaf_nodes": 8}
    net = {"members": recipe.members, "epochs": recipe.epochs}
    found = [
        Candidate("mean"),
        *(Candidate("Ridge", "given", log, 1 + len(log)) for log in logs),
        *(Candidate("Ridge + physics", name, log, 3 + len(log)) for name in extra for log in logs),
        *(Candidate("Ridge + physics", name, log, 5 + len(log)) for name in physics for log in logs),
        *(Candidate("random forest", name, trees, 6) for name in both),
        *(Candidate("extra trees", name, trees | {"max_features": m}, 6) for name in both for m in (0.5, 1.0)),
        *(Candidate("gradient boosting", name, boost | {"max_features": m}, 7) for name in both for m in (0.3, 1.0)),
        *(Candidate("kernel regression", name, {"smoothness": nu} | log, 7 + len(log))
          for name in both for nu in ("1/2", "5/2") for log in logs),
        Candidate("lecture MLP", "given", {}, 8),
        *(Candidate("MLP ensemble", name, net, 9) for name in both),
    ]  # fmt: skip
    return {family: list(settings) for family, settings in groupby(found, key=lambda candidate: candidate.family)}
