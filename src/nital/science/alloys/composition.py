"""Compositions: chemical formulas, and the way between parts by mass and parts by atoms."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from nital.core.errors import InputError
from nital.science.alloys.elements import ELEMENTS, property_of

__all__ = ["atomic_fractions", "fractions_of_formulas", "mass_fractions", "normalised", "parse_formula"]

_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_TOKEN = re.compile(r"([A-Z][a-z]?|[(\[{]|[)\]}])(\d+(?:\.\d*)?(?:[eE]-?\d+)?|\.\d+)?")
_LONGEST = 500
_Part = tuple[dict[str, float], float]  # atoms of a symbol or bracket; the number behind it


def parse_formula(formula: str) -> dict[str, float]:
    """Atomic fractions of an alloy that is written as a formula.

    A number behind a bracket multiplies it. Where the outermost numbers sum to 100 (within 0.5), they are atomic
    percent, and the number behind a bracket is the share of the whole bracket: (CoCrFeNi)94Al6 holds 23.5 % Co.

    Args:
        formula: symbols with or without numbers, such as 'Al0.5CoCrFeNi', 'Fe60 Cr20 Ni20', 'Al0.5(CoCrFeNi)2'.

    Returns:
        Symbol -> atomic fraction in order of appearance, summing to 1.

    Raises:
        InputError: not such a formula; names like 'Ti-6Al-4V', which count by mass, are refused.

    Source: own; the reading of brackets in atomic percent is the custom of papers on high-entropy alloys.

    >>> {symbol: round(part, 4) for symbol, part in parse_formula("Al0.5CoCrFeNi").items()}
    {'Al': 0.1111, 'Co': 0.2222, 'Cr': 0.2222, 'Fe': 0.2222, 'Ni': 0.2222}
    >>> round(parse_formula("(CoCrFeNi)94Al6")["Co"], 4)
    0.235
    """
    text = re.sub(r"\s+", "", formula.translate(_SUBSCRIPTS))
    if not text or len(text) > _LONGEST:
        raise InputError(f"'{formula[:40]}' is no chemical formula. Write it like 'Al0.5CoCrFeNi'.")
    stack: list[list[_Part]] = [[]]
    place = 0
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise InputError(
                f"'{formula[:40]}' is no chemical formula: '{text[place]}' is not understood. "
                "Write it like 'Al0.5CoCrFeNi', in atoms."
            )
        place = match.end()
        _take(formula, stack, match[1], match[2])
    if len(stack) != 1:
        raise InputError(f"'{formula[:40]}' has a bracket that is not closed.")
    total = _summed(stack[0])
    amount = sum(total.values())
    if not (np.isfinite(amount) and amount > 0):
        raise InputError(f"'{formula[:40]}' has no atoms: all its numbers are zero.")
    return {symbol: part / amount for symbol, part in total.items()}


def _take(formula: str, stack: list[list[_Part]], token: str, number: str | None) -> None:
    """Put one symbol or bracket, with the number behind it, on the stack."""
    factor = float(number) if number else 1.0
    if token in "([{":
        if number:
            raise InputError(f"'{formula[:40]}' has a number behind an opening bracket.")
        stack.append([])
    elif token in ")]}":
        if len(stack) == 1:
            raise InputError(f"'{formula[:40]}' has a bracket that was never opened.")
        stack[-2].append((_summed(stack.pop(), inner=True), factor))
    elif token in ELEMENTS:
        stack[-1].append(({token: 1.0}, factor))
    else:
        raise InputError(f"'{token}' in '{formula[:40]}' is no element of alloys.")


def _summed(parts: list[_Part], *, inner: bool = False) -> dict[str, float]:
    in_percent = not inner and abs(sum(number for _, number in parts) - 100) <= 0.5
    total: dict[str, float] = {}
    for atoms, number in parts:
        whole = sum(atoms.values()) if in_percent else 1.0
        for symbol, amount in atoms.items():
            total[symbol] = total.get(symbol, 0.0) + (number * amount / whole if whole else 0.0)
    return total


def fractions_of_formulas(formulas: Sequence[str] | np.ndarray) -> tuple[tuple[str, ...], np.ndarray]:
    """Atomic fractions of many formulas.

    Returns:
        The elements that occur, by atomic number, and an array (n_formulas, n_elements) whose rows sum to 1; rows of
        formulas that cannot be read are NaN.

    >>> fractions_of_formulas(["FeNi", "", "Fe"])
    (('Fe', 'Ni'), array([[0.5, 0.5],
           [nan, nan],
           [1. , 0. ]]))
    """
    parsed = [_parsed_or_none(str(formula)) for formula in formulas]
    used = {symbol for parts in parsed if parts for symbol in parts}
    symbols = tuple(symbol for symbol in ELEMENTS if symbol in used)
    fractions = np.full((len(parsed), len(symbols)), np.nan)
    for row, parts in zip(fractions, parsed, strict=True):
        if parts:
            row[:] = [parts.get(symbol, 0.0) for symbol in symbols]
    return symbols, fractions


@lru_cache(maxsize=65536)
def _parsed_or_none(formula: str) -> dict[str, float] | None:
    try:
        return parse_formula(formula)
    except InputError:
        return None


def atomic_fractions(symbols: Sequence[str], mass_amounts: ArrayLike) -> np.ndarray:
    """Parts by mass to parts by atoms: x_i = (w_i / M_i) / sum_j (w_j / M_j).

    Args:
        symbols: the elements, length m.
        mass_amounts: wt%, mass fractions or grams, shape (..., m), >= 0.

    Returns:
        Atomic fractions, shape (..., m), summing to 1; NaN for rows with a missing or negative amount or none at all.

    Source: definition of the amount of substance.

    >>> atomic_fractions(["Fe", "C"], [99.2, 0.8]).round(4)
    array([0.9639, 0.0361])
    """
    return normalised(mass_amounts, 1 / property_of(symbols, "mass"))


def mass_fractions(symbols: Sequence[str], atomic_amounts: ArrayLike) -> np.ndarray:
    """Parts by atoms to parts by mass: w_i = x_i M_i / sum_j (x_j M_j); the reverse of `atomic_fractions`.

    Args:
        symbols: the elements, length m.
        atomic_amounts: at%, atomic fractions or moles, shape (..., m), >= 0.

    Returns:
        Mass fractions, shape (..., m), summing to 1.

    >>> mass_fractions(["Fe", "C"], [3.0, 1.0]).round(4)  # cementite holds 6.7 wt% carbon
    array([0.9331, 0.0669])
    """
    return normalised(atomic_amounts, property_of(symbols, "mass"))


def normalised(values: ArrayLike, weights: np.ndarray) -> np.ndarray:
    """Amounts (..., m) times weights (m,) as shares that sum to 1; NaN for a row with a missing or negative amount."""
    amounts = np.asarray(values, dtype=np.float64)
    if amounts.shape[-1:] != weights.shape:
        raise InputError(f"{amounts.shape[-1:]} amounts were given for {len(weights)} elements.")
    parts = amounts * weights
    total = parts.sum(axis=-1, keepdims=True)
    good = (total > 0) & np.isfinite(total) & (amounts >= 0).all(axis=-1, keepdims=True)
    return np.where(good, parts / np.where(good, total, 1.0), np.nan)
