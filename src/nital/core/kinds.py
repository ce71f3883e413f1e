"""Whether a value fits a type hint: the one rule for recipes, options and `--set`."""

import math
import types
import typing
from pathlib import Path
from typing import Any, Literal

__all__ = ["fits", "kind_name"]

WORDS: dict[Any, str] = {
    int: "a whole number", float: "a finite number", bool: "true or false", str: "a text", Path: "a path",
    types.NoneType: "None",
}  # fmt: skip


def fits(value: Any, kind: Any) -> bool:
    """Whether `value` may stand where `kind` is declared; an int is a float too, a bool is no number, NaN is no float.

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
    if kind is float:
        return isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return isinstance(value, kind)


def kind_name(kind: Any) -> str:
    """What a value may be, in words.

    >>> kind_name(int | None), kind_name(tuple[float, ...])
    ('a whole number or None', 'a list: each a finite number')
    """
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(map(kind_name, parts))
    if origin is Literal:
        return f"one of: {', '.join(map(str, parts))}"
    if origin is tuple:
        several = parts[-1] is Ellipsis
        return f"a list: each {kind_name(parts[0])}" if several else f"a list: {', '.join(map(kind_name, parts))}"
    return WORDS.get(kind, str(kind))
