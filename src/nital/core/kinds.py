"""Whether a value fits a type hint: the one rule for recipes, options and `--set`."""

import types
import typing
from typing import Any, Literal

__all__ = ["fits", "kind_name"]


def fits(value: Any, kind: Any) -> bool:
    """Whether `value` may stand where `kind` is declared; an int is a float too, a bool is no number.

    Args:
        value: plain: None, bool, int, float, str, Path, or a tuple of these.
        kind: a class, a Literal, a tuple type, or a union of these.

    >>> fits(1, float), fits(True, int), fits(None, int | None), fits((1, 2), tuple[float, float])
    (True, False, True, True)
    """
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return any(fits(value, part) for part in parts)
    if origin is Literal:
        return any(value == word and type(value) is type(word) for word in parts)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        items = typing.cast("tuple[Any, ...]", value)
        if parts[-1] is Ellipsis:
            return all(fits(item, parts[0]) for item in items)
        return len(items) == len(parts) and all(map(fits, items, parts))
    if isinstance(value, bool) or kind is bool:
        return kind is bool and isinstance(value, bool)
    return isinstance(value, (int, float) if kind is float else kind)


def kind_name(kind: Any) -> str:
    """A type as people write it: `int`, `int | None`."""
    return str(kind) if typing.get_origin(kind) else getattr(kind, "__name__", str(kind))
