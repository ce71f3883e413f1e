"""A job's options as flags, and recipe fields from `--set`: both follow from the types of a dataclass."""

import dataclasses
import json
import types
import typing
from pathlib import Path
from typing import Any, Literal

import click

__all__ = ["flags", "parse_setting"]


class _Number(click.ParamType):
    """A number; one with a decimal comma is refused with the mend."""

    name = "float"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if isinstance(value, str) and "," in value:
            self.fail(
                f"{value!r} has a comma. Write the number with a decimal point: {value.replace(',', '.')}", param, ctx
            )
        return click.FLOAT.convert(value, param, ctx)  # pyright: ignore[reportArgumentType]


_PLAIN: dict[type, click.ParamType] = {
    int: click.INT,
    float: _Number(),
    str: click.STRING,
    Path: click.Path(path_type=Path),
}


def flags(options_type: type) -> list[click.Option]:
    """One flag per field: `pixel_size_um` becomes `--pixel-size-um`.

    Args:
        options_type: a dataclass whose fields are bool, int, float, str, Path or a Literal, each perhaps with None;
            `metadata["help"]` is the flag's help.
    """
    hints = typing.get_type_hints(options_type)
    return [_flag(field, _without_none(hints[field.name])) for field in dataclasses.fields(options_type)]


def _flag(field: "dataclasses.Field[Any]", kind: Any) -> click.Option:
    name = "--" + field.name.replace("_", "-")
    default = None if field.default is dataclasses.MISSING else field.default
    common: dict[str, Any] = {
        "default": default,
        "show_default": default is not None,
        "help": field.metadata.get("help", ""),
    }
    if kind is bool:
        return click.Option([f"{name}/--no-{name[2:]}"], **common)
    if typing.get_origin(kind) is Literal:
        return click.Option([name], type=click.Choice([str(word) for word in typing.get_args(kind)]), **common)
    return click.Option([name], type=_PLAIN[kind], **common)


def parse_setting(recipe_type: type, setting: str) -> tuple[str, Any]:
    """Read `field=value` into the field's type.

    Raises:
        click.UsageError: no `=`, a field that the recipe does not have, or a value of another type.

    >>> from nital.core.recipe import Recipe
    >>> parse_setting(Recipe, "epochs=3")
    ('epochs', 3)
    """
    from nital.core.errors import unknown_name
    from nital.core.kinds import fits, kind_name

    name, equals, text = setting.partition("=")
    hints = typing.get_type_hints(recipe_type)
    if not equals:
        raise click.UsageError(f"--set {setting}: write it as field=value, such as --set epochs=3.")
    if name not in hints:
        raise click.UsageError(str(unknown_name("recipe field", name, hints)))
    value = _value(text)
    if not fits(value, hints[name]):
        raise click.UsageError(f"--set {setting}: '{text}' is not of the type {kind_name(hints[name])}.")
    return name, value


def _value(text: str) -> Any:
    """JSON where it is JSON, else the text itself."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return {"None": None, "True": True, "False": False}.get(text, text)
    return tuple(value) if isinstance(value, list) else value


def _without_none(kind: Any) -> Any:
    parts = [part for part in typing.get_args(kind) if part is not types.NoneType]
    is_union = typing.get_origin(kind) in (types.UnionType, typing.Union)
    return parts[0] if is_union and len(parts) == 1 else kind
