"""What each ingredient of the generator is worth: short trainings with one left out, on synthetic and real micrographs.

    python benchmarks/grains_ingredients.py OUT [--data DATA] [--only NAME ...] [--epochs 12]

`all` is the bundled recipe cut short, `lecture` has none of the ingredients. Every run sees as many pictures and steps.
Results are appended to OUT/ingredients.csv; a run that is there is not repeated.
"""

import argparse
import csv
import os
from pathlib import Path

import numpy as np
import torch

from nital.learn.fit import fit
from nital.learn.split import split_by_group
from nital.synth.random_micrographs import labelled_micrograph
from nital.tasks.grains.decode import partition
from nital.tasks.grains.network_input import standardise
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.recipe import BUNDLED
from nital.tasks.grains.score import evaluate_folder, scores
from nital.tasks.grains.task import TASK

INGREDIENTS = ("real_shapes", "twins", "etching", "contrasts", "distractors", "optics")
RUNS = {"all": {}, "lecture": dict.fromkeys(INGREDIENTS, False)}
RUNS |= {f"no {name}": {name: False} for name in INGREDIENTS}
COLUMNS = (
    "run", "valid_loss", "synthetic_ari", "synthetic_g_error", "etched_steel_ari", "etched_steel_f1_3px",
    "etched_steel_g_error", "ebsd_ari", "ebsd_g_error",
)  # fmt: skip


def measured(name: str, out: Path, data: Path, epochs: int) -> dict[str, object]:
    """Train one variant and score it."""
    recipe = BUNDLED.replace(
        name=name, number=12_000, crop_px=192, epochs=epochs, valid_fraction=0.01, test_fraction=0.01, **RUNS[name]
    )
    train, valid, _ = split_by_group(TASK.dataset(recipe), recipe)

    def say(done: int, total: int, text: str) -> None:
        if text:
            print(name, text, flush=True)

    model, history = fit(TASK, recipe, train, valid, folder=out / name.replace(" ", "_"), say=say)

    @torch.no_grad()
    def network(image: np.ndarray) -> dict[str, np.ndarray]:
        return {"probability": model({"image": torch.from_numpy(np.ascontiguousarray(image))})["probability"].numpy()}

    rows = []
    for seed in range(9_000_000, 9_000_060):  # unseen by all; all ingredients on
        image, _, crystal = labelled_micrograph(seed)
        found = partition(network(standardise(image)[None, None])["probability"][0, 1])
        rows.append(scores(found, crystal.grain))
    steel = evaluate_folder(network, data / "grains_nist_gsat", GrainsOptions(twins="merge")).rows()[0]
    ebsd = evaluate_folder(network, data / "grains_ebsd", GrainsOptions(twins="count")).rows()[0]
    values = (
        name, min(float(entry["valid_loss"]) for entry in history),
        np.mean([row["adjusted_rand_index"] for row in rows]), np.mean([abs(row["g_error"]) for row in rows]),
        steel["adjusted_rand_index"], steel["boundary_f1_3px"], steel["g_error"],
        ebsd["adjusted_rand_index"], ebsd["g_error"],
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("NITAL_DATA", "../shared/data")))
    parser.add_argument("--only", nargs="*", default=list(RUNS))
    parser.add_argument("--epochs", type=int, default=12)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    table = arguments.out / "ingredients.csv"
    done = {row["run"] for row in csv.DictReader(table.open())} if table.exists() else set()
    for run in (name for name in arguments.only if name not in done):
        row = measured(run, arguments.out, arguments.data, arguments.epochs)
        with table.open("a", newline="") as file:
            writer = csv.DictWriter(file, COLUMNS)
            if file.tell() == 0:
                writer.writeheader()
            writer.writerow(row)
        print(row, flush=True)
