"""predict: from a user's file to a result that can be read, printed, saved and shown in a notebook."""

import base64
import csv
import dataclasses
import hashlib
import html
import io
import itertools
import json
import math
import os
import shutil
import tempfile
import time
import typing
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from nital import __version__
from nital.core.errors import InputError, OutputError, unknown_name
from nital.core.kinds import fits, kind_name
from nital.core.task import Options, Outcome, Say, Task
from nital.io.atomic import atomic_write_text
from nital.runs.artifact import sha256_of
from nital.runs.engine import OnnxNetwork, network_of
from nital.runs.jobs import get_task
from nital.runs.large_maps import LARGE_BYTES, save_large_label_map

__all__ = [
    "Result",
    "check_place",
    "checked_options",
    "finished",
    "plain",
    "predict",
    "result_folder",
    "result_from_folder",
]


_OF_THE_FOLDER = ("headline", "files", "ledger", "pictures")  # in result.json, not in what is printed


class Result:
    """What a job found in one file: values as in the JSON, and pictures.

    Values can be read as attributes: `result.astm_grain_size_number`.

    Attributes:
        values: the JSON object of `nital predict`.
        outcome: arrays, tables and headline; None for a result that was found finished in its folder.
        folder: where the files are; None when nothing was written.
    """

    def __init__(self, values: dict[str, Any], outcome: Outcome | None, folder: Path | None) -> None:
        self.values, self.outcome, self.folder = values, outcome, folder

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__.get("values", {})
        if name not in values:
            raise AttributeError(f"This result has no '{name}'. It has: {', '.join(values)}.")
        return values[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.values]

    def __repr__(self) -> str:
        lines = "\n".join(f"  {label}: {value}" for label, value in self.headline)
        return f"Result of {self.values['job']} for {self.values['file']}\n{lines}"

    @property
    def headline(self) -> list[tuple[str, str]]:
        """The few numbers that a person wants first."""
        pairs = self.outcome.headline if self.outcome else self.values.get("headline", [])
        return [(str(label), str(value)) for label, value in pairs]

    def to_json(self) -> str:
        """The values as one line of JSON; numbers that are not finite become null."""
        return json.dumps(plain({k: v for k, v in self.values.items() if k not in _OF_THE_FOLDER}))

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{html.escape(a)}</th><td>{html.escape(b)}</td></tr>" for a, b in self.headline)
        notes = "".join(f"<p>&#9888; {html.escape(warning)}</p>" for warning in self.values["warnings"])
        picture = self._picture()
        image = f'<img style="max-width:640px" src="data:image/png;base64,{picture}">' if picture else ""
        return f"<table>{rows}</table>{notes}{image}"

    def _picture(self) -> str | None:
        """The first picture as base64 PNG."""
        if self.outcome:
            from PIL import Image

            for name in self.outcome.pictures:
                buffer = io.BytesIO()
                Image.fromarray(self.outcome.image(name)).save(buffer, "PNG")
                return base64.b64encode(buffer.getvalue()).decode()
            return None
        names = [picture["file"] for picture in self.values.get("pictures", [])]
        path = self.folder / names[0] if self.folder and names else None
        return base64.b64encode(path.read_bytes()).decode() if path and path.exists() else None


def predict(
    job: str,
    file: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    artifact: str | os.PathLike[str] | None = None,
    overwrite: bool = False,
    progress: Say = None,
    **options: Any,
) -> Result:
    """Apply a job's model to one file.

    Args:
        job: such as "grains".
        file: what the job opens.
        out: a folder; the result goes into a folder in it that is named like the file, with a number where a result of
            another file of that name is. None: nothing is written.
        artifact: a model folder from `nital train`; None: the bundled model.
        overwrite: compute again although `out` holds this very result.
        progress: is given lines of text.
        options: the job's own, such as `pixel_size_um=0.2252`.

    Raises:
        InputError: the file or an option cannot be used. UnknownName: no such job or option.
        ArtifactError: the model is missing or damaged. OutputError: `out` cannot be written to.
    """
    task = get_task(job)
    chosen = checked_options(job, task.options_type, options)
    if not isinstance(file, (str, os.PathLike)):
        raise InputError(f"predict takes the path of a file, not {type(file).__name__}. Save the array as TIFF first.")
    check_place(out)
    network = network_of(job, artifact)
    folder = None if out is None else result_folder(Path(out), Path(file).stem, job, Path(file))
    return predict_one(task, network, Path(file), chosen, folder, overwrite=overwrite, progress=progress)


def predict_one(
    task: Task,
    network: OnnxNetwork,
    file: Path,
    options: Options,
    folder: Path | None,
    *,
    overwrite: bool = False,
    progress: Say = None,
    analyse: Callable[[OnnxNetwork, Path, Any], Outcome] | None = None,
) -> Result:
    """Apply an open model to one file; `folder` receives exactly this result.

    Args:
        analyse: what is done with the file; None: the job's own analysis.
    """
    if folder is not None and not overwrite and (old := finished(folder, file, network, options)):
        return old
    start = time.perf_counter()
    if progress:
        progress(f"{file}")
    if analyse is None:
        outcome = task.analyse(network, file, options, progress=progress)
    else:
        outcome = analyse(network, file, options)
    values: dict[str, Any] = {
        "file": str(file),
        "job": task.card.job,
        "model": {
            "name": network.name,
            "sha256": network.sha256,
            "trained_on": network.artifact.card.get("trained_on"),
        },
        "seconds": round(time.perf_counter() - start, 2),
        "warnings": list(outcome.warnings),
        **outcome.values,
    }
    if folder is not None:
        values = _write(folder, task, values, outcome, _ledger(file, network, options))
    return Result(values, outcome, folder)


def checked_options(job: str, kind: type[Options], given: dict[str, Any]) -> Options:
    """Build a job's options of this kind from keywords.

    Raises:
        UnknownName: an option that the job does not have. InputError: a value of the wrong kind.
    """
    hints = typing.get_type_hints(kind)
    fields = {field.name for field in dataclasses.fields(kind)}
    given = {name: value.item() if isinstance(value, np.generic) else value for name, value in given.items()}
    for name, value in given.items():
        if name not in fields:
            raise unknown_name(f"option of {job}", name, fields)
        _check_kind(name, value, hints[name])
    return kind(**given)


def _check_kind(name: str, value: Any, hint: Any) -> None:
    if fits(value, hint):
        return
    kinds = typing.get_args(hint) if typing.get_origin(hint) is not typing.Literal else (hint,)
    words = [word for kind in kinds for word in typing.get_args(kind)]
    if words:
        raise InputError(f"{name} is {value!r}. Use one of: {', '.join(map(str, words))}.")
    raise InputError(f"{name} is {value!r}, which is not {kind_name(hint)}.")


def plain(value: Any) -> Any:
    """A value as JSON knows it: numpy numbers become Python's, and what is not finite becomes None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return str(value) if isinstance(value, Path) else value


def finished(folder: Path, file: Path, network: OnnxNetwork, options: Options) -> Result | None:
    """The result that `folder` already holds for this file, model and options; None if it holds another or none."""
    result = result_from_folder(folder)
    if result is None or not file.is_file() or result.values.get("ledger") != _ledger(file, network, options):
        return None
    if not all((folder / name).is_file() for name in result.values.get("files", ())):
        return None  # someone has taken a part of it away
    result.values["file"] = str(file)
    return result


def check_place(out: str | os.PathLike[str] | None) -> None:
    """Find out before the work whether results can be written.

    Raises:
        OutputError: they cannot.
    """
    if out is None:
        return
    there = next(path for path in (Path(out).absolute(), *Path(out).absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise OutputError(f"{there} cannot be written to. Choose another place with --out.")


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
    if old is None:
        return True
    if old.values["job"] != job:
        return False
    if Path(str(old.values.get("file"))).resolve() == file.resolve():
        return True
    # The same picture by another path: it was moved, or named from another folder.
    ledger = old.values.get("ledger") or {}
    return file.is_file() and ledger.get("input_sha256", "") == _digest_or_none(file)


def result_from_folder(folder: Path) -> Result | None:
    """Read a result that was written before; None if there is none."""
    try:
        values = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(values, dict) or "job" not in values:
        return None
    return Result({**values, **_paths(folder, values.get("files", ()))}, None, folder)


def _paths(folder: Path, files: Iterable[str]) -> dict[str, str]:
    """Name in the JSON -> path, for the files of a result: `overlay.png` is `overlay`, `grains.csv` is `grains_csv`."""
    return {
        name.replace(".", "_") if name.endswith(".csv") else name.partition(".")[0]: str(folder / name)
        for name in files
    }


def _ledger(file: Path, network: OnnxNetwork, options: Options) -> dict[str, Any]:
    """What a result depends on; the text files beside a picture may give its pixel size."""
    from nital.io.micrographs import sidecar_files

    try:
        digest = sha256_of(file)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from error
    chosen = hashlib.sha256(json.dumps(dataclasses.asdict(options), sort_keys=True).encode()).hexdigest()
    ledger = {
        "input_sha256": digest, "model_sha256": network.sha256, "card_sha256": network.card_sha256,
        "options_sha256": chosen, "nital": __version__,
    }  # fmt: skip
    beside = {path.name: _digest_or_none(path) for path in sidecar_files(file)}
    return {**ledger, "sidecar_sha256": beside} if beside else ledger


def _digest_or_none(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:
        return None


def _write(
    folder: Path, task: Task, values: dict[str, Any], outcome: Outcome, ledger: dict[str, Any]
) -> dict[str, Any]:
    """Write all files of a result into a new folder and move it into place."""
    from nital.io.micrographs import save_label_map, save_png, save_tiff
    from nital.runs.report import result_html

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(
            f"{folder.parent} cannot be written to ({error.strerror}). Choose another place with --out."
        ) from error
    try:
        for name in outcome.image_names:
            array = outcome.image(name)
            if name.endswith(".png"):
                save_png(temporary / name, array)
            elif array.dtype.kind in "iu" and array.nbytes > LARGE_BYTES:
                save_large_label_map(temporary / name, array, values.get("pixel_size_um"))
            elif array.dtype.kind in "iu":
                save_label_map(temporary / name, array, values.get("pixel_size_um"))
            else:
                save_tiff(temporary / name, array, values.get("pixel_size_um"))
        for name, (columns, rows) in outcome.tables.items():
            buffer = io.StringIO()
            writer = csv.writer(buffer)
            writer.writerow(columns)
            writer.writerows(rows)
            atomic_write_text(temporary / name, buffer.getvalue())
        files = [*outcome.image_names, *outcome.tables, "report.html"]
        pictures = [
            {"file": name, "title": title, "caption": caption} for name, (title, caption) in outcome.pictures.items()
        ]
        values = plain({**values, "headline": outcome.headline, "files": files, "pictures": pictures, "ledger": ledger})
        atomic_write_text(temporary / "report.html", result_html(values, temporary, task.card))
        atomic_write_text(temporary / "result.json", json.dumps(values, indent=2) + "\n")
        temporary.chmod(0o755)
        _swap(temporary, folder)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written ({error.strerror}). Choose another place with --out.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return {**values, **_paths(folder, files)}


def _swap(temporary: Path, folder: Path) -> None:
    """Put a finished folder in the place of an old one; only folders that nital wrote are replaced."""
    if not folder.exists():
        temporary.rename(folder)
        return
    if not (folder / "result.json").exists() and any(folder.iterdir()):
        raise OutputError(f"{folder} exists and holds other files. Choose another place with --out.")
    before = result_from_folder(folder)
    ours = {"result.json", *(before.values.get("files", ()) if before else ())}
    strangers = [path.name for path in folder.iterdir() if path.name not in ours]
    if taken := [name for name in strangers if (temporary / name).exists()]:
        raise OutputError(f"{folder} holds {', '.join(taken)}, not written by nital. Move it, or change --out.")
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.rename(old / "result")
    temporary.rename(folder)
    for name in strangers:  # what the user has put there stays
        (old / "result" / name).rename(folder / name)
    shutil.rmtree(old, ignore_errors=True)
