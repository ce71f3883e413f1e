"""Inference without torch: a model folder as a function of arrays, on ONNX Runtime."""

import os
from pathlib import Path
from typing import final

import numpy as np

from nital.core.errors import ArtifactError
from nital.runs.artifact import load_artifact

__all__ = ["OnnxNetwork", "load_network"]


@final
class OnnxNetwork:
    """A trained network: float32 array in, named arrays out.

    Args:
        folder: a model folder, see `nital.runs.artifact`.
        threads: CPU threads; None: as many as this process may use.

    Raises:
        ArtifactError: the folder is damaged, or ONNX Runtime cannot read the model.
    """

    def __init__(self, folder: Path, threads: int | None = None) -> None:
        import onnxruntime

        self.artifact = load_artifact(folder)
        self.name, self.sha256 = self.artifact.name, self.artifact.sha256
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads or len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 0
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                self.artifact.model.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # noqa: BLE001 - ONNX Runtime has no common base class of its errors
            raise ArtifactError(f"{self.artifact.model} cannot be run by ONNX Runtime: {error}") from error
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]

    def __call__(self, batch: np.ndarray) -> dict[str, np.ndarray]:
        given = self._session.run(None, {self._input: np.ascontiguousarray(batch, np.float32)})
        return {name: np.asarray(value) for name, value in zip(self._outputs, given, strict=True)}


def load_network(folder: Path, threads: int | None = None) -> OnnxNetwork:
    """Open a model folder for prediction."""
    return OnnxNetwork(folder, threads)
