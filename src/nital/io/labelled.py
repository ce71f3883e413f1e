"""Labelled pictures in: a folder of class folders, a table that names files, or idx files as FashionMNIST has them.

`read_labelled` is the one door. It reads names and labels only; `LabelledPictures.open` decodes one picture.
"""

import os
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from nital.core.errors import InputError
from nital.core.task import PICTURES
from nital.core.units import UNCALIBRATED, Calibration
from nital.io.idx import read_idx
from nital.io.micrographs import open_micrograph
from nital.io.tables import Table, read_table

__all__ = ["Columns", "LabelledPictures", "Picture", "cut_to_specimen", "open_picture", "read_labelled"]

TABLES = (".csv", ".tsv", ".xlsx", ".parquet")
CROP_PX = 300
"""Pictures that are smaller than this are crops of a specimen: they have no banner, scale bar or margin."""
LARGEST_MEMBER = 2**30  # bytes that a file in a zip may unpack to

_COLUMN_NAMES = {
    "file": ("file", "filename", "file_name", "image", "picture", "path"),
    "class": ("class", "label", "class_name", "microstructure"),
    "group": ("group", "specimen", "sample", "heat"),
}


@dataclass(frozen=True)
class Columns:
    """Names of a table's columns; None: the usual ones, such as `file`, `class`, `group`; no value is looked for."""

    file: str | None = None
    class_: str | None = None
    group: str | None = None
    value: str | None = None


@dataclass(frozen=True)
class Picture:
    """One decoded picture.

    Attributes:
        grey: (rows, cols), cut to the rows and columns of the specimen; 16 bit are brought to the range of 8.
        calibration: its pixel size. warnings: sentences for the user.
    """

    grey: np.ndarray
    calibration: Calibration
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelledPictures:
    """Pictures with their classes; n of them.

    Attributes:
        name: of the folder or table.
        files: (n,) names for messages and reports.
        classes: names of the classes, sorted. label: int64 (n,), index into `classes`.
        group: str (n,), what never stands on two sides of a split; None: nobody said.
        value: float64 (n,), a number beside the class, such as a temperature; None: there is none.
        held_out: bool (n,), the test part as its makers chose it; None: they did not.
        open: index -> the picture; raises InputError, naming the file.
        account: sentences on what was read and left out.
    """

    name: str
    files: tuple[str, ...]
    classes: tuple[str, ...]
    label: np.ndarray
    group: np.ndarray | None
    value: np.ndarray | None
    held_out: np.ndarray | None
    open: Callable[[int], Picture]
    account: tuple[str, ...] = ()

    def take(self, indices: Sequence[int]) -> "LabelledPictures":
        """Some of the pictures, with all that is known of them."""
        rows = np.asarray(indices, dtype=np.intp)
        group, value, held_out = (
            None if known is None else known[rows] for known in (self.group, self.value, self.held_out)
        )
        return replace(
            self, files=tuple(self.files[row] for row in rows), label=self.label[rows], group=group, value=value,
            held_out=held_out, open=lambda index: self.open(int(rows[index])),
        )  # fmt: skip


def read_labelled(path: str | os.PathLike[str], columns: Columns | None = None) -> LabelledPictures:
    """Read which pictures there are, and their labels.

    Args:
        path: a folder with one folder per class, in which pictures lie directly or in one folder per specimen
            (`steel/martensite/heat7/a.tif`; heat7 in another class folder is the same specimen); or a table with the
            columns file, class and perhaps group (or a folder that holds one), its files beside it or in one .zip
            beside it; or a folder with idx files.
        columns: names of the table's columns.

    Raises:
        InputError: nothing of the kind is there, files are missing, or there is one class only.
    """
    path = Path(path)
    if not path.exists():
        raise InputError(f"{path} does not exist. Check the name.")
    if path.is_file() and path.suffix.lower() in PICTURES:
        raise InputError(f"{path} is one picture. Give the folder that holds one folder per class, or a table.")
    if path.is_file():
        found = _from_table(path, columns or Columns())
    elif idx := sorted(path.glob("*-images-idx3-ubyte*")):
        found = _from_idx(path, idx)
    elif (table := _table_in(path, columns or Columns())) is not None:
        found = _from_table(table, columns or Columns())
    else:
        found = _from_folders(path)
    if len(found.classes) < 2:
        raise InputError(
            f"{path} holds pictures of {len(found.classes)} class ({', '.join(found.classes)}); at least 2 are needed "
            "to tell apart. Give one folder per class, or a table with the columns file and class."
        )
    return found


def cut_to_specimen(image: np.ndarray, valid: np.ndarray | None) -> np.ndarray:
    """The largest whole rows and columns of a picture that show the specimen alone.

    Args:
        image: (rows, cols). valid: (rows, cols) bool, or None: everything is specimen.

    >>> mask = np.ones((6, 4), bool); mask[5] = False
    >>> cut_to_specimen(np.zeros((6, 4)), mask).shape
    (5, 4)
    """
    if valid is None:
        return image
    rows = np.flatnonzero(valid.mean(1) > 0.5)
    cols = np.flatnonzero(valid.mean(0) > 0.5)
    if not len(rows) or not len(cols):
        return image
    return image[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]


def open_picture(path: Path, *, page: int | None = None, pixel_size_um: float | None = None) -> Picture:
    """Open one picture as it is learned from and classified: the one way for both.

    Raises:
        InputError: the file cannot be used; the message names it.
    """
    found = open_micrograph(path, page=page, pixel_size_um=pixel_size_um, smallest_searched_px=CROP_PX)
    grey = cut_to_specimen(np.asarray(found.image), found.valid)
    if grey.dtype == np.uint16:
        grey = grey.astype(np.float32) / np.float32(257)
    return Picture(grey, found.calibration, tuple(found.warnings))


def _table_in(folder: Path, columns: Columns) -> Path | None:
    """The table of a folder that has the columns; None where the folder may hold class folders instead."""
    tables = [p for p in sorted(folder.iterdir()) if p.suffix.lower() in TABLES and p.name[0] not in ".~"]
    fitting = []
    for path in tables:
        try:
            table = read_table(path)
        except InputError:
            continue
        if (columns.file or _usual(table, "file")) and (columns.class_ or _usual(table, "class")):
            fitting.append(path)
    if len(fitting) > 1:
        raise InputError(f"{folder} holds {len(fitting)} tables ({fitting[0].name}, ...). Name the one that is meant.")
    if not fitting and tables and not any(p.is_dir() for p in folder.iterdir()):
        return tables[0]  # its columns will be complained about
    return fitting[0] if fitting else None


def _from_folders(path: Path) -> LabelledPictures:
    entries: list[tuple[Path, str, str]] = []
    loose = [p.name for p in sorted(path.iterdir()) if p.is_file() and p.suffix.lower() in PICTURES]
    account = [f"{len(loose)} pictures in no class folder were left out, such as {loose[0]}."] if loose else []
    specimens = 0
    for folder in sorted(p for p in path.iterdir() if p.is_dir() and not p.name.startswith(".")):
        for file in sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith(".")):
            if file.suffix.lower() not in PICTURES:
                account.append(f"{file} was left out: it is no picture ({', '.join(PICTURES)}).")
                continue
            inner = file.relative_to(folder).parts
            specimens += len(inner) > 1
            # A specimen of one name in two class folders is the same specimen: that never leaks.
            group = inner[0] if len(inner) > 1 else str(file.relative_to(path))
            entries.append((file, folder.name, group))
    if not entries:
        raise InputError(
            f"{path} holds no labelled pictures. Put them into one folder per class, or give a table with the columns "
            "file and class."
        )
    if 0 < specimens < len(entries):
        account.append(
            f"{len(entries) - specimens} of {len(entries)} pictures lie in no specimen folder: each counts as a "
            "specimen of its own. If they are not, put them into folders too."
        )
    files = [entry[0] for entry in entries]
    classes, label = np.unique([entry[1] for entry in entries], return_inverse=True)
    return LabelledPictures(
        path.name, tuple(str(file.relative_to(path)) for file in files), tuple(map(str, classes)), label,
        np.array([entry[2] for entry in entries]) if specimens else None, None, None,
        lambda index: open_picture(files[index]), tuple(account),
    )  # fmt: skip


def _from_table(path: Path, columns: Columns) -> LabelledPictures:
    table = read_table(path)
    file_column = _column(table, "file", columns.file)
    class_column = _column(table, "class", columns.class_)
    group_column = columns.group or _usual(table, "group")
    files, classes = table.text(file_column), table.text(class_column)
    value = None if columns.value is None else table.numeric(columns.value)
    if value is not None and not np.isfinite(value).any():
        raise InputError(f"Column '{columns.value}' of {path} has no number. Fill it, or learn without a value.")
    whole = (files != "") & (classes != "") & (True if value is None else np.isfinite(value))
    account = list(table.account)
    if not whole.all():
        account.append(f"{np.count_nonzero(~whole)} of {len(whole)} rows were left out: a needed cell is empty.")
    if not whole.any():
        raise InputError(f"{path} has no row with file and class. Fill the columns {file_column} and {class_column}.")
    files = files[whole]
    opener = _opener(path, files)
    names, label = np.unique(classes[whole], return_inverse=True)
    group = None if group_column is None else table.text(group_column)[whole]
    if group is not None:
        group = np.where(group == "", files, group)
    return LabelledPictures(
        path.stem, tuple(map(str, files)), tuple(map(str, names)), label, group,
        None if value is None else value[whole], None, opener, tuple(account),
    )  # fmt: skip


def _column(table: Table, kind: str, name: str | None) -> str:
    found = table.resolve(name) if name else _usual(table, kind)
    if found is None:
        raise InputError(
            f"{table.path} has no column '{kind}'. It has: {', '.join(table.columns)}. Name it so, or say "
            f"which it is: --set {kind}_column=NAME to train, --{kind}-column NAME to evaluate."
        )
    return found


def _usual(table: Table, kind: str) -> str | None:
    lower = {name.casefold(): name for name in reversed(table.columns)}
    return next((lower[name] for name in _COLUMN_NAMES[kind] if name in lower), None)


def _opener(path: Path, files: np.ndarray) -> Callable[[int], Picture]:
    """Pictures beside the table, or in the one .zip beside it."""
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


def _from_idx(path: Path, files: Sequence[Path]) -> LabelledPictures:
    """idx files: `train-...` and `t10k-...` or `test-...`, the second being held out."""
    parts: list[tuple[np.ndarray, np.ndarray, bool]] = []
    for file in files:
        if file.suffix == ".gz" and file.with_suffix("") in files:
            continue  # the same pictures, already unpacked
        labels = file.with_name(file.name.replace("-images-idx3", "-labels-idx1"))
        pictures, label = read_idx(file, 3), read_idx(labels, 1)
        if len(pictures) != len(label):
            raise InputError(f"{file} has {len(pictures)} pictures and {labels.name} {len(label)} labels.")
        parts.append((pictures, label, file.name.startswith(("t10k", "test"))))
    pictures = np.concatenate([part[0] for part in parts])
    numbers, label = np.unique(np.concatenate([part[1] for part in parts]), return_inverse=True)
    held_out = np.concatenate([np.full(len(part[1]), part[2]) for part in parts])
    names = tuple(f"{n}" for n in range(len(pictures)))
    return LabelledPictures(
        path.name, names, tuple(map(str, numbers)), label, np.array(names), None,
        held_out if held_out.any() and not held_out.all() else None,
        lambda index: Picture(pictures[index], UNCALIBRATED),
    )  # fmt: skip
