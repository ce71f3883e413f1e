"""Why a model says what it says, in the units of the table."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from nital.learn.folds import Fold
from nital.learn.importance import integrated_gradients, partial_dependence, permutation_importance
from nital.tasks.properties.models import Fitted, Members
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.selection import Choice, fit_family

__all__ = ["column_sets", "dependence", "gradients", "importance"]

POINTS = 9
MOST_ROWS = 500


def column_sets(problem: Problem) -> dict[str, tuple[str, ...]]:
    """Columns that are shuffled together: the contents of a composition, else each on its own."""
    mixed = [feature.inputs for feature in problem.design.features if feature.family == "mixing rules"]
    together = mixed[0] if mixed else ()
    sets = {"composition": together} if len(together) > 1 else {}
    used = set(problem.design.inputs) if not sets else set(problem.design.inputs) - set(together)
    return sets | {header: (header,) for header in problem.design.inputs if header in used}


def importance(problem: Problem, choice: Choice, folds: list[Fold], seed: int) -> list[dict[str, Any]]:
    """Growth of the error on unseen groups when columns are shuffled, mean over folds, largest first.

    Contents of a composition are also shuffled one by one, marked by `of`: such rows do not sum to 100 %.
    """
    sets = column_sets(problem)
    single = {header: (header,) for header in sets.get("composition", ())}
    totals: dict[str, list[tuple[float, float]]] = {}
    for fold in folds:
        model = fit_family(choice, choice.chosen, problem.rows.take(fold.train), seed)
        test = fold.test[:MOST_ROWS]
        columns = {header: values[test] for header, values in problem.columns.items()}
        found = permutation_importance(
            _predict(problem, model), columns, problem.rows.target[test], sets | single, repeats=3, seed=seed
        )
        for name, pair in found.items():
            totals.setdefault(name, []).append(pair)
    key = f"growth_of_{problem.metric}"
    rows = [
        {"columns": name, key: float(np.mean([mean for mean, _ in pairs])),
         "spread": float(np.std([mean for mean, _ in pairs])),
         **({"of": "composition"} if name in single else {})}
        for name, pairs in totals.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row[key])


def dependence(
    problem: Problem, model: Fitted, most: int = 6, ranking: list[str] | None = None
) -> list[dict[str, Any]]:
    """Course of the mean prediction over each of the most important columns of numbers, between its 5 and 95 %."""
    rows = np.random.default_rng(0).permutation(len(problem.rows.target))[:MOST_ROWS]
    columns = {header: values[rows] for header, values in problem.columns.items()}
    numbers = [header for header in (ranking or problem.design.numbers) if header in problem.design.numbers][:most]
    curves = []
    for header in numbers:
        values = problem.columns[header]
        grid = np.unique(np.nanquantile(values, np.linspace(0.05, 0.95, POINTS)))
        curves.append({
            "column": header, "unit": problem.design.units.get(header), "values": grid.tolist(),
            "mean_prediction": partial_dependence(_predict(problem, model), columns, header, grid).tolist(),
        })  # fmt: skip
    return curves


def gradients(problem: Problem, model: Members, rows: int = 100) -> dict[str, Any]:
    """Integrated gradients of the network from the median row, summed over what each column becomes.

    Returns:
        `shares`: mean |share| per column of the matrix in the unit of the target; `gap`: largest difference between
        a row's sum of shares and its prediction minus the median row's, as a share of the predictions' spread.
    """
    import torch

    chosen = np.random.default_rng(0).permutation(len(problem.rows.target))[:rows]
    prepared = model.preparation.apply(problem.rows.matrix[chosen][:, model.columns])
    origin = np.median(model.preparation.apply(problem.rows.matrix[:, model.columns]), axis=0)
    network = model.weights.module()

    def gradient(inputs: np.ndarray) -> np.ndarray:
        leaf = torch.tensor(inputs, dtype=torch.float32, requires_grad=True)
        members = network(leaf.expand(len(model.weights.weights[0]), *leaf.shape))
        (found,) = torch.autograd.grad(members.mean(dim=0).sum(), leaf)
        return found.numpy().astype(float)

    shares = model.scale * integrated_gradients(gradient, prepared, origin)
    value, start = (model.weights.apply(x).mean(axis=1) * model.scale for x in (prepared, origin[None]))
    gap = float(np.abs(shares.sum(axis=1) - (value - start)).max() / max(float(value.std()), 1e-12))
    totals = np.zeros((len(chosen), len(problem.design.names)))
    np.add.at(totals.T, model.columns[model.preparation.origin], shares.T)
    mean = np.abs(totals).mean(axis=0)
    order = [int(k) for k in np.argsort(-mean) if mean[k] > 0]
    return {
        "from": "the median row", "unit": problem.target_unit, "gap": gap,
        "shares": [{"column": problem.design.names[k], "mean_share": float(mean[k])} for k in order],
    }  # fmt: skip


def _predict(problem: Problem, model: Fitted):
    def predict(columns: Mapping[str, np.ndarray]) -> np.ndarray:
        return model.predict(problem.design.matrix(columns))[0]

    return predict
