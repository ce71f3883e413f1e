"""Phases of real micrographs from few labelled ones, by the functions that the commands call.

Run: NITAL_DATA=... python benchmarks/phases_real.py [case ...]

uhcs_folds      phases_uhcs_steel in three folds by specimen
uhcs_37         trained on specimen 37, scored on the others
super_N         phases_ni_superalloy, trained on N pictures (1, 4 or 10), scored on the others, of the same specimen
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np

from nital.core.report import Source, Split
from nital.learn.fit import fit
from nital.learn.split import group_folds, split_by_group
from nital.runs.artifact import save_artifact
from nital.runs.engine import OnnxNetwork
from nital.tasks.phases.evaluate import evaluate_folder
from nital.tasks.phases.options import PhasesOptions
from nital.tasks.phases.recipe import USUAL
from nital.tasks.phases.score import class_iou
from nital.tasks.phases.task import TASK

DATA = Path(os.environ.get("NITAL_DATA", "data"))
UHCS, SUPER = DATA / "phases_uhcs_steel", DATA / "phases_ni_superalloy"


def specimens_of(source: Path) -> list[str]:
    """Of each picture, in the order of their names."""
    head, *lines = (source / "manifest.csv").read_text("utf-8").splitlines()
    column = head.split(",").index("specimen")
    found = {Path(line.split(",")[0]).name: line.split(",")[column] for line in lines}
    return [found[path.name] for path in sorted((source / "images").iterdir())]


def part_of(source: Path, wanted: Callable[[int, str], bool], folder: Path) -> Path:
    """A folder with those pictures of another whose number, in order of names, and specimen are wanted."""
    head, *lines = (source / "manifest.csv").read_text("utf-8").splitlines()
    names = [path.name for path in sorted((source / "images").iterdir())]
    specimens = specimens_of(source)
    taken = {name for number, name in enumerate(names) if wanted(number, specimens[number])}
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
        for name in taken:
            shutil.copy(source / kind / name, folder / kind / name)
    rows = [line for line in lines if Path(line.split(",")[0]).name in taken]
    (folder / "manifest.csv").write_text("\n".join([head, *rows]) + "\n", "utf-8")
    for classes in source.glob("classes.*"):
        shutil.copy(classes, folder / classes.name)
    return folder


def learned_from(known: Path, out: Path) -> OnnxNetwork:
    """What `nital train phases` keeps, learned from all pictures of a folder; it scores itself on none of them."""
    recipe = USUAL.replace(threads=1, test_fraction=0.0)
    dataset = TASK.dataset(recipe, known)
    train, valid, _ = split_by_group(dataset, recipe)
    model, history = fit(TASK, recipe, train, valid)
    facts = dict(dataset.facts) | TASK.calibrate(model, recipe, train, valid)
    print(f"  {', '.join(facts['chosen_ways'])} answer", flush=True)
    source = Source(dataset.name, dataset.source, dataset.licence, dataset.fingerprint())
    split = Split(by=dataset.grouped_by, train=len(train), valid=len(valid))
    described = {"data": asdict(source), "split": asdict(split), "facts": facts}
    save_artifact(out, TASK, recipe, model, history, described, of_its_own=False)
    return OnnxNetwork(out, 1)


def score(case: str, folder: Path) -> dict[str, float]:
    """Train and score one case: IoU of the classes over all pixels, error of the area fractions, both on pictures."""
    if case == "uhcs_folds":
        specimens = specimens_of(UHCS)
        folds = group_folds(np.array(specimens), 3, seed=0)
        parts = [(UHCS, {specimens[one] for one in tested}) for _, tested in folds]
    elif case == "uhcs_37":
        parts = [(UHCS, set(specimens_of(UHCS)) - {"sample37"})]
    else:
        few = int(case.removeprefix("super_"))
        parts = [(SUPER, set(range(14)) - {14 * one // few for one in range(few)})]
    confusion, errors = 0, []
    for number, (source, tested) in enumerate(parts):
        known = part_of(source, lambda *one: not tested & set(one), folder / f"known{number}")  # noqa: B023
        others = part_of(source, lambda *one: bool(tested & set(one)), folder / f"others{number}")  # noqa: B023
        details = evaluate_folder(learned_from(known, folder / f"model{number}"), others, PhasesOptions()).details
        confusion = confusion + np.array(details["confusion"])
        errors += [one["area_error_points"] for one in details["by_picture"]]
        print(f"{case}, part {number}: {details['mean_iou_pooled']:.3f}", details["iou"], flush=True)
    return {"IoU": float(class_iou(confusion).mean()), "area error, points": float(np.mean(errors))}


def main(cases: list[str]) -> None:
    """Print a row for each case."""
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            since = time.process_time()
            found = score(case, Path(folder))
            took = time.process_time() - since
        print(f"{case:11}", *(f"{name} {value:.3f}" for name, value in found.items()), f"{took:.0f} CPU s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["uhcs_folds", "uhcs_37", "super_10", "super_4", "super_1"])
