"""Ultrahigh-carbon steel, few labels: network, transfer and texture features on tiles, leaving one specimen out.

    python benchmarks/classes_uhcs.py DATA --model FOLDER     FOLDER: a model of synthetic structures to start from

DATA: the folder that holds `phases_uhcs_steel`. A tile's class is what most of its pixels are labelled; a class that
fewer than three specimens show is left out. Specimens, not tiles, are left out and drawn again for the intervals.
"""

import argparse
import csv
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError
from nital.io.labelled import Columns, read_labelled
from nital.learn.batches import answers_of
from nital.learn.fit import fit
from nital.learn.intervals import bootstrap_interval, compare
from nital.learn.judge import verdict
from nital.learn.split import split_by_group
from nital.runs.jobs import get_task
from nital.tasks.classes.baselines import commonest_class, fit_baselines
from nital.tasks.classes.metrics import METRICS
from nital.tasks.classes.samples import build_dataset
from nital.tasks.classes.samples.training import training_samples

NAMES = ("ferritic matrix", "cementite network", "spheroidite", "widmanstatten")


def write_tiles(source: Path, out: Path, side: int) -> None:
    """Tiles as class folders with one folder per specimen."""
    with (source / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    labels = {Path(row["file"]).stem: row["file"] for row in rows if row["role"] == "label"}
    specimens: dict[str, set[str]] = {}
    tiles: list[tuple[str, str, str, np.ndarray]] = []
    for row in (row for row in rows if row["role"] == "image"):
        stem = Path(row["file"]).stem
        image = np.asarray(Image.open(source / row["file"]).convert("L"))
        label = np.asarray(Image.open(source / labels[stem]))
        for top in range(0, image.shape[0] - side + 1, side):
            for left in range(0, image.shape[1] - side + 1, side):
                where = np.s_[top : top + side, left : left + side]
                share = np.bincount(label[where].ravel(), minlength=4) / side**2
                if share.max() >= 0.5:
                    name = NAMES[int(share.argmax())]
                    tiles.append((name, row["specimen"], f"{stem}_{top}_{left}", image[where]))
                    specimens.setdefault(name, set()).add(row["specimen"])
    for name, specimen, stem, tile in tiles:
        if len(specimens[name]) >= 3:
            path = out / name / specimen / f"{stem}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(tile).save(path)
    counts = {name: sum(tile[0] == name for tile in tiles) for name in specimens}
    listed = ", ".join(f"{name} {counts[name]} of {len(found)} specimens" for name, found in specimens.items())
    print(f"{len(tiles)} tiles of {side} px: {listed}")


def of_network(recipe, train: ArrayDataset, test: ArrayDataset) -> np.ndarray:
    task = get_task("classes")
    learn, valid, _ = split_by_group(train, recipe)
    model, _ = fit(task, recipe, learn, valid)
    return answers_of(model, test, ("probability",))["probability"].argmax(1)


def line(name: str, right: np.ndarray, label: np.ndarray, groups: np.ndarray) -> str:
    low, high = bootstrap_interval(right, groups)
    recall = np.mean([right[label == number].mean() for number in np.unique(label)])
    return f"{name:40s} accuracy {right.mean():.3f} ({low:.3f} to {high:.3f})   mean recall of the classes {recall:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=2)
    arguments = parser.parse_args()
    source = arguments.data / "phases_uhcs_steel"
    task = get_task("classes")
    usual = task.recipes()["usual"].replace(
        threads=arguments.threads, epochs=15, valid_fraction=0.25, test_fraction=0.0, side_px=arguments.side
    )
    try:
        table = read_labelled(source / "manifest.csv", Columns(class_="primary_microconstituent", group="specimen"))
        build = labelled_images(table)
        training_samples(build, usual)
    except InputError as error:
        print(f"primary microconstituent of whole images: {error}\n")
    with tempfile.TemporaryDirectory() as folder:
        write_tiles(source, Path(folder), arguments.side)
        dataset = build_dataset(usual, Path(folder))
    everything = dataset.batch(np.arange(len(dataset)))
    label, specimen = everything["label"], np.array([str(group).split("/")[-1] for group in dataset.groups])
    rights: dict[str, np.ndarray] = {}
    for left_out in np.unique(specimen):
        test = np.flatnonzero(specimen == left_out)
        train, rest = dataset.take(np.flatnonzero(specimen != left_out)), dataset.take(test)
        for baseline in (fit_baselines(train)[0], commonest_class(train.batch(np.arange(len(train))), 3)):
            guess = baseline.predict(rest.batch(np.arange(len(rest))))["probability"].argmax(1)
            rights.setdefault(baseline.name, np.zeros(len(label)))[test] = guess == label[test]
        for name, start in (("network from chance", None), ("network, transfer", str(arguments.model))):
            for seed in range(arguments.seeds):
                guess = of_network(usual.replace(start_from=start, seed=seed), train, rest)
                rights.setdefault(name, np.zeros(len(label)))[test] += (guess == label[test]) / arguments.seeds
        print(f"   {left_out}: {len(test)} tiles", flush=True)
    for name, right in rights.items():
        print(line(name, right, label, specimen))
    texture = next(name for name in rights if name.startswith("texture"))
    for name in ("network from chance", "network, transfer"):
        print(f"{name}: {verdict(compare(rights[name], rights[texture], specimen), texture, METRICS[0])}")


def labelled_images(table):
    """The rows of the manifest that are images."""
    from dataclasses import replace

    kept = [n for n, file in enumerate(table.files) if file.startswith("images/")]
    return replace(
        table, files=tuple(table.files[n] for n in kept), label=table.label[kept], group=table.group[kept],
        open=lambda index: table.open(kept[index]),
    )  # fmt: skip


if __name__ == "__main__":
    main()
