"""Why a model says what it says, in the units of the table, and what more to learn from would bring."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from nital.core.progress import Say, part
from nital.learn.folds import Fold
from nital.learn.importance import integrated_gradients, partial_dependence, permutation_importance
from nital.tasks.properties.models import Fitted, Members
from nital.tasks.properties.nested import one_thread
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.score import Compared
from nital.tasks.properties.selection import fit_family
from nital.tasks.properties.settled import predict_folds

__all__ = ["explain", "learning_curve"]

NETWORK = "MLP ensemble"
POINTS = 9
MOST_ROWS, MOST_EXPLAINED = 500, 100
MOST_CURVES = 6
FRACTIONS = (0.25, 0.5, 0.75)


def explain(compared: Compared, family: str, seed: int) -> dict[str, Any]:
    """Importance and dependence of a family, and integrated gradients of the network.

    Raises:
        Unfit: the family cannot be fitted to all rows, or to those of a fold.
    """
    problem, choice = compared.problem, compared.modal
    with one_thread():
        found = _importance(compared, family, seed)
        model = fit_family(choice, family, problem.rows, seed)
        ranking = [row["columns"] for row in found]
        why: dict[str, Any] = {"importance": found, "partial_dependence": _dependence(problem, model, ranking)}
        if NETWORK in choice.families:
            network = fit_family(choice, NETWORK, problem.rows, seed)
            if isinstance(network, Members):  # where nothing varies it is the mean
                why["integrated_gradients"] = _gradients(problem, network)
    return why


def _column_sets(problem: Problem) -> dict[str, tuple[str, ...]]:
    """Columns that are shuffled together: the contents of a composition, else each on its own."""
    mixed = [feature.inputs for feature in problem.design.features if feature.family == "mixing rules"]
    together = mixed[0] if mixed and len(mixed[0]) > 1 else ()
    alone = {header: (header,) for header in problem.design.inputs if header not in together}
    return {"composition": together, **alone} if together else alone


def _importance(compared: Compared, family: str, seed: int) -> list[dict[str, Any]]:
    """Growth of the error on unseen groups when columns are shuffled, mean over folds, largest first.

    Contents of a composition are also shuffled one by one, marked by `of`: such rows do not sum to 100 %.
    """
    problem = compared.problem
    sets = _column_sets(problem)
    single = {header: (header,) for header in sets.get("composition", ())}
    grown: dict[str, list[float]] = {}
    for fold in compared.first_folds:
        model = fit_family(compared.modal, family, problem.rows.take(fold.train), seed)
        test = fold.test[:MOST_ROWS]
        columns = {header: values[test] for header, values in problem.columns.items()}
        found = permutation_importance(
            partial(_predict, problem, model), columns, problem.rows.target[test], sets | single, repeats=3, seed=seed
        )
        for name, (mean, _) in found.items():
            grown.setdefault(name, []).append(mean)
    key = f"growth_of_{problem.metric.name}"
    rows = [
        {"columns": name, key: float(np.mean(growths)), "spread": float(np.std(growths)),
         **({"of": "composition"} if name in single else {})}
        for name, growths in grown.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: -row[key])


def _dependence(problem: Problem, model: Fitted, ranking: list[str]) -> list[dict[str, Any]]:
    """Course of the mean prediction over each of the most important columns of numbers, between its 5 and 95 %."""
    rows = np.random.default_rng(0).permutation(len(problem.rows.target))[:MOST_ROWS]
    columns = {header: values[rows] for header, values in problem.columns.items()}
    curves = []
    for header in [name for name in ranking if name in problem.design.numbers][:MOST_CURVES]:
        values = problem.columns[header]
        grid = np.unique(np.nanquantile(values, np.linspace(0.05, 0.95, POINTS)))
        curves.append({
            "column": header, "unit": problem.design.units.get(header), "values": grid.tolist(),
            "mean_prediction": partial_dependence(partial(_predict, problem, model), columns, header, grid).tolist(),
        })  # fmt: skip
    return curves


def _gradients(problem: Problem, model: Members) -> dict[str, Any]:
    """Integrated gradients of the network from the median row, summed over what each column becomes.

    Returns:
        `shares`: mean |share| per column of the matrix in the unit of the target; `gap`: largest difference between
        a row's sum of shares and its prediction minus the median row's, as a share of the predictions' spread.
    """
    import torch

    chosen = np.random.default_rng(0).permutation(len(problem.rows.target))[:MOST_EXPLAINED]
    prepared = model.preparation.apply(problem.rows.matrix[chosen])
    origin = np.median(model.preparation.apply(problem.rows.matrix), axis=0)
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
    np.add.at(totals.T, model.preparation.origin, shares.T)
    mean = np.abs(totals).mean(axis=0)
    order = [int(k) for k in np.argsort(-mean) if mean[k] > 0]
    return {
        "from": "the median row", "unit": problem.target_unit, "gap": gap,
        "shares": [{"column": problem.design.names[k], "mean_share": float(mean[k])} for k in order],
    }  # fmt: skip


def learning_curve(compared: Compared, family: str, mae: float, seed: int, say: Say = None) -> dict[str, Any]:
    """Error of a family with a part of the groups, and what twice as many would bring by the same power law.

    Args:
        mae: with all groups of a training part.
    """
    problem, folds, rng, points = compared.problem, compared.first_folds, np.random.default_rng(seed), []
    rows, key = problem.rows, problem.metric.name
    full = float(np.mean([len(np.unique(rows.groups[fold.train])) for fold in folds]))
    for number, fraction in enumerate(FRACTIONS):
        parts = [_thinned(rows.groups, fold, fraction, rng) for fold in folds]
        if min(len(one.train) for one in parts) < 8:
            continue
        values = predict_folds(rows, parts, compared.modal, [family], seed, part(say, number, len(FRACTIONS)))[0]
        if np.isfinite(values).any():
            error = float(np.nanmean(np.abs(values - rows.target)))
            points.append({"groups": round(fraction * full), key: error})
    points.append({"groups": round(full), key: mae})
    if len(points) < 3 or min(point[key] for point in points[-3:]) <= 0:
        return {"points": points, "words": "Too few groups for a learning curve."}
    # The last three: what happens with very few groups says little about more of them.
    x, y = (np.log([point[name] for point in points[-3:]]) for name in ("groups", key))
    slope = float(np.polyfit(x, y, 1)[0])
    twice, what = mae * 2**slope, f"{problem.group}s" if problem.group else "rows"
    words = (
        f"Twice as many groups ({what}) would change the mean absolute error from {mae:.3g} to about "
        f"{twice:.3g}{problem.unit}, if the curve goes on as a power law (exponent {slope:.2f}, from "
        "3 points: a rough guess)."
        if slope < -0.02 else "The error no longer falls with more groups of this kind: other columns would help more."
    )  # fmt: skip
    return {"points": points, "exponent": slope, "mae_with_twice_the_groups": twice, "words": words}


def _thinned(groups: np.ndarray, fold: Fold, fraction: float, rng: np.random.Generator) -> Fold:
    """The fold with a part of the groups of its training part."""
    names = rng.permutation(np.unique(groups[fold.train]))
    kept = names[: max(2, round(fraction * len(names)))]
    return Fold(fold.train[np.isin(groups[fold.train], kept)], fold.test)


def _predict(problem: Problem, model: Fitted, columns: Mapping[str, np.ndarray]) -> np.ndarray:
    return model.predict(problem.design.matrix(columns))[0]
