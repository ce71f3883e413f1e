"""What is to be learned from a table: which column is the target, which are inputs, and what was left out and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.core.report import Metric
from nital.io.tables import Table
from nital.science.alloys import offer_with_reasons
from nital.science.headers import plain_name, split_header
from nital.science.screening import identifier_columns, idle_columns, missing, near_perfect_predictors
from nital.tasks.properties.design import Design, refuse_huge
from nital.tasks.properties.models import Rows
from nital.tasks.properties.options import TrainOptions
from nital.tasks.properties.recipe import RECIPES, PropertiesRecipe

__all__ = ["Problem", "state_problem"]

FEWEST_ROWS = 10
FEW_ROWS = 30
MOST_WORDS = 30
_OUTCOME = re.compile(
    r"yield|tensile|(?:^|_)(?:uts|ys|rp02|rp0_2)(?:_|$)|elongation|hardness|toughness|impact|charpy|fatigue|"
    r"reduction_of_area|strength"
)
_GROUP = re.compile(
    r"^(?:heat|melt|cast|batch|lot|specimen|sample|plate|coupon|group|paper|reference|doi|source)(?:_|$)"
)


@dataclass(frozen=True)
class Problem:
    """A table turned into rows to learn from.

    Attributes:
        source: the file. target, target_unit: what is predicted. group: header of the group column or None.
        design: which columns become which inputs.
        columns: header -> values of the kept rows, of all inputs.
        rows: matrix, target and groups. numbers: shape (n,), index of each kept row in the file, from 0.
        account: sentences on what was read and left out. warnings: sentences that a user must read.
    """

    source: Path
    target: str
    target_unit: str | None
    group: str | None
    design: Design
    columns: dict[str, np.ndarray]
    rows: Rows
    numbers: np.ndarray
    account: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def metric(self) -> Metric:
        """The mean absolute error, in the unit of the target; in reports such as `mae_hardness_hrc`."""
        name = plain_name(split_header(self.target).name)
        unit = plain_name((self.target_unit or "").replace("%", " pct"))
        name = "_".join(["mae", name] + ([unit] if unit and not name.endswith(unit) else []))
        return Metric(name, self.target_unit or "", "lower", "mean absolute error", (0, None))

    @property
    def unit(self) -> str:
        """Unit of the target for sentences, with a space before it; empty where none is stated."""
        return f" {self.target_unit}" if self.target_unit else ""


def state_problem(table: Table, options: TrainOptions, recipe: PropertiesRecipe = RECIPES["usual"]) -> Problem:
    """Decide what is learned from a table, and say so.

    Args:
        options: columns are named as `Table.resolve` understands them; no group: each row is its own.
        recipe: of tables with more than `most_rows` a part is drawn at random.

    Raises:
        UnknownName: no such column.
        InputError: no target, too few rows, equal targets, one group, values that no property has.
    """
    if not options.target:
        raise InputError(
            f"Which column of {table.path} is to be predicted? Name it with `target`. It has: "
            f"{', '.join(table.columns)}."
        )
    account, warnings = list(table.account), []
    target, group = table.resolve(options.target), table.resolve(options.group) if options.group else None
    numbers = _kept_rows(table, target, group, account, recipe)
    table = table.select(numbers)
    y = table.numeric(target)
    groups = table.text(group) if group else np.arange(len(y))
    _check(table, target, y, groups, group, warnings)
    chosen = _inputs(table, target, group, options, account)
    columns = {header: table.columns[header] for header in chosen}
    features, reasons = offer_with_reasons(columns, table.units, base=options.base)
    account += reasons
    words = _words(columns, groups if group else None, {i for f in features for i in f.inputs}, account)
    design = Design(tuple(h for h, values in columns.items() if values.dtype.kind == "f"), words, tuple(features))
    if not design.names:
        raise InputError(f"{table.path} has no column left to learn from. {' '.join(account[-3:])}")
    design = replace(design, units={header: table.units[header] for header in design.inputs})
    warnings += near_perfect_predictors(columns, y).values()
    warnings += _outcomes(design.numbers, target)
    columns = {header: columns[header] for header in design.inputs}
    rows = Rows(design.matrix(columns), y, groups, design.sets)
    return Problem(
        table.path, target, table.units[target], group, design, columns, rows, numbers, tuple(account),
        tuple(warnings),
    )  # fmt: skip


def _kept_rows(
    table: Table, target: str, group: str | None, account: list[str], recipe: PropertiesRecipe
) -> np.ndarray:
    y = table.numeric(target)
    keep = ~np.isnan(y)
    if not keep.all():
        account.append(f"{(~keep).sum():,} of {len(y):,} rows have no '{target}' and are left out.")
    if group is not None:
        unnamed = keep & (table.text(group) == "")
        if unnamed.any():
            account.append(f"{unnamed.sum():,} rows have no '{group}' and are left out.")
        keep &= ~unnamed
    rows = np.flatnonzero(keep)
    if len(rows) <= (most := recipe.most_rows):
        return rows
    drawn = np.sort(np.random.default_rng(recipe.seed).permutation(rows)[:most])
    account.append(
        f"{len(rows) - most:,} of {len(rows):,} rows are left out, drawn at random, to keep time and memory in "
        f"bounds; {most:,} are used."
    )
    return drawn


def _check(
    table: Table, target: str, y: np.ndarray, groups: np.ndarray, group: str | None, warnings: list[str]
) -> None:
    if len(y) < FEWEST_ROWS:
        raise InputError(
            f"{table.path} has {len(y)} rows with '{target}'; {FEWEST_ROWS} are needed to say anything, {FEW_ROWS} and "
            "more to say it with confidence."
        )
    if (y == y[0]).all():
        raise InputError(f"All values of '{target}' in {table.path} are {y[0]:g}: there is nothing to learn.")
    refuse_huge(target, y)
    names, sizes = np.unique(groups, return_counts=True)
    if len(names) < 2:
        raise InputError(
            f"All rows of {table.path} belong to the one group '{names[0]}' of '{group}', so nothing can be said about "
            "a new one. Name a column with at least two groups, or leave out `group` to split by rows."
        )
    if len(y) < FEW_ROWS:
        warnings.append(f"Only {len(y)} rows: every number here is a rough one.")
    if sizes.max() > 0.5 * len(y):
        warnings.append(
            f"Group '{names[np.argmax(sizes)]}' holds {sizes.max():,} of {len(y):,} rows; when it is tested, little is "
            "left to learn from, and the mean error is mostly its error."
        )
    if group is None:
        warnings.append(_without_group(table))


def _without_group(table: Table) -> str:
    """That rows are split one by one, and which column seems to say what rows belong together."""
    said = (
        "No group is named, so rows are split one by one. If rows of one heat, paper or specimen are alike, every "
        "score here is too good"
    )
    for header in table.columns:
        texts = table.text(header)
        if _GROUP.search(plain_name(split_header(header).name)) and 1 < len(np.unique(texts)) < len(texts):
            return f"{said}. Column '{header}' seems to say which are: give `group` '{header}'. Now it is an input."
    return f"{said}: name their column with `group`."


def _inputs(table: Table, target: str, group: str | None, options: TrainOptions, account: list[str]) -> list[str]:
    """The columns that may serve: all but those that are named, constant, repeated or mere names of rows."""
    barred = {target, group} | set(_resolved(table, options.exclude or ""))
    if options.inputs is not None:
        named = _resolved(table, options.inputs)
        if wrong := [name for name in named if name in (target, group)]:
            raise InputError(f"'{wrong[0]}' is the target or the group, so it cannot be an input.")
        barred |= set(table.columns) - set(named)
    columns = {header: values for header, values in table.columns.items() if header not in barred}
    why = idle_columns(columns)
    if options.inputs is None:
        why |= identifier_columns(columns) | why
    formulas = _formulas(columns, why)
    for header, reason in why.items():
        if header not in formulas:
            account.append(f"Column '{header}' is no input: {reason}.")
    return [header for header in columns if header not in why or header in formulas]


def _resolved(table: Table, names: str) -> list[str]:
    """The headers that names between commas mean."""
    return [table.resolve(name.strip()) for name in names.split(",") if name.strip()]


def _formulas(columns: dict[str, np.ndarray], why: dict[str, str]) -> set[str]:
    """Texts that differ in every row because they are compositions: features are made of them."""
    texts = [header for header in why if columns[header].dtype.kind != "f"]
    return {header for header in texts if offer_with_reasons({header: columns[header]}, {header: None})[0]}


def _words(
    columns: dict[str, np.ndarray], groups: np.ndarray | None, used: set[str], account: list[str]
) -> dict[str, tuple[str, ...]]:
    """The categories, without those that merely name groups or have too many words."""
    found: dict[str, tuple[str, ...]] = {}
    for header, values in columns.items():
        if values.dtype.kind == "f":
            continue
        given = ~missing(values)
        words, member, counts = np.unique(values[given], return_inverse=True, return_counts=True)
        note = "; physics features are made of it" if header in used else ""
        if groups is not None and len(words) > 2 and _single_group_share(member, groups[given], len(words)) > 0.5:
            account.append(f"Column '{header}' is no category: most of its texts occur in one group alone{note}.")
        elif (counts > 1).sum() > MOST_WORDS or counts.max(initial=0) < 2:
            account.append(f"Column '{header}' is no category: it has {len(words)} different texts{note}.")
        else:
            found[header] = tuple(str(word) for word in words[counts > 1])
    return found


def _single_group_share(member: np.ndarray, groups: np.ndarray, words: int) -> float:
    pairs = np.unique(np.stack([member, np.unique(groups, return_inverse=True)[1]]), axis=1)
    return float((np.bincount(pairs[0], minlength=words) == 1).mean())


def _outcomes(headers: Sequence[str], target: str) -> list[str]:
    """Inputs that are named like results of mechanical tests, where the target is one too."""
    if not _OUTCOME.search(plain_name(target)):
        return []
    suspects = [header for header in headers if _OUTCOME.search(plain_name(header)) and "initial" not in header.lower()]
    return [
        f"Column '{header}' is named like a result of a test, as the target is. If it is measured only afterwards, "
        "exclude it."
        for header in suspects
    ]
