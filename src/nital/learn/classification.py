"""What a classifier's answers are worth: confusion, precision and recall, calibration."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from nital.learn.intervals import share_interval

__all__ = ["calibration_curve", "confusion_matrix", "fit_temperature", "per_class", "transition"]


def confusion_matrix(true: np.ndarray, guess: np.ndarray, classes: int) -> np.ndarray:
    """Counts, int64 (classes, classes): row the true class, column the one that was given.

    >>> confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (true, guess), 1)
    return counts


def per_class(true: np.ndarray, guess: np.ndarray, groups: np.ndarray, classes: Sequence[str]) -> list[dict[str, Any]]:
    """Precision and recall of each class, with 95 % intervals over groups (None for fewer than two).

    Args:
        true, guess: (n,) indices into `classes`. groups: (n,).

    Returns:
        per class `name`, `n`, `n_groups`, `precision`, `recall`, `precision_ci95`, `recall_ci95`; None where no sample
        is of the class, or none was called it.

    >>> per_class(np.array([0, 1]), np.array([0, 0]), np.array(["a", "b"]), ["x", "y"])[0]["precision"]
    0.5
    """
    rows: list[dict[str, Any]] = []
    right = true == guess
    for number, name in enumerate(classes):
        row: dict[str, Any] = {"name": name, "n": int((true == number).sum())}
        row["n_groups"] = len(np.unique(groups[true == number]))
        for metric, where in (("precision", guess == number), ("recall", true == number)):
            row[metric] = float(right[where].mean()) if where.any() else None
            low, high = share_interval(right[where], groups[where]) if where.any() else (np.nan, np.nan)
            row[f"{metric}_ci95"] = None if np.isnan(low) else [low, high]
        rows.append(row)
    return rows


def calibration_curve(probability: np.ndarray, true: np.ndarray, bins: int = 10) -> dict[str, Any]:
    """How often the answer is right where the model is so sure.

    Args:
        probability: (n, classes). true: (n,).

    Returns:
        `bins`: list of [mean probability of the answer, share that was right, number of samples], empty bins left
        out; `expected_calibration_error`: mean distance of the two, weighted by number.

    Source: C. Guo et al., ICML 2017, arXiv:1706.04599, eq. 3.

    >>> calibration_curve(np.array([[0.9, 0.1], [0.9, 0.1]]), np.array([0, 1]))["expected_calibration_error"]
    0.4
    """
    sure, right = probability.max(1), probability.argmax(1) == true
    place = np.minimum((sure * bins).astype(int), bins - 1)
    rows = [
        [float(sure[place == n].mean()), float(right[place == n].mean()), int((place == n).sum())]
        for n in range(bins)
        if (place == n).any()
    ]
    error = sum(abs(sure_of - right_of) * count for sure_of, right_of, count in rows) / len(true)
    return {"bins": rows, "expected_calibration_error": round(float(error), 12)}


def fit_temperature(logits: np.ndarray, true: np.ndarray) -> float:
    """The number by which logits are divided so that probabilities mean what they say; no answer changes.

    Args:
        logits: (n, classes) of samples that were not trained on. true: (n,).

    Returns:
        0.05 to 20; above 1: the network was too sure.

    Valid for: some dozens of samples with at least one wrong answer; without a mistake it is 1 at least.

    Source: Guo et al. 2017, section 4.2.
    """
    logits = np.asarray(logits, np.float64)

    def loss(log_temperature: float) -> float:
        scaled = logits / np.exp(log_temperature)
        scaled -= scaled.max(1, keepdims=True)
        surprise: np.ndarray = np.log(np.exp(scaled).sum(1)) - scaled[np.arange(len(true)), true]
        return float(surprise.mean())

    best: Any = minimize_scalar(loss, bounds=(np.log(0.05), np.log(20)), method="bounded")
    found = float(np.exp(best.x))
    wrong = (logits.argmax(1) != true).any()
    return found if wrong else max(found, 1.0)


def transition(value: np.ndarray, guess: np.ndarray, *, draws: int = 500, seed: int = 0) -> dict[str, Any]:
    """Where along a value the answer changes from class 0, which lies below, to class 1: a critical temperature, say.

    The place that leaves fewest answers on the wrong side (the middle of the places that do), and a 95 % interval
    from drawing the samples again.

    Args:
        value: (n,). guess: (n,) of 0 and 1.

    Returns:
        `value`, `ci95`, `width`: the distance between the highest 0 and the lowest 1 where they overlap, else 0.

    >>> transition(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1]))["value"]
    2.5
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(value, kind="stable")
    value, guess = np.asarray(value, float)[order], np.asarray(guess)[order]
    drawn = (np.sort(rng.integers(len(value), size=len(value))) for _ in range(draws))
    places = [_best_cut(value[rows], guess[rows]) for rows in drawn]
    zeros, ones = value[guess == 0], value[guess == 1]
    overlap = float(zeros.max() - ones.min()) if len(zeros) and len(ones) else 0.0
    low, high = np.quantile(places, [0.025, 0.975])
    return {"value": _best_cut(value, guess), "ci95": [float(low), float(high)], "width": max(overlap, 0.0)}


def _best_cut(value: np.ndarray, guess: np.ndarray) -> float:
    """Values ascending; the cut with the fewest ones below and zeros above."""
    wrong = np.concatenate([[0], np.cumsum(guess == 1)]) + np.concatenate([np.cumsum((guess == 0)[::-1])[::-1], [0]])
    wrong[1:-1][value[1:] == value[:-1]] = len(value) + 1  # no cut parts equal values
    cuts = np.flatnonzero(wrong == wrong.min())
    edges = np.concatenate([[value[0]], (value[1:] + value[:-1]) / 2, [value[-1]]])
    return float(edges[cuts].mean())
