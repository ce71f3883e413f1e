"""Every error that nital raises on purpose.

    NitalError                      anything below; `except nital.NitalError` catches all
    ├── InputError (ValueError)     a file, value or option that cannot be used
    │   └── OutputError             a place that cannot be written to
    ├── UnknownName (LookupError)   a job, recipe, column or model that does not exist
    ├── LeakError                   one group on two sides of a split
    ├── ArtifactError               a model folder that is damaged or does not fit
    └── MissingExtra (ImportError)  an optional dependency is not installed

A message says what was wrong with which value, where, and what to do about it.
"""

import difflib
import importlib
from collections.abc import Iterable
from types import ModuleType

__all__ = [
    "ArtifactError", "InputError", "LeakError", "MissingExtra", "NitalError", "OutputError", "UnknownName", "need",
    "unknown_name",
]  # fmt: skip


class NitalError(Exception):
    """The root of all errors that nital raises on purpose."""


class InputError(NitalError, ValueError):
    """A file, value or option that cannot be used."""


class OutputError(InputError):
    """A place that cannot be written to."""


class UnknownName(NitalError, LookupError):
    """A job, recipe, column or model that does not exist."""


class LeakError(NitalError):
    """One group stands on two sides of a split."""


class ArtifactError(NitalError):
    """A model folder that is damaged or does not fit the job."""


class MissingExtra(NitalError, ImportError):
    """An optional dependency is not installed."""


def need(module: str, extra: str, purpose: str) -> ModuleType:
    """Import `module`, or say which extra brings it.

    Args:
        module: dotted name, such as `"torch"`.
        extra: nital's extra that installs it, such as `"train"`.
        purpose: what needs it, as the subject of a sentence: `"Training a model"`.

    Raises:
        MissingExtra: with the command that installs the extra.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"{purpose} needs the package {module.partition('.')[0]}, which is not installed. "
            f"Install it with: pip install 'nital[{extra}]'"
        ) from error


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownName:
    """Build the error for a name that does not exist, with the nearest and all known names.

    >>> str(unknown_name("job", "grain", ["grains", "phases"]))
    "There is no job 'grain'. Did you mean 'grains'? Known: grains, phases."
    """
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return UnknownName(f"There is no {kind} '{name}'.{hint} Known: {', '.join(names) or 'none'}.")
