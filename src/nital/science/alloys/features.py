"""A feature: a column that a physical law makes of other columns, row by row.

A feature is plain data (it travels as JSON with a model) and computes the same from one row as from a million.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nital.core.errors import InputError, unknown_name
from nital.science.alloys.composition import atomic_fractions, fractions_of_formulas, mass_fractions
from nital.science.alloys.laws import (
    CARBON_EQUIVALENTS,
    hollomon_jaffe,
    in_base_unit,
    inverse_root,
    inverse_temperature,
    log10_positive,
)
from nital.science.alloys.mixing import MIXING_RULES
from nital.science.alloys.recognition import Composition

__all__ = ["Feature", "composition_of"]

Columns = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Feature:
    """One physics feature of a table.

    Attributes:
        name: unique among the features and columns of its table.
        unit: of the value.
        inputs: headers of the columns it is made of.
        family: features that come and go together: 'grain size', 'temperature', 'time', 'tempering', 'creep',
            'carbon equivalent', 'martensite', 'mixing rules'.
        formula, valid_for, source: in words.
        law, settings: what `compute` does, as plain data.
    """

    name: str
    unit: str
    inputs: tuple[str, ...]
    family: str
    formula: str
    valid_for: str
    source: str
    law: str
    settings: dict[str, Any] = field(default_factory=dict[str, Any])

    def compute(self, columns: Columns) -> np.ndarray:
        """The feature for each row.

        Args:
            columns: header -> values, shape (n,); those of `inputs` are needed.

        Returns:
            Shape (n,), float64; NaN where an input is missing or the law has no value.

        Raises:
            InputError: a column is missing, or holds text where numbers are needed.
        """
        for header in self.inputs:
            if header not in columns:
                raise InputError(f"The feature '{self.name}' needs the column '{header}', which is not in the table.")
        try:
            with np.errstate(all="ignore"):
                values = np.asarray(_LAWS[self.law](columns, **self.settings), dtype=np.float64)
        except TypeError as error:
            raise InputError(f"The feature '{self.name}' cannot be computed: {error}.") from error
        return np.where(np.isfinite(values), values, np.nan)

    @property
    def sentence(self) -> str:
        """The feature in words, for people to accept or refuse."""
        made_of = ", ".join(map(repr, self.inputs[:6]))
        made_of += f" and {len(self.inputs) - 6} more" if len(self.inputs) > 6 else ""
        unit = f" [{self.unit}]" if self.unit != "1" else ""
        return f"{self.name}{unit} = {self.formula}, from {made_of}. Valid for {self.valid_for}. Source: {self.source}."

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Feature":
        """The feature that `dataclasses.asdict` and JSON made plain data of.

        Raises:
            InputError: fields are missing or unknown.
        """
        try:
            given: dict[str, Any] = {**data, "inputs": tuple(data["inputs"])}
            feature = cls(**given)
        except (TypeError, KeyError) as error:
            raise InputError(f"This is no description of a feature: {error}.") from error
        if feature.law not in _LAWS:
            raise unknown_name("law of a feature", feature.law, _LAWS)
        return feature


def composition_of(columns: Columns, composition: Composition) -> tuple[tuple[str, ...], np.ndarray]:
    """Elements and contents of each row in percent of the basis, shape (n, n_elements); NaN where one is missing."""
    if composition.formula:
        symbols, fractions = fractions_of_formulas(columns[composition.formula])
        return symbols, 100 * fractions
    symbols = tuple(composition.columns)
    percent = np.column_stack(
        [np.asarray(columns[header], np.float64) * composition.factors[s] for s, header in composition.columns.items()]
    )
    if composition.balance is None:
        return symbols, percent
    rest = 100 - percent.sum(axis=1)
    rest = np.where(rest >= -0.5, np.maximum(rest, 0.0), np.nan)  # half a percent of rounding is forgiven
    return (*symbols, composition.balance), np.column_stack([percent, rest])


def _inverse_root(columns: Columns, *, column: str, unit: str) -> np.ndarray:
    return inverse_root(in_base_unit(columns[column], unit, "size"))


def _log10_size(columns: Columns, *, column: str, unit: str) -> np.ndarray:
    return log10_positive(in_base_unit(columns[column], unit, "size"))


def _log10_time(columns: Columns, *, column: str, unit: str) -> np.ndarray:
    return log10_positive(in_base_unit(columns[column], unit, "time"))


def _inverse_temperature(columns: Columns, *, column: str, unit: str) -> np.ndarray:
    return inverse_temperature(in_base_unit(columns[column], unit, "temperature"))


def _root(columns: Columns, *, column: str) -> np.ndarray:
    return np.sqrt(np.asarray(columns[column], np.float64))


def _hollomon_jaffe(
    columns: Columns, *, temperature: str, temperature_unit: str, time: str, time_unit: str,
    power: int = 1, times: str | None = None,
) -> np.ndarray:  # fmt: skip
    kelvin = in_base_unit(columns[temperature], temperature_unit, "temperature")
    hours = in_base_unit(columns[time], time_unit, "time")
    values = (hollomon_jaffe(kelvin, hours) / 1000) ** power
    return values if times is None else values * np.asarray(columns[times], np.float64)


def _carbon_equivalent(columns: Columns, *, which: str, composition: dict[str, Any]) -> np.ndarray:
    given = Composition(**composition)
    symbols, percent = composition_of(columns, given)
    by_mass = percent if given.basis == "wt%" else 100 * mass_fractions(symbols, percent)
    weights, *_ = CARBON_EQUIVALENTS[which]
    return by_mass @ np.array([weights.get(symbol, 0.0) for symbol in symbols])


def _mixing(columns: Columns, *, which: str, composition: dict[str, Any]) -> np.ndarray:
    given = Composition(**composition)
    symbols, percent = composition_of(columns, given)
    by_atoms = atomic_fractions(symbols, percent) if given.basis == "wt%" else percent
    rule, *_ = MIXING_RULES[which]
    return rule(symbols, by_atoms)


_LAWS: dict[str, Callable[..., np.ndarray]] = {
    "inverse_root": _inverse_root,
    "log10_size": _log10_size,
    "log10_time": _log10_time,
    "inverse_temperature": _inverse_temperature,
    "hollomon_jaffe": _hollomon_jaffe,
    "root": _root,
    "carbon_equivalent": _carbon_equivalent,
    "mixing": _mixing,
}
