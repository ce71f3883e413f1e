"""Single neurons, as they came: McCulloch-Pitts (fixed), Perceptron (learns from mistakes), ADALINE (goes downhill).

All have `fit` and `predict`; labels are -1 and 1 (McCulloch-Pitts: 0 and 1).

>>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
>>> Perceptron().fit(corners, [-1, -1, -1, 1]).predict(corners).tolist()
[-1, -1, -1, 1]
>>> Perceptron().fit(corners, [-1, 1, 1, -1])
Traceback (most recent call last):
nital.teach.neurons.NotSeparable: No straight boundary separates the labels: after pass 1 the weights are where ...
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["ADALINE", "McCullochPitts", "NotSeparable", "Perceptron"]

Array: TypeAlias = np.ndarray[Any, Any]


class NotSeparable(ValueError):
    """No straight boundary separates the labels, or none was found in the passes allowed."""


class McCullochPitts:
    """The neuron of 1943: it fires (1) when the weighted sum of its inputs reaches the threshold, and never learns.

    Args:
        weights: one for each input.
        threshold: it fires at this sum and above.

    >>> McCullochPitts([1, 1], threshold=2).predict([[0, 0], [0, 1], [1, 0], [1, 1]]).tolist()  # AND
    [0, 0, 0, 1]
    """

    def __init__(self, weights: ArrayLike, threshold: float) -> None:
        self.weights = _finite("weights", weights, ndim=1)
        self.threshold = float(_finite("threshold", threshold, ndim=0))

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> "McCullochPitts":
        """Does nothing: the weights are fixed."""
        return self

    def predict(self, X: ArrayLike) -> Array:
        """0 or 1 for each row of X, shape (N, inputs), of 0 and 1."""
        if not np.isin(X, (0, 1)).all():
            raise ValueError("X must hold 0 and 1 alone; inputs of this neuron fire or do not.")
        return (_rows(X, len(self.weights)) @ self.weights >= self.threshold).astype(int)


class _Line:
    """What the neurons that learn share: the line w x + b = 0 and the label of each side."""

    coef_: Array
    intercept_: float

    def decision_function(self, X: ArrayLike) -> Array:
        """W x + b for each row of X, shape (N, inputs)."""
        if not hasattr(self, "coef_"):
            raise ValueError(f"This {type(self).__name__} has learned nothing yet; call fit first.")
        return _rows(X, len(self.coef_)) @ self.coef_ + self.intercept_

    def predict(self, X: ArrayLike) -> Array:
        """The label, -1 or 1, of each row of X; a row on the line itself gets 1."""
        return np.where(self.decision_function(X) >= 0, 1, -1)

    def score(self, X: ArrayLike, y: ArrayLike) -> float:
        """The fraction of labels that are right."""
        return float(np.mean(self.predict(X) == _labels(y, len(_rows(X)))))

    def _remember(self, w: Array, bias: bool) -> None:
        self.coef_, self.intercept_ = (w[:-1], float(w[-1])) if bias else (w, 0.0)


class Perceptron(_Line):
    """Rosenblatt's rule: go through the samples; for each that is wrong, y (w x + b) <= 0, add y x to w and y to b.

    Args:
        max_passes: give up after so many passes through the samples.
        bias: False holds the line to the origin.

    Attributes:
        coef_, intercept_: w and b.
        mistakes_: how many were wrong in each pass; 0 in the last, if the labels are separable.
        path_: the weights (and bias, last) at first and after each change, shape (changes + 1, inputs + 1).
    """

    def __init__(self, max_passes: int = 1000, bias: bool = True) -> None:
        if max_passes < 1:
            raise ValueError(f"max_passes must be 1 or more, not {max_passes}.")
        self.max_passes, self.bias = max_passes, bias

    def fit(self, X: ArrayLike, y: ArrayLike) -> "Perceptron":
        """Learn from X (N, inputs) and y (N,), labels -1 and 1.

        Raises:
            NotSeparable: what a pass does depends only on the weights it starts with. So weights that were there
                before mean that the passes go round for ever, and that no line exists. Weights that are not whole
                numbers need not come back exactly: then `max_passes` ends it. The last weights are kept.
        """
        rows = _rows(X)
        samples = (_with_ones(rows) if self.bias else rows) * _labels(y, len(rows))[:, None]  # y x
        w = np.zeros(samples.shape[1])
        path, self.mistakes_, seen = [w], [], set()
        while len(self.mistakes_) < self.max_passes and tuple(w) not in seen:
            seen.add(tuple(w))
            before = len(path)
            for sample in samples:
                if sample @ w <= 0:
                    w = w + sample
                    path.append(w)
            self.mistakes_.append(len(path) - before)
            if self.mistakes_[-1] == 0:
                break
        self.path_ = np.array(path)
        self._remember(w, self.bias)
        if self.mistakes_[-1] and tuple(w) in seen:
            raise NotSeparable(
                f"No straight boundary separates the labels: after pass {len(self.mistakes_)} the weights are where "
                f"they were before, so the passes would go round for ever."
            )
        if self.mistakes_[-1]:
            raise NotSeparable(
                f"No straight boundary was found in {self.max_passes} passes; the last one made {self.mistakes_[-1]} "
                f"mistakes in {len(samples)} samples. Allow more max_passes, or the labels are not separable."
            )
        return self

    def mistake_bound(self, X: ArrayLike, y: ArrayLike) -> float:
        """No order of the samples can lead to more changes than (R / gamma)^2 (Novikoff, 1962).

        R is the length of the longest sample and gamma the distance from the line to the nearest one, both counted
        with the 1 that carries the bias. Any line that separates gives a bound; this takes the one found.
        """
        rows = _rows(X)
        samples = (_with_ones(rows) if self.bias else rows) * _labels(y, len(rows))[:, None]
        w = np.append(self.coef_, self.intercept_) if self.bias else self.coef_
        gamma = (samples @ w).min() / np.linalg.norm(w)
        if not gamma > 0:
            raise NotSeparable("The line leaves samples on the wrong side, so there is no margin and no bound.")
        return float((np.linalg.norm(samples, axis=1).max() / gamma) ** 2)


class ADALINE(_Line):
    """Widrow and Hoff's neuron: gradient descent on the mean of (w x + b - y)^2, all samples at once.

    The loss is a bowl, so the steps 2/N X^T (X w - y) lead to its floor, which `closed_form` gives at once, if the
    learning rate is below 1 / (largest eigenvalue of X^T X / N), where X has a column of ones for the bias.

    Args:
        learning_rate: size of the steps.
        epochs: number of steps.

    Attributes:
        coef_, intercept_: w and b.
        losses_: the loss before each step and after the last.
        path_: weights (and bias, last) at first and after each step.
    """

    def __init__(self, learning_rate: float = 0.1, epochs: int = 100, bias: bool = True) -> None:
        if not learning_rate > 0 or epochs < 1:
            raise ValueError(f"learning_rate must be above 0 and epochs 1 or more, not {learning_rate} and {epochs}.")
        self.learning_rate, self.epochs, self.bias = learning_rate, epochs, bias

    def fit(self, X: ArrayLike, y: ArrayLike) -> "ADALINE":
        """Learn from X (N, inputs) and y (N,), labels -1 and 1.

        Raises:
            ValueError: the learning rate is so large that the steps run away.
        """
        samples, labels = self._samples(X, y)
        w = np.zeros(samples.shape[1])
        path, self.losses_ = [w], [float(np.mean(labels**2))]
        for _ in range(self.epochs):
            w = w - self.learning_rate * 2 / len(labels) * samples.T @ (samples @ w - labels)
            path.append(w)
            self.losses_.append(float(np.mean((samples @ w - labels) ** 2)))
            if self.losses_[-1] > 1e100:
                limit = self.largest_learning_rate(X)
                raise ValueError(f"learning_rate {self.learning_rate:g} runs away; for X it must be below {limit:.4g}.")
        self.path_ = np.array(path)
        self._remember(w, self.bias)
        return self

    def closed_form(self, X: ArrayLike, y: ArrayLike) -> "ADALINE":
        """The floor of the bowl in one line of linear algebra: the least-squares weights."""
        samples, labels = self._samples(X, y)
        w = np.linalg.lstsq(samples, labels, rcond=None)[0]
        self.path_, self.losses_ = w[None], [float(np.mean((samples @ w - labels) ** 2))]
        self._remember(w, self.bias)
        return self

    def largest_learning_rate(self, X: ArrayLike) -> float:
        """At this learning rate and above the steps go away from the floor: 1 / (largest eigenvalue of X^T X / N)."""
        rows = _rows(X)
        samples = _with_ones(rows) if self.bias else rows
        return float(len(samples) / np.linalg.norm(samples, 2) ** 2)

    def _samples(self, X: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
        rows = _rows(X)
        return _with_ones(rows) if self.bias else rows, _labels(y, len(rows)).astype(float)


def _with_ones(rows: Array) -> Array:
    """The bias is the weight of an input that is always 1."""
    return np.column_stack([rows, np.ones(len(rows))])


def _finite(name: str, value: ArrayLike, ndim: int) -> Array:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf" or array.ndim != ndim or not array.size:
        raise ValueError(f"{name} must be numbers in {ndim} dimensions, not empty; not {array.dtype} {array.shape}.")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds {np.sum(~np.isfinite(array))} NaN or infinite values.")
    return array.astype(float)


def _rows(X: ArrayLike, inputs: int | None = None) -> Array:
    rows = _finite("X", X, ndim=2)
    if inputs is not None and rows.shape[1] != inputs:
        raise ValueError(f"X has {rows.shape[1]} inputs in each row; expected {inputs}.")
    return rows


def _labels(y: ArrayLike, n: int) -> Array:
    labels = _finite("y", y, ndim=1)
    if len(labels) != n:
        raise ValueError(f"y has {len(labels)} labels for the {n} rows of X.")
    if not np.isin(labels, (-1, 1)).all():
        wrong = np.setdiff1d(labels, (-1, 1))[:3].tolist()
        raise ValueError(f"y must hold the labels -1 and 1 alone, not {wrong}.")
    return labels.astype(int)
