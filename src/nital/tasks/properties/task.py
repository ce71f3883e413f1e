"""The job `properties`: from a table of specimens to a number with an interval, and whether a network helps."""

from pathlib import Path
from typing import Any, final

import numpy as np

from nital.core.outcome import Outcome
from nital.core.progress import Say
from nital.core.report import Report
from nital.core.task import Card, FittedTask, Network, Trained
from nital.tasks.properties.options import EvaluateOptions, PropertiesOptions, TrainOptions
from nital.tasks.properties.recipe import RECIPES, PropertiesRecipe

__all__ = ["TASK", "PropertiesTask"]

CARD = Card(
    job="properties",
    title="Properties from a table of specimens, with intervals and a verdict on networks",
    answers="Does a neural network help with this table, and how wrong will a prediction for my next heat be?",
    trained_on="The user's own table; nothing is bundled.",
    limits=(
        "Intervals hold for groups like those of the table; a new kind of alloy or treatment is another matter, and "
        "the domain warning does not find every such case.",
        "Without a column of groups all scores are those of rows dealt at random, and as a rule too good.",
        "Fewer than nine groups cannot promise a 90 % interval.",
        "Importance and dependence describe the model, not causes.",
    ),
    sources=(
        "C. Nadeau, Y. Bengio, Inference for the generalization error, 2003, doi:10.1023/A:1024068626366",
        "R. Dunn, L. Wasserman, A. Ramdas, Distribution-free prediction sets for two-layer hierarchical models, 2023, "
        "doi:10.1080/01621459.2022.2060112",
        "A. Dunn et al., Matbench, 2020, doi:10.1038/s41524-020-00406-3",
    ),
)


@final
class PropertiesTask(FittedTask):
    """Simple models, trees and networks on the same folds; the one that deserves it is kept."""

    card = CARD
    recipe_type = PropertiesRecipe
    options_type = PropertiesOptions
    train_options_type = TrainOptions
    evaluate_options_type = EvaluateOptions
    opens = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")
    evaluates_a_model = False

    needed_facts = ("design", "domain", "calibration", "target", "unit")

    def recipes(self) -> dict[str, PropertiesRecipe]:
        return RECIPES

    def analyse(self, network: Network, path: Path, options: PropertiesOptions, say: Say = None) -> Outcome:
        from nital.tasks.properties.analyse import predict_table

        return predict_table(network, path, options.sheet, say)

    def evaluate(self, network: Network | None, data: Path, options: EvaluateOptions, say: Say = None) -> Report:
        from nital.tasks.properties.training import evaluate_table

        return evaluate_table(data, options, say)

    def train(self, recipe: PropertiesRecipe, data: Path, options: TrainOptions, say: Say = None) -> Trained:
        from nital.tasks.properties.training import train_table

        return train_table(recipe, data, options, say)

    def trial_data(self, folder: Path) -> tuple[Path, dict[str, Any]]:
        return _write_heats(folder / "heats.csv"), {"target": "hardness", "group": "heat"}


def _write_heats(path: Path, rows: int = 40, heats: int = 8) -> Path:
    """A small table with a known law: hardness is 100 + 200 d^-1/2 + 10 Cr HV with a scatter of 5 HV (Hall, Petch)."""
    rng = np.random.default_rng(5)
    size, chromium = np.exp(rng.uniform(np.log(0.5), np.log(100), rows)), rng.uniform(0, 2, rows)
    hardness = 100 + 200 / np.sqrt(size) + 10 * chromium + rng.normal(0, 5, rows)
    lines = ["heat,grain size [um],Cr [wt%],hardness [HV]"]
    lines += [f"H{k * heats // rows},{size[k]:.4f},{chromium[k]:.3f},{hardness[k]:.2f}" for k in range(rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


TASK = PropertiesTask()
