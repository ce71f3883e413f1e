"""run: one training from recipe to artifact and report."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nital.core.dataset import Batch, Dataset
from nital.core.errors import InputError, NitalError
from nital.core.progress import Say, part
from nital.core.recipe import Recipe
from nital.core.report import NETWORK, Report, Source, Split
from nital.core.task import Baseline, NetworkTask
from nital.learn.folds import scoring_folds
from nital.learn.judge import Scored, judge
from nital.learn.seen import digests_of
from nital.learn.split import split_by_group
from nital.runs.artifact import keep_artifact, save_artifact, save_scores
from nital.runs.engine import OnnxNetwork
from nital.runs.pages import write_report

if TYPE_CHECKING:
    import torch

__all__ = ["run", "score"]

Answer = Callable[[Batch], Mapping[str, np.ndarray]]


def run(
    task: NetworkTask,
    recipe: Recipe,
    out: Path,
    data: Path | None = None,
    *,
    resume: bool = True,
    device: str = "cpu",
    say: Say = None,
) -> Report:
    """Train, compare with the baselines on unseen groups, and keep model and report in `out`.

    Where groups are few, each is left out in turn and scored by a network that has not seen it; the model that is kept
    has then learned from all of them.

    Args:
        data: the user's, for a job that learns from these.
        resume: go on from the last epoch that `out` holds.
        device: where to train, such as "cpu" or "cuda"; the model that is kept runs anywhere.
        say: is given progress, with a text per epoch.

    Returns:
        the report, as in report.json.

    Raises:
        InputError: the recipe has an impossible number, the data cannot be used, or there is no such device.
        OutputError: `out` cannot be written to.
    """
    from nital.learn.fit import fit

    out = Path(out)
    recipe.check()
    dataset = task.dataset(recipe, data)
    folds = scoring_folds(dataset, recipe)
    train, valid, test = split_by_group(dataset, recipe.replace(test_fraction=0.0) if folds else recipe)
    if not folds and not len(test):
        raise InputError(
            f"Recipe '{recipe.name}' leaves nothing to score on: test_fraction is 0 and there are no folds. Give one."
        )
    how: Any = {"resume": resume, "device": device}
    model, history = fit(
        task, recipe, train, valid, folder=out, say=part(say, 0, 1 + len(folds), "to keep  " if folds else ""), **how
    )
    facts = dict(dataset.facts) | task.calibrate(model, recipe, train, valid)
    test = _in_order_of([fold.test for fold in folds], dataset) if folds else _some(test, task)
    split = Split(by=dataset.grouped_by, train=len(train), valid=len(valid), test=len(test), folds=len(folds))
    source = Source(dataset.name, dataset.source, dataset.licence, dataset.fingerprint())
    described: dict[str, Any] = {"data": dataclasses.asdict(source), "split": dataclasses.asdict(split), "facts": facts}
    if data is not None:
        described["learned_from"] = digests_of((train, valid), task.input_name)
    unscored = out / ".unscored"  # a model without its verdict is not left where somebody could predict with it
    save_artifact(unscored, task, recipe, model, history, described, of_its_own=data is None)
    baselines = task.baselines(train)
    network = OnnxNetwork(unscored, recipe.threads)
    found = [] if folds else [score(task, lambda batch: network(batch[task.input_name]), baselines, test, recipe)]
    for number, fold in enumerate(folds):
        own = part(say, 1 + number, 1 + len(folds), f"fold {number + 1}/{len(folds)}  ")
        model, _ = fit(task, recipe, fold.train, fold.valid, folder=out / "folds" / str(number + 1), say=own, **how)
        task.calibrate(model, recipe, fold.train, fold.valid)
        found.append(score(task, _in_torch(task, model), task.baselines(fold.train), fold.test, recipe))
    scored = _pooled(found)
    studied = task.findings(scored.answers, recipe, train, test, facts=facts, device=device, say=say)
    each = (
        f"Each of {len(np.unique(test.groups))} groups was scored by a network that had not seen it ({len(folds)} "
        "networks); the model that is kept learned from all of them, and is not scored itself."
    )
    report = judge(
        scored.models, test.groups, task.metrics_of(test.facts), job=task.card.job, recipe=recipe.name, data=source,
        split=split, notes=(*([each] if folds else []), *scored.notes, *studied.notes), sections=studied.sections,
        details=studied.details, history=history,
    )  # fmt: skip
    chosen = next((baseline.kept for baseline in baselines if baseline.name == report.chosen), None)
    save_scores(unscored, task, report, simpler=chosen, facts=studied.facts)
    keep_artifact(unscored, out)
    write_report(out, report, task.card)
    return report


@dataclasses.dataclass(frozen=True)
class _Scores:
    """Scores of network and baselines on the same samples, what the network answered, and who was not compared."""

    models: list[Scored]
    answers: dict[str, np.ndarray]
    notes: tuple[str, ...] = ()


def score(task: NetworkTask, network: Answer, baselines: Sequence[Baseline], test: Dataset, recipe: Recipe) -> _Scores:
    """Network and baselines on the same test samples; of the network's answers those that the job studies are kept."""
    kept: dict[str, list[np.ndarray]] = {name: [] for name in task.studied}

    def studied(batch: Batch) -> Mapping[str, np.ndarray]:
        answer = network(batch)
        for name, parts in kept.items():
            if name in answer:
                parts.append(np.asarray(answer[name]))
        return answer

    values = _values(task, studied, test, recipe.batch_size)
    counted = {name: values[name] for name in task.studied if name in values}
    models = [Scored(NETWORK, "network", values)]
    models += [
        Scored(one.name, "baseline", _values(task, one.predict, test, recipe.batch_size), one.constant)
        for one in baselines
    ]
    return _Scores(models, counted | {name: np.concatenate(parts) for name, parts in kept.items() if parts})


def _values(task: NetworkTask, answer: Answer, test: Dataset, size: int) -> dict[str, np.ndarray]:
    """Name of a metric -> one value per sample."""
    parts = []
    for start in range(0, len(test), size):
        batch = test.batch(np.arange(start, min(start + size, len(test))))
        parts.append(task.score(answer(batch), batch))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _pooled(found: Sequence[_Scores]) -> _Scores:
    """The scores of all folds as those of one test part; models that some fold lacks are left out, with a note.

    Raises:
        NitalError: no constant baseline is left to compare with.
    """
    parts_of: dict[str, list[Scored]] = {}
    for model in (model for fold in found for model in fold.models):
        parts_of.setdefault(model.name, []).append(model)
    models, notes = [], []
    for name, parts in parts_of.items():
        if len(parts) < len(found):
            notes.append(f"{name}: not compared. It was fitted in {len(parts)} of {len(found)} folds only.")
            continue
        values = {metric: np.concatenate([part.values[metric] for part in parts]) for metric in parts[0].values}
        models.append(dataclasses.replace(parts[0], values=values))
    if len(found) > 1 and not any(model.constant for model in models):
        raise NitalError(
            f"No baseline that answers the same to everything stands in all {len(found)} folds, so the network cannot "
            f"be judged. {' '.join(notes)} Give it one name in `baselines` of the job, or score on one split: folds=0."
        )
    answers = {name: np.concatenate([fold.answers[name] for fold in found]) for name in found[0].answers}
    return _Scores(models, answers, tuple(notes))


def _in_order_of(tested: Sequence[Dataset], dataset: Dataset) -> Dataset:
    """The samples of several test parts, one part after the other, as one dataset."""
    return dataset.take(np.concatenate([np.flatnonzero(np.isin(dataset.groups, part.groups)) for part in tested]))


def _some(test: Dataset, task: NetworkTask) -> Dataset:
    """At most so many samples as the job wants scored: of each group the first, then of each the second, ..."""
    _, member = np.unique(test.groups, return_inverse=True)
    turn = np.zeros(len(test), int)
    for group in range(int(member.max(initial=-1)) + 1):
        of_group = np.flatnonzero(member == group)
        turn[of_group] = np.arange(len(of_group))
    return test.take(np.sort(np.argsort(turn, kind="stable")[: task.most_test_samples]))


def _in_torch(task: NetworkTask, model: "torch.nn.Module") -> Answer:
    """A network that is not exported, as a function of batches."""
    import torch

    def answer(batch: Batch) -> dict[str, np.ndarray]:
        with torch.no_grad():
            found = model({task.input_name: torch.from_numpy(batch[task.input_name])})
        return {name: value.numpy() for name, value in found.items()}

    return answer
