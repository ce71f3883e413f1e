"""Options of the job `properties`."""

from dataclasses import dataclass
from typing import Literal

from nital.core.options import Options, option

__all__ = ["EvaluateOptions", "PropertiesOptions", "TrainOptions"]


@dataclass(frozen=True, kw_only=True)
class PropertiesOptions(Options):
    """Options of predicting."""

    sheet: str | None = option(None, "Sheet of an Excel file; the first if not given.")


@dataclass(frozen=True, kw_only=True)
class TrainOptions(Options):
    """What is learned from a table."""

    target: str | None = option(None, "Column to predict, as in the header or without its unit.")
    group: str | None = option(None, "Column that names the heat, paper or specimen of each row.")
    inputs: str | None = option(
        None, "Columns to learn from, separated by commas; all others that can serve if not given."
    )
    exclude: str | None = option(None, "Columns that are no inputs, separated by commas: other outcomes above all.")
    base: str | None = option(
        None, "Element that makes up the balance of the composition, where the table does not tell."
    )
    sheet: str | None = option(None, "Sheet of an Excel file; the first if not given.")


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(TrainOptions):
    """How models are compared."""

    recipe: Literal["usual", "thorough", "tiny"] = option("usual", "How hard is looked for the best model.")
    repeats: int | None = option(None, "Repetitions of the folds; the recipe's if not given.", minimum=1)
    folds: Literal["group", "matbench"] = option("group", "Folds by group, or Matbench's official folds of rows.")
    seed: int = option(0, "Where chance starts.", minimum=0)
    processes: int | None = option(None, "Processes that work side by side; the recipe's if not given.", minimum=1)
    why: bool = option(True, "Importance, partial dependence, integrated gradients and the learning curve too.")
