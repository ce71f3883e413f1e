"""What a network is made of: initialisers and layers. Losses and optimisers are in `nital.teach.training`.

>>> rng = np.random.default_rng(0)
>>> network = Sequential(Dense(2, 8, rng), Tensor.tanh, Dense(8, 1, rng))
>>> sum(p.data.size for p in network.parameters())  # (2 + 1) 8 + (8 + 1) 1
33
>>> network(np.zeros((5, 2))).shape
(5, 1)
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from nital.teach.tensor import Operand, Tensor, average_pool2d, constant, conv2d, max_pool2d

__all__ = [
    "AveragePool2d",
    "BatchNorm",
    "Conv2d",
    "Dense",
    "Dropout",
    "Layer",
    "MaxPool2d",
    "Sequential",
    "he",
    "normal",
    "xavier_normal",
    "xavier_uniform",
    "zero",
]

Array: TypeAlias = np.ndarray[Any, Any]
# Random numbers, shape, numbers that come in to one unit, numbers that go out of one.
Initialiser: TypeAlias = Callable[[Any, tuple[int, ...], int, int], Array]


# ---- initialisers: the weights before training ----


def zero(rng: Any, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
    """All zero: right for a bias; weights that are equal stay equal for ever."""
    return np.zeros(shape)


def normal(std: float) -> Initialiser:
    """Normal with a fixed standard deviation, whatever the width."""
    return lambda rng, shape, fan_in, fan_out: rng.normal(0, std, shape)


def xavier_normal(rng: Any, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
    """Normal with variance 2 / (in + out), for tanh (Glorot and Bengio, 2010)."""
    return rng.normal(0, np.sqrt(2 / (fan_in + fan_out)), shape)


def xavier_uniform(rng: Any, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
    """Uniform between -+sqrt(6 / (in + out)), which has the same variance."""
    bound = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, shape)


def he(rng: Any, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Array:
    """Normal with variance 2 / in, for ReLU, which lets half of the variance through (He et al., 2015)."""
    return rng.normal(0, np.sqrt(2 / fan_in), shape)


# ---- layers ----


class Layer:
    """Something that is called with a tensor, may have parameters and may behave otherwise while training."""

    training = True

    def parameters(self) -> list[Tensor]:
        """All that training changes, in a fixed order."""
        return [value for value in vars(self).values() if isinstance(value, Tensor)]

    def __call__(self, x: Operand) -> Tensor:
        raise TypeError(f"{type(self).__name__} is no layer: it needs __call__.")


class Dense(Layer):
    """y = x W + b: each of n_out neurons sees all n_in numbers. x (N, n_in), W (n_in, n_out), b (n_out,).

    Args:
        rng: what draws the weights, then the bias.
        initialise, initialise_bias: how they are drawn.
        dtype: np.float64 or np.float32.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        rng: Any,
        initialise: Initialiser = he,
        initialise_bias: Initialiser = zero,
        dtype: Any = np.float64,
    ) -> None:
        _positive(n_in=n_in, n_out=n_out)
        self.weight = Tensor(initialise(rng, (n_in, n_out), n_in, n_out).astype(dtype))
        self.bias = Tensor(initialise_bias(rng, (n_out,), n_in, n_out).astype(dtype))

    def __call__(self, x: Operand) -> Tensor:
        x = constant(x)
        if x.shape[1:] != self.weight.shape[:1]:
            raise ValueError(f"x must be (N, {self.weight.shape[0]}) for this layer, not {x.shape}.")
        return x @ self.weight + self.bias


class Conv2d(Layer):
    """`conv2d` with kernels of its own: size x size px, from n_in to n_out channels. Arguments as in `Dense`."""

    def __init__(
        self,
        n_in: int,
        n_out: int,
        size: int,
        rng: Any,
        stride: int = 1,
        padding: int = 0,
        initialise: Initialiser = he,
        initialise_bias: Initialiser = zero,
        dtype: Any = np.float64,
    ) -> None:
        _positive(n_in=n_in, n_out=n_out, size=size, stride=stride)
        fans = n_in * size**2, n_out * size**2
        self.weight = Tensor(initialise(rng, (n_out, n_in, size, size), *fans).astype(dtype))
        self.bias = Tensor(initialise_bias(rng, (n_out,), *fans).astype(dtype))
        self.stride, self.padding = stride, padding

    def __call__(self, x: Operand) -> Tensor:
        return conv2d(x, self.weight, self.bias, self.stride, self.padding)


class MaxPool2d(Layer):
    """`max_pool2d` as a layer."""

    def __init__(self, size: int, stride: int | None = None) -> None:
        self.size, self.stride = size, stride

    def __call__(self, x: Operand) -> Tensor:
        return max_pool2d(x, self.size, self.stride)


class AveragePool2d(MaxPool2d):
    """`average_pool2d` as a layer."""

    def __call__(self, x: Operand) -> Tensor:
        return average_pool2d(x, self.size, self.stride)


class Dropout(Layer):
    """While training, each number is 0 with probability p and else divided by 1 - p, so that the mean stays.

    Afterwards nothing is done. (The form of 2014 divides nothing and multiplies by 1 - p afterwards: the same mean.)
    """

    def __init__(self, p: float, rng: np.random.Generator) -> None:
        if not 0 <= p < 1:
            raise ValueError(f"p must be at least 0 and below 1, not {p}.")
        self.p, self.rng = p, rng

    def __call__(self, x: Operand) -> Tensor:
        x = constant(x)
        if not self.training:
            return x
        kept = self.rng.random(x.shape) >= self.p
        return x * (kept / (1 - self.p)).astype(x.data.dtype)


class BatchNorm(Layer):
    """(x - mean) / sqrt(variance + 1e-5) * scale + shift, for each feature of (N, C) or channel of (N, C, H, W).

    While training mean and variance are those of the batch, and `running_mean`, `running_variance` follow them (the
    latter with the unbiased variance); afterwards these are used instead.
    """

    def __init__(self, n: int, momentum: float = 0.1, dtype: Any = np.float64) -> None:
        _positive(n=n)
        self.scale, self.shift = Tensor(np.ones(n, dtype)), Tensor(np.zeros(n, dtype))
        self.running_mean, self.running_variance = np.zeros(n, dtype), np.ones(n, dtype)
        self.momentum = momentum

    def __call__(self, x: Operand) -> Tensor:
        x, n = constant(x), len(self.running_mean)
        if x.data.ndim not in (2, 4) or x.shape[1] != n:
            raise ValueError(f"x must be (N, {n}) or (N, {n}, H, W) for this layer, not {x.shape}.")
        as_channels = (1, n, 1, 1)[: x.data.ndim]
        if self.training:
            mean, variance = self._of_the_batch(x)
        else:
            mean, variance = (constant(a.reshape(as_channels)) for a in (self.running_mean, self.running_variance))
        return (x - mean) / (variance + 1e-5) ** 0.5 * self.scale.reshape(*as_channels) + self.shift.reshape(
            *as_channels
        )

    def _of_the_batch(self, x: Tensor) -> tuple[Tensor, Tensor]:
        axes = (0, 2, 3)[: x.data.ndim - 1]
        count = x.data.size // x.shape[1]
        if count < 2:
            raise ValueError("x has a single value for each channel; a batch needs two to have a variance.")
        mean = x.mean(axes, keepdims=True)
        variance = ((x - mean) ** 2).mean(axes, keepdims=True)
        self.running_mean = self.running_mean + self.momentum * (mean.data.ravel() - self.running_mean)
        unbiased = variance.data.ravel() * (count / (count - 1))
        self.running_variance = self.running_variance + self.momentum * (unbiased - self.running_variance)
        return mean, variance


class Sequential(Layer):
    """One after the other: layers, and functions of a tensor such as `Tensor.relu` or `Tensor.flatten`."""

    def __init__(self, *layers: Callable[[Tensor], Tensor]) -> None:
        self.layers = layers

    def __call__(self, x: Operand) -> Tensor:
        x = constant(x)
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Tensor]:
        return [each for layer in self.layers if isinstance(layer, Layer) for each in layer.parameters()]

    def train(self, training: bool = True) -> "Sequential":
        """Dropout and batch norm behave as in training (or, with False, as afterwards)."""
        self.training = training
        for layer in self.layers:
            if isinstance(layer, Sequential):
                layer.train(training)
            elif isinstance(layer, Layer):
                layer.training = training
        return self

    def predict(self, x: ArrayLike) -> Array:
        """What comes out after training, as an array."""
        before = self.training
        y = self.train(False)(x).data
        self.train(before)
        return y


def _positive(**numbers: int) -> None:
    for name, number in numbers.items():
        if not isinstance(number, int | np.integer) or number < 1:
            raise ValueError(f"{name} must be an integer above 0, not {number!r}.")
