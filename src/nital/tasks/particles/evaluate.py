"""Score a trained model on a folder of pictures with label maps or boxes, beside methods without learning."""

from pathlib import Path

import numpy as np

from nital.core.progress import Say, tell
from nital.core.report import NETWORK, Report, Source, Split
from nital.core.sections import Section, Table
from nital.core.task import Network
from nital.learn.judge import Scored, judge
from nital.science.particles import Matched, boxes_of, match_boxes
from nital.tasks.particles.analyse import opened, searched
from nital.tasks.particles.baselines import BASELINES, nothing
from nital.tasks.particles.labelled import TrueParticles, read_true, true_particles
from nital.tasks.particles.metrics import METRICS
from nital.tasks.particles.options import ParticlesOptions
from nital.tasks.particles.score import dice, scores_of

__all__ = ["evaluate_folder"]


def evaluate_folder(network: Network, folder: Path, options: ParticlesOptions, say: Say = None) -> Report:
    """Scores picture by picture; where only boxes are known, without the Dice of the areas.

    Raises:
        InputError: the folder cannot be used.
    """
    pairs = true_particles(folder)
    answers: dict[str, list[tuple[Matched, float | None]]] = {name: [] for name in (NETWORK, *BASELINES)}
    rows: list[list[str | int | float | None]] = []
    for number, pair in enumerate(pairs):
        tell(say, number, len(pairs), pair.picture.name)
        micrograph = opened(pair.picture, options)
        image, valid = micrograph.image, micrograph.valid
        truth = read_true(pair, (image.shape[0], image.shape[1]))
        labels = searched(network, micrograph, options).labels
        answers[NETWORK].append(_answer(labels, truth))
        for name, find in BASELINES.items():
            guess = find(np.asarray(image, np.float32))
            answers[name].append(_answer(guess if valid is None else np.where(valid, guess, 0), truth))
        rows.append(_row(pair.picture.name, answers[NETWORK][-1][0]))
    with_masks = all(area is not None for one in answers.values() for _, area in one)
    models = [
        Scored(name, "network" if name == NETWORK else "baseline", _scores(one, with_masks),
               constant=BASELINES.get(name) is nothing)
        for name, one in answers.items()
    ]  # fmt: skip
    columns = ["file", "particles", "found", "F1 by middles", "F1 by boxes", "error of the median size, %"]
    return judge(
        models, [pair.specimen for pair in pairs],
        [metric for metric in METRICS if with_masks or metric.name != "dice"],
        job="particles", data=Source(folder.name, str(folder)), split=Split(by="specimen", test=len(pairs)),
        sections=(Section("Picture by picture", Table(columns, rows)),),
        details={"by_picture": [dict(zip(columns, row, strict=True)) for row in rows]},
    )  # fmt: skip


def _answer(labels: np.ndarray, truth: TrueParticles) -> tuple[Matched, float | None]:
    matched = match_boxes(boxes_of(labels), truth.boxes)
    return matched, None if truth.labels is None else dice(labels, truth.labels)


def _scores(answers: list[tuple[Matched, float | None]], with_masks: bool) -> dict[str, np.ndarray]:
    rows = [
        scores_of(matched) | ({"dice": area} if with_masks and area is not None else {}) for matched, area in answers
    ]
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _row(name: str, one: Matched) -> list[str | int | float | None]:
    error = None if one.size_error is None else round(100 * one.size_error, 1)
    return [name, one.true, one.found, round(one.f1, 3), round(one.f1_boxes, 3), error]
