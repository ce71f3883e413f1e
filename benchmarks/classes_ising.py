"""Ising structures: phase and temperature by a network, beside the energy and the magnetisation, one number each.

    python benchmarks/classes_ising.py DATA --model FOLDER     FOLDER: nital train classes --recipe ising --out FOLDER
    python benchmarks/classes_ising.py DATA --model FOLDER --epochs 0     trained on synthetic pictures alone

DATA: the folder that holds `ising_mds` (each picture from its own simulation, so a random split fits). Five folds: each
learns on from FOLDER with four fifths, of which a tenth decides when to stop, and is scored on the rest.
"""

import argparse
from pathlib import Path

import numpy as np

from nital.io.labelled import Columns, read_labelled
from nital.learn.batches import answers_of, valid_batches
from nital.learn.classification import transition
from nital.learn.fit import fit
from nital.learn.split import group_folds, split_by_group
from nital.runs.engine import OnnxNetwork
from nital.runs.jobs import get_task
from nital.tasks.classes.baselines import fit_baselines
from nital.tasks.classes.samples.scored import samples_for_model

CRITICAL = 2.269185


def scores(probability: np.ndarray, value: np.ndarray, batch: dict[str, np.ndarray]) -> str:
    right = probability.argmax(1) == batch["label"]
    error = np.abs(value - batch["value"])
    near = np.abs(batch["value"] - CRITICAL) < 0.3
    return (
        f"phase {right.mean():.4f} ({np.count_nonzero(~right)} of {len(right)} wrong; near Tc {right[near].mean():.3f})"
        f"   temperature error {error.mean():.3f} J/kB, median {np.median(error):.3f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--plot", type=Path)
    arguments = parser.parse_args()
    task = get_task("classes")
    network = OnnxNetwork(arguments.model, arguments.threads)
    pictures = read_labelled(
        arguments.data / "ising_mds" / "labels_64.csv", Columns(class_="above_tc", value="temperature")
    )
    facts = {**network.facts, "classes": ["0", "1"]}  # 0 is below the critical temperature: ordered
    base = task.recipes()["ising"].replace(threads=arguments.threads)
    dataset = samples_for_model(pictures, facts)
    everything = dataset.batch(np.arange(len(dataset)))

    given = [network(part["image"]) for part in valid_batches(dataset, 64)]
    probability, value = (np.concatenate([one[name] for one in given]) for name in ("probability", "value"))
    print(f"network, synthetic pictures alone     {scores(probability, value, everything)}", flush=True)
    said = transition(everything["value"], probability.argmax(1))
    print(f"   its phases change at T = {said['value']:.4f} (95 % {said['ci95'][0]:.4f} to {said['ci95'][1]:.4f})")

    names = [baseline.name for baseline in fit_baselines(dataset.take(np.arange(0, len(dataset), 50)))]
    found = {name: (np.zeros((len(dataset), 2)), np.zeros(len(dataset))) for name in [*names, "network, learned on"]}
    for number, (learn, test) in enumerate(group_folds(dataset.groups, 5, seed=0)):
        known = dataset.take(learn)
        batch = dataset.batch(test)
        for baseline in fit_baselines(known):
            answer = baseline.predict(batch)
            found[baseline.name][0][test], found[baseline.name][1][test] = answer["probability"], answer["value"]
        if arguments.epochs:
            recipe = base.replace(
                start_from=str(arguments.model), epochs=arguments.epochs, steps_per_epoch=60, batch_size=32,
                learning_rate=1e-3, warmup_steps=60, valid_fraction=0.1, test_fraction=0.0, seed=number,
            )  # fmt: skip
            train, valid, _ = split_by_group(known, recipe)
            model, history = fit(task, recipe, train, valid)
            answer = answers_of(model, dataset.take(test), ("probability", "value"))
            found["network, learned on"][0][test], found["network, learned on"][1][test] = answer.values()
            print(f"   fold {number + 1}: best validation loss {min(e['valid_loss'] for e in history):.3f}", flush=True)
    for name, (probability, value) in found.items():
        if probability.any():
            print(f"{name:37s} {scores(probability, value, everything)}")
    probability, value = found["network, learned on"]
    if probability.any():
        said = transition(everything["value"], probability.argmax(1))
        low, high = said["ci95"]
        print(f"critical temperature from its phases: {said['value']:.4f} (95 % {low:.4f} to {high:.4f})")
        print(f"   Onsager: {CRITICAL:.4f}")


if __name__ == "__main__":
    main()
