"""Options: what a user may choose; flags, keywords and forms follow from them, and one check refuses the rest."""

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from nital.core.errors import InputError, unknown_name
from nital.core.kinds import fits, kind_name
from nital.core.units import unit_text

__all__ = ["Option", "Options", "checked_options", "option", "options_of"]


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of one verb of one job; each field is made by `option`.

    Raises:
        InputError: a value of the wrong kind, or out of bounds.
    """

    def __post_init__(self) -> None:
        for one in options_of(type(self)):
            _check(one, getattr(self, one.name))


Chosen = TypeVar("Chosen", bound=Options)


@dataclass(frozen=True)
class Option:
    """One option as a surface shows it.

    Attributes:
        name: the keyword. meaning: one sentence. unit: of a number, such as "um"; empty: none.
        default: None where nothing is chosen. kind: the type without None; optional: whether None may be given.
        choices: the words that it takes; empty: any value of the kind.
        minimum, maximum: bounds, which belong to the range; None: no bound.
    """

    name: str
    meaning: str
    unit: str
    default: Any
    kind: Any
    optional: bool
    choices: tuple[str, ...]
    minimum: float | None
    maximum: float | None

    @property
    def help(self) -> str:
        """Meaning with unit and bounds, for a flag or a form.

        >>> Option("page", "Page of a TIFF.", "", None, int, True, (), 1, None).help
        'Page of a TIFF. At least 1.'
        """
        unit = f" In {unit_text(self.unit)}." if self.unit else ""
        limits = f" {_range(self).capitalize()}." if _range(self) else ""
        return f"{self.meaning}{unit}{limits}"


def option(
    default: Any, meaning: str, *, unit: str = "", minimum: float | None = None, maximum: float | None = None
) -> Any:
    """A field of a subclass of `Options`.

    Args:
        default: None: nothing is chosen. meaning: one sentence that ends with a full stop.
        unit: of a number. minimum, maximum: bounds, which belong to the range.
    """
    facts = {"meaning": meaning, "unit": unit, "minimum": minimum, "maximum": maximum}
    return dataclasses.field(default=default, metadata=facts)


@functools.cache
def options_of(kind: type[Options]) -> tuple[Option, ...]:
    """The options of a class, in order."""
    hints = typing.get_type_hints(kind)
    return tuple(_described(field, hints[field.name]) for field in dataclasses.fields(kind))


def checked_options(job: str, kind: type[Chosen], given: Mapping[str, Any]) -> Chosen:
    """Build a job's options from keywords.

    Args:
        given: name -> value; numpy's scalars count as Python's numbers.

    Raises:
        UnknownName: an option that the job does not have. InputError: a value of the wrong kind, or out of bounds.
    """
    known = {one.name: one for one in options_of(kind)}
    for name in given:
        if name not in known:
            raise unknown_name(f"option of {job}", name, known)
    # The help of the command line, which comes through here, does not load numpy.
    values: dict[str, Any] = {
        name: value.item() if getattr(value, "shape", None) == () else value for name, value in given.items()
    }
    return kind(**values)


def _described(field: "dataclasses.Field[Any]", hint: Any) -> Option:
    parts = typing.get_args(hint) if typing.get_origin(hint) in (types.UnionType, typing.Union) else (hint,)
    kinds = [part for part in parts if part is not types.NoneType]
    kind = kinds[0] if len(kinds) == 1 else hint
    choices = tuple(map(str, typing.get_args(kind))) if typing.get_origin(kind) is Literal else ()
    return Option(
        field.name, field.metadata["meaning"], field.metadata["unit"], field.default, kind, len(kinds) < len(parts),
        choices, field.metadata["minimum"], field.metadata["maximum"],
    )  # fmt: skip


def _check(one: Option, value: Any) -> None:
    if one.optional and isinstance(value, types.NoneType):
        return
    if not fits(value, one.kind):
        if one.choices:
            raise InputError(f"`{one.name}` is {value!r}. Use one of: {', '.join(one.choices)}.")
        allowed = kind_name(one.kind)
        limits = f", {_range(one)}" if _range(one) else ""
        raise InputError(f"`{one.name}` is {value!r}, which is not {allowed}. Give {allowed}{limits}. {one.meaning}")
    number: Any = value
    low = one.minimum is not None and number < one.minimum
    high = one.maximum is not None and number > one.maximum
    if low or high:
        unit = f" {unit_text(one.unit)}" if one.unit else ""
        raise InputError(f"`{one.name}` is {value}{unit}. {_range(one).capitalize()}. {one.meaning}")


def _range(one: Option) -> str:
    if one.minimum is not None and one.maximum is not None:
        return f"from {one.minimum:g} to {one.maximum:g}"
    if one.minimum is not None:
        return f"at least {one.minimum:g}"
    return f"at most {one.maximum:g}" if one.maximum is not None else ""
