"""Pictures with their classes: a folder of class folders, or a table that names files.

`read_labelled` is the one door. It reads names and labels only; `LabelledPictures.open` decodes one picture.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.core.task import PICTURES
from nital.io.labelled.archive import opener_of
from nital.io.labelled.columns import Columns, column_of, labelling_table, usual_column
from nital.io.labelled.pictures import Picture, open_picture
from nital.io.tables import read_table

__all__ = ["LabelledPictures", "read_labelled"]


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
            beside it.
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
    elif (table := labelling_table(path, columns or Columns())) is not None:
        found = _from_table(table, columns or Columns())
    else:
        found = _from_folders(path)
    if len(found.classes) < 2:
        raise InputError(
            f"{path} holds pictures of {len(found.classes)} class ({', '.join(found.classes)}); at least 2 are needed "
            "to tell apart. Give one folder per class, or a table with the columns file and class."
        )
    return found


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
    file_column = column_of(table, "file", columns.file)
    class_column = column_of(table, "class", columns.class_)
    group_column = columns.group or usual_column(table, "group")
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
    opener = opener_of(path, files)
    names, label = np.unique(classes[whole], return_inverse=True)
    group = None if group_column is None else table.text(group_column)[whole]
    if group is not None:
        group = np.where(group == "", files, group)
    return LabelledPictures(
        path.stem, tuple(map(str, files)), tuple(map(str, names)), label, group,
        None if value is None else value[whole], None, opener, tuple(account),
    )  # fmt: skip
