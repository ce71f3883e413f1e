"""Options as flags, and recipe fields from `--set`: both follow from what a dataclass says of its fields."""

import json
import typing
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from nital.core.options import Option, Options, options_of

if typing.TYPE_CHECKING:
    from nital.core.task import Task

__all__ = ["ARTIFACT", "DEBUG", "FOLDER", "JSON", "OUT", "OVERWRITE", "flags", "job_command", "parse_setting"]

FOLDER = click.Path(file_okay=False, path_type=Path)
JSON = click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object per input, one per line.")
DEBUG = click.Option(["--debug"], is_flag=True, expose_value=False, help="Show the traceback of an error.")
OUT = click.Option(["--out"], type=FOLDER, default=Path("nital-results"), show_default=True, help="Folder for results.")
ARTIFACT = click.Option(["--artifact"], type=FOLDER, help="Model folder to use instead of the bundled one.")
OVERWRITE = click.Option(["--overwrite"], is_flag=True, help="Compute again what the folder already holds.")


def job_command(
    task: "Task", callback: Callable[..., int], about: str, params: Sequence[click.Parameter]
) -> click.Command:
    """A command of one job, with the flags that all commands have."""
    return click.Command(
        task.card.job, callback=callback, short_help=task.card.title, help=about, params=[*params, JSON, DEBUG]
    )


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


def flags(options_type: type[Options]) -> list[click.Parameter]:
    """One flag per option: `pixel_size_um` becomes `--pixel-size-um`. Bounds are checked where all surfaces check."""
    return [_flag(one) for one in options_of(options_type)]


def _flag(one: Option) -> click.Option:
    name = "--" + one.name.replace("_", "-")
    common: dict[str, Any] = {"default": one.default, "show_default": one.default is not None, "help": one.help}
    if one.kind is bool:
        return click.Option([f"{name}/--no-{name[2:]}"], **common)
    if one.choices:
        return click.Option([name], type=click.Choice(one.choices), **common)
    return click.Option([name], type=_PLAIN[one.kind], **common)


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
        raise click.UsageError(f"--set {setting}: '{text}' is not {kind_name(hints[name])}.")
    return name, value


def _value(text: str) -> Any:
    """JSON where it is JSON, else the text itself."""
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return {"None": None, "True": True, "False": False}.get(text, text)
    return tuple(value) if isinstance(value, list) else value
