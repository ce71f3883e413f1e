"""Inference without torch: a model folder as a function of arrays, on ONNX Runtime."""

import functools
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, final

import numpy as np

from nital.core.errors import ArtifactError
from nital.runs.artifact import bundled, load_artifact
from nital.runs.jobs import get_task

__all__ = ["OnnxNetwork", "cores", "network_of"]


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
        options.intra_op_num_threads = threads or cores()
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(
                self.artifact.model.read_bytes(), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise ArtifactError(f"{self.artifact.model} cannot be run by ONNX Runtime: {error}") from error
        self._input = self._session.get_inputs()[0].name
        self._outputs = [output.name for output in self._session.get_outputs()]

    @property
    def facts(self) -> Mapping[str, Any]:
        """What training kept for predicting, the name of the model that it chose, and that model if it is simpler."""
        card = self.artifact.card
        return {**(card.get("facts") or {}), "chosen": card.get("chosen"), "simpler": card.get("simpler")}

    @functools.cached_property
    def card_sha256(self) -> str:
        """Of what predicting takes from the card: two models may differ in that alone."""
        return hashlib.sha256(json.dumps(self.facts, sort_keys=True).encode()).hexdigest()

    def __call__(self, batch: np.ndarray, /) -> dict[str, np.ndarray]:
        given = self._session.run(None, {self._input: np.ascontiguousarray(batch, np.float32)})
        return {name: np.asarray(value) for name, value in zip(self._outputs, given, strict=True)}


def network_of(job: str, folder: str | os.PathLike[str] | None, threads: int | None = None) -> OnnxNetwork:
    """Open the model of a job: of a model folder, or the bundled one; `threads` as of `OnnxNetwork`.

    Raises:
        ArtifactError: no such model, a damaged one, or one of another job.
    """
    network = OnnxNetwork(bundled(job) if folder is None else Path(folder), threads)
    if network.artifact.job != job:
        raise ArtifactError(
            f"{network.artifact.folder} holds a model of the job {network.artifact.job}, not of {job}. "
            f"Give a folder that `nital train {job}` wrote."
        )
    if missing := [name for name in get_task(job).needed_facts if name not in network.facts]:
        raise ArtifactError(
            f"{network.artifact.folder / 'card.json'} does not say {', '.join(missing)}, which predicting needs: it is "
            "damaged, or of an early nital. Copy the folder again, or train again."
        )
    return network


def cores() -> int:
    """CPU cores that this process may use, or OMP_NUM_THREADS where that is fewer; not every system tells."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores, int(asked)) if asked.isdigit() and int(asked) > 0 else cores
