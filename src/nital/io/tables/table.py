"""A user's table in: CSV, TSV, Excel and Parquet, as columns of numbers and columns of text.

`read_table` is the one door. Nothing is guessed in silence: what was converted, left out or taken as missing
stands in `Table.account`, in sentences.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np

from nital.core.errors import InputError, unknown_name
from nital.io.file_head import file_head
from nital.io.tables.cells import CellRules, convert_columns
from nital.io.tables.delimited import read_delimited
from nital.io.tables.numerals import is_number
from nital.io.tables.raw import RawTable
from nital.io.tables.sheets import read_excel, read_parquet
from nital.science.headers import plain_name, split_header

__all__ = ["Table", "read_table"]


@dataclass(frozen=True)
class Table:
    """Columns of equal length.

    Attributes:
        path: the file.
        columns: header as written in the file -> shape (n,), in the order of the file. A column of numbers is
            float64, NaN where a value is missing, never infinite; a column of text is a numpy str array,
            '' where a value is missing. A header that stands twice gets ' #2' for the second.
        units: header -> unit in nital's spelling, such as 'MPa', 'degC', 'wt%'; None where nothing states one.
        account: sentences on what was read, converted and left out.
    """

    path: Path
    columns: dict[str, np.ndarray]
    units: dict[str, str | None]
    account: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows, without the header."""
        return len(next(iter(self.columns.values()), ()))

    def resolve(self, name: str) -> str:
        """The header that a user means: as written, else in other case, else without its unit.

        `yield_strength_mpa`, `Yield strength [MPa]` and `yield strength` all find the column
        'yield strength [MPa]', as long as no other column is meant by the same name.

        Raises:
            UnknownName: there is no such column.
            InputError: more than one column is meant.
        """
        if name in self.columns:
            return name
        # Who names a unit means that unit; only a bare name may leave out the column's.
        last = _with_plain_unit if split_header(name).unit else _without_unit
        for key in (str.casefold, plain_name, _with_plain_unit, last):
            found = [header for header in self.columns if key(header) == key(name)]
            if len(found) > 1:
                raise InputError(
                    f"'{name}' may mean {' or '.join(map(repr, found))} in {self.path}. "
                    "Name the column as its header is written."
                )
            if found:
                return found[0]
        raise unknown_name(f"column in {self.path}", name, self.columns)

    def numeric(self, name: str) -> np.ndarray:
        """A column of numbers, shape (n,), float64, NaN where missing.

        Raises:
            UnknownName: there is no such column.
            InputError: the column holds text.
        """
        header = self.resolve(name)
        values = self.columns[header]
        if values.dtype.kind != "f":
            reasons = [sentence for sentence in self.account if f"'{header}'" in sentence]
            raise InputError(
                f"Column '{header}' of {self.path} holds text, and numbers are needed. "
                f"{reasons[0] if reasons else 'Correct its cells, or name another column.'}"
            )
        return values

    def text(self, name: str) -> np.ndarray:
        """A column as text, shape (n,), '' where missing; numbers are written without a needless '.0'.

        Raises:
            UnknownName: there is no such column.
        """
        values = self.columns[self.resolve(name)]
        if values.dtype.kind != "f":
            return values
        return np.array(["" if np.isnan(value) else f"{value:.15g}" for value in values], dtype=np.str_)

    def unit(self, name: str) -> str | None:
        """Unit of a column, None where nothing states one."""
        return self.units[self.resolve(name)]

    def select(self, rows: Sequence[int] | Sequence[bool] | np.ndarray) -> "Table":
        """The table of some rows: indices, or a mask of shape (n,)."""
        chosen = np.asarray(rows)
        chosen = chosen if chosen.dtype == bool else chosen.astype(np.intp)
        return replace(self, columns={name: values[chosen] for name, values in self.columns.items()})


def read_table(
    path: str | os.PathLike[str],
    *,
    sheet: str | None = None,
    decimal: Literal[".", ","] | None = None,
    thousands: str | None = None,
    missing: Iterable[str] = (),
    below_limit: Literal["missing", "limit", "half"] = "missing",
) -> Table:
    """Read a table of specimens.

    Args:
        path: .csv, .tsv, .txt (comma, semicolon, tab or bar between cells, told from the content), .xlsx,
            or .parquet with the extra `tables`. The first row is the header.
        sheet: sheet of an Excel file; the first when None.
        decimal: decimal sign in text files; None: told from the cells of each column.
        thousands: in text files, the sign between thousands, such as ',' or "'"; None: taken away only where no
            other reading is possible ('1,234.5'), otherwise the column stays text and the account says so.
        missing: further cell texts that mean a missing value, such as 'n.d.' or '-999'.
        below_limit: what '<0.01' becomes: a missing value, the limit, or half of it.

    Raises:
        InputError: the file cannot be read as a table; the message names the file, the line where it applies,
            and the mend.
        MissingExtra: a Parquet file without the extra `tables`.
    """
    path = Path(path)
    raw = _read_raw(path, sheet)
    rules = CellRules(decimal, thousands, frozenset(missing), below_limit)
    if all(is_number(written) for written in raw.written.values()):
        raise InputError(
            f"{path} has no header: its first row holds only numbers. Write the names of the columns there."
        )
    columns, stated, account = convert_columns(raw, rules)
    if not columns:
        raise InputError(f"{path} has no column with content. Give a table with a header and at least one row.")
    units = {name: _unit(raw.written[name], stated.get(name), account) for name in columns}
    return Table(path, columns, units, (*raw.notes, *account))


def _read_raw(path: Path, sheet: str | None) -> RawTable:
    head = file_head(path, "a table")
    if head[:4] == b"PK\x03\x04":
        return read_excel(path, sheet)
    if head[:4] == b"PAR1":
        return read_parquet(path)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise InputError(f"{path} is an old Excel file (.xls). Open it in Excel or LibreOffice and save it as .xlsx.")
    return read_delimited(path, head)


def _unit(header: str, in_cells: str | None, account: list[str]) -> str | None:
    in_header = split_header(header).unit
    same = in_cells in (None, in_header) or (in_cells == "%" and in_header in ("wt%", "at%"))
    if in_header and not same:
        account.append(
            f"Column '{header}': the header says {in_header} and the cells say {in_cells}; correct one of them."
        )
    return in_header or in_cells


def _with_plain_unit(header: str) -> str:
    name, unit = split_header(header)
    return f"{plain_name(name)} [{unit}]" if unit else plain_name(name)


def _without_unit(header: str) -> str:
    return plain_name(split_header(header).name)
