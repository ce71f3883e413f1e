"""What training a network needs: losses, optimisers, early stopping, random batches.

>>> w = Tensor([0.0])
>>> optimiser = SGD([w], learning_rate=0.25)
>>> for _ in range(3):
...     loss = half_squared_error(w, [8.0])
...     optimiser.zero_grad()
...     loss.backward()
...     optimiser.step()
>>> w.data.tolist()  # a quarter of what is left, three times: 8 (1 - 0.75^3)
[4.625]
"""

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nital.teach.tensor import Tensor, constant

__all__ = [
    "SGD",
    "Adam",
    "EarlyStopping",
    "Momentum",
    "Optimiser",
    "binary_cross_entropy",
    "categorical_cross_entropy",
    "half_squared_error",
    "l2_penalty",
    "mean_absolute_error",
    "mean_squared_error",
    "minibatches",
]

Array: TypeAlias = np.ndarray[Any, Any]


# ---- losses: one number from predictions and truth ----


def mean_squared_error(prediction: Tensor, truth: ArrayLike) -> Tensor:
    """The mean of (prediction - truth)^2 over all numbers."""
    return ((prediction - _truth(prediction, truth)) ** 2).mean()


def half_squared_error(prediction: Tensor, truth: ArrayLike) -> Tensor:
    """1/2 (prediction - truth)^2, summed over the outputs and averaged over the samples (axis 0)."""
    samples = prediction.shape[0] if prediction.shape else 1
    return ((prediction - _truth(prediction, truth)) ** 2).sum() / (2 * samples)


def mean_absolute_error(prediction: Tensor, truth: ArrayLike) -> Tensor:
    """The mean of |prediction - truth| over all numbers."""
    return (prediction - _truth(prediction, truth)).abs().mean()


def categorical_cross_entropy(logits: Tensor, labels: ArrayLike) -> Tensor:
    """Softmax and cross-entropy in one: the mean over the samples of -log softmax(logits)[label].

    Args:
        logits: scores before the softmax, shape (N, C).
        labels: the true class of each sample, integers from 0 to C - 1, shape (N,).
    """
    truth = np.asarray(labels)
    if logits.data.ndim != 2 or truth.shape != logits.shape[:1] or truth.dtype.kind not in "iu" or not truth.size:
        raise ValueError(
            f"logits must be (N, C) and labels N integers, not {logits.shape} and {truth.dtype} of shape {truth.shape}."
        )
    if truth.min() < 0 or truth.max() >= logits.shape[1]:
        raise ValueError(f"labels must lie in 0 to {logits.shape[1] - 1}, not in {truth.min()} to {truth.max()}.")
    return -logits.log_softmax()[np.arange(len(truth)), truth].mean()


def binary_cross_entropy(logits: Tensor, targets: ArrayLike) -> Tensor:
    """Sigmoid and cross-entropy in one: the mean of -t log(p) - (1 - t) log(1 - p) with p = sigmoid(logit).

    Args:
        logits: scores before the sigmoid, any shape.
        targets: 0, 1 or a probability between, of the same shape.
    """
    x, t = logits.data, _truth(logits, targets)
    if t.min() < 0 or t.max() > 1:
        raise ValueError(f"targets must lie in 0 to 1, not in {t.min():g} to {t.max():g}.")
    losses = np.maximum(x, 0) - x * t + np.log1p(np.exp(-np.abs(x)))  # no log of a p that was rounded to 0
    return Tensor(losses.mean(), (logits, lambda g: g * (logits.sigmoid().data - t) / x.size))


def l2_penalty(weights: Sequence[Tensor]) -> Tensor:
    """1/2 the sum of all weights squared; times alpha it is the term that keeps weights small (L2)."""
    return sum(((w**2).sum() for w in weights), constant(0.0)) * 0.5


# ---- optimisers: from gradients to new parameters ----


class Optimiser:
    """Changes the parameters against their gradients.

    Args:
        parameters: what to change.
        learning_rate: the size of a step, above 0.
        l2: adds l2 * parameter to each gradient (weight decay); 0 for none.
    """

    def __init__(self, parameters: Sequence[Tensor], learning_rate: float, l2: float = 0.0) -> None:
        if not parameters:
            raise ValueError("parameters is empty; there is nothing to train.")
        if not learning_rate > 0 or l2 < 0:
            raise ValueError(f"learning_rate must be above 0 and l2 not below, not {learning_rate} and {l2}.")
        self.parameters, self.learning_rate, self.l2 = list(parameters), learning_rate, l2
        self.steps = 0

    def zero_grad(self) -> None:
        """Forget the gradients of the last step; `backward` would add to them."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Change each parameter that has a gradient."""
        self.steps += 1
        for i, parameter in enumerate(self.parameters):
            if parameter.grad is not None:
                parameter.data = parameter.data - self.change(i, parameter.grad + self.l2 * parameter.data)

    def change(self, i: int, g: Array) -> Array:
        """What to take from parameter number i with gradient g."""
        raise TypeError(f"{type(self).__name__} is no optimiser: it needs change.")


class SGD(Optimiser):
    """Gradient descent (stochastic, as each batch is a random one): w - rate g."""

    def change(self, i: int, g: Array) -> Array:
        return self.learning_rate * g


class Momentum(Optimiser):
    """Gradient descent with a memory: v = momentum v + g; w - rate v."""

    def __init__(
        self, parameters: Sequence[Tensor], learning_rate: float, momentum: float = 0.9, l2: float = 0.0
    ) -> None:
        super().__init__(parameters, learning_rate, l2)
        self.momentum = momentum
        self.velocity = [np.zeros_like(p.data) for p in self.parameters]

    def change(self, i: int, g: Array) -> Array:
        self.velocity[i] = self.momentum * self.velocity[i] + g
        return self.learning_rate * self.velocity[i]


class Adam(Optimiser):
    """A step for each number by its own: rate m / (sqrt(v) + eps), with m and v the running means of g and g^2.

    Both start at 0; dividing by 1 - beta^step takes out what that pulls them down (Kingma and Ba, 2015).
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        learning_rate: float = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        l2: float = 0.0,
    ) -> None:
        super().__init__(parameters, learning_rate, l2)
        self.betas, self.eps = betas, eps
        self.m = [np.zeros_like(p.data) for p in self.parameters]
        self.v = [np.zeros_like(p.data) for p in self.parameters]

    def change(self, i: int, g: Array) -> Array:
        b1, b2 = self.betas
        self.m[i] = b1 * self.m[i] + (1 - b1) * g
        self.v[i] = b2 * self.v[i] + (1 - b2) * g**2
        m, v = self.m[i] / (1 - b1**self.steps), self.v[i] / (1 - b2**self.steps)
        return self.learning_rate * m / (np.sqrt(v) + self.eps)


class EarlyStopping:
    """Stop when the validation loss has not improved for a while, and go back to the best parameters.

    Args:
        parameters: what `restore` brings back.
        patience: stop after more than so many epochs in a row without improvement.
        tolerance: a smaller improvement counts as none (but is remembered as the best).
    """

    def __init__(self, parameters: Sequence[Tensor], patience: int, tolerance: float = 0.0) -> None:
        if patience < 1 or tolerance < 0:
            raise ValueError(f"patience must be 1 or more and tolerance 0 or more, not {patience} and {tolerance}.")
        self.parameters, self.patience, self.tolerance = list(parameters), patience, tolerance
        self.best_loss, self.waited = np.inf, 0
        self.best = [p.data for p in self.parameters]

    def should_stop(self, loss: float) -> bool:
        """Tell the loss of an epoch."""
        self.waited = 0 if loss < self.best_loss - self.tolerance else self.waited + 1  # NaN counts as no improvement
        if loss < self.best_loss:
            self.best_loss, self.best = (
                loss,
                [p.data for p in self.parameters],
            )  # steps make new arrays, never change old
        return self.waited > self.patience

    def restore(self) -> None:
        """Put the parameters of the best epoch back."""
        for parameter, data in zip(self.parameters, self.best, strict=True):
            parameter.data = data


def minibatches(rng: Any, n: int, batch_size: int) -> Iterator[Array]:
    """The numbers 0 to n - 1 in random order, `batch_size` at a time (the last batch may be smaller)."""
    if n < 1 or batch_size < 1:
        raise ValueError(f"n and batch_size must be 1 or more, not {n} and {batch_size}.")
    order = np.arange(n)
    rng.shuffle(order)
    return (order[start : start + batch_size] for start in range(0, n, batch_size))


def _truth(prediction: Tensor, truth: ArrayLike) -> Array:
    """The truth as an array that fits; broadcasting (N, 1) - (N,) would silently give (N, N)."""
    target = constant(truth).data
    if target.shape != prediction.shape or not target.size:
        raise ValueError(f"prediction {prediction.shape} and truth {target.shape} must have the same shape, not empty.")
    return target.astype(prediction.data.dtype, copy=False)
