"""Many files: results in their order, finished ones kept, bad files reported and left behind."""

import csv
import io
import itertools
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nital.core.errors import NitalError, OutputError
from nital.core.options import checked_options
from nital.core.outcome import Outcome
from nital.core.plain import plain
from nital.core.progress import Say, part
from nital.core.task import PICTURES
from nital.io.atomic import atomic_write_text, make_folder
from nital.runs.engine import cores, network_of
from nital.runs.jobs import get_task
from nital.runs.places import check_place, result_folder
from nital.runs.predict import predict_one
from nital.runs.result import Result

__all__ = ["Failure", "combine", "expand", "predict_many", "write_summary"]

LARGE_FILE = 4_000_000
"""Files of so many bytes may hold pictures of which several at once need too much memory."""
AT_ONCE = 4
"""Files of a quick job that are worked on together; more only wait for Python's one lock."""

T = TypeVar("T")


@dataclass(frozen=True)
class Failure:
    """A file that could not be used, and why."""

    file: Path
    error: str


def expand(paths: Iterable[str | os.PathLike[str]], suffixes: Sequence[str] = PICTURES) -> list[Path | Failure]:
    """Files as they are, each once; of folders the files inside that the job opens; failures for what is not there."""
    found: list[Path | Failure] = []
    for path in map(Path, paths):
        if path.is_dir():
            found += _inside(path, suffixes)
        elif path.exists():
            found.append(path)
        else:
            found.append(Failure(path, f"{path} does not exist. Check the name."))
    once: dict[Path, Path | Failure] = {}
    for one in found:
        once.setdefault((one if isinstance(one, Path) else one.file).resolve(), one)
    return list(once.values())


def _inside(folder: Path, suffixes: Sequence[str]) -> list[Path] | list[Failure]:
    try:
        inside = sorted(p for p in folder.iterdir() if p.is_file() and _opens(p, suffixes))
    except OSError as error:
        return [Failure(folder, f"{folder} cannot be read: {error.strerror or error}. Check its permissions.")]
    kinds = ", ".join(suffixes)
    text = f"{folder} holds no file to open ({kinds}); folders in it are not searched. Name the files, or that folder."
    return inside or [Failure(folder, text)]


def predict_many(
    job: str,
    files: Iterable[Path | Failure],
    *,
    out: Path | None,
    artifact: Path | None = None,
    overwrite: bool = False,
    say: Say = None,
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
    check_place(out)
    together = task.quick and not any(_is_large(file) for file in files)
    at_once = max(1, min(AT_ONCE, cores(), len(files))) if together else 1
    network = network_of(job, artifact, threads=cores() // at_once)

    def one(number: int, file: Path | Failure, folder: Path | None) -> Result | Failure:
        if isinstance(file, Failure):
            return file

        own = part(say, number - 1, len(files), f"[{number}/{len(files)}] ")
        try:
            return predict_one(task, network, file, chosen, folder, overwrite=overwrite, say=own)
        except (OutputError, MemoryError):
            raise
        except NitalError as error:
            return Failure(file, str(error))
        except Exception as error:
            if len(files) == 1:
                raise
            return Failure(
                file, f"{file}: a fault in nital ({type(error).__name__}: {error}). Run it alone, with `debug`."
            )

    yield from _in_order(one, zip(range(1, len(files) + 1), files, _folders(job, files, out), strict=True), at_once)


def _in_order(work: Callable[..., T], given: Iterable[tuple[Any, ...]], at_once: int) -> Iterator[T]:
    """`work(*g)` for each of `given`, in their order, a few ahead of who takes them."""
    if at_once == 1:
        yield from itertools.starmap(work, given)
        return
    given = iter(given)
    with ThreadPoolExecutor(at_once) as pool:
        ahead = deque(pool.submit(work, *each) for each in itertools.islice(given, 2 * at_once))
        try:
            while ahead:
                found = ahead.popleft().result()
                ahead.extend(pool.submit(work, *each) for each in itertools.islice(given, 1))
                yield found
        finally:
            pool.shutdown(cancel_futures=True)


def write_summary(out: Path, job: str, rows: Sequence[Mapping[str, Any]]) -> Path:
    """The table of a batch, `JOB.csv` beside the results' folders.

    Args:
        rows: `Result.row` of each file; of a file that failed `file` and `error`.

    Raises:
        OutputError: `out` cannot be written to.
    """
    columns = list(dict.fromkeys(name for row in sorted(rows, key=lambda row: "error" in row) for name in row))
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    make_folder(out)
    atomic_write_text(out / f"{job}.csv", buffer.getvalue())
    return out / f"{job}.csv"


def combine(out: Path, job: str, results: Sequence[Result]) -> Outcome:
    """What files of one specimen say together; also written as `JOB-specimen.json`, with the warnings of each file.

    Raises:
        InputError: the job has no such thing, or these files cannot be taken together.
        OutputError: `out` cannot be written to.
    """
    values = [result.values for result in results]
    outcome = get_task(job).combine(values)
    own = [{"file": str(one["file"]), "warnings": list(one["warnings"])} for one in values]
    files = [str(one["file"]) for one in values]
    outcome.values = plain(
        {"job": job, "files": files, "warnings": outcome.warnings, "warnings_of_files": own, **outcome.values}
    )
    make_folder(out)
    atomic_write_text(out / f"{job}-specimen.json", json.dumps(outcome.values, indent=2) + "\n")
    return outcome


def _folders(job: str, files: list[Path | Failure], out: Path | None) -> list[Path | None]:
    """A result folder for each file; files of one stem get folders of their own, also beside earlier results."""
    if out is None:
        return [None] * len(files)
    taken: set[str] = set()
    folders: list[Path | None] = []
    for file in files:
        if isinstance(file, Failure):
            folders.append(None)
            continue
        folders.append(folder := result_folder(out, file.stem, job, file, taken))
        taken.add(folder.name)
    return folders


def _is_large(file: Path | Failure) -> bool:
    try:
        return isinstance(file, Path) and file.stat().st_size > LARGE_FILE
    except OSError:
        return False  # opening it will say why


def _opens(path: Path, suffixes: Sequence[str]) -> bool:
    return path.suffix.lower() in suffixes and not path.name.startswith(".")
