"""From a new table to values with intervals, by a model's file alone."""

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
from nital.tasks.properties.calibration import Calibration
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
        calibration, target, unit = Calibration(**facts["calibration"]), facts["target"], facts["unit"]
    except (KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"The model's card lacks what predicting needs ({error}). Train it again.") from error
    columns = matching_columns(table, design)
    matrix = design.matrix(columns)
    value, spread, distance = _asked(network, matrix, say)
    half = calibration.half_widths(spread)
    reasons, warnings = _doubts(design, domain, columns, matrix, distance)
    rows = [[float(f"{number:.6g}") for number in row] for row in zip(value, value - half, value + half, strict=True)]
    values = {
        "target": target, "unit": unit, "prediction": [row[0] for row in rows],
        "interval90": [row[1:] for row in rows], "in_domain": [not why for why in reasons],
    }  # fmt: skip
    headline = _headline(values)
    return Outcome(
        values=values, row={"target": target, **({"unit": unit} if unit else {})},
        facts=[Fact("predicted", target, unit or ""), *(Fact(label, words) for label, words in headline[:2])],
        tables={"predictions": _predictions(table, design, values, reasons)},
        warnings=warnings + ([facts["note"]] if facts.get("note") else []), headline=headline,
    )  # fmt: skip


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
            name = plain_name(split_header(header).name)
            near = [other for other in table.columns if plain_name(split_header(other).name) == name]
            wrong.append(_other_unit(table, near[0], header, design) if near else f"'{header}' is missing")
            continue
        if table.units[there] != design.units.get(header):
            wrong.append(_other_unit(table, there, header, design))
        number = header in design.numbers
        if number and table.columns[there].dtype.kind != "f":
            wrong.append(f"'{there}' holds text, and numbers are needed")
        found[header] = table.columns[there] if number else table.text(there)
    if wrong:
        raise InputError(
            f"{table.path} does not fit the model: {'; '.join(wrong)}. The model needs these columns: "
            f"{', '.join(_with_unit(header, design.units.get(header)) for header in design.inputs)}."
        )
    return found


def _other_unit(table: Table, there: str, header: str, design: Design) -> str:
    unit, wanted = table.units[there] or "no unit", design.units.get(header) or "no unit"
    return f"'{there}' is in {unit}, and the model learned it in {wanted}"


def _with_unit(name: str, unit: str | None) -> str:
    return f"{name} [{unit}]" if unit and unit not in name else name


def _asked(network: Network, matrix: np.ndarray, say: Say) -> np.ndarray:
    """Value, spread and distance of each row, shape (3, n), asked for in parts of bounded size."""
    parts = []
    for start in range(0, len(matrix), ROWS_AT_ONCE):
        given = network(matrix[start : start + ROWS_AT_ONCE].astype(np.float32))
        parts.append(np.stack([given[name] for name in ("prediction", "spread", "distance")]))
        done = min(start + ROWS_AT_ONCE, len(matrix))
        tell(say, done, len(matrix), f"{done:,} of {len(matrix):,} rows")
    return np.concatenate(parts, axis=1).astype(np.float64)


def _doubts(
    design: Design, domain: Domain, columns: dict[str, np.ndarray], matrix: np.ndarray, distance: np.ndarray
) -> tuple[list[list[str]], list[str]]:
    """For each row why it lies outside of the domain, and sentences on the whole table."""
    given = matrix[:, design.sets["given"]]
    reasons, warnings = domain.reasons(given, distance), domain.warnings(given, distance)
    for header, words in design.words.items():
        strange = np.flatnonzero(~np.isin(columns[header], [*words, ""]))
        for number in strange:
            reasons[number].append(f"{header} with a text that training did not know")
        if len(strange):
            warnings.append(
                f"'{header}' holds texts in {len(strange)} rows that training did not know, such as "
                f"'{columns[header][strange[0]]}'."
            )
    return reasons, warnings


def _predictions(table: Table, design: Design, values: dict[str, Any], reasons: list[list[str]]) -> TableOfRows:
    """Every row, with the columns that the model does not use (names of specimens, say) behind."""
    used = {table.resolve(header) for header in design.inputs}
    others = {header: table.text(header).tolist() for header in table.columns if header not in used}
    rows = [
        [number, value, *ends, not why, "; ".join(why), *(texts[number - 1] for texts in others.values())]
        for number, (value, ends, why) in enumerate(
            zip(values["prediction"], values["interval90"], reasons, strict=True), 1
        )
    ]
    predicted = f"predicted {_with_unit(values['target'], values['unit'])}"
    return TableOfRows(["row", predicted, "low 90 %", "high 90 %", "in domain", "why not", *others], rows)


def _headline(values: dict[str, Any]) -> list[tuple[str, str]]:
    unit = f" {values['unit']}" if values["unit"] else ""
    count = len(values["prediction"])
    lines = [("rows", f"{count:,}"), ("in domain", f"{sum(values['in_domain']):,} of {count:,}")]
    shown = list(zip(values["prediction"], values["interval90"], values["in_domain"], strict=True))[:10]
    for number, (value, (low, high), fine) in enumerate(shown, 1):
        doubt = "" if fine else ", out of domain"
        lines.append((f"row {number}", f"{value:.4g}{unit} (90 %: {low:.4g} to {high:.4g}{doubt})"))
    return [*lines, *([("...", f"{count - 10:,} more rows in predictions.csv")] if count > 10 else [])]
