"""Which physics features a table can have. They are offered, in words; whether one helps is tested on the data."""

from collections.abc import Mapping
from dataclasses import asdict, replace

import numpy as np

from nital.science.alloys.features import Feature, composition_of
from nital.science.alloys.laws import CARBON_EQUIVALENTS
from nital.science.alloys.mixing import MIXING_RULES
from nital.science.alloys.recognition import Composition, find_composition, find_measures, short_name, stem
from nital.science.headers import plain_name, split_header

__all__ = ["offer_with_reasons"]

Columns = Mapping[str, np.ndarray]
Units = Mapping[str, str | None]

_HOLLOMON = "Hollomon and Jaffe 1945, Trans. AIME 162, 223"
_GRANGE_1977 = "Grange, Hribal and Porter 1977, Metall. Trans. A 8, 1775"
_GRANGE = f"{_GRANGE_1977} (each element's share depends on the tempering)"
_OF_ONE = {
    "size": [
        ("inverse_root", "um^-1/2", "grain size", "d^-1/2 (Hall-Petch), d in um", "sizes above some 0.1 um",
         "Hall 1951, doi:10.1088/0370-1301/64/9/303; Petch 1953", "inverse_root"),
        ("log10", "1", "grain size", "log10(d / um)", "sizes that spread over decades",
         "own; see Dunstan and Bushby 2014, doi:10.1016/j.ijplas.2013.07.004", "log10_size"),
    ],
    "temperature": [
        ("inverse", "1000/K", "temperature", "1000 / T (Arrhenius), T in K", "one thermally activated mechanism",
         "Arrhenius 1889, doi:10.1515/zpch-1889-0416", "inverse_temperature"),
    ],
    "time": [("log10", "1", "time", "log10(t / h)", "times that spread over decades", "own", "log10_time")],
}  # fmt: skip
"""Quantity -> start of a feature's name, unit, family, formula, range, source, law."""


def offer_with_reasons(
    table_columns: Columns, units: Units, *, base: str | None = None
) -> tuple[list[Feature], tuple[str, ...]]:
    """The physics features that apply to a table, recognised from names and units.

    Args:
        table_columns: header -> values, shape (n,): float64 or text. Pass inputs alone: neither target nor
            other outcomes.
        units: header -> unit in nital's spelling, None where nothing states one.
        base: the element that makes up the balance to 100 %, where no column gives it (iron in a table of steels
            is recognised).

    Returns:
        Features, each with inputs, formula, range and source, none of which is applied to anything here; and sentences:
        how compositions were read, what was recognised but cannot be used.

    >>> columns = {"grain size [um]": np.array([4.0, 25.0])}
    >>> features, _ = offer_with_reasons(columns, {"grain size [um]": "um"})
    >>> features[0].name, features[0].compute(columns).tolist()
    ('inverse_root_grain_size', [0.5, 0.2])
    """
    reasons: list[str] = []
    composition = find_composition(table_columns, units, reasons, base)
    if composition is not None:
        reasons.append(composition.because)
    sizes, temperatures, times = (
        find_measures(table_columns, units, quantity, reasons) for quantity in ("size", "temperature", "time")
    )
    features = _of_one(sizes, "size")
    for one, other in _pairs(temperatures, times):
        settings = {"temperature": one, "temperature_unit": temperatures[one], "time": other, "time_unit": times[other]}
        features += _tempering(settings, table_columns, composition)
    features += _of_one(temperatures, "temperature") + _of_one(times, "time")
    if composition is not None:
        features += _carbon(table_columns, composition) + _mixtures(composition)
    return _unique(features, table_columns), tuple(reasons)


def _unique(features: list[Feature], columns: Columns) -> list[Feature]:
    """Number the features whose name a column or another feature has."""
    taken = set(columns)
    result: list[Feature] = []
    for feature in features:
        name, number = feature.name, 1
        while name in taken:
            number += 1
            name = f"{feature.name}_{number}"
        taken.add(name)
        result.append(replace(feature, name=name))
    return result


def _of_one(columns: Mapping[str, str], quantity: str) -> list[Feature]:
    """Features of single columns; header -> unit."""
    return [
        Feature(
            f"{prefix}_{short_name(header)}", unit, (header,), family, formula, valid, source, law,
            {"column": header, "unit": stated},
        )
        for header, stated in columns.items()
        for prefix, unit, family, formula, valid, source, law in _OF_ONE[quantity]
    ]  # fmt: skip


def _pairs(temperatures: Mapping[str, str], times: Mapping[str, str]) -> list[tuple[str, str]]:
    """Temperature and time of one treatment: the same words in both names, or the only two there are."""
    pairs = [(one, other) for one in temperatures for other in times if stem(one) == stem(other)]
    given = [header for header in temperatures if "test" not in stem(header) or _is_creep(next(iter(times), ""))]
    if not pairs and len(given) == len(times) == 1:
        pairs = [(given[0], next(iter(times)))]
    return pairs


def _is_creep(time: str) -> bool:
    return any(word in plain_name(time) for word in ("rupture", "creep", "life", "failure"))


def _tempering(settings: dict[str, str], columns: Columns, composition: Composition | None) -> list[Feature]:
    inputs = (settings["temperature"], settings["time"])
    ending = f"_{stem(inputs[0])}" if stem(inputs[0]) not in ("", "tempering") else ""
    if _is_creep(inputs[1]):
        return [
            Feature(
                "larson_miller", "1000 K", inputs, "creep", "T (20 + log10 t), T in K, t in h",
                "one creep mechanism; the rupture time is an outcome: no input for predicting time",
                "Larson and Miller 1952, Trans. ASME 74, 765", "hollomon_jaffe", dict(settings),
            )
        ]  # fmt: skip
    valid = "isothermal tempering of martensite below Ac1"
    name = f"hollomon_jaffe{ending}"
    features = [
        Feature(name, "1000 K", inputs, "tempering", "T (20 + log10 t), T in K, t in h", valid, _HOLLOMON,
                "hollomon_jaffe", dict(settings)),
        Feature(f"{name}_squared", "(1000 K)^2", inputs, "tempering", "P^2, P = T (20 + log10 t)", valid, _HOLLOMON,
                "hollomon_jaffe", settings | {"power": 2}),
    ]  # fmt: skip
    if composition is None or not _is_iron(columns, composition):
        return features
    return features + [
        Feature(f"{symbol.lower()}_x_{name}", f"{split_header(header).unit or composition.basis} 1000 K",
                (*inputs, header), "tempering", f"{symbol} P, P = T (20 + log10 t)", valid, _GRANGE,
                "hollomon_jaffe", settings | {"times": header})
        for symbol, header in composition.columns.items()
    ]  # fmt: skip


def _is_iron(columns: Columns, composition: Composition) -> bool:
    """Whether most alloys of the table are more than half iron."""
    symbols, percent = composition_of(columns, composition)
    if "Fe" not in symbols:
        return False
    iron = percent[:, symbols.index("Fe")]
    return bool(np.isfinite(iron).any() and np.nanmedian(iron) > 50)


def _carbon(columns: Columns, composition: Composition) -> list[Feature]:
    symbols, _ = composition_of(columns, composition)
    if not {"C", "Mn"} <= set(symbols) or not _is_iron(columns, composition):
        return []
    settings = {"composition": asdict(composition)}
    features: list[Feature] = []
    for name, (weights, formula, valid, source) in CARBON_EQUIVALENTS.items():
        missing = [element for element in weights if element not in symbols]
        note = f" (no column for {', '.join(missing)}: counted as 0)" if missing else ""
        features.append(
            Feature(name, "wt%", composition.inputs, "carbon equivalent", formula + note, valid, source,
                    "carbon_equivalent", settings | {"which": name})
        )  # fmt: skip
    if "C" in composition.columns:
        header = composition.columns["C"]
        features.append(
            Feature("root_carbon", f"({split_header(header).unit or composition.basis})^1/2", (header,), "martensite",
                    "C^1/2", "martensite and its tempered state",
                    f"{_GRANGE_1977} (that the root fits is own)", "root",
                    {"column": header})
        )  # fmt: skip
    return features


def _mixtures(composition: Composition) -> list[Feature]:
    settings = {"composition": asdict(composition)}
    return [
        Feature(
            name, unit, composition.inputs, "mixing rules", formula, valid, source, "mixing", settings | {"which": name}
        )
        for name, (_, unit, formula, valid, source) in MIXING_RULES.items()
    ]
