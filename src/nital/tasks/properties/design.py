"""How the columns of a table become the matrix that models see: numbers, categories, physics features."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from nital.core.errors import InputError
from nital.science.alloys import Feature

__all__ = ["Design", "refuse_huge"]

LARGEST = 1e30
"""No property and no setting is larger; squares of larger values would overflow single precision."""


def refuse_huge(header: str, values: np.ndarray) -> None:
    """Refuse a column, shape (n,), with a value that nothing measured has."""
    if values.dtype.kind == "f" and (wrong := np.abs(values) > LARGEST).any():
        row = int(np.argmax(wrong))
        raise InputError(
            f"Column '{header}' has the value {values[row]:g} in row {row + 1} of the data; nothing that is measured "
            f"is larger than {LARGEST:g}. Correct it, or leave the cell empty."
        )


@dataclass(frozen=True)
class Design:
    """The columns of the matrix, in order: numbers, one column per word of each category, physics features.

    Attributes:
        numbers: headers of columns of numbers.
        words: header of a category -> the texts that have a column of their own; any other text has none.
        features: physics features, computed row by row from the columns of the table.
        units: header -> unit, of every column that is needed.
    """

    numbers: tuple[str, ...]
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)
    features: tuple[Feature, ...] = ()
    units: dict[str, str | None] = field(default_factory=dict)

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """Headers of all columns that a table must have."""
        return tuple(dict.fromkeys([*self.numbers, *self.words, *(i for f in self.features for i in f.inputs)]))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of the matrix's columns."""
        marks = [f"{header} = {word}" for header, words in self.words.items() for word in words]
        return (*self.numbers, *marks, *(feature.name for feature in self.features))

    @cached_property
    def sets(self) -> dict[str, np.ndarray]:
        """Named sets of columns: 'given', 'physics' (all), 'given + FAMILY', and for few features 'given + NAME'."""
        given = len(self.names) - len(self.features)
        sets = {"given": np.arange(given)}
        if not self.features:
            return sets
        sets["physics"] = np.arange(len(self.names))
        families = dict.fromkeys(feature.family for feature in self.features)
        if len(families) > 1:
            for family in families:
                chosen = [given + k for k, feature in enumerate(self.features) if feature.family == family]
                sets[f"given + {family}"] = np.r_[np.arange(given), chosen]
        if len(self.features) <= 6:
            for number, feature in enumerate(self.features):
                sets[f"given + {feature.name}"] = np.r_[np.arange(given), given + number]
        return sets

    def matrix(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """The matrix of a table's rows.

        Args:
            columns: header -> values (n,), of all `inputs`.

        Returns:
            Shape (n, p), NaN where missing; every value is one that single precision can hold, so that the model's
            file, which counts in single precision, takes the same branches.

        Raises:
            InputError: a value that no property has.
        """
        for header in self.inputs:
            refuse_huge(header, columns[header])
        parts = [np.asarray(columns[header], dtype=np.float64) for header in self.numbers]
        for header, words in self.words.items():
            values = columns[header]
            absent = np.where(values == "", np.nan, 0.0)
            parts += [absent + (values == word) for word in words]
        parts += [feature.compute(columns) for feature in self.features]
        with np.errstate(over="ignore"):
            rounded = np.column_stack(parts).astype(np.float32).astype(np.float64)
        return np.where(np.isinf(rounded), np.nan, rounded)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Design":
        """The design that `dataclasses.asdict` and JSON made plain data of."""
        return cls(
            tuple(data["numbers"]),
            {header: tuple(words) for header, words in data["words"].items()},
            tuple(Feature.from_json(feature) for feature in data["features"]),
            dict(data["units"]),
        )
