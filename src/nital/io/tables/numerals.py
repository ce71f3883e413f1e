"""How the numbers of a column are written: decimal sign, sign between thousands. Told by the cells, or not at all."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

__all__ = ["Reading", "is_number", "looks_like_names", "only_decimal_commas", "reading_of"]

_DOT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_COMMA = re.compile(r"[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?")
_THOUSANDS = ",.'’ \u00a0\u202f"


class Reading(NamedTuple):
    """How to read all cells of a column as numbers.

    Attributes:
        read: text -> number, or None when they cannot all be read.
        sentence: why not, or what it takes away; None when there is nothing to tell.
        decimal_comma: whether a decimal comma is read.
    """

    read: Callable[[str], float] | None
    sentence: str | None = None
    decimal_comma: bool = False


def is_number(text: str) -> bool:
    """Whether a text is one plain number, with a decimal point or comma.

    >>> is_number("1.5e3"), is_number("12,5"), is_number("T1")
    (True, True, False)
    """
    return (_DOT.fullmatch(text) or _COMMA.fullmatch(text)) is not None


def looks_like_names(texts: Sequence[str]) -> bool:
    """Whether digits name something: leading zeros, or more of them than a float holds.

    >>> looks_like_names(["001", "002"]), looks_like_names(["1", "20"])
    (True, False)
    """
    return any((len(text) > 15 or (text[0] == "0" and len(text) > 1)) and text.isdigit() for text in texts if text)


def only_decimal_commas(texts: set[str]) -> bool:
    """Whether the texts can only be read with decimal commas: '12,5', not '1,234'.

    >>> only_decimal_commas({"12,5", "3"}), only_decimal_commas({"1,234", "5"})
    (True, False)
    """
    with_comma = [text for text in texts if "," in text]
    return bool(with_comma) and all(map(_COMMA.fullmatch, texts)) and not _all_thousands(with_comma, ",")


def reading_of(bodies: Sequence[str], decimal: str | None, thousands: str | None, comma_table: bool) -> Reading:
    """Find the one way to read all texts of a column as numbers.

    Args:
        bodies: the different texts, without missing markers and units.
        decimal, thousands: the signs, where the user tells them.
        comma_table: whether other columns have decimal commas.
    """
    if looks_like_names(bodies):
        return Reading(None, "its cells are numbers with leading zeros or more than 15 digits, as names have")
    if decimal != "," and thousands != "." and all(map(_DOT.fullmatch, bodies)):
        dotted = [body for body in bodies if "." in body]
        if comma_table and dotted and _all_thousands(dotted, "."):
            return Reading(None, _ambiguous(dotted[0]))
        return Reading(float)
    if decimal != "." and thousands != "," and all(map(_COMMA.fullmatch, bodies)):
        with_comma = [body for body in bodies if "," in body]
        if with_comma and decimal is None and not comma_table and _all_thousands(with_comma, ","):
            return Reading(None, _ambiguous(with_comma[0]))
        return Reading(_reader("", ","), None, bool(with_comma))
    return _grouped(bodies, decimal, thousands)


def _grouped(bodies: Sequence[str], decimal: str | None, thousands: str | None) -> Reading:
    """Numbers with a sign between thousands: the user's, or one that some cell shows beyond doubt."""
    for group in thousands or _THOUSANDS:
        for point in (decimal or ".,").replace(group, ""):
            sign = re.escape(group)
            shape = re.compile(
                rf"[+-]?\d{{1,3}}(?:{sign}\d{{3}})+(?:[{point}]\d*)?|[+-]?\d+(?:[{point}]\d*)?(?:[eE][+-]?\d+)?"
            )
            if not all(map(shape.fullmatch, bodies)):
                continue
            if thousands or group not in ",." or any(_beyond_doubt(body, group, point) for body in bodies):
                told = f"'{group}' was taken away as the sign between thousands, '{point}' read as the decimal sign"
                return Reading(_reader(group, point), told)
    return Reading(None)


def _beyond_doubt(body: str, group: str, point: str) -> bool:
    return body.count(group) > 1 or (group in body and point in body)


def _reader(thousands: str, decimal: str) -> Callable[[str], float]:
    def read(body: str) -> float:
        return float((body.replace(thousands, "") if thousands else body).replace(decimal, "."))

    return read


def _all_thousands(bodies: Sequence[str], sign: str) -> bool:
    shape = re.compile(rf"[+-]?[1-9]\d{{0,2}}(?:{re.escape(sign)}\d{{3}})+")
    return all(map(shape.fullmatch, bodies))


def _ambiguous(body: str) -> str:
    whole, broken = re.sub("[.,]", "", body), re.sub("[.,]", ".", body)
    return f"'{body}' may be {whole} or {broken}: tell the decimal or thousands sign"
