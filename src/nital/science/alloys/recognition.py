"""Which columns are contents of elements, formulas, temperatures, times and sizes: told from names and units.

What cannot be told for certain is not used, and a sentence says what the header should state.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from nital.science.alloys.composition import fractions_of_formulas
from nital.science.alloys.elements import ELEMENTS
from nital.science.alloys.laws import UNITS
from nital.science.headers import plain_name, split_header

__all__ = ["Composition", "find_composition", "find_measures", "short_name", "stem"]

_Found = dict[str, tuple[str, str | None]]  # element -> header of its column, and the stated unit

_ENGLISH = """
H hydrogen Li lithium Be beryllium B boron C carbon N nitrogen O oxygen Mg magnesium Al aluminium Al aluminum Si silicon
P phosphorus S sulfur S sulphur Ca calcium Sc scandium Ti titanium V vanadium Cr chromium Mn manganese
Fe iron Co cobalt Ni nickel Cu copper Zn zinc Ga gallium Ge germanium As arsenic Y yttrium Zr zirconium Nb niobium
Mo molybdenum Ru ruthenium Rh rhodium Pd palladium Ag silver Sn tin Sb antimony La lanthanum Ce cerium Nd neodymium
Hf hafnium Ta tantalum W tungsten Re rhenium Pt platinum Au gold Pb lead Bi bismuth
"""
_WORDS = _ENGLISH.split()
_SYMBOL = {symbol.lower(): symbol for symbol in ELEMENTS} | dict(zip(_WORDS[1::2], _WORDS[::2], strict=True))

_TO_PERCENT = {
    "wt%": ("wt%", 1.0), "wt_frac": ("wt%", 100.0), "ppm": ("wt%", 1e-4),
    "at%": ("at%", 1.0), "at_frac": ("at%", 100.0), "at_ppm": ("at%", 1e-4),
}  # fmt: skip
_FORMULA_NAME = re.compile(r"formula|composition|alloy")
_MEASURE_WORDS = {
    "temperature": re.compile(r"temperatur|(?:^|_)(?:temp|t)(?:_|$)"),
    "time": re.compile(r"time|duration|(?:^|_)(?:t|hold|holding|soak)(?:_|$)"),
    "size": re.compile(r"grain|intercept"),
}
_OTHER_WORDS = {
    # A temperature that an alloy has, not one that it was given.
    "temperature": re.compile(
        r"melting|solidus|liquidus|solvus|transition|dbtt|curie|glass|(?:^|_)(?:ms|mf|ac1|ac3|tm|tg)(?:_|$)"
    ),
    "size": re.compile(r"number|count|astm|boundary|fraction|aspect|(?:^|_)no(?:_|$)"),
}
_NO_TREATMENT = re.compile(r"temperatures?|temp|t|times?|duration|hold|holding|soak|soaking")


@dataclass(frozen=True)
class Composition:
    """How to read the composition of each row.

    Attributes:
        columns: element -> header of its column; empty when `formula` is given.
        factors: element -> what its column is multiplied with to give percent.
        basis: 'wt%' or 'at%'.
        balance: the element that makes up the rest to 100 %, or None when the columns sum to it.
        formula: header of a column of formulas, or None.
        because: a sentence that says how basis and balance were told.
    """

    columns: dict[str, str]
    factors: dict[str, float]
    basis: str
    balance: str | None = None
    formula: str | None = None
    because: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Headers of the columns that are needed."""
        return (self.formula,) if self.formula else tuple(self.columns.values())


def find_composition(
    columns: Mapping[str, np.ndarray], units: Mapping[str, str | None], reasons: list[str], base: str | None = None
) -> Composition | None:
    """Find element columns, else a column of formulas.

    Args:
        columns: header -> values, inputs alone (no target).
        units: header -> unit or None.
        reasons: gets a sentence for everything that is found and cannot be used.
        base: the element that makes up the balance, if the user tells.
    """
    found = _element_columns(columns, units, reasons)
    composition = _from_elements(columns, found, reasons, base) if found else None
    return composition or _from_formulas(columns)


def _element_columns(columns: Mapping[str, np.ndarray], units: Mapping[str, str | None], reasons: list[str]) -> _Found:
    stated: _Found = {}
    bare: _Found = {}
    for header, values in columns.items():
        symbol = _SYMBOL.get(re.sub(r"_(?:content|concentration|conc|amount)$", "", short_name(header)))
        unit = units.get(header) or split_header(header).unit
        if symbol is None or values.dtype.kind != "f" or (unit not in _TO_PERCENT and unit not in (None, "%")):
            continue
        found = stated if unit in _TO_PERCENT else bare
        if symbol in found:
            reasons.append(f"'{header}' and '{found[symbol][0]}' both give {symbol}; only the latter is used.")
        else:
            found[symbol] = header, unit
    if stated:
        if bare:
            names = ", ".join(repr(header) for header, _ in bare.values())
            reasons.append(f"{names}: no wt% or at% in the header, so not used in the composition.")
        return stated
    # `C`, `V` or `h` alone may be anything; several symbols side by side are a composition.
    likely = len(bare) >= 4 and sum(len(symbol) == 2 for symbol in bare) >= 2
    return bare if likely or {unit for _, unit in bare.values()} == {"%"} else {}


def _from_elements(
    columns: Mapping[str, np.ndarray], found: _Found, reasons: list[str], base: str | None
) -> Composition | None:
    factors, basis, because = _basis(found, reasons)
    kept = {symbol: found[symbol][0] for symbol in factors}
    percent = np.column_stack([columns[header] * factors[symbol] for symbol, header in kept.items()])
    known = ~np.isnan(percent).any(axis=1)
    if not known.any() or np.nanmin(percent) < 0 or np.nanmax(percent) > 100.5:
        reasons.append("The contents of elements are not all from 0 to 100 %, so no composition feature is offered.")
        return None
    sums = percent[known].sum(axis=1)
    if basis is None and abs(float(np.median(sums)) - 1) < 0.02:
        reasons.append("The elements sum to 1 and no header states whether by mass or atoms; write 'Al_at_frac' or so.")
        return None
    full = bool((np.abs(sums - 100) <= 1.0).mean() >= 0.9)
    balance = None if full else base or _iron(kept, sums)
    if not full and balance is None:
        reasons.append(
            f"The elements sum to {float(np.median(sums)):.3g} % (median) and no column gives the rest; name the base "
            "element to have the composition features."
        )
        return None
    if basis is None and full:
        reasons.append("The elements sum to 100 % and no header states whether wt% or at%; write 'Al_wtpct' or so.")
        return None
    basis = basis or "wt%"
    because = because or "no header says wt% or at%; a steel with iron as balance is given in wt%, as in standards"
    rest = f"; {balance} is the balance to 100 %" if balance else "; the columns sum to 100 %"
    return Composition(kept, factors, basis, balance, None, f"Contents are taken as {basis}: {because}{rest}.")


def _basis(found: _Found, reasons: list[str]) -> tuple[dict[str, float], str | None, str]:
    """Factors to percent, the basis or None, and why."""
    stated = {symbol: _TO_PERCENT[unit] for symbol, (_, unit) in found.items() if unit in _TO_PERCENT}
    if not stated:
        return dict.fromkeys(found, 1.0), None, ""
    basis = max(("wt%", "at%"), key=[kind for kind, _ in stated.values()].count)
    others = [found[symbol][0] for symbol, (kind, _) in stated.items() if kind != basis]
    if others:
        reasons.append(f"{', '.join(map(repr, others))}: not in {basis} as the other elements, so not used.")
    factors = {symbol: factor for symbol, (kind, factor) in stated.items() if kind == basis}
    return factors, basis, "the headers say so"


def _iron(headers: Iterable[str], sums: np.ndarray) -> str | None:
    """Iron is the balance that is left out of tables of steels: carbon or manganese is given, and Fe is not."""
    symbols = set(headers)
    steel = "Fe" not in symbols and "C" in symbols and bool(symbols & {"Mn", "Si", "Cr", "Ni"})
    return "Fe" if steel and float(np.quantile(sums, 0.95)) <= 80 else None


def _from_formulas(columns: Mapping[str, np.ndarray]) -> Composition | None:
    for header, values in columns.items():
        if values.dtype.kind == "f":
            continue
        texts = np.unique(values[values != ""])[:5000]
        if not len(texts):
            continue
        _, fractions = fractions_of_formulas(texts)
        readable = ~np.isnan(fractions).any(axis=1) if fractions.size else np.zeros(len(texts), dtype=bool)
        several = (fractions[readable] > 0).sum(axis=1) >= 2
        digits = np.mean([any(character.isdigit() for character in text) for text in texts])
        named = _FORMULA_NAME.search(plain_name(header)) is not None
        if readable.mean() >= 0.9 and several.mean() >= 0.5 and (named or digits >= 0.5):
            unread = int((~readable).sum())
            because = f"Formulas in '{header}' are read in atoms" + (
                f"; {unread} of them cannot be read." if unread else "."
            )
            return Composition({}, {}, "at%", None, header, because)
    return None


def find_measures(
    columns: Mapping[str, np.ndarray], units: Mapping[str, str | None], kind: str, reasons: list[str]
) -> dict[str, str]:
    """Columns of one kind of quantity with a unit that fits it.

    Args:
        kind: 'temperature', 'time' or 'size' (of grains).

    Returns:
        header -> unit.
    """
    found: dict[str, str] = {}
    for header, values in columns.items():
        name = short_name(header)
        unit = units.get(header) or split_header(header).unit
        # A unit of temperature or time says enough; a length is the size of grains only by name.
        named = _MEASURE_WORDS[kind].search(name) or (kind != "size" and unit in UNITS[kind])
        if values.dtype.kind != "f" or not named or (kind in _OTHER_WORDS and _OTHER_WORDS[kind].search(name)):
            continue
        if unit in UNITS[kind]:
            found[header] = unit
        elif len(name) > 1 and unit is None:
            known = ", ".join(list(UNITS[kind])[:3])
            reasons.append(
                f"'{header}' states no unit of {kind}, so no feature is made of it; write {known} in the header."
            )
    return found


def stem(header: str) -> str:
    """What is left of a name without the words for temperature and time: the treatment that both belong to.

    >>> stem("tempering_temperature_C"), stem("Tempering time [h]"), stem("time_s")
    ('tempering', 'tempering', '')
    """
    return "_".join(word for word in short_name(header).split("_") if not _NO_TREATMENT.fullmatch(word))


def short_name(header: str) -> str:
    """The name of the quantity without its unit, in lower case, words joined by underscores."""
    return plain_name(split_header(header).name)
