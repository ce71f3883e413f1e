"""Fitted models: each is plain arrays and sklearn's trees, and gives a value and a spread per row."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nital.tasks.properties.kernel import KernelWeights
from nital.tasks.properties.preparation import Preparation

__all__ = [
    "Average", "Candidate", "Constant", "Fitted", "Forest", "Kernel", "Linear", "Members", "Rows", "combine",
]  # fmt: skip

NETWORKS = ("lecture MLP", "MLP ensemble")


@dataclass(frozen=True)
class Rows:
    """What is learned from: matrix (n, p) with NaN where missing, target (n,), one group label per row.

    `sets` names sets of columns of the matrix: 'given', 'physics' and the families of physics features.
    """

    matrix: np.ndarray
    target: np.ndarray
    groups: np.ndarray
    sets: dict[str, np.ndarray]

    @property
    def given(self) -> np.ndarray:
        """The matrix without physics features."""
        return self.matrix[:, self.sets["given"]]

    def take(self, chosen: np.ndarray) -> "Rows":
        """Some of the rows."""
        return Rows(self.matrix[chosen], self.target[chosen], self.groups[chosen], self.sets)


@dataclass(frozen=True)
class Candidate:
    """A kind of model with settings.

    Attributes:
        family: settings of one family compete with each other in the training part; families are reported.
        columns: the name of the set of columns that it sees.
        settings: what its fit function takes.
        plainness: simple models have small numbers; among equally good ones the simplest is taken.
    """

    family: str
    columns: str = "given"
    settings: dict[str, Any] = field(default_factory=dict)
    plainness: int = 0

    @property
    def words(self) -> str:
        """The settings as people read them."""
        chosen = ", ".join(f"{name} {value}" for name, value in self.settings.items())
        return f"columns: {self.columns}" + (f"; {chosen}" if chosen else "")


@dataclass(frozen=True)
class Constant:
    """The mean of the training part."""

    value: float

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.full(len(matrix), self.value), np.zeros(len(matrix))


@dataclass(frozen=True)
class Linear:
    """Prepared columns times coefficients; of the logarithm of the target where `log`."""

    preparation: Preparation
    coefficients: np.ndarray
    intercept: float
    log: bool
    low: float
    high: float

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value = self.preparation.apply(matrix) @ self.coefficients + self.intercept
        value = np.clip(value, self.low, self.high)
        return (np.exp(value) if self.log else value), np.zeros(len(matrix))


@dataclass(frozen=True)
class Forest:
    """Trees of scikit-learn: their mean and their spread, or for boosting a start plus their sum, without a spread.

    Attributes:
        trees: what scikit-learn calls `tree_`. start, rate: of boosting; no rate: a mean.
    """

    preparation: Preparation
    trees: tuple[Any, ...]
    start: float = 0.0
    rate: float | None = None

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        prepared = self.preparation.apply(matrix).astype(np.float32)
        values = np.stack([tree.predict(prepared)[:, 0] for tree in self.trees])
        if self.rate is not None:
            return self.start + self.rate * values.sum(axis=0), np.zeros(len(matrix))
        return values.mean(axis=0), values.std(axis=0)


@dataclass(frozen=True)
class Kernel:
    """Kernel regression of the target, or of its logarithm where `log`, brought to mean 0 and spread 1."""

    preparation: Preparation
    weights: KernelWeights
    mean: float
    scale: float
    log: bool

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value = self.weights.apply(self.preparation.apply(matrix)) * self.scale + self.mean
        return (np.exp(value) if self.log else value), np.zeros(len(matrix))


@dataclass(frozen=True)
class Members:
    """Perceptrons side by side: their mean and spread; a single one has no spread."""

    preparation: Preparation
    weights: Any
    mean: float
    scale: float

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        given = self.weights.apply(self.preparation.apply(matrix))
        return given.mean(axis=1) * self.scale + self.mean, given.std(axis=1) * self.scale


@dataclass(frozen=True)
class Average:
    """A weighted mean of models; its spread holds their own and how far they lie apart."""

    parts: tuple[Any, ...]
    weights: np.ndarray

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return combine([part.predict(matrix) for part in self.parts], self.weights)


def combine(predictions: Sequence[tuple[np.ndarray, np.ndarray]], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean (n,) of models' values, and the root of its mean variance within and between the models."""
    values, spreads = (np.stack(parts) for parts in zip(*predictions, strict=True))
    mean = weights @ values
    return mean, np.sqrt(weights @ (spreads**2 + (values - mean) ** 2))


Fitted = Constant | Linear | Kernel | Forest | Members | Average
