"""From texts to numbers, column by column: a column is one of numbers only when every cell is one."""

import math
import re
import string
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import numpy as np

from nital.io.tables.numerals import is_number, looks_like_names, only_decimal_commas, reading_of
from nital.io.tables.raw import RawTable, counted
from nital.science.headers import canonical_unit

__all__ = ["MISSING", "CellRules", "convert_columns"]

MISSING = frozenset(
    ["", "NA", "N/A", "n/a", "n.a.", "nan", "NaN", "NAN", "NULL", "null", "-", "--", "---", "–", "—",
     "#N/A", "#NA", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"]
)  # fmt: skip
"""Cells that mean a missing value, Excel's error values among them."""
_NO_NUMBER = MISSING | {"None", "none"}  # in a column of text, 'none' may be a treatment

LARGEST_TEXT_BYTES = 256_000_000
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ][\d:.Z+-]*)?|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})")
_INFINITE = frozenset(["inf", "infinity"])
_LIMIT_SIGNS = tuple("<>≤≥")
_WITH_UNIT = re.compile(r"([+-]?[\d.,]+(?:[eE][+-]?\d+)?)\s*([^\d\s.,+/-].{0,11})")


@dataclass(frozen=True)
class CellRules:
    """How cells are read; see `nital.io.tables.read_table`."""

    decimal: str | None = None
    thousands: str | None = None
    missing: frozenset[str] = frozenset()
    below_limit: str = "missing"


@dataclass
class _Column:
    """What became of one column."""

    values: np.ndarray | None  # None: left out
    unit: str | None = None
    notes: list[str] = field(default_factory=list)
    decimal_comma: bool = False


def convert_columns(raw: RawTable, rules: CellRules) -> tuple[dict[str, np.ndarray], dict[str, str], list[str]]:
    """Turn the texts of a table into columns of numbers and columns of text.

    Returns:
        The columns; units that cells state ('350 MPa'); sentences for the account.
    """
    if raw.typed:  # these files keep numbers as numbers
        rules = replace(rules, decimal=None, thousands=None)
    columns, units, account = {}, {}, []
    comma_table = rules.decimal is None and not raw.typed and _has_decimal_commas(raw)
    commas, missing, empty = [], {}, []
    for index, (name, written) in enumerate(raw.written.items()):
        cells = [cell.strip() for cell in raw.cells.column(index)]
        column = _convert(name, cells, rules, comma_table, raw)
        if column.values is None:
            account += column.notes
            continue
        n_missing = int(
            np.count_nonzero(np.isnan(column.values) if column.values.dtype.kind == "f" else column.values == "")
        )
        if n_missing == len(cells):
            empty.append(name)
            if not written:
                continue
        columns[name] = column.values
        if column.unit:
            units[name] = column.unit
        if 0 < n_missing < len(cells):
            missing[name] = n_missing
        if column.decimal_comma:
            commas.append(name)
        if not written:
            account.append(f"A column without a header is called '{name}'.")
        account += column.notes
    if empty:
        account.append(
            f"Every cell is empty in {_listed(map(repr, empty))}; without a header such a column is left out."
        )
    if commas:
        account.append(f"Decimal commas were read in {_listed(map(repr, commas))}.")
    if missing:
        counts = (f"'{name}' {count:,}" for name, count in missing.items())
        account.append(f"Missing values, of {raw.cells.n_rows:,} rows: {_listed(counts)}.")
    return columns, units, account


def _listed(items: Iterable[str], most: int = 12) -> str:
    words = list(items)
    rest = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + rest


def _has_decimal_commas(raw: RawTable) -> bool:
    """Whether some column of the table can only be read with decimal commas."""
    columns = ({cell.strip() for cell in raw.cells.column(index, blocks=1)} for index in range(raw.cells.n_columns))
    return any(only_decimal_commas(cells - _NO_NUMBER) for cells in columns)


def _convert(name: str, cells: list[str], rules: CellRules, comma_table: bool, raw: RawTable) -> _Column:
    fast = _plain_numbers(cells, rules, comma_table)
    if fast is not None:
        return _finished(name, fast, [])
    unique = Counter(cells)
    missing = _NO_NUMBER | rules.missing
    tokens = [token for token in unique if token not in missing]
    if not tokens:
        return _Column(np.full(len(cells), np.nan))
    finite = [token for token in tokens if token.lower().lstrip("+-") not in _INFINITE]
    notes: list[str] = []
    bodies, unit = _without_marks(name, finite, unique, rules, notes)
    reading = reading_of(bodies, rules.decimal, rules.thousands, comma_table)
    if reading.read is None:
        return _text_column(name, cells, tokens, rules, reading.sentence or _why_text(tokens, cells, raw))
    values = dict.fromkeys(tokens, math.inf) | dict.fromkeys(missing, math.nan)
    for token, body in zip(finite, bodies, strict=True):
        values[token] = _limited(token, reading.read(body), rules)
    column = _finished(name, np.fromiter(map(values.__getitem__, cells), np.float64, len(cells)), notes)
    column.unit, column.decimal_comma = unit, reading.decimal_comma
    if reading.sentence:
        column.notes.append(f"Column '{name}': {reading.sentence}.")
    return column


def _plain_numbers(cells: list[str], rules: CellRules, comma_table: bool) -> np.ndarray | None:
    """The quick way, for columns of numbers as programs write them; None when a closer look is needed."""
    if rules.decimal == "," or rules.thousands or comma_table or rules.missing:
        return None
    try:
        values = np.fromiter((math.nan if cell == "" else float(cell) for cell in cells), np.float64, count=len(cells))
    except ValueError:
        return None
    digits = "".join(cells)
    if "_" in digits or not np.isfinite(values[~np.isnan(values)]).all() or looks_like_names(cells):
        return None
    return values


def _finished(name: str, values: np.ndarray, notes: list[str]) -> _Column:
    infinite = np.isinf(values)
    if infinite.any():
        values = np.where(infinite, np.nan, values)
        notes.append(
            f"Column '{name}': {_cells(infinite.sum())} infinite or too large for a number and count as missing."
        )
    return _Column(values, notes=notes)


def _cells(count: int) -> str:
    return "1 cell is" if count == 1 else f"{count:,} cells are"


def _without_marks(
    name: str, tokens: list[str], counts: Counter[str], rules: CellRules, notes: list[str]
) -> tuple[list[str], str | None]:
    """Take '<' and '>', and a unit that all cells share, away from the texts of numbers."""
    bodies = [token.replace("\u2212", "-") for token in tokens]  # the minus sign of typesetting
    limits = [token for token in tokens if token.startswith(_LIMIT_SIGNS)]
    if limits and len(limits) < len(tokens):
        bodies = [body.lstrip("<>≤≥= ") for body in bodies]
    found = [None if is_number(body) else _WITH_UNIT.fullmatch(body) for body in bodies]
    stated = {match[2].strip() for match in found if match}
    unit = canonical_unit(next(iter(stated))) if len(stated) == 1 else None
    if unit and stated <= set(string.ascii_letters) and not all(" " in match[0] for match in found if match):
        unit = None  # '304H' and '45C' are steels
    if unit == "%" and not all(found):
        unit = None  # 5 % and 0.1 in one column: the latter may be 10 %
    if unit:
        with_unit = sum(counts[token] for token, match in zip(tokens, found, strict=True) if match)
        bodies = [match[1] if match else body for body, match in zip(bodies, found, strict=True)]
        others = sum(counts[token] for token in tokens) - with_unit
        rest = f", {counted(others, 'cell')} without it" if others else ""
        notes.append(f"Column '{name}': the unit '{next(iter(stated))}' stands in {counted(with_unit, 'cell')}{rest}.")
    if limits and len(limits) < len(tokens):
        became = {"missing": "taken as missing", "limit": "taken as the limit", "half": "taken as half the limit"}
        count = sum(counts[token] for token in limits)
        notes.append(f"Column '{name}': {counted(count, 'cell')} such as '{limits[0]}' {became[rules.below_limit]}.")
    return bodies, unit


def _limited(token: str, value: float, rules: CellRules) -> float:
    if not token.startswith(_LIMIT_SIGNS):
        return value
    if rules.below_limit == "missing":
        return math.nan
    return value / 2 if rules.below_limit == "half" and token[0] in "<≤" else value


def _why_text(tokens: list[str], cells: list[str], raw: RawTable) -> str | None:
    """A reason only where most cells are numbers: a column of words needs none."""
    if sum(_DATE.fullmatch(token) is not None for token in tokens) > 0.5 * len(tokens):
        return "its cells are dates, which are not turned into numbers"
    bad = [token for token in tokens if not is_number(token)]
    if not bad:
        return f"its cells do not agree on the decimal sign ('{tokens[0]}', '{tokens[-1]}'); tell it"
    units = [_WITH_UNIT.fullmatch(token) for token in bad]
    if len(bad) > 0.5 * len(tokens) and not all(match and canonical_unit(match[2]) for match in units):
        return None
    wrong = set(bad)
    place = next((place for place, cell in enumerate(cells) if cell in wrong), 0)
    count = sum(cell in wrong for cell in cells)
    return (
        f"{_cells(count)} no plain number, first '{cells[place][:40]}' in line {raw.cells.lines[place]}; "
        "correct them, or tell that they mean a missing value"
    )


def _text_column(name: str, cells: list[str], tokens: list[str], rules: CellRules, reason: str | None) -> _Column:
    longest = max(map(len, tokens))
    if 4 * longest * len(cells) > LARGEST_TEXT_BYTES:
        return _Column(
            None, notes=[f"Column '{name}' is left out: its texts are too long (up to {longest:,} characters)."]
        )
    missing = MISSING | rules.missing
    values = np.array(["" if cell in missing else cell for cell in cells], dtype=np.str_)
    return _Column(values, notes=[f"Column '{name}' is read as text: {reason}."] if reason else [])
