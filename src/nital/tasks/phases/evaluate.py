"""Score a trained model on a folder of labelled pictures, beside one phase everywhere."""

from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.core.progress import Say, part
from nital.core.report import NETWORK, Report, Source, Split
from nital.core.task import Network
from nital.io.labelled import read_phase_labels
from nital.io.micrographs import open_micrograph
from nital.learn.judge import Scored, judge
from nital.science.greys import greys_of
from nital.tasks.phases.analyse import seen_as
from nital.tasks.phases.findings import described
from nital.tasks.phases.metrics import METRICS
from nital.tasks.phases.options import PhasesOptions
from nital.tasks.phases.samples import digest, labels_inside
from nital.tasks.phases.score import confusion, scores_of
from nital.tasks.phases.segment import segment

__all__ = ["evaluate_folder"]


def evaluate_folder(network: Network, folder: Path, options: PhasesOptions, say: Say = None) -> Report:
    """Scores picture by picture; verdict against the phase that fills the largest area of these pictures.

    Raises:
        InputError: the folder cannot be used, or has other classes than the model.
    """
    seen = seen_as(network.facts, options)
    classes = seen.names
    known = read_phase_labels(folder, classes=tuple(classes), unlabelled=network.facts.get("unlabelled"))
    counts: list[np.ndarray] = []
    before: list[str] = []
    for number, one in enumerate(known.pictures):
        opened = open_micrograph(one.picture, pixel_size_um=one.pixel_size_um)
        grey, valid = opened.image, opened.valid
        if digest(grey) in (network.facts.get("pictures") or ()):
            before.append(one.picture.name)
        found = segment(
            network,
            grey,
            greys_of(grey, valid),
            allowed=seen.classes,
            quick=options.quick,
            say=part(say, number, len(known.pictures)),
        )
        counts.append(confusion(labels_inside(one.labels, valid), found.labels, len(classes)))
    if not np.sum(counts):
        raise InputError(f"{folder} has no labelled pixel. Label some, or leave the folder out.")
    learned = [f"The model was trained on {', '.join(before)}: its score on these is too good."] * bool(before)
    groups = [one.specimen for one in known.pictures]
    models = [_scored(NETWORK, counts), _scored("one phase everywhere", _one_phase(counts), constant=True)]
    found = described([one.picture.name for one in known.pictures], np.stack(counts), classes)
    return judge(
        models, groups, METRICS, job="phases", data=Source(folder.name, str(folder)),
        split=Split(by="specimen", test=len(counts)), notes=(*learned, *known.notes, *found.notes),
        sections=found.sections, details=found.details,
    )  # fmt: skip


def _one_phase(counts: list[np.ndarray]) -> list[np.ndarray]:
    """Confusions of the answer that is right on most pixels."""
    best = int(np.sum(counts, axis=0).sum(1).argmax())
    return [np.where(np.arange(len(one)) == best, one.sum(1, keepdims=True), 0) for one in counts]


def _scored(name: str, counts: list[np.ndarray], *, constant: bool = False) -> Scored:
    return Scored(name, "baseline" if constant else "network", scores_of(np.stack(counts)), constant=constant)
