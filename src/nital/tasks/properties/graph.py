"""An ONNX graph as it grows: nodes and constants, and the few sums that several models need."""

from typing import Any

import numpy as np

__all__ = ["Graph"]


class Graph:
    """Nodes and constants as they are added; values are named by strings.

    Args:
        helper, arrays: `onnx.helper` and `onnx.numpy_helper`.
    """

    def __init__(self, helper: Any, arrays: Any) -> None:
        self.helper, self.arrays = helper, arrays
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def op(self, kind: str, *inputs: Any, out: str = "", domain: str = "", **attributes: Any) -> str:
        """A node; inputs that are no names are numbers or arrays, in double precision."""
        name = out or f"v{len(self.nodes)}"
        names = [value if isinstance(value, str) else self.array(value) for value in inputs]
        self.nodes.append(self.helper.make_node(kind, names, [name], domain=domain, **attributes))
        return name

    def array(self, values: Any, kind: Any = np.float64) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(self.arrays.from_array(np.asarray(values, dtype=kind), name))
        return name

    def double(self, value: str) -> str:
        return self.op("Cast", value, to=self.helper.np_dtype_to_tensor_dtype(np.dtype(np.float64)))

    def single(self, value: str) -> str:
        return self.op("Cast", value, to=self.helper.np_dtype_to_tensor_dtype(np.dtype(np.float32)))

    def clip(self, value: str, low: float | np.ndarray, high: float | np.ndarray) -> str:
        return self.op("Min", self.op("Max", value, low), high)

    def columns(self, value: str, chosen: np.ndarray) -> str:
        return self.op("Gather", value, self.array(chosen, np.int64), axis=1)

    def over(self, kind: str, value: str, axis: int) -> str:
        """A reduction that drops the axis."""
        return self.op(kind, value, self.array([axis], np.int64), keepdims=0)

    def zeros(self) -> str:
        """(n,) zeros, whatever the rows hold."""
        rows = self.op("Gather", self.op("Shape", "rows"), self.array([0], np.int64), axis=0)
        return self.op("ConstantOfShape", rows, value=self.arrays.from_array(np.zeros(1)))

    def product(self, rows: str, weights: np.ndarray) -> str:
        """(n,) sums of the rows' values times weights."""
        return self.over("ReduceSum", self.op("MatMul", rows, weights[:, None]), 1)

    def square_distance(self, rows: str, points: np.ndarray) -> str:
        """(n, m) squares of the distances between rows and points, double."""
        product = self.op("MatMul", rows, points.T)
        own = self.op("ReduceSum", self.op("Mul", rows, rows), self.array([1], np.int64), keepdims=1)
        square = self.op("Sub", self.op("Add", own, (points**2).sum(axis=1)), self.op("Mul", product, 2.0))
        return self.op("Max", square, 0.0)

    def mean_and_spread(self, given: str, axis: int) -> tuple[str, str]:
        mean = self.op("ReduceMean", given, self.array([axis], np.int64), keepdims=1)
        apart = self.op("Sub", given, mean)
        spread = self.op("Sqrt", self.over("ReduceMean", self.op("Mul", apart, apart), axis))
        return self.op("Squeeze", mean, self.array([axis], np.int64)), spread
