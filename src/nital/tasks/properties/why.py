"""Why a model says what it says, in the units of the table, and what more to learn from would bring."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nital.core.progress import Say, part
from nital.learn.folds import Fold
from nital.learn.importance import integrated_gradients, partial_dependence, permutation_importance
from nital.tasks.properties.models import Fitted, Members
from nital.tasks.properties.nested import one_thread
from nital.tasks.properties.problem import Problem
from nital.tasks.properties.selection import Choice, fit_family
from nital.tasks.properties.settled import predict_folds

__all__ = ["column_sets", "dependence", "explain", "gradients", "importance", "learning_curve"]

NETWORK = "MLP ensemble"
POINTS = 9
MOST_ROWS = 500
FRACTIONS = (0.25, 0.5, 0.75)


def explain(problem: Problem, choice: Choice, family: str, folds: Sequence[Fold], seed: int) -> dict[str, Any]:
    """Importance and dependence of a family, and integrated gradients of the network.

    Raises:
        Unfit: the family cannot be fitted to all rows, or to those of a fold.
    """
    with one_thread():
        found = importance(problem, choice, family, folds, seed)
        model = fit_family(choice, family, problem.rows, seed)
        ranking = [row["columns"] for row in found]
        why: dict[str, Any] = {"importance": found, "partial_dependence": dependence(problem, model, ranking=ranking)}
        if NETWORK in choice.families:
            network = fit_family(choice, NETWORK, problem.rows, seed)
            if isinstance(network, Members):  # where nothing varies it is the mean
                why["integrated_gradients"] = gradients(problem, network)
    return why


def column_sets(problem: Problem) -> dict[str, tuple[str, ...]]:
    """Columns that are shuffled together: the contents of a composition, else each on its own."""
    mixed = [feature.inputs for feature in problem.design.features if feature.family == "mixing rules"]
    together = mixed[0] if mixed else ()
    sets = {"composition": together} if len(together) > 1 else {}
    used = set(problem.design.inputs) if not sets else set(problem.design.inputs) - set(together)
    return sets | {header: (header,) for header in problem.design.inputs if header in used}


def importance(problem: Problem, choice: Choice, family: str, folds: Sequence[Fold], seed: int) -> list[dict[str, Any]]:
    """Growth of the error on unseen groups when columns are shuffled, mean over folds, largest first.

    Contents of a composition are also shuffled one by one, marked by `of`: such rows do not sum to 100 %.
    """
    sets = column_sets(problem)
    single = {header: (header,) for header in sets.get("composition", ())}
    totals: dict[str, list[tuple[float, float]]] = {}
    for fold in folds:
        model = fit_family(choice, family, problem.rows.take(fold.train), seed)
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


def learning_curve(
    problem: Problem, choice: Choice, family: str, folds: Sequence[Fold], mae: float, seed: int, say: Say = None
) -> dict[str, Any]:
    """Error of a family with a part of the groups, and what twice as many would bring by the same power law.

    Args:
        mae: with all groups of a training part.
    """
    rows, rng, points = problem.rows, np.random.default_rng(seed), []
    full = float(np.mean([len(np.unique(rows.groups[fold.train])) for fold in folds]))
    for number, fraction in enumerate(FRACTIONS):
        parts = [_thinned(rows.groups, fold, fraction, rng) for fold in folds]
        if min(len(one.train) for one in parts) < 8:
            continue
        values = predict_folds(rows, parts, choice, [family], seed, part(say, number, len(FRACTIONS)))[0]
        if np.isfinite(values).any():
            error = float(np.nanmean(np.abs(values - rows.target)))
            points.append({"groups": round(fraction * full), problem.metric: error})
    points.append({"groups": round(full), problem.metric: mae})
    if len(points) < 3 or min(point[problem.metric] for point in points[-3:]) <= 0:
        return {"points": points, "words": "Too few groups for a learning curve."}
    # The last three: what happens with very few groups says little about more of them.
    x, y = (np.log([point[key] for point in points[-3:]]) for key in ("groups", problem.metric))
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


def _predict(problem: Problem, model: Fitted):
    def predict(columns: Mapping[str, np.ndarray]) -> np.ndarray:
        return model.predict(problem.design.matrix(columns))[0]

    return predict
