"""Writing files so that a reader, or a power cut, never meets half of one.

The data go to a temporary name in the same folder, are flushed to the disk, and take the final name
in one step (`os.replace`). Whatever happens before that step leaves an older file as it was.
"""

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from nital.core.errors import OutputError

__all__ = ["atomic_path", "atomic_write_bytes", "atomic_write_text", "make_folder"]


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary name beside `path`; what is written there becomes `path` when the block ends well.

    The temporary name keeps the suffix of `path`, so writers that choose a format by suffix work.

    Args:
        path: the final name; its folder must exist.

    Raises:
        OutputError: the folder is missing, not writable, or full; nothing is left behind.
    """
    final = Path(path)
    if not final.parent.is_dir():
        raise OutputError(f"{final.parent} is not a folder, so {final.name} cannot be written there. Make it first.")
    if final.is_dir():
        raise OutputError(f"{final} is a folder, so no file of that name can be written. Choose another name.")
    temporary = final.with_name(f".{final.stem}.{secrets.token_hex(4)}.part{final.suffix}")
    try:
        yield temporary
        _flush(temporary)
        os.replace(temporary, final)
        _flush_folder(final.parent)
    except OSError as error:
        raise OutputError(
            f"{final} cannot be written: {error.strerror or error}. "
            "Choose a folder that you may write to and that has room."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def atomic_write_bytes(path: str | os.PathLike[str], data: bytes) -> None:
    """Write `data` to `path` whole or not at all.

    Raises:
        OutputError: the place cannot be written to.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)


def atomic_write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write `text` to `path` as UTF-8, line ends untouched, whole or not at all.

    Raises:
        OutputError: the place cannot be written to.
    """
    atomic_write_bytes(path, text.encode("utf-8"))


def make_folder(path: str | os.PathLike[str]) -> None:
    """Make a folder, and those above it, where they are missing.

    Raises:
        OutputError: the place cannot be written to, or a file has that name.
    """
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be made: {error.strerror or error}. Choose another folder.") from error


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    # The new name must reach the disk too. Not every system lets a folder be opened or flushed.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
