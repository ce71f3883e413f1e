"""judge: from the scores of each sample to means with intervals, a verdict, and the choice that agrees with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from nital.core.report import Metric, Report, Score
from nital.core.units import unit_text
from nital.learn.intervals import Comparison, Groups, Values, compare, mean_interval, share_interval

__all__ = ["Scored", "judge", "verdict"]


@dataclass(frozen=True)
class Scored:
    """What a model scores on each sample.

    Attributes:
        name, kind, constant: as of `Score`.
        values: name of a metric -> shape (n,), one score per sample.
    """

    name: str
    kind: Literal["network", "baseline"]
    values: Mapping[str, Values]
    constant: bool = False


def judge(models: Sequence[Scored], groups: Groups, metrics: Sequence[Metric], /, **about: Any) -> Report:
    """Compare a network with the best of the models beside it, on the same samples; the network is chosen where it is
    certainly better, else the best of the others, and nothing where a single group tells nothing.

    Args:
        models: one network and the baselines, one of them constant: a network must be better than saying always the
            same.
        groups: shape (n,), the group of each sample.
        metrics: those that the models have values of; the first decides.
        about: the other entries of the report, of which `job`, `data` and `split` are needed.

    Raises:
        ValueError: no network, no constant baseline, or a first metric that does not say which way is better.
        InputError: scores that are not finite, or not one per sample.
    """
    first = metrics[0]
    networks = [model for model in models if model.kind == "network"]
    baselines = [model for model in models if model.kind == "baseline"]
    if len(networks) != 1 or not any(model.constant for model in baselines) or first.better is None:
        raise ValueError(
            "To be judged are one network and its baselines, one of them constant, by a metric that says which way is "
            f"better; given are {[(model.name, model.kind, model.constant) for model in models]} and {first}."
        )
    sign = 1.0 if first.better == "higher" else -1.0
    network = networks[0]
    rival = max(baselines, key=lambda model: sign * float(np.mean(model.values[first.name])))
    comparison = compare(network.values[first.name], rival.values[first.name], groups)
    better = comparison.certain and sign * comparison.difference > 0
    scores = [_score(model, groups, metric) for model in models for metric in metrics if metric.name in model.values]
    chosen = None if comparison.groups < 2 else network.name if better else rival.name
    return Report(
        groups=tuple(map(str, np.unique(groups))), metrics=tuple(metrics), scores=tuple(scores),
        verdict=verdict(comparison, rival.name, first), chosen=chosen, **about,
    )  # fmt: skip


def verdict(comparison: Comparison, baseline: str, metric: Metric) -> str:
    """Say in words what a comparison of a network with a baseline allows to be said.

    >>> verdict(Comparison(0.081, 0.04, 0.12, 12), "Sobel + watershed", Metric("f1", "", "higher", "F1"))
    'The network is better than Sobel + watershed by 0.081 in F1 (95 % interval 0.04 to 0.12, 12 groups).'
    """
    unit = f" {unit_text(metric.unit)}" if metric.unit else ""
    size = f"{abs(comparison.difference):.3g}{unit} in {metric.words}"
    step = f"{comparison.difference:+.3g}{unit} in {metric.words}"
    if comparison.groups < 2:
        return (
            f"The network differs from {baseline} by {step}, on one group: "
            "no difference can be shown. Evaluate on more groups."
        )
    if not comparison.certain:
        return (
            f"No difference between the network and {baseline} can be shown: {step} "
            f"(95 % interval {comparison.low + 0.0:.3g} to {comparison.high + 0.0:.3g}, {comparison.groups} groups). "
            f"Use the simpler model, {baseline}."
        )
    low, high = sorted((abs(comparison.low), abs(comparison.high)))
    evidence = f"(95 % interval {low:.3g} to {high:.3g}, {comparison.groups} groups)"
    if (comparison.difference > 0) == (metric.better == "higher"):
        return f"The network is better than {baseline} by {size} {evidence}."
    return f"The network is worse than {baseline} by {size} {evidence}. Use the simpler model, {baseline}."


def _score(model: Scored, groups: Groups, metric: Metric) -> Score:
    values = model.values[metric.name]
    least, most = metric.bounds
    low, high = share_interval(values, groups) if metric.bounds == (0, 1) else mean_interval(values, groups)
    interval = None if np.isnan(low) else (
        low if least is None else max(low, least), high if most is None else min(high, most)
    )  # fmt: skip
    mean = float(np.mean(np.asarray(values, dtype=float)))
    return Score(model.name, model.kind, metric.name, mean, interval, metric.unit, model.constant)
