"""What a trained classifier is worth: per picture, per class, per group, beside models that are no networks."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import InputError, MissingExtra
from nital.core.task import Network, Say
from nital.io.labelled import Columns, read_labelled
from nital.learn.classification import calibration_curve, confusion_matrix, per_class, transition
from nital.learn.intervals import compare, means_with_intervals, verdict
from nital.learn.split import group_folds
from nital.tasks.classes.baselines import TEXTURES, commonest_class, fit_textures
from nital.tasks.classes.options import EvaluateOptions
from nital.tasks.classes.recipe import ClassesRecipe
from nital.tasks.classes.samples import labelled_crops
from nital.tasks.classes.simpler import decide, who_decides

__all__ = ["evaluate_labelled", "sample_scores", "study"]

Answer = Callable[[Batch], dict[str, np.ndarray]]
SMALLEST = 1e-6


def sample_scores(prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
    """Per crop: `accuracy` (1 right, 0 wrong), `log_loss` in nats, and `mae_value` where there is a value."""
    probability, label = np.asarray(prediction["probability"], np.float64), batch["label"]
    scores = {
        "accuracy": (probability.argmax(1) == label).astype(float),
        "log_loss": -np.log(np.maximum(probability[np.arange(len(label)), label], SMALLEST)),
    }
    if "value" in batch and "value" in prediction:
        scores["mae_value"] = np.abs(np.asarray(prediction["value"], np.float64) - batch["value"])
    return scores


def study(answer: Answer, dataset: Dataset, batch_size: int = 64) -> dict[str, Any]:
    """Confusion, precision and recall, calibration; accuracy along the value, and where the class changes.

    Args:
        answer: of the exported model. dataset: samples that it was not trained on.

    Returns:
        `n_samples` (crops), `n_pictures`, `classes` (names), `confusion` (rows: true), `per_class`, `calibration`,
        `by_value` and, for two classes, `transition` where there is a value, `notes`.
    """
    return _described(_all_answers(answer, dataset, batch_size), dataset)


def _described(found: dict[str, np.ndarray], dataset: Dataset) -> dict[str, Any]:
    """The report of `study`, from the answers to all samples."""
    everything = dataset.batch(np.arange(len(dataset)))
    label = everything["label"]
    names = list(dataset.facts["classes"])
    guess = found["probability"].argmax(1)
    report: dict[str, Any] = {
        "n_samples": len(label),
        "n_pictures": len(np.unique(everything["picture"])),
        "classes": names,
        "confusion": confusion_matrix(label, guess, len(names)).tolist(),
        "per_class": per_class(label, guess, dataset.groups, names),
        "calibration": calibration_curve(found["probability"], label),
        "notes": list(dataset.facts.get("notes", ())),
    }
    if report["n_pictures"] < report["n_samples"]:
        report["notes"].append(
            f"Scored are {report['n_samples']} crops of {report['n_pictures']} pictures; a picture's answer is the "
            "mean over its crops, as good as this or better as a rule."
        )
    report["notes"].append(_mistakes(report["confusion"], names))
    if dataset.facts.get("value") and "value" in found and "value" in everything:
        value = everything["value"]
        report |= _along_the_value(value, found, guess == label, guess, dataset.facts["value"]["name"], len(names))
    return report


def evaluate_labelled(network: Network, data: Path, options: EvaluateOptions, progress: Say = None) -> dict[str, Any]:
    """Score a trained model on labelled pictures that it has not seen.

    Beside it stand texture features with a linear model that is trained on the *other* groups of the same pictures
    (five folds), which is more than the network had of them, and always the commonest class.

    Raises:
        InputError: the data cannot be used, or have a class that the model does not know.
    """
    columns = Columns(options.file_column, options.class_column, options.group_column, options.value_column)
    pictures = read_labelled(data, columns)
    facts = dict(network.facts)
    recipe = ClassesRecipe(name="evaluate", pixel_size_um=facts.get("common_pixel_size_um"))
    dataset = _unseen(labelled_crops(pictures, recipe, facts), data)
    if progress:
        progress(f"{len(pictures.files)} pictures, {len(dataset)} crops")

    batch = dataset.batch(np.arange(len(dataset)))
    by_network = _all_answers(lambda part: network(part["image"]), dataset, 64)
    decided = {**by_network, "probability": decide(facts, batch["image"], by_network["probability"])}
    scores = {"network": sample_scores(by_network, batch)}
    common = commonest_class(batch["label"], len(facts["classes"]))
    scores[common.name] = sample_scores(common.predict(batch), batch)
    report = _described(decided, dataset)
    if facts.get("simpler"):
        kept = {"probability": decided["probability"]}
        scores[f"{who_decides(facts)}, as this model keeps it"] = sample_scores(kept, batch)
        report["notes"].append(
            f"With this model {who_decides(facts)} decides: confusion, precision, recall and calibration are its own."
        )
    try:
        scores[f"{TEXTURES}, trained anew on the other groups of these pictures"] = _textures_on_other_groups(dataset)
    except (InputError, MissingExtra) as error:
        report["notes"].append(f"{TEXTURES}: not compared. {error}")
    rows = [
        {
            "name": name,
            "kind": "network" if name == "network" else "baseline",
            **means_with_intervals(values, dataset.groups),
        }
        for name, values in scores.items()
    ]
    rival = max((row for row in rows if row["kind"] == "baseline"), key=lambda row: row["accuracy"])["name"]
    comparison = compare(scores["network"]["accuracy"], scores[rival]["accuracy"], dataset.groups)
    words = verdict(comparison, baseline=rival, metric="accuracy", higher_is_better=True)
    return {
        "job": "classes", "data": str(data), "split": "all pictures that the model has not seen",
        "groups": np.unique(dataset.groups).tolist(), "decided_by": who_decides(facts),
        "verdict": words, "chosen": "network" if comparison.low > 0 else rival, "models": rows, **report,
    }  # fmt: skip


def _unseen(dataset: Dataset, data: Path) -> Dataset:
    """The pictures that the data's makers hold out, less those that the model was trained or tested on."""
    picture = dataset.batch(np.arange(len(dataset)))["picture"]
    fresh = ~np.asarray(dataset.facts["known"])[picture]
    if dataset.held_out is not None:
        fresh &= dataset.held_out
    if not fresh.any():
        raise InputError(
            f"All pictures of {data} are those that this model was made from. Its score on unseen ones is in "
            "report.json of the model's folder; to evaluate, give other pictures."
        )
    if fresh.all():
        return dataset
    left = len(np.unique(picture)) - len(np.unique(picture[fresh]))
    why = (
        "the data's makers meant them for training" if dataset.held_out is not None else "the model was made from them"
    )
    dataset.facts = {**dataset.facts, "notes": [*dataset.facts["notes"], f"{left} pictures were left out: {why}."]}
    return dataset.take(np.flatnonzero(fresh))


def _textures_on_other_groups(dataset: Dataset) -> dict[str, np.ndarray]:
    parts: dict[str, np.ndarray] = {}
    for train, test in group_folds(dataset.groups, min(5, len(np.unique(dataset.groups))), seed=0):
        known, batch = dataset.take(train), dataset.batch(test)
        if len(np.unique(known.batch(np.arange(len(known)))["label"])) < 2:
            raise InputError("Leaving groups out leaves one class only.")
        for name, values in sample_scores(fit_textures(known).predict(batch), batch).items():
            parts.setdefault(name, np.zeros(len(dataset)))[test] = values
    return parts


def _all_answers(answer: Answer, dataset: Dataset, batch_size: int) -> dict[str, np.ndarray]:
    kept = ("probability", "value")
    parts: list[dict[str, np.ndarray]] = []
    for start in range(0, len(dataset), batch_size):
        found = answer(dataset.batch(np.arange(start, min(start + batch_size, len(dataset)))))
        parts.append({name: found[name] for name in kept if name in found})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _mistakes(confusion: list[list[int]], names: list[str]) -> str:
    counts = np.array(confusion)
    np.fill_diagonal(counts, 0)
    if not counts.any():
        return "No test sample was taken for another class."
    true, guess = np.unravel_index(counts.argmax(), counts.shape)
    if counts.max() == 1 and counts.sum() > 1:
        return f"{counts.sum()} mistakes, no two of them alike."
    return (
        f"Most frequent mistake: '{names[int(true)]}' taken for '{names[int(guess)]}', {counts.max()} of "
        f"{np.sum(confusion[int(true)])} samples."
    )


def _along_the_value(
    value: np.ndarray, found: dict[str, np.ndarray], right: np.ndarray, guess: np.ndarray, name: str, classes: int
) -> dict[str, Any]:
    edges = np.quantile(value, np.linspace(0, 1, 21))
    place = np.clip(np.searchsorted(edges, value, side="right") - 1, 0, 19)
    bins = [
        [float(value[place == n].mean()), float(right[place == n].mean()),
         float(np.abs(found["value"] - value)[place == n].mean()), int((place == n).sum())]
        for n in range(20) if (place == n).any()
    ]  # fmt: skip
    report: dict[str, Any] = {
        "by_value": {"name": name, "columns": ["value", "accuracy", "mae_value", "n"], "bins": bins}
    }
    if classes == 2 and len(np.unique(guess)) == 2:
        upper = int(value[guess == 1].mean() > value[guess == 0].mean())
        report["transition"] = transition(value, (guess == upper).astype(int))
    return report
