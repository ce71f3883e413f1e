"""Phases of real micrographs from few labelled ones, by the commands that a user gives.

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
from pathlib import Path

import nital
from nital.core.report import Report

DATA = Path(os.environ.get("NITAL_DATA", "data"))
UHCS, SUPER = DATA / "phases_uhcs_steel", DATA / "phases_ni_superalloy"


def part_of(source: Path, wanted: Callable[[int, str], bool], folder: Path) -> Path:
    """A folder with those pictures of another whose number, in order of names, and specimen are wanted."""
    head, *lines = (source / "manifest.csv").read_text("utf-8").splitlines()
    column = head.split(",").index("specimen")
    specimen = {Path(line.split(",")[0]).name: line.split(",")[column] for line in lines}
    names = [path.name for path in sorted((source / "images").iterdir())]
    taken = {name for number, name in enumerate(names) if wanted(number, specimen[name])}
    for kind in ("images", "labels"):
        (folder / kind).mkdir(parents=True)
        for name in taken:
            shutil.copy(source / kind / name, folder / kind / name)
    rows = [line for line in lines if Path(line.split(",")[0]).name in taken]
    (folder / "manifest.csv").write_text("\n".join([head, *rows]) + "\n", "utf-8")
    for classes in source.glob("classes.*"):
        shutil.copy(classes, folder / classes.name)
    return folder


def score(case: str, folder: Path) -> Report:
    """Train and score one case."""
    if case == "uhcs_folds":
        return nital.train("phases", UHCS, out=folder / "model", folds=3, threads=1)
    if case == "uhcs_37":
        source, learned = UHCS, lambda number, specimen: specimen == "sample37"
    else:
        few = int(case.removeprefix("super_"))
        chosen = {14 * one // few for one in range(few)}
        source, learned = SUPER, lambda number, specimen: number in chosen
    known = part_of(source, learned, folder / "known")
    others = part_of(source, lambda *one: not learned(*one), folder / "others")
    nital.train("phases", known, out=folder / "model", folds=0, test_fraction=0.0, threads=1)
    return nital.evaluate("phases", others, artifact=folder / "model")


def main(cases: list[str]) -> None:
    """Print a row for each case and model."""
    for case in cases:
        with tempfile.TemporaryDirectory() as folder:
            since = time.process_time()
            report = score(case, Path(folder))
            took = time.process_time() - since
        values = {(one.model, one.metric): one.value for one in report.scores}
        for model in dict.fromkeys(one.model for one in report.scores):
            print(f"{case:11} {model:32} IoU {values[model, 'mean_iou']:.3f}  "
                  f"area {values[model, 'area_error_points']:5.2f} points  {took:5.0f} CPU s", flush=True)  # fmt: skip
        print(f"{'':11} notes: {report.notes}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or ["uhcs_folds", "uhcs_37", "super_10", "super_4", "super_1"])
