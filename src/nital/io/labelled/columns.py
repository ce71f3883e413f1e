"""Which table of a folder labels pictures, and which of its columns say what."""

from dataclasses import dataclass
from pathlib import Path

from nital.core.errors import InputError
from nital.io.tables import Table, read_table

__all__ = ["Columns", "column_of", "labelling_table", "usual_column"]

TABLES = (".csv", ".tsv", ".xlsx", ".parquet")

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


def labelling_table(folder: Path, columns: Columns) -> Path | None:
    """The table of a folder that has the columns; None where the folder may hold class folders instead."""
    tables = [p for p in sorted(folder.iterdir()) if p.suffix.lower() in TABLES and p.name[0] not in ".~"]
    fitting = []
    for path in tables:
        try:
            table = read_table(path)
        except InputError:
            continue
        if (columns.file or usual_column(table, "file")) and (columns.class_ or usual_column(table, "class")):
            fitting.append(path)
    if len(fitting) > 1:
        raise InputError(f"{folder} holds {len(fitting)} tables ({fitting[0].name}, ...). Name the one that is meant.")
    if not fitting and tables and not any(p.is_dir() for p in folder.iterdir()):
        return tables[0]  # its columns will be complained about
    return fitting[0] if fitting else None


def column_of(table: Table, kind: str, name: str | None) -> str:
    """The column of a kind ("file", "class", "group"): the one that the user names, else the first usual name.

    Raises:
        UnknownName: the table has no column of the user's name. InputError: none of the usual ones.
    """
    found = table.resolve(name) if name else usual_column(table, kind)
    if found is None:
        raise InputError(
            f"{table.path} has no column '{kind}'. It has: {', '.join(table.columns)}. Name it so, or say "
            f"which it is: `{kind}_column`, in training a field of the recipe."
        )
    return found


def usual_column(table: Table, kind: str) -> str | None:
    """The first column with a usual name of the kind, in any case; None: there is none."""
    lower = {name.casefold(): name for name in reversed(table.columns)}
    return next((lower[name] for name in _COLUMN_NAMES[kind] if name in lower), None)
