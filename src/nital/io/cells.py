"""From texts to numbers, column by column: a column is one of numbers only when every cell is one."""

import math
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from nital.io.raw import RawTable
from nital.science.headers import canonical_unit

__all__ = ["MISSING", "CellRules", "convert_columns", "is_number"]

MISSING = frozenset(
    ["", "NA", "N/A", "n/a", "n.a.", "nan", "NaN", "NAN", "NULL", "null", "-", "--", "---", "–", "—",
     "#N/A", "#NA", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!"]
)  # fmt: skip
"""Cells that mean a missing value, Excel's error values among them."""
_NO_NUMBER = MISSING | {"None", "none"}  # in a column of text, 'none' may be a treatment

LARGEST_TEXT_BYTES = 256_000_000
_DOT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?")
_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[T ][\d:.Z+-]*)?|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})")
_THOUSANDS = ",.'’ \u00a0\u202f"
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
    columns, units, account = {}, {}, []
    comma_file = rules.decimal is None and not raw.typed and _any_decimal_comma(raw)
    commas, missing, empty = [], {}, []
    for index, (name, written) in enumerate(raw.written.items()):
        cells = [cell.strip() for cell in raw.cells.column(index)]
        column = _convert(name, cells, rules, comma_file, raw)
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


def is_number(text: str) -> bool:
    """Whether a text is one plain number, with a decimal point or comma.

    >>> is_number("1.5e3"), is_number("12,5"), is_number("T1")
    (True, True, False)
    """
    return (_DOT.fullmatch(text) or _COMMA.fullmatch(text)) is not None


def _listed(items: Iterable[str], most: int = 12) -> str:
    words = list(items)
    rest = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + rest


def _any_decimal_comma(raw: RawTable) -> bool:
    """Whether some column can only be read with decimal commas ('12,5', not '1,234')."""
    for index in range(raw.cells.n_columns):
        cells = {cell.strip() for cell in raw.cells.column(index, blocks=1)} - _NO_NUMBER
        with_comma = [cell for cell in cells if "," in cell]
        if with_comma and all(_COMMA.fullmatch(cell) for cell in cells) and not _all_thousands(with_comma, ","):
            return True
    return False


def _convert(name: str, cells: list[str], rules: CellRules, comma_file: bool, raw: RawTable) -> _Column:
    fast = _plain_numbers(cells, rules, comma_file)
    if fast is not None:
        return _finished(name, fast, [])
    unique = Counter(cells)
    missing = _NO_NUMBER | rules.missing
    tokens = [token for token in unique if token not in missing]
    if not tokens:
        return _Column(np.full(len(cells), np.nan))
    notes: list[str] = []
    bodies, unit = _without_marks(name, tokens, unique, rules, notes)
    parse, sentence, comma = _number_reader(bodies, rules, comma_file, raw.typed)
    if parse is not None:
        values = dict.fromkeys(missing, math.nan)
        values |= {token: parse(body) if body else math.nan for token, body in zip(tokens, bodies, strict=True)}
        values = {token: _limited(token, value, rules) for token, value in values.items()}
        column = _finished(name, np.fromiter(map(values.__getitem__, cells), np.float64, len(cells)), notes)
        column.unit, column.decimal_comma = unit, comma
        if sentence:
            column.notes.append(f"Column '{name}': {sentence}.")
        return column
    return _text_column(name, cells, tokens, rules, sentence or _why_text(tokens, cells, raw))


def _plain_numbers(cells: list[str], rules: CellRules, comma_file: bool) -> np.ndarray | None:
    """The quick way, for columns of numbers as programs write them; None when a closer look is needed."""
    if rules.decimal == "," or rules.thousands or comma_file or rules.missing:
        return None
    try:
        values = np.fromiter((math.nan if cell == "" else float(cell) for cell in cells), np.float64, count=len(cells))
    except ValueError:
        return None
    digits = "".join(cells)
    if "_" in digits or not np.isfinite(values[~np.isnan(values)]).all() or _identifiers(cells):
        return None
    return values


def _identifiers(cells: list[str]) -> bool:
    """Numbers with leading zeros or more digits than a float holds are names, not quantities."""
    return any(
        (cell[:1] == "0" and len(cell) > 1 and cell.isdigit()) or (len(cell) > 15 and cell.isdigit()) for cell in cells
    )


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
    bodies = list(tokens)
    limits = [token for token in tokens if token[:1] in "<>≤≥"]
    if limits and len(limits) < len(tokens):
        bodies = [body.lstrip("<>≤≥= ") for body in bodies]
    found = [None if is_number(body) else _WITH_UNIT.fullmatch(body) for body in bodies]
    stated = {match[2].strip() for match in found if match}
    unit = canonical_unit(next(iter(stated))) if len(stated) == 1 else None
    if unit and stated <= set(string.ascii_letters) and not all(" " in match[0] for match in found if match):
        unit = None  # '304H' and '45C' are steels
    if unit:
        with_unit = sum(counts[token] for token, match in zip(tokens, found, strict=True) if match)
        bodies = [match[1] if match else body for body, match in zip(bodies, found, strict=True)]
        others = sum(counts[token] for token in tokens) - with_unit
        rest = f"; {others:,} cells have none, which were kept as they are" if others else ""
        notes.append(f"Column '{name}': the unit '{next(iter(stated))}' stands in {with_unit:,} cells{rest}.")
    if limits and len(limits) < len(tokens):
        became = {"missing": "count as missing", "limit": "became the limit", "half": "became half the limit"}
        count = sum(counts[token] for token in limits)
        notes.append(f"Column '{name}': {count:,} cells such as '{limits[0]}' {became[rules.below_limit]}.")
    return bodies, unit


def _limited(token: str, value: float, rules: CellRules) -> float:
    if token[:1] not in tuple("<>≤≥"):
        return value
    if rules.below_limit == "missing":
        return math.nan
    return value / 2 if rules.below_limit == "half" and token[0] in "<≤" else value


def _number_reader(
    bodies: list[str], rules: CellRules, comma_file: bool, typed: bool
) -> tuple[Callable[[str], float] | None, str | None, bool]:
    """How to read all these texts as numbers.

    Returns:
        The reader or None; a sentence why not, or what it did; whether it reads decimal commas.
    """
    if any("_" in body for body in bodies) or _identifiers(bodies):
        reason = (
            "its cells are numbers with leading zeros or more than 15 digits, as names have"
            if _identifiers(bodies)
            else None
        )
        return None, reason, False
    decimal = rules.decimal
    plain = [_DOT.fullmatch(body) is not None for body in bodies]
    if all(plain) and decimal != "," and rules.thousands != ".":
        dotted = [body for body in bodies if "." in body]
        if comma_file and not typed and dotted and _all_thousands(dotted, "."):
            return None, _ambiguous(dotted[0]), False
        return float, None, False
    with_comma = [body for body in bodies if "," in body]
    if decimal != "." and all(_COMMA.fullmatch(body) for body in bodies):
        if with_comma and decimal is None and not comma_file and _all_thousands(with_comma, ","):
            return (
                (None, _ambiguous(with_comma[0]), False) if rules.thousands != "," else (_reader(",", "."), None, False)
            )
        return _reader("", ","), None, bool(with_comma)
    return _grouped_reader(bodies, rules)


def _grouped_reader(bodies: list[str], rules: CellRules) -> tuple[Callable[[str], float] | None, str | None, bool]:
    choices = [
        (sign, decimal) for sign in _told_or(rules.thousands, _THOUSANDS) for decimal in _told_or(rules.decimal, ".,")
    ]
    choices = [(sign, decimal) for sign, decimal in choices if sign != decimal]
    for thousands, decimal in choices:
        group = re.escape(thousands or "")
        shape = re.compile(
            rf"[+-]?\d{{1,3}}(?:{group}\d{{3}})*(?:[{decimal}]\d*)?|[+-]?\d+(?:[{decimal}]\d*)?(?:[eE][+-]?\d+)?"
        )
        if all(shape.fullmatch(body) for body in bodies):
            told = f"'{thousands}' was taken away as the sign between thousands, '{decimal}' read as the decimal sign"
            return _reader(thousands or "", decimal or "."), told, False
    return None, None, False


def _told_or(told: str | None, all_of: str) -> str:
    return told or all_of


def _reader(thousands: str, decimal: str) -> Callable[[str], float]:
    def read(body: str) -> float:
        return float((body.replace(thousands, "") if thousands else body).replace(decimal, "."))

    return read


def _all_thousands(bodies: list[str], sign: str) -> bool:
    shape = re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+")
    return all(shape.fullmatch(body) for body in bodies)


def _ambiguous(body: str) -> str:
    return (
        f"'{body}' may be {re.sub('[.,]', '', body)} or {re.sub('[.,]', '.', body)}: tell the decimal or thousands sign"
    )


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
