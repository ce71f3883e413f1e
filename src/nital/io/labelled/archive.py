"""The pictures that a table names: files beside it, or members of the one .zip beside it."""

import tempfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import numpy as np

from nital.core.errors import InputError
from nital.io.labelled.pictures import Picture, open_picture

__all__ = ["opener_of"]

LARGEST_MEMBER = 2**30  # bytes that a file in a zip may unpack to


def opener_of(path: Path, files: np.ndarray) -> Callable[[int], Picture]:
    """Index into `files`, (n,) names in the table at `path` -> the picture.

    Raises:
        InputError: files are missing; the opener raises it for a picture that cannot be read.
    """
    if all((path.parent / str(file)).is_file() for file in files):
        return lambda index: open_picture(path.parent / str(files[index]))
    missing = [str(file) for file in files if not (path.parent / str(file)).is_file()]
    archives = sorted(path.parent.glob("*.zip"))
    if len(archives) == 1 and len(missing) == len(files):
        return _zip_opener(archives[0], path, files)
    raise InputError(
        f"{len(missing)} of {len(files)} files of {path} are not beside it, such as {missing[0]}. File names are "
        "relative to the table's folder."
    )


def _zip_opener(archive: Path, table: Path, files: np.ndarray) -> Callable[[int], Picture]:
    try:
        members = zipfile.ZipFile(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputError(f"{archive} cannot be read as a zip file: {error}. Copy it again.") from error
    inside: dict[str, list[str]] = {}
    for name in members.namelist():
        inside.setdefault(PurePosixPath(name).name, []).append(name)
    if missing := [str(file) for file in files if PurePosixPath(str(file)).name not in inside]:
        raise InputError(f"{archive} lacks {len(missing)} files of {table}, such as {missing[0]}.")
    member = {str(file): _member(archive, str(file), inside[PurePosixPath(str(file)).name]) for file in files}
    if len(set(member.values())) < len(member):
        raise InputError(f"{table} names files of one name in several folders, and {archive} has no such folders.")

    def read(index: int) -> Picture:
        name = member[str(files[index])]
        if members.getinfo(name).file_size > LARGEST_MEMBER:
            raise InputError(f"{name} in {archive} unpacks to more than 1 GiB. Unpack the archive yourself.")
        try:
            content = members.read(name)
        except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise InputError(
                f"{name} in {archive} cannot be unpacked: {error}. Unpack the archive yourself."
            ) from error
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / PurePosixPath(name).name
            path.write_bytes(content)
            try:
                return open_picture(path)
            except InputError as error:
                raise InputError(str(error).replace(str(path), f"{name} in {archive}")) from error

    return read


def _member(archive: Path, file: str, candidates: list[str]) -> str:
    """The member that a table's file means: the same path, else the end of one, else the only one of its name."""
    same = [name for name in candidates if name == file] or [name for name in candidates if name.endswith(f"/{file}")]
    found = same or candidates
    if len(found) > 1:
        raise InputError(f"{file} may mean {' or '.join(found[:3])} in {archive}. Write the folder into the table too.")
    return found[0]
