"""Calibration: probabilities that mean what they say, and the distance beyond which a sample is none of the classes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nital.learn.classification import fit_temperature

__all__ = ["Likeness", "damping_temperature", "distance_limit", "fit_class_regions", "likeness"]

FALSE_ALARMS = 0.01
"""Share of samples like those of the validation part that are called "none of these"."""
FEW = 50
"""With fewer validation samples the limit of what is known is none."""


def fit_class_regions(features: np.ndarray, label: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Where classes lie among features, which are taken for normal with one common covariance, shrunk.

    Args:
        features: (n, features) of the training part. label: (n,), index of a class. classes: their number; one without
            samples gets the common mean.

    Returns:
        centres (classes, features), and whitening (features, features): differences from a centre times it have unit
        covariance, so that their length is a distance in units of the scatter.

    Source: K. Lee et al., NeurIPS 2018, arXiv:1807.03888 (distance); O. Ledoit, M. Wolf, J. Multivariate Anal. 88, 365
        (2004), doi:10.1016/S0047-259X(03)00096-4 (shrinkage).
    """
    from sklearn.covariance import LedoitWolf

    known = np.asarray(features, np.float64)
    centres = np.stack([known[label == n].mean(0) if (label == n).any() else known.mean(0) for n in range(classes)])
    shrunk = LedoitWolf(assume_centered=True).fit(known - centres[label])
    values, vectors = np.linalg.eigh(np.asarray(shrunk.get_precision()))
    return centres, vectors * np.sqrt(np.maximum(values, 0))


def damping_temperature(logits: np.ndarray, label: np.ndarray) -> float:
    """`fit_temperature`, at least 1.

    Sharpening from the few mistakes of a validation part makes a model too sure elsewhere; damping does not.
    """
    return max(1.0, fit_temperature(logits, label))


def distance_limit(distance: np.ndarray) -> float:
    """The distance that all but 1 % of the validation samples, (n,), stay within."""
    return float(np.quantile(distance, 1 - FALSE_ALARMS, method="higher"))


@dataclass(frozen=True)
class Likeness:
    """How a sample lies against those that a model was trained on.

    Attributes:
        unlikeness: its distance from the nearest class, over the limit. checked_with: validation samples that the
            limit rests on.
    """

    unlikeness: float
    checked_with: int

    @property
    def none_of_these(self) -> bool | None:
        """Whether it lies beyond the limit; None: not checked, the limit rests on too few samples."""
        return self.unlikeness > 1 if self.checked_with >= FEW else None

    @property
    def check(self) -> str:
        """What the check rests on, or that it was not made."""
        if self.none_of_these is None:
            return f"not checked: {self.checked_with} validation pictures to judge by, {FEW} are needed"
        return f"checked by {self.checked_with} validation pictures"

    @property
    def words(self) -> str:
        """For people, whether the sample is like those of the training: yes, no, or not checked."""
        return self.check if self.none_of_these is None else "no: none of these" if self.none_of_these else "yes"

    @property
    def warning(self) -> str | None:
        """That it lies farther out than the limit, and what that is worth; None: it does not."""
        if self.unlikeness <= 1:
            return None
        far = f"This picture is unlike those that the model was trained on ({self.unlikeness:.2f} times the limit)"
        if self.none_of_these is None:
            return (
                f"{far}, but that limit rests on {self.checked_with} validation pictures only, and {FEW} are needed "
                "to rely on it."
            )
        return f"{far}: it may be none of these classes, and the probabilities mean nothing then."


def likeness(facts: Mapping[str, Any], distance: np.ndarray) -> Likeness:
    """What the distances of a sample's parts, (n,), say.

    Args:
        facts: of the model, with `distance_limit` and `limit_from`.
    """
    return Likeness(float(np.mean(distance) / facts["distance_limit"]), int(facts["limit_from"]))
