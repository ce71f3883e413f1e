"""The value beside the class, as facts of a dataset and of the model that learns from it."""

from typing import Any

import numpy as np

from nital.tasks.classes.judging import RESERVED

__all__ = ["value_facts"]


def value_facts(name: str, value: np.ndarray, *, decides: bool) -> dict[str, Any]:
    """`name` (in the JSON of a result), `mean`, `spread`, `low`, `high`, `decides`.

    Args:
        name: of its column. value: (n,), of all samples. decides: whether it, not the class, is what is asked for.
    """
    return {
        "name": f"{name}_value" if name in RESERVED else name,
        "mean": float(value.mean()),
        "spread": float(max(value.std(), 1e-6)),
        "low": float(value.min()),
        "high": float(value.max()),
        "decides": decides,
    }
