"""Arrays that know their gradient: reverse-mode automatic differentiation for networks, with numpy alone.

Each operation holds both directions side by side: the result and, for each argument, the function that takes the
gradient with respect to the result back to the gradient with respect to that argument (its pullback).

Plain numbers and arrays are constants; a `Tensor` is a variable, and `backward` gives it its `grad`.
Letters for shapes: N samples, C channels, H height, W width, O channels out, K kernel side.

>>> w = Tensor([[1.0], [2.0]])
>>> loss = ((np.array([[3.0, 4.0]]) @ w - 10) ** 2).sum()
>>> loss.backward()
>>> loss.item(), w.grad.tolist()
(1.0, [[6.0], [8.0]])
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias, Union

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from nital.teach.graph import parents_first

__all__ = [
    "Tensor", "average_pool2d", "constant", "conv2d", "global_average_pool2d", "max_pool2d", "numerical_gradient",
]  # fmt: skip

Array: TypeAlias = np.ndarray[Any, Any]
Operand: TypeAlias = Union["Tensor", ArrayLike]
Axis: TypeAlias = int | tuple[int, ...] | None


class Tensor:
    """An array, where it came from, and (after `backward`) the gradient of the end with respect to it.

    Args:
        data: numbers, any shape, no NaN in a leaf; float32 stays float32, all else becomes float64.
        parents: for each argument of the operation, the argument and its pullback; none for a leaf.
    """

    __array_ufunc__ = None  # numpy leaves `array * tensor` to us

    def __init__(self, data: ArrayLike, *parents: tuple["Tensor", Callable[[Array], Array]]) -> None:
        self.data: Array = np.asarray(data) if parents else _numbers(data)
        self.grad: Array | None = None
        self.parents = tuple((parent, pullback) for parent, pullback in parents if parent.needs_grad)
        self.needs_grad = bool(self.parents) or not parents

    # ---- arithmetic, with numpy's broadcasting ----

    def __add__(self, other: Operand) -> "Tensor":
        other = self._like(other)
        return Tensor(self.data + other.data, (self, lambda g: g), (other, lambda g: g))

    def __sub__(self, other: Operand) -> "Tensor":
        other = self._like(other)
        return Tensor(self.data - other.data, (self, lambda g: g), (other, lambda g: -g))

    def __mul__(self, other: Operand) -> "Tensor":
        other = self._like(other)
        return Tensor(self.data * other.data, (self, lambda g: g * other.data), (other, lambda g: g * self.data))

    def __truediv__(self, other: Operand) -> "Tensor":
        other = self._like(other)
        y = self.data / other.data
        return Tensor(y, (self, lambda g: g / other.data), (other, lambda g: -g * y / other.data))

    def __pow__(self, power: float) -> "Tensor":
        if not isinstance(power, int | float | np.number):
            raise TypeError(f"power must be a plain number, not {type(power).__name__}; write (power * x.log()).exp().")
        return Tensor(self.data**power, (self, lambda g: g * power * self.data ** (power - 1)))

    def __matmul__(self, other: Operand) -> "Tensor":
        other = self._like(other)
        a, b = self.data, other.data
        if min(a.ndim, b.ndim) < 2 or a.shape[-1] != b.shape[-2]:
            raise ValueError(f"@ needs (..., n, m) @ (..., m, k), not {a.shape} @ {b.shape}.")
        return Tensor(a @ b, (self, lambda g: g @ b.swapaxes(-1, -2)), (other, lambda g: a.swapaxes(-1, -2) @ g))

    def __neg__(self) -> "Tensor":
        return Tensor(-self.data, (self, lambda g: -g))

    def __rsub__(self, other: ArrayLike) -> "Tensor":
        return self._like(other) - self

    def __rtruediv__(self, other: ArrayLike) -> "Tensor":
        return self._like(other) / self

    def __rmatmul__(self, other: ArrayLike) -> "Tensor":
        return self._like(other) @ self

    __radd__, __rmul__ = __add__, __mul__

    # ---- functions of each element ----

    def exp(self) -> "Tensor":
        y = np.exp(self.data)
        return Tensor(y, (self, lambda g: g * y))

    def log(self) -> "Tensor":
        return Tensor(np.log(self.data), (self, lambda g: g / self.data))

    def abs(self) -> "Tensor":
        return Tensor(np.abs(self.data), (self, lambda g: g * np.sign(self.data)))

    def tanh(self) -> "Tensor":
        y = np.tanh(self.data)
        return Tensor(y, (self, lambda g: g * (1 - y * y)))

    def sigmoid(self) -> "Tensor":
        y = _sigmoid(self.data)
        return Tensor(y, (self, lambda g: g * y * (1 - y)))

    def relu(self) -> "Tensor":
        return Tensor(np.maximum(self.data, 0), (self, lambda g: g * (self.data > 0)))

    def leaky_relu(self, slope: float = 0.01) -> "Tensor":
        factor = np.where(self.data > 0, 1, slope).astype(self.data.dtype)
        return Tensor(self.data * factor, (self, lambda g: g * factor))

    # ---- from many elements to few ----

    def sum(self, axis: Axis = None, keepdims: bool = False) -> "Tensor":
        kept = self.data.sum(axis=axis, keepdims=True)
        y = kept if keepdims else kept.squeeze(axis)
        return Tensor(y, (self, lambda g: np.broadcast_to(g.reshape(kept.shape), self.shape)))

    def mean(self, axis: Axis = None, keepdims: bool = False) -> "Tensor":
        total = self.sum(axis, keepdims)
        return total * (total.data.size / self.data.size)

    def max(self, axis: Axis = None, keepdims: bool = False) -> "Tensor":
        """The largest; where several are, they share the gradient evenly."""
        kept = self.data.max(axis=axis, keepdims=True)
        largest = self.data == kept
        share = largest / largest.sum(axis=axis, keepdims=True)
        y = kept if keepdims else kept.squeeze(axis)
        return Tensor(y, (self, lambda g: share * g.reshape(kept.shape)))

    def softmax(self, axis: int = -1) -> "Tensor":
        y = np.exp(_log_softmax(self.data, axis))
        return Tensor(y, (self, lambda g: y * (g - (g * y).sum(axis=axis, keepdims=True))))

    def log_softmax(self, axis: int = -1) -> "Tensor":
        y = _log_softmax(self.data, axis)
        return Tensor(y, (self, lambda g: g - np.exp(y) * g.sum(axis=axis, keepdims=True)))

    # ---- the same elements in another shape ----

    def reshape(self, *shape: int) -> "Tensor":
        return Tensor(self.data.reshape(shape), (self, lambda g: g.reshape(self.shape)))

    def flatten(self) -> "Tensor":
        """(N, ...) to (N, features): each sample becomes one row."""
        return self.reshape(self.shape[0], -1)

    def transpose(self, *axes: int) -> "Tensor":
        order = axes or tuple(range(self.data.ndim))[::-1]
        return Tensor(self.data.transpose(order), (self, lambda g: g.transpose(np.argsort(order))))

    def __getitem__(self, index: Any) -> "Tensor":
        def put_back(g: Array) -> Array:
            whole = np.zeros_like(self.data)
            np.add.at(whole, index, g)  # an element that was taken twice gets both gradients
            return whole

        return Tensor(self.data[index], (self, put_back))

    # ---- the chain rule ----

    def backward(self, grad: ArrayLike | None = None) -> None:
        """Give every variable below `grad`, the gradient of this tensor; what is there already is added to.

        Args:
            grad: where to start from, of the shape of this tensor; may be left out for a single number.
        """
        if grad is None and self.data.size != 1:
            raise ValueError(f"backward starts from a single number, not from {self.shape}; give grad, or use .sum().")
        start = np.ones_like(self.data) if grad is None else np.asarray(grad, dtype=self.data.dtype)
        if start.shape != self.shape:
            raise ValueError(f"grad has shape {start.shape}; expected {self.shape}, that of the tensor.")
        gradients = {id(self): start}
        for node in reversed(self.graph()):
            g = gradients.pop(id(node))
            node.grad = g if node.grad is None else node.grad + g
            for parent, pullback in node.parents:
                back = _undo_broadcasting(pullback(g), parent)
                gradients[id(parent)] = gradients[id(parent)] + back if id(parent) in gradients else back

    def graph(self) -> list["Tensor"]:
        """All variables that this one was made from, each after its parents; this one is the last."""
        return parents_first(self)

    def _like(self, other: Operand) -> "Tensor":
        """The other operand as a tensor; a plain number takes this one's dtype."""
        return constant(np.asarray(other, self.data.dtype) if isinstance(other, int | float | np.number) else other)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape

    def item(self) -> float:
        return self.data.item()

    def __repr__(self) -> str:
        return f"Tensor({self.data})"


def constant(data: Operand) -> Tensor:
    """A tensor that gets no gradient; what is a tensor already is returned as it is."""
    if isinstance(data, Tensor):
        return data
    tensor = Tensor(data)
    tensor.needs_grad = False
    return tensor


def _numbers(data: ArrayLike) -> Array:
    array = np.asarray(data)
    if array.dtype.kind not in "biuf":
        raise ValueError(f"data must be numbers, not {array.dtype}.")
    array = array if array.dtype in (np.float32, np.float64) else array.astype(np.float64)
    if np.isnan(array).any():
        raise ValueError(f"data holds {np.isnan(array).sum()} NaN; a tensor needs numbers.")
    return array


def _undo_broadcasting(g: Array, parent: Tensor) -> Array:
    """Numpy stretched an argument over axes that it did not have, or had with length one: sum over them."""
    if g.shape != parent.shape:
        g = g.sum(axis=tuple(range(g.ndim - parent.data.ndim)))
        g = g.sum(axis=tuple(i for i, n in enumerate(parent.shape) if n == 1), keepdims=True)
    return g.astype(parent.data.dtype, copy=False)


def _sigmoid(x: Array) -> Array:
    e = np.exp(-np.abs(x))  # never above 1, so nothing overflows
    return np.where(x >= 0, 1, e) / (1 + e)


def _log_softmax(x: Array, axis: int) -> Array:
    x = x - x.max(axis=axis, keepdims=True)  # the largest becomes 0, so nothing overflows
    return x - np.log(np.exp(x).sum(axis=axis, keepdims=True))


# ---- convolution and pooling: pictures are (N, C, H, W) ----


def conv2d(x: Operand, weight: Operand, bias: Operand | None = None, stride: int = 1, padding: int = 0) -> Tensor:
    """Slide kernels over pictures: the cross-correlation that networks call convolution (no kernel is flipped).

    y[n, o, i, j] = bias[o] + sum over c, a, b of weight[o, c, a, b] * x[n, c, i * stride + a, j * stride + b]

    Args:
        x: pictures, shape (N, C, H, W).
        weight: kernels, shape (O, C, K, K); they need not be square.
        bias: a number for each channel out, shape (O,).
        stride: px from window to window, at least 1.
        padding: px of zeros around each picture.

    Returns:
        Shape (N, O, floor((H + 2 padding - K) / stride) + 1, and W likewise).
    """
    x, weight = constant(x), constant(weight)
    if x.data.ndim != 4 or weight.data.ndim != 4 or x.shape[1] != weight.shape[1]:
        raise ValueError(f"x must be (N, C, H, W), weight (O, C, K, K), the same C; not {x.shape}, {weight.shape}.")
    (n, _, height, width), (o, _, *kernel) = x.shape, weight.shape
    bias = constant(np.zeros(o, weight.data.dtype) if bias is None else bias)
    if padding < 0 or bias.shape != (o,):
        raise ValueError(f"padding must be 0 or more and bias have shape ({o},), not {padding} and {bias.shape}.")
    padded = np.pad(x.data, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    h, w = _shifts(padded, kernel, stride)[0].shape[2:]
    windows = sliding_window_view(padded, kernel, axis=(2, 3))[:, :, ::stride, ::stride]  # (N, C, H', W', K, K)

    def columns() -> Array:  # each is what one window sees; they take K K times the picture's room and are not kept
        return windows.transpose(0, 1, 4, 5, 2, 3).reshape(n, -1, h * w)

    y = weight.data.reshape(o, -1) @ columns()  # each row is one kernel
    y += bias.data[:, None]

    def to_x(g: Array) -> Array:
        whole = np.zeros_like(padded)
        for view, element in zip(_shifts(whole, kernel, stride), np.ndindex(*kernel), strict=True):
            view += (weight.data[:, :, *element].T @ g.reshape(n, o, -1)).reshape(view.shape)
        return whole[:, :, padding : padding + height, padding : padding + width]

    def to_weight(g: Array) -> Array:
        return (g.reshape(n, o, -1) @ columns().swapaxes(1, 2)).sum(axis=0).reshape(weight.shape)

    return Tensor(y.reshape(n, o, h, w), (x, to_x), (weight, to_weight), (bias, lambda g: g.sum(axis=(0, 2, 3))))


def max_pool2d(x: Operand, size: int, stride: int | None = None) -> Tensor:
    """The largest (the first of equals) of each window of size x size px, `stride` px (else `size`) apart."""
    x = constant(x)
    views = _shifts(x.data, (size, size), stride or size)
    y = reduce(np.maximum, views)

    def to_x(g: Array) -> Array:
        whole, left = np.zeros_like(x.data), g
        for view, back in zip(views, _shifts(whole, (size, size), stride or size), strict=True):
            here = left * (view == y)
            back += here
            left = left - here
        return whole

    return Tensor(y, (x, to_x))


def average_pool2d(x: Operand, size: int, stride: int | None = None) -> Tensor:
    """The mean of each window of size x size px, `stride` px (else `size`) apart."""
    x = constant(x)
    y = sum(_shifts(x.data, (size, size), stride or size)) / size**2

    def to_x(g: Array) -> Array:
        whole = np.zeros_like(x.data)
        for back in _shifts(whole, (size, size), stride or size):
            back += g / size**2
        return whole

    return Tensor(y, (x, to_x))


def global_average_pool2d(x: Operand) -> Tensor:
    """The mean of each channel: (N, C, H, W) to (N, C)."""
    x = constant(x)
    if x.data.ndim != 4:
        raise ValueError(f"x must be (N, C, H, W), not {x.shape}.")
    return x.mean(axis=(2, 3))


def _shifts(x: Array, kernel: Sequence[int], stride: int) -> list[Array]:
    """For each element of a kernel the pixels that it meets while sliding: K K views of shape (N, C, H', W')."""
    if x.ndim != 4 or stride < 1 or not (1 <= kernel[0] <= x.shape[2] and 1 <= kernel[1] <= x.shape[3]):
        raise ValueError(f"x must be (N, C, H, W), not {x.shape}; window {tuple(kernel)} inside; stride {stride} >= 1.")
    down, right = x.shape[2] - kernel[0] + 1, x.shape[3] - kernel[1] + 1
    return [x[:, :, i : i + down : stride, j : j + right : stride] for i in range(kernel[0]) for j in range(kernel[1])]


def numerical_gradient(function: Callable[[Array], float], at: ArrayLike, step: float = 1e-6) -> Array:
    """The gradient by central differences, (f(x + step) - f(x - step)) / (2 step), to check the exact one with."""
    x = np.array(at, dtype=np.float64)
    aside = step * np.eye(x.size).reshape(-1, *x.shape)
    return np.array([function(x + s) - function(x - s) for s in aside]).reshape(x.shape) / (2 * step)
