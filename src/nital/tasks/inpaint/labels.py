"""Maps of names, such as phase numbers: what counts as one, and how its gaps are filled."""

from dataclasses import dataclass

import numpy as np

from nital.science.filling import Covariance, fit_covariance, hold_out, most_probable

__all__ = ["FilledLabels", "fill_labels", "holds_labels"]

MOST_LABELS = 12
COUNT = 12
HIDDEN_TURNS = 3


@dataclass(frozen=True)
class FilledLabels:
    """A map of names without gaps.

    Attributes:
        labels: (rows, cols) in the map's type. doubt: 1 minus the probability of the name, 0 where known.
        error_rate: share of hidden known pixels that got another name. hidden: how many these were.
    """

    labels: np.ndarray
    doubt: np.ndarray
    error_rate: float
    hidden: int


def holds_labels(values: np.ndarray, known: np.ndarray) -> bool:
    """Whether the known values are whole numbers, and few."""
    seen = values[known]
    if values.dtype.kind == "f" and not (seen == np.rint(seen)).all():
        return False
    return len(np.unique(seen)) <= MOST_LABELS


def fill_labels(values: np.ndarray, known: np.ndarray) -> FilledLabels:
    """Fill each missing pixel with the name that its known neighbours make most probable."""
    rng = np.random.default_rng(0)
    covariance = _indicator_covariance(values, known, rng)
    wrong: list[np.ndarray] = []
    for _ in range(HIDDEN_TURNS):
        hidden = hold_out(known, rng)
        labels, _ = most_probable(values, known & ~hidden, covariance, count=COUNT)
        wrong.append(labels[hidden] != values[hidden])
    labels, chance = most_probable(values, known, covariance, count=COUNT)
    missed = np.concatenate(wrong)
    return FilledLabels(labels, 1 - chance, float(missed.mean()) if len(missed) else 0.0, len(missed))


def _indicator_covariance(values: np.ndarray, known: np.ndarray, rng: np.random.Generator) -> Covariance:
    """Of the most frequent name: 1 where it stands, else 0; rough, for names end at lines."""
    names, counts = np.unique(values[known], return_counts=True)
    indicator = np.where(known, (values == names[counts.argmax()]).astype(float), np.nan)
    fitted = fit_covariance(indicator, rng, refine=False)
    return Covariance("exponential", max(fitted.length_px, 1.0), min(fitted.nugget, 0.05), fitted.variance)
