"""Scalars that know their gradient: reverse-mode automatic differentiation on one screen.

Each operation holds both directions: the result, and the local derivative with respect to each argument. `backward`
is then the chain rule and nothing else.

>>> x, w, b = Value(2.0, "x"), Value(-3.0, "w"), Value(7.0, "b")
>>> y = (w * x + b).tanh()
>>> y.backward()  # dy/dw = (1 - y^2) x
>>> print(y, w)
Value(0.761594, grad=1) Value(-3, grad=0.839949)
"""

import math
from numbers import Real

from nital.teach.graph import draw_graph, parents_first

__all__ = ["Value"]


class Value:
    """A number, where it came from, and (after `backward`) the derivative of the end with respect to it.

    `parents` holds, for each argument of the operation, the argument and the local derivative with respect to it;
    a leaf has none. `name` is what the picture of the graph writes; an operation names itself.
    """

    def __init__(self, data: float, name: str = "", *parents: tuple["Value", float]) -> None:
        if not isinstance(data, Real) or (math.isnan(data) and not parents):
            raise ValueError(f"data must be a number, not {data!r}; arrays belong into nital.teach.tensor.")
        self.data, self.grad, self.name, self.parents = float(data), 0.0, name, parents

    def __add__(self, other: "Value | float") -> "Value":
        other = _value(other)
        return Value(self.data + other.data, "+", (self, 1.0), (other, 1.0))

    def __sub__(self, other: "Value | float") -> "Value":
        other = _value(other)
        return Value(self.data - other.data, "-", (self, 1.0), (other, -1.0))

    def __mul__(self, other: "Value | float") -> "Value":
        other = _value(other)
        return Value(self.data * other.data, "*", (self, other.data), (other, self.data))

    def __truediv__(self, other: "Value | float") -> "Value":
        other = _value(other)
        return Value(self.data / other.data, "/", (self, 1 / other.data), (other, -self.data / other.data**2))

    def __pow__(self, power: float) -> "Value":
        if not isinstance(power, Real):
            raise TypeError(f"power must be a plain number, not {power!r}; else write (power * x.log()).exp().")
        if (self.data == 0 and power < 1) or (self.data < 0 and power != int(power)):
            raise ValueError(f"{self.data:g} to the power {power:g} has no value or no derivative.")
        return Value(self.data**power, f"^{power:g}", (self, power * self.data ** (power - 1)))

    def exp(self) -> "Value":
        y = math.exp(self.data)
        return Value(y, "exp", (self, y))

    def log(self) -> "Value":
        if self.data <= 0:
            raise ValueError(f"log needs a number above zero, not {self.data:g}.")
        return Value(math.log(self.data), "log", (self, 1 / self.data))

    def tanh(self) -> "Value":
        y = math.tanh(self.data)
        return Value(y, "tanh", (self, 1 - y**2))

    def sigmoid(self) -> "Value":
        e = math.exp(-abs(self.data))  # never above 1, so nothing overflows
        y = (1 if self.data >= 0 else e) / (1 + e)
        return Value(y, "sigmoid", (self, y * (1 - y)))

    def relu(self) -> "Value":
        return Value(max(self.data, 0.0), "relu", (self, float(self.data > 0)))

    def __neg__(self) -> "Value":
        return Value(-self.data, "-", (self, -1.0))

    def __rsub__(self, other: float) -> "Value":
        return _value(other) - self

    def __rtruediv__(self, other: float) -> "Value":
        return _value(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        """The chain rule, from the end to the leaves: every Value below gets d self / d Value added to its `grad`."""
        slope = {id(node): float(node is self) for node in self.graph()}
        for node in reversed(self.graph()):
            node.grad += slope[id(node)]
            for parent, local in node.parents:
                slope[id(parent)] += local * slope[id(node)]

    def graph(self) -> list["Value"]:
        """All Values that this one was made from, each after its parents; this one is the last."""
        return parents_first(self)

    def svg(self) -> str:
        """A picture of the graph: in each node its number and its gradient, on each arrow the local derivative."""
        return draw_graph(self.graph())

    _repr_svg_ = svg  # notebooks show it by themselves

    def __repr__(self) -> str:
        return f"Value({self.data:g}, grad={self.grad:g})"


def _value(number: Value | float) -> Value:
    return number if isinstance(number, Value) else Value(number, "constant")
