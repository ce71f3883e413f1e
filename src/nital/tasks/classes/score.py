"""What a trained classifier is worth on labelled pictures, beside models that are no networks."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from nital.core.dataset import ArrayDataset, Batch
from nital.core.errors import InputError, MissingExtra
from nital.core.progress import Say, tell
from nital.core.report import NETWORK, Metric, Report, Source, Split
from nital.core.task import Network
from nital.io.labelled import Columns, read_labelled
from nital.learn.judge import Scored, judge
from nital.learn.split import group_folds
from nital.tasks.classes.baselines import TEXTURES, commonest_class, fit_textures
from nital.tasks.classes.findings import describe
from nital.tasks.classes.metrics import ordered_metrics
from nital.tasks.classes.options import EvaluateOptions
from nital.tasks.classes.samples.scored import samples_for_model, unseen
from nital.tasks.classes.simpler import decide, who_decides

__all__ = ["evaluate_labelled", "sample_scores"]

SMALLEST = 1e-6
AT_ONCE = 64


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


def evaluate_labelled(network: Network, data: Path, options: EvaluateOptions, say: Say = None) -> Report:
    """Score a trained model on labelled pictures that it has not seen.

    Beside it stand texture features with a linear model that is trained on the *other* groups of the same pictures
    (five folds), which is more than the network had of them, and always the commonest class.

    Raises:
        InputError: the data cannot be used, or have a class that the model does not know.
    """
    columns = Columns(options.file_column, options.class_column, options.group_column, options.value_column)
    pictures, facts = read_labelled(data, columns), dict(network.facts)
    dataset = unseen(samples_for_model(pictures, facts))
    tell(say, 0, 0, f"{len(pictures.files)} pictures, {len(dataset)} crops")
    answers, batch = _answers(network, dataset), dataset.batch(np.arange(len(dataset)))
    decided = {**answers, "probability": decide(facts, batch["image"], answers["probability"])}
    models, notes = _models(answers, decided, batch, dataset)
    metrics = _scored(ordered_metrics(facts), models)
    found = describe(decided, dataset)
    known = [f"This model knows {facts['knows']}."] if facts.get("knows") else []
    return judge(
        models, dataset.groups, metrics, job="classes", data=Source(pictures.name, str(data)),
        split=Split(
            by=dataset.grouped_by, test=len(dataset),
            note="Scored are all pictures that the model has not seen.",
        ),
        notes=(*found.notes, *notes, *known), sections=found.sections,
        details={"decided_by": who_decides(facts), **found.details},
    )  # fmt: skip


def _models(
    answers: Mapping[str, np.ndarray], decided: Mapping[str, np.ndarray], batch: Batch, dataset: ArrayDataset
) -> tuple[list[Scored], list[str]]:
    """The network and what stands beside it, and notes on who decides and on what could not be compared."""
    facts, notes = dataset.facts, []
    common = commonest_class(batch, len(facts["classes"]))
    models = [
        Scored(NETWORK, "network", sample_scores(answers, batch)),
        Scored(common.name, "baseline", sample_scores(common.predict(batch), batch), constant=True),
    ]
    if facts.get("simpler"):
        decider = who_decides(facts)
        kept = sample_scores({"probability": decided["probability"]}, batch)
        models.append(Scored(f"{decider}, as this model keeps it", "baseline", kept))
        notes.append(f"With this model {decider} decides: confusion, precision, recall and calibration are its own.")
    try:
        anew = _textures_on_other_groups(dataset)
        models.append(Scored(f"{TEXTURES}, trained anew on the other groups of these pictures", "baseline", anew))
    except (InputError, MissingExtra) as error:
        notes.append(f"{TEXTURES}: not compared. {error}")
    return models, notes


def _scored(metrics: Sequence[Metric], models: Sequence[Scored]) -> tuple[Metric, ...]:
    """The metrics that some model has; in front one that all have."""
    found = [metric for metric in metrics if any(metric.name in model.values for model in models)]
    return tuple(sorted(found, key=lambda metric: not all(metric.name in model.values for model in models)))


def _answers(network: Network, dataset: ArrayDataset) -> dict[str, np.ndarray]:
    """`probability` and, where the network gives it, `value` of all samples."""
    images = dataset.arrays["image"]
    parts = [network(images[start : start + AT_ONCE]) for start in range(0, len(images), AT_ONCE)]
    return {
        name: np.concatenate([part[name] for part in parts]) for name in ("probability", "value") if name in parts[0]
    }


def _textures_on_other_groups(dataset: ArrayDataset) -> dict[str, np.ndarray]:
    parts: dict[str, np.ndarray] = {}
    for train, test in group_folds(dataset.groups, min(5, len(np.unique(dataset.groups))), seed=0):
        known, batch = dataset.take(train), dataset.batch(test)
        if len(np.unique(known.arrays["label"])) < 2:
            raise InputError("Leaving groups out leaves one class only.")
        for name, values in sample_scores(fit_textures(known).predict(batch), batch).items():
            parts.setdefault(name, np.zeros(len(dataset)))[test] = values
    return parts
