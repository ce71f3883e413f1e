"""Many files: one after another, finished results kept, bad files reported and left behind."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nital.core.errors import InputError, NitalError, OutputError
from nital.runs.engine import network_of
from nital.runs.jobs import get_task
from nital.runs.predict import Result, checked_options, predict_one, result_folder

__all__ = ["Failure", "expand", "predict_many"]

PICTURES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dm3", ".dm4", ".emd", ".ser")


@dataclass(frozen=True)
class Failure:
    """A file that could not be used, and why."""

    file: Path
    error: str


def expand(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    """Files as they are; of folders the pictures inside, by name.

    Raises:
        InputError: a path that does not exist, or a folder without pictures.
    """
    files: list[Path] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and _is_picture(p))
            if not inside:
                raise InputError(f"{path} holds no picture ({', '.join(PICTURES)}). Name the files, or another folder.")
            files += inside
        elif path.exists():
            files.append(path)
        else:
            raise InputError(f"{path} does not exist. Check the name.")
    return files


def predict_many(
    job: str,
    files: Iterable[Path],
    *,
    out: Path | None,
    artifact: Path | None = None,
    overwrite: bool = False,
    progress: Callable[[str], object] | None = None,
    **options: Any,
) -> Iterator[Result | Failure]:
    """Apply a job to files; the model is opened once.

    A result that `out` already holds for the same file, model and options is not computed again, so a
    batch that was stopped goes on where it was.

    Yields:
        a result for each file, or a failure that names what is wrong with it.

    Raises:
        InputError, UnknownName: an option is wrong. ArtifactError: the model is. OutputError: `out` is.
    """
    files = list(files)
    task = get_task(job)
    chosen = checked_options(task, options)
    network = network_of(job, artifact)
    for number, (file, folder) in enumerate(zip(files, _folders(job, files, out), strict=True), 1):

        def say(text: str, number: int = number) -> None:
            if progress:
                progress(f"[{number}/{len(files)}] {text}")

        try:
            yield predict_one(task, network, file, chosen, folder, overwrite=overwrite, progress=say)
        except OutputError:
            raise
        except NitalError as error:
            yield Failure(file, str(error))


def _folders(job: str, files: list[Path], out: Path | None) -> list[Path | None]:
    """A result folder for each file; files of one stem get folders of their own, also beside earlier results."""
    if out is None:
        return [None] * len(files)
    stems = [file.stem for file in files]
    taken: set[str] = set()
    folders: list[Path | None] = []
    for file in files:
        first = file.stem if stems.count(file.stem) == 1 else file.name.replace(".", "_")
        folders.append(folder := result_folder(out, first, job, file, taken))
        taken.add(folder.name)
    return folders


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in PICTURES and not path.name.startswith(".")
