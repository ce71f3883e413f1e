"""The models that are compared: each is fitted on rows of a training part and gives a value and a spread per row."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nital.learn.split import group_folds
from nital.tasks.properties.kernel import KernelWeights, fit_kernel
from nital.tasks.properties.preparation import Preparation, Style

__all__ = ["Average", "Candidate", "Constant", "Fitted", "Forest", "Kernel", "Linear", "Members", "Rows", "fit"]

FEWEST_ROWS = 10
ALPHAS = np.geomspace(1e-3, 1e3, 13)
"""Ridge penalties, as multiples of the number of rows over 100."""


@dataclass(frozen=True)
class Rows:
    """What is learned from: matrix (n, p) with NaN where missing, target (n,), one group label per row.

    `sets` names sets of columns of the matrix: 'given', 'physics' and the families of physics features.
    """

    matrix: np.ndarray
    target: np.ndarray
    groups: np.ndarray
    sets: dict[str, np.ndarray]

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
    def network(self) -> bool:
        """Whether this is a neural network."""
        return self.family in ("lecture MLP", "MLP ensemble")

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

    columns: np.ndarray
    preparation: Preparation
    coefficients: np.ndarray
    intercept: float
    log: bool
    low: float
    high: float

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value = self.preparation.apply(matrix[:, self.columns]) @ self.coefficients + self.intercept
        value = np.clip(value, self.low, self.high)
        return (np.exp(value) if self.log else value), np.zeros(len(matrix))


@dataclass(frozen=True)
class Forest:
    """Trees: their mean and their spread, or for boosting their sum, whose members are no ensemble."""

    columns: np.ndarray
    preparation: Preparation
    estimator: Any
    boosted: bool

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        prepared = self.preparation.apply(matrix[:, self.columns]).astype(np.float32)
        if self.boosted:
            return self.estimator.predict(prepared), np.zeros(len(matrix))
        trees = np.stack([tree.tree_.predict(prepared)[:, 0] for tree in self.estimator.estimators_])
        return trees.mean(axis=0), trees.std(axis=0)


@dataclass(frozen=True)
class Kernel:
    """Kernel regression of the target, or of its logarithm where `log`, brought to mean 0 and spread 1."""

    columns: np.ndarray
    preparation: Preparation
    weights: KernelWeights
    mean: float
    scale: float
    log: bool

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value = self.weights.apply(self.preparation.apply(matrix[:, self.columns])) * self.scale + self.mean
        return (np.exp(value) if self.log else value), np.zeros(len(matrix))


@dataclass(frozen=True)
class Members:
    """Perceptrons side by side: their mean and spread; a single one has no spread."""

    columns: np.ndarray
    preparation: Preparation
    weights: Any
    mean: float
    scale: float

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        given = self.weights.apply(self.preparation.apply(matrix[:, self.columns]))
        return given.mean(axis=1) * self.scale + self.mean, given.std(axis=1) * self.scale


@dataclass(frozen=True)
class Average:
    """A weighted mean of models; its spread holds their own and how far they lie apart."""

    parts: tuple[Any, ...]
    weights: np.ndarray

    def predict(self, matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        given = [part.predict(matrix) for part in self.parts]
        return combine(np.stack([value for value, _ in given]), np.stack([spread for _, spread in given]), self.weights)


def combine(values: np.ndarray, spreads: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weighted mean (n,) of values (models, n), and the root of its mean variance within and between the models."""
    mean = weights @ values
    return mean, np.sqrt(weights @ (spreads**2 + (values - mean) ** 2))


Fitted = Constant | Linear | Kernel | Forest | Members | Average


def fit(candidate: Candidate, rows: Rows, seed: int) -> Fitted:
    """Fit a candidate to the rows of a training part; where nothing varies, or rows are too few, it is the mean."""
    columns = rows.sets[candidate.columns]
    style, margin = _STYLES.get(candidate.family, ("plain", np.inf))
    preparation = Preparation.learn(rows.matrix[:, columns], style, margin)
    spread = float(rows.target.std())
    flat = not preparation.width or spread <= 1e-12 * np.abs(rows.target).max()
    if candidate.family == "mean" or flat or len(rows.target) < FEWEST_ROWS:
        return Constant(float(rows.target.mean()))
    return _FITS[candidate.family](candidate, rows, columns, preparation, seed)


_STYLES: dict[str, tuple[Style, float]] = {
    "Ridge": ("scaled", 1.0), "Ridge + physics": ("scaled", 1.0), "lecture MLP": ("scaled", 1.0),
    "kernel regression": ("bins", 0.0), "MLP ensemble": ("bins", 0.0),
}  # fmt: skip


def _linear(candidate: Candidate, rows: Rows, columns: np.ndarray, preparation: Preparation, seed: int) -> Linear:
    log = bool(candidate.settings.get("log"))
    x = preparation.apply(rows.matrix[:, columns])
    y = np.log(rows.target) if log else rows.target
    shown = np.exp if log else (lambda values: values)
    labels = rows.groups if len(np.unique(rows.groups)) > 1 else np.arange(len(y))
    errors = np.zeros(len(ALPHAS))
    low, high = y.min() - np.ptp(y), y.max() + np.ptp(y)
    for train, test in group_folds(labels, min(5, len(np.unique(labels))), seed):
        for number, (slopes, offset) in enumerate(_ridge(x[train], y[train])):
            guess = shown(np.clip(x[test] @ slopes + offset, low, high))
            errors[number] += np.abs(guess - shown(y[test])).sum()
    slopes, offset = list(_ridge(x, y))[int(np.argmin(errors))]
    return Linear(columns, preparation, slopes, offset, log, float(low), float(high))


def _ridge(x: np.ndarray, y: np.ndarray) -> Sequence[tuple[np.ndarray, float]]:
    """Coefficients and intercepts for all penalties, from one singular value decomposition."""
    centre, middle = x.mean(axis=0), y.mean()
    left, sizes, right = np.linalg.svd(x - centre, full_matrices=False)
    turned = left.T @ (y - middle)
    slopes = [right.T @ (sizes / (sizes**2 + alpha * len(y) / 100) * turned) for alpha in ALPHAS]
    return [(slope, float(middle - centre @ slope)) for slope in slopes]


def _kernel(candidate: Candidate, rows: Rows, columns: np.ndarray, preparation: Preparation, seed: int) -> Kernel:
    log = bool(candidate.settings.get("log"))
    shown = np.log(rows.target) if log else rows.target
    mean, scale = float(shown.mean()), float(shown.std()) or 1.0
    x = preparation.apply(rows.matrix[:, columns])
    weights = fit_kernel(x, (shown - mean) / scale, rows.groups, candidate.settings["smoothness"], seed)
    return Kernel(columns, preparation, weights, mean, scale, log)


def _bagged(candidate: Candidate, rows: Rows, columns: np.ndarray, preparation: Preparation, seed: int) -> Forest:
    from sklearn.ensemble import ExtraTreesRegressor, RandomForestRegressor

    kind = RandomForestRegressor if candidate.family == "random forest" else ExtraTreesRegressor
    settings = {"n_estimators": 200, "max_features": 0.5} | candidate.settings
    leaf = max(1, len(rows.target) // 4000)  # keeps the file of a model of a large table small
    estimator = kind(random_state=seed, n_jobs=1, min_samples_leaf=leaf, **settings)
    estimator.fit(preparation.apply(rows.matrix[:, columns]).astype(np.float32), rows.target)
    return Forest(columns, preparation, estimator, boosted=False)


def _boosted(candidate: Candidate, rows: Rows, columns: np.ndarray, preparation: Preparation, seed: int) -> Forest:
    from sklearn.ensemble import HistGradientBoostingRegressor

    settings: dict[str, Any] = {
        "learning_rate": 0.05,
        "early_stopping": False,
        "max_iter": 300,
        "min_samples_leaf": 5,
        "max_leaf_nodes": 15,
    }
    estimator = HistGradientBoostingRegressor(random_state=seed, **settings | candidate.settings)
    estimator.fit(preparation.apply(rows.matrix[:, columns]).astype(np.float32), rows.target)
    return Forest(columns, preparation, estimator, boosted=True)


def _lecture(candidate: Candidate, rows: Rows, columns: np.ndarray, preparation: Preparation, seed: int) -> Members:
    """The lecture's network as it is taught: layers of 64, target as it is, early stopping on a fifth of the rows."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    from nital.tasks.properties.network import EnsembleWeights

    batch: Any = min(32, max(1, int(0.8 * len(rows.target))))
    estimator = MLPRegressor(
        hidden_layer_sizes=(64, 64), learning_rate_init=1e-3, batch_size=batch, early_stopping=True,
        validation_fraction=0.2, n_iter_no_change=30, random_state=seed,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        estimator.fit(preparation.apply(rows.matrix[:, columns]), rows.target)
    weights = EnsembleWeights(
        tuple(weight[None].astype(np.float32) for weight in estimator.coefs_),
        tuple(bias[None, None].astype(np.float32) for bias in estimator.intercepts_),
    )
    return Members(columns, preparation, weights, 0.0, 1.0)


def _ensemble(candidate: Candidate, rows: Rows, columns: np.ndarray, preparation: Preparation, seed: int) -> Members:
    from nital.tasks.properties.network import NetworkSettings, train_ensemble

    mean, scale = float(rows.target.mean()), float(rows.target.std())
    settings = NetworkSettings(**candidate.settings)
    weights = train_ensemble(
        preparation.apply(rows.matrix[:, columns]), (rows.target - mean) / scale, rows.groups, settings, seed
    )
    return Members(columns, preparation, weights, mean, scale)


_FITS: dict[str, Callable[[Candidate, Rows, np.ndarray, Preparation, int], Fitted]] = {
    "Ridge": _linear, "Ridge + physics": _linear, "random forest": _bagged, "extra trees": _bagged,
    "gradient boosting": _boosted, "kernel regression": _kernel, "lecture MLP": _lecture, "MLP ensemble": _ensemble,
}  # fmt: skip
