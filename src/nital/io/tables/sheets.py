"""Tables from Excel (.xlsx) and Parquet files."""

import contextlib
import datetime
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nital.core.errors import InputError, NitalError, need
from nital.io.tables.raw import ColumnStore, RawTable, check_cells, clean_headers, counted

__all__ = ["read_excel", "read_parquet"]

LARGEST_UNPACKED_BYTES = 1_000_000_000
LARGEST_EXCEL_ROWS = 1_048_576
LARGEST_RATIO = 200
"""Unpacked bytes per stored byte of a workbook; real ones have 5 to 30."""
_SAVE_AS_CSV = "Save the table as CSV (UTF-8) from the program that made it"


def read_excel(path: Path, sheet: str | None) -> RawTable:
    """Read one sheet of an .xlsx file: its first row with content is the header.

    Raises:
        InputError: no Excel file, damaged, too large when unpacked, no such sheet, a row longer than the header.
    """
    _check_workbook(path)
    import openpyxl  # 0.2 s, only where a workbook is read

    with _damage_told(path), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.closing(openpyxl.load_workbook(path, read_only=True, data_only=True)) as book:
            return _read_sheet(path, book, sheet)


@contextlib.contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Readers throw whatever they like, that of XML included; the user gets one sentence."""
    try:
        yield
    except NitalError:
        raise
    except Exception as error:
        raise InputError(f"{path} is damaged ({type(error).__name__}: {str(error)[:100]}). {_SAVE_AS_CSV}.") from error


def _check_workbook(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            unpacked, stored = sum(member.file_size for member in members), path.stat().st_size
            kind = (
                archive.read("mimetype")[:80]
                if "mimetype" in names and archive.getinfo("mimetype").file_size < 200
                else b""
            )
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, EOFError) as error:
        raise InputError(f"{path} is damaged or no Excel file ({error}). {_SAVE_AS_CSV}.") from error
    if b"opendocument.spreadsheet" in kind:
        raise InputError(f"{path} is an OpenDocument table (.ods). Save it as .xlsx or CSV from LibreOffice.")
    if not any(name.startswith("xl/") and name.endswith(".xml") for name in names):
        binary = any(name.startswith("xl/") for name in names)
        what = "is a binary Excel file (.xlsb)" if binary else "is a zip archive and no Excel file"
        raise InputError(f"{path} {what}. Save the table as .xlsx or CSV.")
    if unpacked > LARGEST_UNPACKED_BYTES or unpacked > 1_000_000 + LARGEST_RATIO * stored:
        raise InputError(
            f"{path} would unpack to {unpacked / 1e6:,.0f} MB from {stored / 1e6:,.1f} MB, more than a table has. "
            f"{_SAVE_AS_CSV}."
        )


def _read_sheet(path: Path, book: Any, sheet: str | None) -> RawTable:
    names = [page.title for page in book.worksheets]
    if not names or (sheet is not None and sheet not in names):
        raise InputError(f"{path} has no sheet '{sheet}'. Its sheets: {', '.join(map(repr, names)) or 'none'}.")
    page = book[sheet] if sheet is not None else book.worksheets[0]
    page.reset_dimensions()  # some programs write a wrong extent
    percent = _percent_columns(page)
    rows = _filled_rows(path, page)
    header_line, header = next(rows, (0, ()))
    texts = [_text(value) for value in header]
    while texts and not texts[-1].strip():
        texts.pop()
    if not texts:
        raise InputError(
            f"Sheet '{page.title}' of {path} is empty. Name another with the sheet option: {', '.join(names)}."
        )
    width = len(texts)
    store = ColumnStore(f"Sheet '{page.title}' of {path}", width)
    for line, row in rows:
        if any(value is not None for value in row[width:]):
            raise InputError(
                f"{path}, sheet '{page.title}', row {line}: a cell stands right of the last header "
                f"(row {header_line}). Give every column a header, or remove that cell."
            )
        cells = [_in_percent(value) if place in percent else _text(value) for place, value in enumerate(row[:width])]
        if any(cells):
            store.add(cells + [""] * (width - len(cells)), line)
    store.close()
    notes = [
        f"Read {counted(store.n_rows, 'row')} and {counted(width, 'column')} of sheet '{page.title}' from {path.name}."
    ]
    if len(names) > 1 and sheet is None:
        notes.append(f"{path.name} has {len(names)} sheets ({', '.join(map(repr, names[:8]))}); the first was read.")
    return RawTable(path, clean_headers(texts, notes), store, typed=True, notes=notes)


def _filled_rows(path: Path, page: Any) -> Iterator[tuple[int, tuple[Any, ...]]]:
    for line, row in enumerate(page.iter_rows(values_only=True), 1):
        if line > LARGEST_EXCEL_ROWS:
            raise InputError(f"{path} claims more rows than Excel has. {_SAVE_AS_CSV}.")
        if any(value is not None for value in row):
            yield line, row


def _percent_columns(page: Any) -> set[int]:
    """Columns whose numbers Excel shows in percent, told from the first rows: 0.125 is stored where 12.5 % is seen."""
    formats: dict[int, set[bool]] = {}
    for row in page.iter_rows(max_row=50):
        for place, cell in enumerate(row):
            if isinstance(cell.value, (int, float)) and not isinstance(cell.value, bool):
                formats.setdefault(place, set()).add("%" in (cell.number_format or ""))
    return {place for place, kinds in formats.items() if kinds == {True}}


def _in_percent(value: object) -> str:
    """A stored fraction as Excel shows it, so that the column gets the unit %."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value * 100:.15g}%"
    return _text(value)


def _text(value: object) -> str:
    """A cell as text that reads back as the same number."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return str(value).replace("\0", "")


def read_parquet(path: Path) -> RawTable:
    """Read a Parquet file.

    Raises:
        MissingExtra: pyarrow is not installed.
        InputError: damaged, too large, or columns of lists and structures.
    """
    parquet = need("pyarrow.parquet", "tables", "Reading .parquet files")
    with _damage_told(path), parquet.ParquetFile(path) as file:
        check_cells(str(path), file.metadata.num_rows * file.metadata.num_columns)
        unpacked = sum(file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if unpacked > LARGEST_UNPACKED_BYTES:
            raise InputError(f"{path} would unpack to {unpacked / 1e6:,.0f} MB. Leave out what is not needed.")
        names = file.schema_arrow.names
        store = ColumnStore(str(path), len(names))
        line = 0
        for batch in file.iter_batches(batch_size=8192):
            for row in zip(*(map(_text, column.to_pylist()) for column in batch.columns), strict=True):
                line += 1
                store.add(list(row), line)
        store.close()
    notes = [f"Read {counted(store.n_rows, 'row')} and {counted(len(names), 'column')} from {path.name}."]
    return RawTable(path, clean_headers(list(names), notes), store, typed=True, notes=notes)
