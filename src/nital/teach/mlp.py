"""The multilayer perceptron with scikit-learn's fit and predict, and with its random draws.

The order of what is drawn (weights and bias of each layer, validation set, shuffle of each epoch), Glorot's bound for
both, the loss with alpha / (2 n) times the squared weights and the rule for stopping are those of
`sklearn.neural_network`: the same `seed` gives the same network, and one can look inside.

>>> x = np.linspace(-1, 1, 50)[:, None]
>>> network = MLPRegressor((20,), "tanh", learning_rate=0.02, max_epochs=400, patience=400).fit(x, x[:, 0] ** 2)
>>> round(network.score(x, x[:, 0] ** 2), 2)
0.99
"""

import itertools
from collections.abc import Sequence
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nital.teach.layers import Dense, Sequential, xavier_uniform
from nital.teach.tensor import Tensor, constant
from nital.teach.training import (
    Adam,
    EarlyStopping,
    binary_cross_entropy,
    categorical_cross_entropy,
    half_squared_error,
    l2_penalty,
)

__all__ = ["MLPClassifier", "MLPRegressor"]

Array: TypeAlias = np.ndarray[Any, Any]
ACTIVATIONS = {"relu": Tensor.relu, "tanh": Tensor.tanh}


class _Adam(Adam):
    """Adam with eps beside the uncorrected sqrt(v), the paper's second form and scikit-learn's.

    It matters for a ReLU that is always off: the gradient of its weights is the L2 penalty alone, as small as eps.
    """

    def change(self, i: int, g: Array) -> Array:
        self.eps = 1e-8 / np.sqrt(1 - self.betas[1] ** self.steps)
        return super().change(i, g)


class _MLP:
    """Dense layers with an activation between them, trained by Adam.

    Args:
        hidden: neurons in each hidden layer.
        activation: "relu" or "tanh".
        learning_rate: of Adam.
        alpha: weight of the L2 penalty.
        batch_size: samples in a batch; None for 200, or all if there are fewer.
        max_epochs: passes through the samples at most.
        tolerance: an improvement below it counts as none.
        patience: stop after more epochs in a row without improvement.
        early_stopping: watch a validation set (and keep the best weights) instead of the training loss.
        validation_fraction: size of that set.
        seed: of the random draws.

    Attributes:
        network_: the trained `Sequential`.
        losses_: the training loss of each epoch, with the penalty.
        validation_scores_: the score of the validation set after each epoch, with early stopping.
    """

    def __init__(
        self,
        hidden: Sequence[int] = (100,),
        activation: str = "relu",
        learning_rate: float = 0.001,
        alpha: float = 0.0001,
        batch_size: int | None = None,
        max_epochs: int = 200,
        tolerance: float = 1e-4,
        patience: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        seed: int = 0,
    ) -> None:
        if activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, not {activation!r}.")
        if not 0 < validation_fraction < 1:
            raise ValueError(f"validation_fraction must lie between 0 and 1, not {validation_fraction}.")
        if max_epochs < 1 or (batch_size is not None and batch_size < 1):
            raise ValueError(f"batch_size and max_epochs must be 1 or more, not {batch_size} and {max_epochs}.")
        self.hidden, self.activation, self.learning_rate, self.alpha = tuple(hidden), activation, learning_rate, alpha
        self.batch_size, self.max_epochs, self.tolerance, self.patience = batch_size, max_epochs, tolerance, patience
        self.early_stopping, self.validation_fraction, self.seed = early_stopping, validation_fraction, seed

    def predict_raw(self, X: ArrayLike) -> Array:
        """What the last layer gives for each row of X: values, or the logits of the classes, shape (N, outputs)."""
        if not hasattr(self, "network_"):
            raise ValueError(f"This {type(self).__name__} has learned nothing yet; call fit first.")
        return self.network_.predict(_finite("X", X, (2,)))

    def _train(self, x: Array, y: Array, outputs: int) -> Self:
        rng = np.random.RandomState(self.seed)
        self.network_ = self._draw_network(rng, x.shape[1], outputs)
        x_valid, y_valid = x[:0], y[:0]
        if self.early_stopping:
            valid, train = np.split(rng.permutation(len(x)), [int(np.ceil(self.validation_fraction * len(x)))])
            if len(valid) < 2 or len(train) < 1:
                raise ValueError(f"X has {len(x)} rows, too few to set {self.validation_fraction:g} of them aside.")
            x_valid, y_valid, x, y = x[valid], y[valid], x[train], y[train]
        optimiser = _Adam(self.network_.parameters(), self.learning_rate)
        watch = EarlyStopping(optimiser.parameters, self.patience, self.tolerance)
        self.losses_, self.validation_scores_ = [], []
        order = np.arange(len(x))
        for _ in range(self.max_epochs):
            rng.shuffle(order)  # goes on from the order of the epoch before
            with np.errstate(over="ignore", invalid="ignore"):  # said in words by _epoch
                self.losses_.append(self._epoch(x[order], y[order], optimiser))
            if self.early_stopping:
                self.validation_scores_.append(self._score(x_valid, y_valid))
            if watch.should_stop(-self.validation_scores_[-1] if self.early_stopping else self.losses_[-1]):
                break
        if self.early_stopping:
            watch.restore()
        return self

    def _draw_network(self, rng: np.random.RandomState, inputs: int, outputs: int) -> Sequential:
        sizes = (inputs, *self.hidden, outputs)
        layers = []
        for n_in, n_out in itertools.pairwise(sizes):
            layers += [Dense(n_in, n_out, rng, xavier_uniform, xavier_uniform), ACTIVATIONS[self.activation]]
        return Sequential(*layers[:-1])

    def _epoch(self, x: Array, y: Array, optimiser: Adam) -> float:
        total, size = 0.0, self.batch_size or 200
        for start in range(0, len(x), size):
            batch = slice(start, start + size)
            weights = [p for p in optimiser.parameters if p.data.ndim == 2]
            loss = self._loss(self.network_(x[batch]), y[batch]) + l2_penalty(weights) * (self.alpha / len(y[batch]))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * len(y[batch])
        if not np.isfinite(total):
            raise ValueError(
                f"The loss is no longer a number: learning_rate {self.learning_rate:g} is too large for X, y."
            )
        return total / len(x)

    def _loss(self, output: Tensor, y: Array) -> Tensor:
        raise TypeError(f"{type(self).__name__} needs a loss.")

    def _score(self, x: Array, y: Array) -> float:
        raise TypeError(f"{type(self).__name__} needs a score.")


class MLPRegressor(_MLP):
    """Predicts numbers; the loss is half the squared error. Arguments and attributes: see `_MLP`."""

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from X (N, inputs) and y (N,) or (N, outputs)."""
        x, truth = _finite("X", X, (2,)), _finite("y", y, (1, 2))
        _same_length(x, truth)
        self._one_output = truth.ndim == 1
        truth = truth.reshape(len(x), -1)
        return self._train(x, truth, truth.shape[1])

    def predict(self, X: ArrayLike) -> Array:
        """A value for each row of X, in the shape that y had."""
        raw = self.predict_raw(X)
        return raw[:, 0] if self._one_output else raw

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """R2, one minus the squared error over the variance: 1 is perfect, 0 no better than the mean of y."""
        x, truth = _finite("X", X, (2,)), _finite("y", y, (1, 2))
        _same_length(x, truth)
        return self._score(x, truth.reshape(len(x), -1))

    def _loss(self, output: Tensor, y: Array) -> Tensor:
        return half_squared_error(output, y)

    def _score(self, x: Array, y: Array) -> float:
        errors, spread = (self.predict_raw(x) - y) ** 2, (y - y.mean(axis=0)) ** 2
        return float(np.mean(1 - errors.sum(axis=0) / spread.sum(axis=0)))


class MLPClassifier(_MLP):
    """Predicts classes: a softmax over them, or with two classes one sigmoid. Arguments and attributes: see `_MLP`.

    With two classes and early stopping scikit-learn draws a stratified validation set, which this does not.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from X (N, inputs) and y (N,), at least two different labels of any kind."""
        x, labels = _finite("X", X, (2,)), np.asarray(y)
        _same_length(x, labels)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        if labels.ndim != 1 or len(self.classes_) < 2:
            raise ValueError(f"y must be (N,) with two classes or more, not {labels.shape} with {len(self.classes_)}.")
        return self._train(x, numbers, len(self.classes_) if len(self.classes_) > 2 else 1)

    def predict(self, X: ArrayLike) -> Array:
        """The likeliest class of each row of X."""
        return self.classes_[self.predict_proba(X).argmax(axis=1)]

    def predict_proba(self, X: ArrayLike) -> Array:
        """The probability of each class, shape (N, classes), in the order of `classes_`."""
        raw = constant(self.predict_raw(X))
        if len(self.classes_) > 2:
            return raw.softmax().data
        second = raw.sigmoid().data
        return np.hstack([1 - second, second])

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """The fraction of classes that are right."""
        _same_length(np.asarray(X), np.asarray(y))
        return float(np.mean(self.predict(X) == np.asarray(y)))

    def _loss(self, output: Tensor, y: Array) -> Tensor:
        return (
            binary_cross_entropy(output, y[:, None]) if output.shape[1] == 1 else categorical_cross_entropy(output, y)
        )

    def _score(self, x: Array, y: Array) -> float:
        return self.score(x, self.classes_[y])


def _finite(name: str, value: ArrayLike, dimensions: tuple[int, ...]) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.ndim not in dimensions or not array.size:
        wanted = " or ".join(map(str, dimensions))
        raise ValueError(f"{name} must be numbers in {wanted} dimensions, not empty; not {array.dtype} {array.shape}.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds {np.sum(~np.isfinite(array))} NaN or infinite values.")
    return array.astype(float)


def _same_length(x: Array, y: Array) -> None:
    if len(x) != len(y):
        raise ValueError(f"y has {len(y)} values for the {len(x)} rows of X.")
