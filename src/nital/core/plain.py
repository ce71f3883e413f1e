"""Values as JSON knows them."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

__all__ = ["plain"]


def plain(value: Any) -> Any:
    """A value as JSON knows it: numpy's numbers become Python's, and what is not finite becomes None.

    >>> plain({"g": float("nan"), "file": Path("a.png"), "ci95": (1, 2)})
    {'g': None, 'file': 'a.png', 'ci95': [1, 2]}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in cast(Mapping[Any, Any], value).items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in cast(Sequence[Any], value)]
    if hasattr(value, "tolist"):  # of numpy, which the help of the command line does not load
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value
