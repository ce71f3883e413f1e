"""Many files: one after another, finished results kept, bad files reported and left behind."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nital.core.errors import NitalError, OutputError
from nital.core.task import PICTURES, Say
from nital.runs.engine import network_of
from nital.runs.jobs import get_task
from nital.runs.predict import Result, checked_options, predict_one, result_folder

__all__ = ["Failure", "expand", "predict_many"]


@dataclass(frozen=True)
class Failure:
    """A file that could not be used, and why."""

    file: Path
    error: str


def expand(paths: Iterable[str | os.PathLike[str]], suffixes: Sequence[str] = PICTURES) -> list[Path | Failure]:
    """Files as they are; of folders the files inside that the job opens, by name; failures for what is not there."""
    found: list[Path | Failure] = []
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(p for p in path.iterdir() if p.is_file() and _opens(p, suffixes))
            kinds = ", ".join(suffixes)
            found += inside or [Failure(path, f"{path} holds no file to open ({kinds}). Name the files themselves.")]
        elif path.exists():
            found.append(path)
        else:
            found.append(Failure(path, f"{path} does not exist. Check the name."))
    return found


def predict_many(
    job: str,
    files: Iterable[Path | Failure],
    *,
    out: Path | None,
    artifact: Path | None = None,
    overwrite: bool = False,
    progress: Say = None,
    **options: Any,
) -> Iterator[Result | Failure]:
    """Apply a job to files; the model is opened once.

    A result that `out` already holds for the same file, model and options is not computed again, so a
    batch that was stopped goes on where it was.

    Yields:
        a result for each file, or a failure that names what is wrong with it; failures among `files` are handed on.

    Raises:
        InputError, UnknownName: an option is wrong. ArtifactError: the model is. OutputError: `out` is.
    """
    files = list(files)
    task = get_task(job)
    chosen = checked_options(job, task.options_type, options)
    network = network_of(job, artifact)
    for number, (file, folder) in enumerate(zip(files, _folders(job, files, out), strict=True), 1):
        if isinstance(file, Failure):
            yield file
            continue

        def say(text: str, number: int = number) -> None:
            if progress:
                progress(f"[{number}/{len(files)}] {text}")

        try:
            yield predict_one(task, network, file, chosen, folder, overwrite=overwrite, progress=say)
        except (OutputError, MemoryError):
            raise
        except NitalError as error:
            yield Failure(file, str(error))
        except Exception as error:
            if len(files) == 1:
                raise
            yield Failure(
                file, f"{file}: a fault in nital ({type(error).__name__}: {error}). Run it alone, with --debug."
            )


def _folders(job: str, files: list[Path | Failure], out: Path | None) -> list[Path | None]:
    """A result folder for each file; files of one stem get folders of their own, also beside earlier results."""
    if out is None:
        return [None] * len(files)
    stems = [file.stem for file in files if isinstance(file, Path)]
    taken: set[str] = set()
    folders: list[Path | None] = []
    for file in files:
        if isinstance(file, Failure):
            folders.append(None)
            continue
        first = file.stem if stems.count(file.stem) == 1 else file.name.replace(".", "_")
        folders.append(folder := result_folder(out, first, job, file, taken))
        taken.add(folder.name)
    return folders


def _opens(path: Path, suffixes: Sequence[str]) -> bool:
    return path.suffix.lower() in suffixes and not path.name.startswith(".")
