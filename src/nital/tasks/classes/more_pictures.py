"""What more pictures would bring: the same network trained on a part of them."""

from typing import Any

import numpy as np

from nital.core.dataset import Dataset
from nital.core.errors import InputError
from nital.core.progress import Say, part
from nital.core.sections import Axis, Plot, Section, Series
from nital.core.task import Findings, NetworkTask
from nital.learn.batches import answers_of
from nital.learn.fit import fit
from nital.learn.split import split_by_group
from nital.tasks.classes.recipe import ClassesRecipe

__all__ = ["curve_findings", "learning_curve", "what_more_would_bring"]

MORE = 100
FEWEST = 30
"""Tested on fewer samples a curve says nothing."""


def curve_findings(
    task: NetworkTask, recipe: ClassesRecipe, train: Dataset, test: Dataset, right: float, **how: Any
) -> Findings:
    """The learning curve as section, note and JSON entries `learning_curve` and `more_pictures`.

    Args:
        right: share of the test samples on which the network that learned from all of `train` is right.
        how: device and say, as for `learning_curve`.
    """
    pooled = bool(set(train.groups.tolist()) & set(test.groups.tolist()))
    before = [] if pooled else learning_curve(task, recipe, train, test, **how)
    points = [*before, (len(train), right)]
    words = what_more_would_bring(points, len(test))
    details: dict[str, Any] = {
        "learning_curve": {"columns": ["samples", "accuracy"], "points": [list(point) for point in points]},
        "more_pictures": words,
    }
    if words is None:
        why = (
            "each group was tested in turn, and none is left to test on" if pooled
            else f"{len(test)} samples to test on, {FEWEST} are needed" if len(test) < FEWEST
            else "a part of the groups is too few to learn from"
        )  # fmt: skip
        words = f"What more pictures would bring was not checked: {why}."
    sizes, shares = zip(*points, strict=True)
    plot = Plot(
        [Series(sizes, shares, "line_and_points")], Axis("samples to train on", low=0),
        Axis("share right", low=0, high=1.05),
    )  # fmt: skip
    section = Section("Learning curve", plot, "What more to learn from would bring.")
    return Findings((section,) if len(points) > 1 else (), (words,), details)


def learning_curve(
    task: NetworkTask, recipe: ClassesRecipe, train: Dataset, test: Dataset, *, device: str = "cpu", say: Say = None
) -> list[tuple[int, float]]:
    """Accuracy on the test part of networks that were trained on shares of the training groups.

    Args:
        device: where these are trained. say: is told of their epochs, in steps done of all for the curve.

    Returns:
        (samples trained on, accuracy), ascending; shares that leave too few groups are left out.
    """
    points: list[tuple[int, float]] = []
    for number, share in enumerate(sorted(recipe.learning_curve)):
        part_of = recipe.replace(valid_fraction=1 - share, test_fraction=0.0)
        try:
            share_of, _, _ = split_by_group(train, part_of)
            learn, valid, _ = split_by_group(share_of, recipe.replace(test_fraction=0.0))
        except InputError:
            continue
        own = part(say, number, len(recipe.learning_curve), f"learning from {len(learn)} of {len(train)} samples  ")
        model, _ = fit(task, recipe, learn, valid, device=device, say=own)
        found = answers_of(model, test, ("logits",), ("label",))
        points.append((len(learn), float(np.mean(found["logits"].argmax(1) == found["label"]))))
    return points


def what_more_would_bring(points: list[tuple[int, float]], tested: int) -> str | None:
    """A sentence on the learning curve; None where it has fewer than two points, or few were tested.

    The error is taken for a power of the number of samples, between the first and the last point.

    Args:
        points: (samples trained on, accuracy), ascending. tested: test samples.

    >>> what_more_would_bring([(100, 0.8), (200, 0.9)], 400)
    'Trained on 100 samples the network is right on 80.0 %, on 200 on 90.0 %; as that trend goes, 100 more would make \
it 93.3 %. Each share is known to +-3.9 % at best.'
    """
    if len(points) < 2 or tested < FEWEST:
        return None
    (few, before), (many, now) = points[0], points[-1]
    scatter = 1.96 * np.sqrt(0.25 / tested) if not 0 < now < 1 else 1.96 * np.sqrt(before * (1 - before) / tested)
    start = f"Trained on {few} samples the network is right on {100 * before:.1f} %, on {many} on {100 * now:.1f} %; "
    if now <= before or now >= 1:
        middle = f"there is no sign that {MORE} more would change that. "
    else:
        power = np.log((1 - before) / (1 - now)) / np.log(many / few)
        later = 1 - (1 - now) * (many / (many + MORE)) ** power
        middle = f"as that trend goes, {MORE} more would make it {100 * later:.1f} %. "
    return f"{start}{middle}Each share is known to +-{100 * scatter:.1f} % at best."
