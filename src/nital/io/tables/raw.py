"""A table before its cells are understood: headers and texts."""

from dataclasses import dataclass, field
from pathlib import Path

from nital.core.errors import InputError

__all__ = ["ColumnStore", "RawTable", "check_cells", "clean_headers", "counted"]

LARGEST_CELLS = 50_000_000
LARGEST_COLUMNS = 20_000
_BLOCK_ROWS = 8192
# Joins the cells of a block; readers refuse files that hold it.
_BETWEEN = "\0"


@dataclass
class RawTable:
    """Headers and cells as texts.

    Attributes:
        written: name of a column (unique) -> its header as written in the file.
        cells: the texts.
        first_line: line or row of the file in which the first data row stands.
        typed: whether the file stores numbers as numbers, so that a dot in a text is always a decimal point.
        notes: sentences for the account.
    """

    path: Path
    written: dict[str, str]
    cells: "ColumnStore"
    typed: bool = False
    notes: list[str] = field(default_factory=list)


class ColumnStore:
    """Cells by column in little more memory than the file has bytes: blocks of rows are kept as joined text.

    A Python str takes 50 bytes and more; 100,000 rows of 50 columns would take a gigabyte as lists.

    Args:
        where: the file or sheet, for messages.

    Raises:
        InputError: more columns, and when rows are added more cells, than are read; or no row at the end.
    """

    def __init__(self, where: str, n_columns: int) -> None:
        if n_columns > LARGEST_COLUMNS:
            raise InputError(
                f"{where} has {n_columns:,} columns; at most {LARGEST_COLUMNS:,} are read. Leave some out."
            )
        self.where, self.n_columns, self.n_rows = where, n_columns, 0
        self.blocks: list[list[str]] = [[] for _ in range(n_columns)]
        self.lines: list[int] = []
        self._rows: list[list[str]] = []

    def add(self, row: list[str], line: int) -> None:
        """Add one row of `n_columns` texts, which stands in `line` of the file."""
        check_cells(self.where, self.n_columns * len(self.lines))
        self._rows.append(row)
        self.lines.append(line)
        if len(self._rows) == _BLOCK_ROWS:
            self._store()

    def close(self) -> None:
        """Store the rows that are still waiting."""
        if self._rows:
            self._store()
        if not self.n_rows:
            raise InputError(f"{self.where} has a header and no rows. Give at least one row.")

    def _store(self) -> None:
        for column, cells in zip(self.blocks, zip(*self._rows, strict=True), strict=True):
            column.append(_BETWEEN.join(cells))
        self.n_rows += len(self._rows)
        self._rows = []

    def column(self, index: int, blocks: int | None = None) -> list[str]:
        """The texts of one column, or of its first blocks of 8192 rows."""
        return [cell for block in self.blocks[index][:blocks] for cell in block.split(_BETWEEN)]


def check_cells(where: str, cells: int) -> None:
    """Refuse a table of more cells than are read."""
    if cells > LARGEST_CELLS:
        raise InputError(f"{where} has more than {LARGEST_CELLS:,} cells. Leave out what is not needed.")


def clean_headers(headers: list[str], notes: list[str]) -> dict[str, str]:
    """Unique names for the columns: white space is stripped, a repeated header is numbered, an empty one named.

    Returns:
        name -> header as written, in order.

    >>> clean_headers([" C ", "C", ""], [])
    {'C': 'C', 'C #2': 'C', 'column 3': ''}
    """
    written: dict[str, str] = {}
    for place, header in enumerate(headers, 1):
        text = " ".join(header.replace("\ufeff", "").split())
        name = base = text or f"column {place}"
        number = 1
        while name in written:
            number += 1
            name = f"{base} #{number}"
        if number > 1 and text:
            notes.append(f"Header '{text}' stands more than once; column {place} is called '{name}'.")
        written[name] = text
    return written


def counted(number: int, thing: str) -> str:
    """A number with its noun.

    >>> counted(1, "row"), counted(2000, "row")
    ('1 row', '2,000 rows')
    """
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
