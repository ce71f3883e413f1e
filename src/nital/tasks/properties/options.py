"""Flags of the job `properties`."""

from dataclasses import dataclass, field
from typing import Any, Literal

from nital.core.task import Options

__all__ = ["EvaluateOptions", "PropertiesOptions", "TrainOptions"]


def _flag(default: Any, help_text: str) -> Any:
    return field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, kw_only=True)
class PropertiesOptions(Options):
    """Flags of predicting."""

    sheet: str | None = _flag(None, "Sheet of an Excel file; the first if not given.")


@dataclass(frozen=True, kw_only=True)
class TrainOptions(Options):
    """What is learned from a table."""

    target: str | None = _flag(None, "Column to predict, as in the header or without its unit.")
    group: str | None = _flag(None, "Column that names the heat, paper or specimen of each row.")
    inputs: str | None = _flag(
        None, "Columns to learn from, separated by commas; all others that can serve if not given."
    )
    exclude: str | None = _flag(None, "Columns that are no inputs, separated by commas: other outcomes above all.")
    base: str | None = _flag(
        None, "Element that makes up the balance of the composition, where the table does not tell."
    )
    sheet: str | None = _flag(None, "Sheet of an Excel file; the first if not given.")


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(TrainOptions):
    """How models are compared."""

    recipe: Literal["usual", "thorough", "tiny"] = _flag("usual", "How hard is looked for the best model.")
    repeats: int | None = _flag(None, "Repetitions of the folds; the recipe's if not given.")
    folds: Literal["group", "matbench"] = _flag("group", "Folds by group, or Matbench's official folds of rows.")
    seed: int = _flag(0, "Where chance starts.")
    processes: int | None = _flag(None, "Processes that run folds side by side; the recipe's if not given.")
    why: bool = _flag(True, "Importance, partial dependence, integrated gradients and the learning curve too.")
