"""run: one training from recipe to artifact and report."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.recipe import Recipe
from nital.core.task import Baseline, NetworkTask, Say
from nital.io.atomic import atomic_write_text
from nital.learn.intervals import compare, means_with_intervals, verdict
from nital.learn.split import split_by_group
from nital.runs.artifact import save_artifact, save_scores
from nital.runs.engine import load_network
from nital.runs.predict import plain
from nital.runs.report import write_report

__all__ = ["run", "score"]

Predict = Callable[[dict[str, np.ndarray]], dict[str, np.ndarray]]


def run(
    task: NetworkTask,
    recipe: Recipe,
    out: Path,
    data: Path | None = None,
    *,
    resume: bool = True,
    progress: Say = None,
) -> dict[str, Any]:
    """Train, compare with the baselines on unseen groups, and keep model and report in `out`.

    Args:
        data: the user's, for a job that learns from these.
        resume: go on from the last epoch that `out` holds.
        progress: is given one line of text per epoch.

    Returns:
        the report, as in report.json: `job`, `recipe`, `data`, `split`, `groups` (those scored),
        `verdict`, `chosen`, `models`, `history`.

    Raises:
        InputError: the recipe has an impossible number. OutputError: `out` cannot be written to.
    """
    from nital.learn.fit import fit

    out = Path(out)
    recipe.check()
    dataset = task.dataset(recipe, data)
    train, valid, test = split_by_group(dataset, recipe)
    model, history = fit(task, recipe, train, valid, folder=out, progress=progress, resume=resume)
    facts = dict(dataset.facts) | task.finish(model, recipe, train, valid)
    test = test.take(np.arange(min(len(test), task.most_test_samples)))
    split = {"train": len(train), "valid": len(valid), "test": len(test), "by": "group"}
    described = {
        "name": dataset.name,
        "source": dataset.source,
        "licence": dataset.licence,
        "fingerprint": dataset.fingerprint(),
    }
    save_artifact(out, task, recipe, model, history, {"data": described, "split": split, "facts": facts})
    network = load_network(out, recipe.threads)

    def answer(batch: Batch) -> dict[str, np.ndarray]:
        return network(batch[task.input_name])

    baselines = task.baselines(train)
    report = {
        "job": task.card.job, "recipe": recipe.name, "data": described, "split": split,
        **score(task, answer, baselines, test, recipe), **task.study(answer, recipe, train, test, progress),
        "history": history,
    }  # fmt: skip
    chosen = next((baseline.kept for baseline in baselines if baseline.name == report["chosen"]), None)
    save_scores(out, task, report, simpler=chosen)
    atomic_write_text(out / "report.json", json.dumps(plain(report), indent=2) + "\n")
    write_report(out)
    return report


def score(
    task: NetworkTask, network: Predict, baselines: Sequence[Baseline], test: Dataset, recipe: Recipe
) -> dict[str, Any]:
    """Network and baselines on the same test groups: means with intervals over groups, and a verdict."""
    models: list[tuple[str, str, Predict]] = [("network", "network", network)]
    models += [(baseline.name, "baseline", baseline.predict) for baseline in baselines]
    values = {name: _sample_metrics(task, predict, test, recipe.batch_size) for name, _, predict in models}
    first = next(iter(values["network"]))
    higher = task.higher_is_better(first)
    rows = [{"name": name, "kind": kind, **means_with_intervals(values[name], test.groups)} for name, kind, _ in models]
    ranked = sorted(rows, key=lambda row: row[first], reverse=higher)
    rival = next(row["name"] for row in ranked if row["kind"] == "baseline")
    comparison = compare(values["network"][first], values[rival][first], test.groups)
    words = verdict(comparison, baseline=rival, metric=first.replace("_", " "), higher_is_better=higher)
    # The verdict and the choice must agree: without a certain gain the simpler model is taken.
    better = comparison.certain and (comparison.difference > 0) == higher
    chosen_name = "network" if better else rival
    return {"groups": np.unique(test.groups).tolist(), "verdict": words, "chosen": chosen_name, "models": rows}


def _sample_metrics(task: NetworkTask, predict: Predict, test: Dataset, size: int) -> dict[str, np.ndarray]:
    parts = []
    for start in range(0, len(test), size):
        batch = test.batch(np.arange(start, min(start + size, len(test))))
        parts.append(task.metrics(predict(batch), batch))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
