"""Text files with one row per line: CSV, TSV, semicolons as European Excel writes them."""

import contextlib
import csv
import io
from collections.abc import Iterator
from pathlib import Path

from nital.core.errors import InputError
from nital.io.tables.numerals import is_number
from nital.io.tables.raw import ColumnStore, RawTable, clean_headers, counted

__all__ = ["read_delimited"]

LARGEST_BYTES = 500_000_000
_DELIMITERS = {",": "commas", "|": "bars", ";": "semicolons", "\t": "tabs"}
_SAMPLE = 256 * 1024
_SAVE_AS = "Save the table as CSV (UTF-8) or .xlsx from the program that made it"


def read_delimited(path: Path, head: bytes) -> RawTable:
    """Read a delimited text file; encoding and delimiter are told from its content.

    Args:
        head: the first bytes of the file.

    Raises:
        InputError: not text, too large, no header, or a row whose length is not that of the header.
    """
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise InputError(
            f"{path} has {size / 1e6:,.0f} MB, more than the {LARGEST_BYTES / 1e6:,.0f} MB that are read. "
            "Leave out columns or rows that are not needed."
        )
    for encoding in _encodings(head):
        with contextlib.suppress(UnicodeError):
            return _read(path, encoding)
    raise InputError(f"{path} is not a text table. {_SAVE_AS}.")


def _encodings(head: bytes) -> tuple[str, ...]:
    if head.startswith(b"\xef\xbb\xbf"):
        return ("utf-8-sig",)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    return ("utf-8", "cp1252")


def _read(path: Path, encoding: str) -> RawTable:
    with path.open(encoding=encoding, newline="") as file:
        sample = file.read(_SAMPLE)
        if any(character < " " and character not in "\t\r\n\f\v" for character in sample[:4096]):
            raise InputError(f"{path} is not a text table: it holds control characters. {_SAVE_AS}.")
        told, sample = _told_delimiter(sample)
        delimiter = told or _find_delimiter(sample)
        file.seek(0)
        rows = _rows(path, file, delimiter)
        if told:
            next(rows, None)
        notes: list[str] = []
        raw = _collect(path, rows, notes)
    if encoding == "cp1252":
        notes.insert(0, f"{path.name} is not UTF-8 and was read as Windows text (cp1252).")
    size = f"{counted(raw.cells.n_rows, 'row')} and {counted(raw.cells.n_columns, 'column')}"
    notes.insert(0, f"Read {size} separated by {_DELIMITERS.get(delimiter, repr(delimiter))} from {path.name}.")
    return raw


def _collect(path: Path, rows: Iterator[tuple[int, list[str]]], notes: list[str]) -> RawTable:
    header_line, header = next(((line, row) for line, row in rows if any(cell.strip() for cell in row)), (0, []))
    if not header:
        raise InputError(f"{path} holds only white space. Give a table whose first row is the header.")
    store, n_empty = ColumnStore(str(path), len(header)), 0
    for line, row in rows:
        if not any(row) or not any(cell.strip() for cell in row):
            n_empty += len(row) > 1
            continue
        if len(row) != len(header):
            raise InputError(
                f"{path}, line {line}: {counted(len(row), 'cell')} where the header (line {header_line}) has "
                f"{len(header)}. Correct that line, or remove lines above the header; a cell that holds the delimiter "
                "must stand in double quotes."
            )
        store.add(row, line)
    store.close()
    _refuse_spaces(path, header, store)
    if n_empty:
        notes.append(f"Empty rows left out: {n_empty:,}.")
    return RawTable(path, clean_headers(header, notes), store, notes=notes)


def _refuse_spaces(path: Path, header: list[str], store: ColumnStore) -> None:
    """One column of several numbers per cell is a table whose columns are parted by spaces."""
    width = len(header[0].split())
    if len(header) > 1 or width < 2:
        return
    rows = [cell.split() for cell in store.column(0, blocks=1)]
    if all(len(row) == width for row in rows) and all(is_number(row[-1]) for row in rows):
        raise InputError(f"{path} seems to have {width} columns separated by spaces. {_SAVE_AS}.")


def _rows(path: Path, file: io.TextIOBase, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows, each with the line in which it ends."""
    reader = csv.reader(_lines(path, file), delimiter=delimiter, skipinitialspace=True)
    try:
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise InputError(
            f"{path}, line {reader.line_num}: {error}. Look for a double quote that is not closed. {_SAVE_AS}."
        ) from error


def _lines(path: Path, file: io.TextIOBase) -> Iterator[str]:
    for number, line in enumerate(file, 1):
        if "\0" in line:
            raise InputError(f"{path}, line {number}, holds NUL bytes: it is no text table. {_SAVE_AS}.")
        yield line


def _told_delimiter(sample: str) -> tuple[str | None, str]:
    """Excel's own first line `sep=;`."""
    first, _, rest = sample.partition("\n")
    text = first.replace("\ufeff", "").strip("\r")
    if text.lower().startswith("sep=") and len(text) == 5:
        return text[4], rest
    return None, sample


def _find_delimiter(sample: str) -> str:
    """The delimiter that gives every row the width of the first, else the one that gives it to most rows."""
    lines = sample.splitlines()[:200]
    complete = lines[:-1] if len(lines) > 1 and len(sample) == _SAMPLE else lines
    best, best_score = ",", (0.0, 0)
    for delimiter in reversed(_DELIMITERS):  # the comma last: it may be the decimal sign, in headers too
        try:
            widths = [len(row) for row in csv.reader(complete, delimiter=delimiter) if any(row)]
        except csv.Error:
            continue
        if not widths or widths[0] < 2:
            continue
        same = sum(width == widths[0] for width in widths) / len(widths)
        if same == 1:
            return delimiter
        if (round(same, 2), widths[0]) > best_score:
            best, best_score = delimiter, (round(same, 2), widths[0])
    return best
