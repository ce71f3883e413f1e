"""nital: neural networks for microstructure, from one neuron to a number in a report.

    import nital
    result = nital.predict("grains", "steel.tif", pixel_size_um=0.2252)
    result.astm_grain_size_number

Names are imported when they are first used, so that `import nital` is quick.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nital.core.errors import (
        ArtifactError,
        InputError,
        LeakError,
        MissingExtra,
        NitalError,
        OutputError,
        UnknownName,
    )
    from nital.core.report import Report
    from nital.runs.evaluate import evaluate
    from nital.runs.explain import explain
    from nital.runs.jobs import job_names
    from nital.runs.predict import predict
    from nital.runs.result import Result
    from nital.runs.train import train

__version__ = "0.1.0"

_HOME = {
    "ArtifactError": "nital.core.errors",
    "InputError": "nital.core.errors",
    "LeakError": "nital.core.errors",
    "MissingExtra": "nital.core.errors",
    "NitalError": "nital.core.errors",
    "OutputError": "nital.core.errors",
    "Report": "nital.core.report",
    "Result": "nital.runs.result",
    "UnknownName": "nital.core.errors",
    "evaluate": "nital.runs.evaluate",
    "explain": "nital.runs.explain",
    "job_names": "nital.runs.jobs",
    "predict": "nital.runs.predict",
    "train": "nital.runs.train",
}

__all__ = [
    "ArtifactError",
    "InputError",
    "LeakError",
    "MissingExtra",
    "NitalError",
    "OutputError",
    "Report",
    "Result",
    "UnknownName",
    "__version__",
    "evaluate",
    "explain",
    "job_names",
    "predict",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'nital' has no attribute '{name}'")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
