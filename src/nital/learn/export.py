"""Export to ONNX, checked against the torch model that it came from."""

import contextlib
import io
import logging
import warnings
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from jaxtyping import Shaped
from torch import Tensor, nn

from nital.core.errors import ArtifactError, InputError
from nital.io.atomic import atomic_path, make_folder

__all__ = ["export_onnx", "onnx_difference"]

OPSET = 18


def export_onnx(
    model: nn.Module,
    path: Path,
    example: Mapping[str, Shaped[Tensor, "..."]],
    *,
    output_names: Sequence[str] | None = None,
) -> float:
    """Write a model as ONNX and compare the two on the example.

    Batch normalisation is folded into the convolutions. The batch may differ from the example in size, and so may the
    height and width of pictures (n, channels, height, width) and the points of curves (n, channels, points); other
    axes stay as in the example. The file is put in place whole or not at all.

    Args:
        model: dict of tensors in, dict of tensors out; it is left in evaluation mode.
        path: the .onnx file.
        example: one batch, by input name.
        output_names: the outputs, in order; None: all that the model gives.

    Returns:
        largest absolute difference between torch and ONNX Runtime over all outputs.

    Raises:
        InputError: an output that the model does not have.
        OutputError: `path` cannot be written to.
    """
    model.eval()
    inputs = list(example)
    with torch.no_grad():
        expected = model(dict(example))
    outputs = list(output_names or expected)
    if missing := [name for name in outputs if name not in expected]:
        raise InputError(f"The model gives no output {missing}. It gives: {', '.join(expected)}.")
    tensors = tuple(value.contiguous() for value in example.values())
    expected = {name: expected[name] for name in outputs}

    make_folder(path.parent)
    with atomic_path(path) as temporary, _quiet():
        torch.onnx.export(  # pyright: ignore[reportUnknownMemberType]
            _Positional(model, inputs, outputs).eval(), tensors, str(temporary), dynamo=False, opset_version=OPSET,
            input_names=inputs, output_names=outputs,
            dynamic_axes={name: _free_axes(name, value) for name, value in (*example.items(), *expected.items())},
        )  # fmt: skip
    return onnx_difference(path, example, expected)


def onnx_difference(
    path: Path, inputs: Mapping[str, Shaped[Tensor, "..."]], expected: Mapping[str, Shaped[Tensor, "..."]]
) -> float:
    """Largest absolute difference between what an ONNX file gives and what is expected.

    Raises:
        ArtifactError: the file gives another shape, or values that are not finite.
    """
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    given = session.run(list(expected), {name: tensor.numpy() for name, tensor in inputs.items()})
    largest = 0.0
    for (name, right), value in zip(expected.items(), given, strict=True):
        found = np.asarray(value)
        if found.shape != tuple(right.shape) or not np.isfinite(found).all():
            raise ArtifactError(f"{path}: output '{name}' is not what torch gives (shape {found.shape}). Export again.")
        largest = max(largest, float(np.abs(found - right.numpy()).max()))
    return largest


class _Positional(nn.Module):
    """The same model with tensors in and a tuple out, as the exporter wants it."""

    def __init__(self, model: nn.Module, inputs: list[str], outputs: list[str]) -> None:
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *tensors: Tensor) -> tuple[Tensor, ...]:
        values = self.model(dict(zip(self.inputs, tensors, strict=True)))
        return tuple(values[name] for name in self.outputs)


def _free_axes(name: str, tensor: Tensor) -> dict[int, str]:
    places = {3: ("points",), 4: ("height", "width")}.get(tensor.ndim, ())
    return {0: "batch"} | {axis: f"{name}_{place}" for axis, place in enumerate(places, 2)}


@contextlib.contextmanager
def _quiet() -> Generator[None, None, None]:
    """Keep the exporter's prints, log lines and warnings from the user."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
