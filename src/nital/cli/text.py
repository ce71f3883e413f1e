"""What people and programs read: aligned tables, progress on stderr, one line of JSON."""

import codecs
import io
import json
import math
import re
import shutil
import sys
import time
from collections.abc import Sequence
from typing import Any

import click

from nital.core.plain import plain

__all__ = ["Progress", "aligned", "as_flags", "complain", "json_line", "tell_failure", "write_anywhere"]

_OTHERWISE = {"µ": "u", "²": "2", "³": "3", "°": "deg", "±": "+-", "–": "-"}
_OPTION = re.compile(r"`([a-z][a-z0-9_]*)`")


def write_anywhere() -> None:
    """Let terminals whose encoding lacks a letter show it otherwise, `um` for `µm`, instead of failing."""

    def other(error: UnicodeError) -> tuple[str, int]:
        assert isinstance(error, UnicodeEncodeError)
        return "".join(_OTHERWISE.get(letter, "?") for letter in error.object[error.start : error.end]), error.end

    codecs.register_error("nital", other)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="nital")


def json_line(values: Any) -> str:
    """One line of JSON; numbers that are not finite become null.

    >>> json_line({"g": float("nan"), "n": 3})
    '{"g": null, "n": 3}'
    """
    return json.dumps(plain(values), ensure_ascii=False, allow_nan=False, default=str)


def aligned(rows: Sequence[Sequence[str]], indent: str = "  ") -> str:
    """Rows of text with their columns under one another.

    >>> print(aligned([("G", "8.1"), ("grains", "120")]))
      G       8.1
      grains  120
    """
    if not rows:
        return ""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(indent + line.rstrip() for line in lines)


def as_flags(text: str) -> str:
    """A sentence of nital in the words of the command line: options, which stand in backticks, become flags.

    >>> as_flags("steel.tif has no pixel size. Give `pixel_size_um`, or run `nital doctor`.")
    'steel.tif has no pixel size. Give --pixel-size-um, or run `nital doctor`.'
    """
    return _OPTION.sub(lambda found: "--" + found[1].replace("_", "-"), text)


def complain(text: str) -> None:
    """One line on stderr."""
    click.echo(f"nital: {' '.join(as_flags(text).split())}", err=True)


def tell_failure(job: str, file: Any, error: str, as_json: bool) -> None:
    """Why a file could not be used: on stderr, and for programs as a line of JSON."""
    complain(error)
    if as_json:
        click.echo(json_line({"file": str(file), "job": job, "error": error}))


class Progress:
    """Lines on stderr that say how far the work is; on a terminal the passing ones overwrite each other.

    Args:
        total: pieces of work, for the time left; 0: not known.
    """

    def __init__(self, total: int = 0) -> None:
        self.total, self.finished, self.started = total, 0, time.monotonic()
        self.begun, self.reached = (0, 0.0), math.inf
        self.live = sys.stderr.isatty()

    def passing(self, done: int, total: int, text: str) -> None:
        """What happens now, and the share that is done; of interest only while somebody watches."""
        if self.live:
            text = f"{100 * min(done, total) // total:3d} %  {text}" if total else text
            width = shutil.get_terminal_size().columns - 1
            click.echo("\r" + text[:width].ljust(width), nl=False, err=True)

    def logged(self, done: int, total: int, text: str) -> None:
        """What is worth keeping in a log, with the time left; steps without a text pass by."""
        if done < self.reached:  # work begins, or other work: what a run that goes on had done took no time now
            self.begun = done, time.monotonic()
        self.reached = done
        first, at = self.begun
        left = (time.monotonic() - at) / max(done - first, 1) * (total - done)
        if text:
            self.line(f"{text}, about {duration(left)} left" if first < done < total else text)
        else:
            self.passing(done, total, text)

    def line(self, text: str) -> None:
        """One line that stays."""
        self._wipe()
        click.echo(text, err=True)

    def done(self, name: str) -> None:
        """One piece is finished: say so if there are several, with the time left."""
        self.finished += 1
        if self.total > 1:
            left = (time.monotonic() - self.started) / self.finished * (self.total - self.finished)
            tail = f", about {duration(left)} left" if self.finished < self.total else ""
            self.line(f"[{self.finished}/{self.total}] {name}{tail}")
        else:
            self._wipe()

    def _wipe(self) -> None:
        if self.live:
            click.echo("\r" + " " * (shutil.get_terminal_size().columns - 1) + "\r", nl=False, err=True)


def duration(seconds: float) -> str:
    """Seconds as people say them.

    >>> duration(4), duration(200), duration(9000)
    ('4 s', '3 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
