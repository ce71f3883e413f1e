"""From a new table to values with intervals, by a model's file alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import ArtifactError, InputError, UnknownName
from nital.core.outcome import Fact, Outcome
from nital.core.progress import Say, tell
from nital.core.sections import Table as TableOfRows
from nital.core.task import Network
from nital.io.tables import Table, read_table
from nital.science.headers import plain_name, split_header
from nital.tasks.properties.design import Design
from nital.tasks.properties.domain import Domain

__all__ = ["matching_columns", "predict_table"]

ROWS_AT_ONCE = 2000


def predict_table(network: Network, path: Path, sheet: str | None = None, say: Say = None) -> Outcome:
    """Predict every row of a table.

    Raises:
        InputError: the file is no table, or lacks a column or has it in another unit; all are named.
        ArtifactError: the model is not one of this job.
    """
    table = read_table(path, sheet=sheet)
    facts = network.facts
    try:
        design, domain = Design.from_json(facts["design"]), Domain.from_json(facts["domain"])
        calibration, target, unit = facts["calibration"], facts["target"], facts["unit"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"The model's card lacks what predicting needs ({error}). Train it again.") from error
    columns = matching_columns(table, design)
    matrix = design.matrix(columns)
    value, spread, distance = _asked(network, matrix, say)
    half = _half_widths(spread, calibration)
    given, strange = matrix[:, design.sets["given"]], _strange_words(design, columns)
    reasons = _reasons(domain.reasons(given, distance), strange)
    rows = [[float(f"{number:.6g}") for number in row] for row in zip(value, value - half, value + half, strict=True)]
    values = {
        "target": target, "unit": unit, "prediction": [row[0] for row in rows],
        "interval90": [row[1:] for row in rows], "in_domain": [not why for why in reasons],
    }  # fmt: skip
    warnings = [*domain.warnings(given, distance), *_words_warnings(strange, columns)]
    headline = _headline(values)
    return Outcome(
        values=values, row={"target": target, **({"unit": unit} if unit else {})},
        facts=[Fact("predicted", target, unit or ""), *(Fact(label, words) for label, words in headline[:2])],
        tables={"predictions": _predictions(table, design, values, reasons)},
        warnings=warnings + ([facts["note"]] if facts.get("note") else []), headline=headline,
    )  # fmt: skip


def _asked(network: Network, matrix: np.ndarray, say: Say) -> np.ndarray:
    """Value, spread and distance of each row, shape (3, n), asked for in parts of bounded size."""
    parts = []
    for start in range(0, len(matrix), ROWS_AT_ONCE):
        given = network(matrix[start : start + ROWS_AT_ONCE].astype(np.float32))
        parts.append(np.stack([given[name] for name in ("prediction", "spread", "distance")]))
        done = min(start + ROWS_AT_ONCE, len(matrix))
        tell(say, done, len(matrix), f"{done:,} of {len(matrix):,} rows")
    return np.concatenate(parts, axis=1).astype(np.float64)


def _reasons(found: list[list[str]], strange: Mapping[str, np.ndarray]) -> list[list[str]]:
    """For each row why it lies outside of the domain, with the texts that training did not know."""
    for header, rows in strange.items():
        for number in rows:
            found[number].append(f"{header} with a text that training did not know")
    return found


def _predictions(table: Table, design: Design, values: Mapping[str, Any], reasons: list[list[str]]) -> TableOfRows:
    """Every row, with the columns that the model does not use (names of specimens, say) behind."""
    used = {table.resolve(header) for header in design.inputs}
    others = [header for header in table.columns if header not in used]
    told = zip(*(table.text(header).tolist() for header in others), strict=True) if others else [()] * len(reasons)
    rows = [
        [number, value, *ends, not why, "; ".join(why), *more]
        for number, (value, ends, why, more) in enumerate(
            zip(values["prediction"], values["interval90"], reasons, told, strict=True), 1
        )
    ]
    return TableOfRows([*_header(values["target"], values["unit"]), *others], rows)


def matching_columns(table: Table, design: Design) -> dict[str, np.ndarray]:
    """The columns that a model needs, in its units and kinds.

    Raises:
        InputError: names every column that is missing, is in another unit, or holds text where numbers are needed.
    """
    found, wrong = {}, []
    for header in design.inputs:
        try:
            there = table.resolve(header)
        except (UnknownName, InputError):
            wrong.append(_missing(table, header, design))
            continue
        unit, wanted = table.units[there], design.units.get(header)
        if unit != wanted:
            wrong.append(f"'{there}' is in {unit or 'no unit'}, and the model learned it in {wanted or 'no unit'}")
        number = table.columns[there].dtype.kind == "f"
        if header in design.numbers and not number:
            wrong.append(f"'{there}' holds text, and numbers are needed")
        found[header] = table.columns[there] if header in design.numbers else table.text(there)
    if wrong:
        raise InputError(
            f"{table.path} does not fit the model: {'; '.join(wrong)}. The model needs these columns: "
            f"{', '.join(_with_unit(header, design) for header in design.inputs)}."
        )
    return _numbers_where_features_need_them(table, design, found)


def _strange_words(design: Design, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Category -> rows, from 0, whose text training did not know, or only once."""
    found = {}
    for header, words in design.words.items():
        rows = np.flatnonzero(~np.isin(columns[header], [*words, ""]))
        if len(rows):
            found[header] = rows
    return found


def _words_warnings(strange: Mapping[str, np.ndarray], columns: Mapping[str, np.ndarray]) -> list[str]:
    return [
        f"'{header}' holds texts in {len(rows)} rows that training did not know, such as '{columns[header][rows[0]]}'."
        for header, rows in strange.items()
    ]


def _missing(table: Table, header: str, design: Design) -> str:
    """That a column is missing, or that one of its name has another unit."""
    name = plain_name(split_header(header).name)
    near = [other for other in table.columns if plain_name(split_header(other).name) == name]
    if not near:
        return f"'{header}' is missing"
    unit, wanted = table.units[near[0]] or "no unit", design.units.get(header) or "no unit"
    return f"'{near[0]}' is in {unit}, and the model learned it in {wanted}"


def _numbers_where_features_need_them(
    table: Table, design: Design, found: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    texts = set(design.words) | {f.inputs[0] for f in design.features if f.inputs and f.inputs[0] not in design.numbers}
    return {h: values if h in texts or h in design.numbers else table.numeric(h) for h, values in found.items()}


def _with_unit(header: str, design: Design) -> str:
    unit = design.units.get(header)
    return f"{header} [{unit}]" if unit and unit not in header else header


def _half_widths(spread: np.ndarray, calibration: Mapping[str, Any]) -> np.ndarray:
    """Half of each row's interval, as `Calibration.half_widths` gives it."""
    from nital.learn.conformal import half_widths, stable_difficulty

    factor = np.inf if calibration["factor"] is None else float(calibration["factor"])
    scaled = calibration["scaled"]
    difficulty = stable_difficulty(spread, calibration["typical"]) if scaled else np.ones(len(spread))
    return half_widths(factor, difficulty, calibration["largest"])


def _header(target: str, unit: str | None) -> list[str]:
    name = f"{target} [{unit}]" if unit and unit not in target else target
    return ["row", f"predicted {name}", "low 90 %", "high 90 %", "in domain", "why not"]


def _headline(values: dict[str, Any]) -> list[tuple[str, str]]:
    unit = f" {values['unit']}" if values["unit"] else ""
    count = len(values["prediction"])
    lines = [("rows", f"{count:,}"), ("in domain", f"{sum(values['in_domain']):,} of {count:,}")]
    shown = list(zip(values["prediction"], values["interval90"], values["in_domain"], strict=True))[:10]
    for number, (value, (low, high), fine) in enumerate(shown, 1):
        doubt = "" if fine else ", out of domain"
        lines.append((f"row {number}", f"{value:.4g}{unit} (90 %: {low:.4g} to {high:.4g}{doubt})"))
    return [*lines, *([("...", f"{count - 10:,} more rows in predictions.csv")] if count > 10 else [])]
