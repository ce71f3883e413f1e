"""Places: where results go, so that nobody's files are lost."""

import itertools
import os
from collections.abc import Collection
from pathlib import Path

from nital.core.errors import OutputError
from nital.runs.ledger import same_input
from nital.runs.result import result_from_folder

__all__ = ["check_place", "result_folder"]


def check_place(out: str | os.PathLike[str] | None) -> None:
    """Find out before the work whether results can be written.

    Raises:
        OutputError: they cannot.
    """
    if out is None:
        return
    there = next(path for path in (Path(out).absolute(), *Path(out).absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(f"{there} cannot be written to. Choose another place with `out`.")


def result_folder(out: Path, name: str, job: str, file: Path, taken: Collection[str] = ()) -> Path:
    """The folder in `out` for a file's result: `name`, or `name-2` ... where results of other files or jobs are.

    Args:
        taken: names that other files of the same batch go to.
    """
    names = itertools.chain([name], (f"{name}-{number}" for number in itertools.count(2)))
    return next(out / name for name in names if name not in taken and _may_go_to(out / name, job, file))


def _may_go_to(folder: Path, job: str, file: Path) -> bool:
    """Whether a folder is empty of results, or holds one of the same job and file: nobody else's is replaced."""
    old = result_from_folder(folder)
    return old is None or (old.values["job"] == job and same_input(old, file))
