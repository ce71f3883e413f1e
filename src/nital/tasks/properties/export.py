"""A fitted model as an ONNX graph: imputation, scaling, trees and networks inside, physics features in its input.

Input `rows` (n, p) in single precision, NaN where missing. Outputs, each (n,) in double precision: `prediction` and
`spread` in the unit of the target, `distance` to the training rows. Thresholds of trees are rounded down to single
precision, so that a value in single precision takes the same branch as in training.

skl2onnx (1.20) is as exact on thresholds (compared on 185,000 rows on and beside them), but gives a forest's mean
without its spread, fails on boosting by histograms with the pinned onnx, and knows neither kernel nor ensemble.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nital import __version__
from nital.core.errors import need
from nital.tasks.properties.domain import NEIGHBOURS, Domain
from nital.tasks.properties.graph import Graph
from nital.tasks.properties.models import Average, Constant, Fitted, Forest, Kernel, Linear, Members
from nital.tasks.properties.preparation import Preparation

__all__ = ["to_onnx"]

OPSET, ML_OPSET, IR_VERSION = 18, 3, 8


def to_onnx(model: Fitted, domain: Domain, width: int) -> bytes:
    """Write the graph.

    Args:
        domain: of the first columns of the matrix. width: number of the matrix's columns.

    Raises:
        MissingExtra: without the extra `train`.
    """
    onnx = need("onnx", "train", "Writing a model")
    graph = _Models(onnx.helper, onnx.numpy_helper)
    value, spread = graph.model(model)
    outputs = [graph.op("Identity", found, out=name) for name, found in
               (("prediction", value), ("spread", spread), ("distance", graph.distance(domain)))]  # fmt: skip
    info, double = onnx.helper.make_tensor_value_info, onnx.TensorProto.DOUBLE
    made = onnx.helper.make_graph(
        graph.nodes, "properties", [info("rows", onnx.TensorProto.FLOAT, ["n", width])],
        [info(name, double, ["n"]) for name in outputs], graph.constants,
    )  # fmt: skip
    proto = onnx.helper.make_model(
        made, producer_name="nital", producer_version=__version__, ir_version=IR_VERSION,
        opset_imports=[onnx.helper.make_opsetid("", OPSET), onnx.helper.make_opsetid("ai.onnx.ml", ML_OPSET)],
    )  # fmt: skip
    onnx.checker.check_model(proto)
    return proto.SerializeToString()


class _Models(Graph):
    """A graph that fitted models are written into."""

    def model(self, model: Fitted) -> tuple[str, str]:
        """Value and spread of a model, each (n,), double."""
        if isinstance(model, Constant):
            return self.op("Add", self.zeros(), model.value), self.zeros()
        if isinstance(model, Average):
            return self.average(model)
        prepared = self.prepared(model.preparation)
        if isinstance(model, Linear):
            value = self.op("Add", self.product(prepared, model.coefficients), model.intercept)
            value = self.clip(value, model.low, model.high)
            return self.op("Exp", value) if model.log else value, self.zeros()
        if isinstance(model, Kernel):
            return self.kernel(model, prepared), self.zeros()
        if isinstance(model, Forest):
            return self.forest(model, self.single(prepared))
        return self.members(model, self.single(prepared))

    def prepared(self, steps: Preparation) -> str:
        """What `Preparation.apply` does."""
        kept = self.columns("rows", steps.columns)
        absent = self.op("IsNaN", kept)
        values = self.double(self.op("Where", absent, self.array(steps.medians, np.float32), kept))
        if np.isfinite(steps.low).all():
            values = self.clip(values, steps.low, steps.high)
        logged = values
        if (steps.logs > 0).any():
            positive = self.op("Max", self.op("Add", values, steps.logs), 1e-30)
            logged = self.op("Where", self.array(steps.logs > 0, bool), self.op("Log", positive), values)
        if len(steps.marked):
            logged = self.op("Concat", logged, self.double(self.columns(absent, steps.marked)), axis=1)
        scaled = self.op("Div", self.op("Sub", logged, steps.mean), steps.scale)
        if not len(steps.bin_column):
            return scaled
        place = self.op("Sub", self.columns(values, steps.bin_column), steps.bin_low)
        place = self.clip(self.op("Div", place, steps.bin_width), 0.0, 1.0)
        return self.op("Concat", scaled, self.op("Sub", self.op("Mul", place, 2.0), 1.0), axis=1)

    def forest(self, model: Forest, prepared: str) -> tuple[str, str]:
        factor = 1.0 if model.rate is None else model.rate
        targets = np.arange(len(model.trees)) * (model.rate is None)  # a sum has one target, a mean one for each tree
        attributes = _tree_attributes(model.trees, factor, targets)
        given = self.double(self.op("TreeEnsembleRegressor", prepared, domain="ai.onnx.ml", **attributes))
        if model.rate is None:
            return self.mean_and_spread(given, 1)
        return self.op("Add", self.over("ReduceSum", given, 1), model.start), self.zeros()

    def kernel(self, model: Kernel, prepared: str) -> str:
        weights = model.weights
        distance = self.op("Div", self.op("Sqrt", self.square_distance(prepared, weights.points)), weights.length)
        if weights.smoothness == "1/2":
            like = self.op("Exp", self.op("Neg", distance))
        else:
            scaled = self.op("Mul", distance, np.sqrt(5.0))
            third = self.op("Div", self.op("Mul", scaled, scaled), 3.0)
            factor = self.op("Add", self.op("Add", scaled, third), 1.0)
            like = self.op("Mul", factor, self.op("Exp", self.op("Neg", scaled)))
        value = self.op("Add", self.product(like, weights.weights), weights.mean)
        value = self.op("Add", self.op("Mul", value, model.scale), model.mean)
        return self.op("Exp", value) if model.log else value

    def members(self, model: Members, prepared: str) -> tuple[str, str]:
        values = self.op("Unsqueeze", prepared, self.array([0], np.int64))
        layers = list(zip(model.weights.weights, model.weights.biases, strict=True))
        for number, (weight, bias) in enumerate(layers):
            product = self.op("MatMul", values, self.array(weight, np.float32))
            values = self.op("Add", product, self.array(bias, np.float32))
            values = self.op("Relu", values) if number < len(layers) - 1 else values
        value, spread = self.mean_and_spread(self.double(self.over("ReduceSum", values, 2)), 0)
        return self.op("Add", self.op("Mul", value, model.scale), model.mean), self.op("Mul", spread, model.scale)

    def average(self, model: Average) -> tuple[str, str]:
        pairs = [self.model(part) for part in model.parts]
        axis = self.array([0], np.int64)
        values, spreads = (
            self.op("Concat", *(self.op("Unsqueeze", pair[k], axis) for pair in pairs), axis=0) for k in (0, 1)
        )
        weights = self.array(model.weights[:, None])
        mean = self.over("ReduceSum", self.op("Mul", values, weights), 0)
        apart = self.op("Sub", values, mean)
        square = self.op("Add", self.op("Mul", spreads, spreads), self.op("Mul", apart, apart))
        return mean, self.op("Sqrt", self.over("ReduceSum", self.op("Mul", square, weights), 0))

    def distance(self, domain: Domain) -> str:
        """What `Domain.distances` does."""
        kept = self.double(self.columns("rows", np.arange(len(domain.mean))))
        filled = self.op("Where", self.op("IsNaN", kept), domain.mean, kept)
        scaled = self.clip(self.op("Div", self.op("Sub", filled, domain.mean), domain.scale), -1e3, 1e3)
        square = self.op("Div", self.square_distance(scaled, domain.points), float(max(1, len(domain.mean))))
        nearest = f"v{len(self.nodes)}"
        count = self.array([min(NEIGHBOURS, len(domain.points))], np.int64)
        self.nodes.append(
            self.helper.make_node("TopK", [square, count], [nearest, f"{nearest}_places"], axis=1, largest=0)
        )
        return self.op("Sqrt", self.over("ReduceMax", nearest, 1))


def _tree_attributes(trees: Sequence[Any], factor: float, targets: np.ndarray) -> dict[str, Any]:
    """Attributes of a TreeEnsembleRegressor.

    Args:
        trees: of scikit-learn. factor: leaves are multiplied with it. targets: (trees,), output that each adds to.
    """
    sizes = [tree.node_count for tree in trees]
    feature, threshold, left, right, values = (
        np.concatenate([getattr(tree, name).ravel() for tree in trees])
        for name in ("feature", "threshold", "children_left", "children_right", "value")
    )
    leaf, number = left < 0, np.repeat(np.arange(len(trees)), sizes)
    node = np.concatenate([np.arange(size) for size in sizes])
    return {
        "n_targets": int(targets.max()) + 1, "aggregate_function": "SUM", "post_transform": "NONE",
        "nodes_treeids": number.tolist(), "nodes_nodeids": node.tolist(),
        "nodes_featureids": np.where(leaf, 0, feature).tolist(),
        "nodes_values": np.where(leaf, 0, _floor_single(threshold)).tolist(),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        "nodes_truenodeids": np.where(leaf, 0, left).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, right).tolist(),
        "target_treeids": number[leaf].tolist(), "target_nodeids": node[leaf].tolist(),
        "target_ids": targets[number[leaf]].tolist(), "target_weights": (factor * values[leaf]).tolist(),
    }  # fmt: skip


def _floor_single(values: np.ndarray) -> np.ndarray:
    """The largest number of single precision that is not above each value: x <= t holds for both or neither."""
    with np.errstate(over="ignore"):
        rounded = values.astype(np.float32)
    above = rounded.astype(np.float64) > values
    return np.where(above, np.nextafter(rounded, np.float32(-np.inf)), rounded)
