"""FashionMNIST: the lecture's network beside the lecture's loop, and what a small network reaches on a CPU.

    python benchmarks/classes_fashion.py DATA                 all of it, some 25 minutes on two cores
    python benchmarks/classes_fashion.py DATA --part lecture  one of lecture (5 seeds), loop (speed ratio), ninety, best

DATA: the folder that holds `fashion_mnist`. Recipes were chosen by the validation loss. The part `ninety` stops at the
first number of epochs that passes 90 % of the *test* pictures, as the question asks; its accuracy is no measure of a
recipe.
"""

import argparse
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

import nital
from nital.nets.classics import two_convolutions
from nital.runs.jobs import get_task
from nital.runs.train import train
from nital.tasks.classes.lecture import idx_pictures

THREADS = 2


class PictureByPicture(torch.utils.data.Dataset):
    """As the lecture has it: each picture from an array to PIL to a tensor from 0 to 1, then (x - .5) / .5."""

    def __init__(self, pictures: np.ndarray, labels: np.ndarray) -> None:
        self.pictures, self.labels = pictures, labels

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        picture = Image.fromarray(self.pictures[index], mode=None)
        grey = torch.from_numpy(np.array(picture, copy=True)).unsqueeze(0).to(torch.float32).div(255)
        return grey.sub(0.5).div(0.5), int(self.labels[index])


def plain_loop(data: torch.utils.data.Dataset, batches: int) -> float:
    """Pictures per second of the usual loop: DataLoader, Adam, zero_grad, backward, step, loss.item()."""
    torch.manual_seed(0)
    model, loss_of = two_convolutions(), nn.CrossEntropyLoss()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = torch.utils.data.DataLoader(data, batch_size=64, shuffle=True)
    model.train()
    running, started = 0.0, time.perf_counter()
    for number, (pictures, labels) in enumerate(loader, 1):
        optimiser.zero_grad()
        loss = loss_of(model(pictures), labels)
        loss.backward()
        optimiser.step()
        running += loss.item()
        if number == batches:
            break
    return 64 * batches / (time.perf_counter() - started)


def our_loop(dataset, batches: int) -> float:
    """Pictures per second of nital's loop with the recipe `lecture`."""
    from nital.learn.fit import fit

    task = get_task("classes")
    recipe = task.recipes()["lecture"].replace(steps_per_epoch=batches, threads=THREADS)
    _, history = fit(task, recipe, dataset.take(np.arange(60_000)), dataset.take(np.arange(64)))
    return 64 * batches / history[0]["seconds"]


def compare_loops(folder: Path, batches: int, turns: int) -> None:
    """Three loops in turns, so that a busy machine slows all of them."""
    pictures = idx_pictures(folder)
    grey = np.stack([pictures.open(n).grey for n in range(60_000)])
    one_by_one = PictureByPicture(grey, pictures.label)
    scaled = torch.from_numpy(grey[:, None]).to(torch.float32).div(127.5).sub(1)
    whole = torch.utils.data.TensorDataset(scaled, torch.from_numpy(pictures.label[:60_000]))
    dataset = get_task("classes").dataset(get_task("classes").recipes()["lecture"], folder)
    speeds: dict[str, list[float]] = {"picture by picture": [], "tensors in memory": [], "nital": []}
    for _ in range(turns):
        speeds["picture by picture"].append(plain_loop(one_by_one, batches))
        speeds["tensors in memory"].append(plain_loop(whole, batches))
        speeds["nital"].append(our_loop(dataset, batches))
    middle = {name: float(np.median(found)) for name, found in speeds.items()}
    for name, found in middle.items():
        print(f"{name:20s} {found:7.0f} pictures/s; nital is {middle['nital'] / found:.2f} times as fast")


def trained(recipe: Any, dataset: Any) -> tuple[float, float]:
    """Test accuracy, and seconds of the epochs."""
    from nital.learn.batches import answers_of
    from nital.learn.fit import fit
    from nital.learn.split import split_by_group

    learn, valid, test = split_by_group(dataset, recipe)
    model, history = fit(get_task("classes"), recipe, learn, valid)
    found = answers_of(model, test, ("logits",), ("label",), batch_size=500)
    return float((found["logits"].argmax(1) == found["label"]).mean()), sum(entry["seconds"] for entry in history)


def lecture(folder: Path, seeds: int) -> None:
    """Test accuracy of the lecture's network after one epoch."""
    recipe = get_task("classes").recipes()["lecture"].replace(threads=THREADS)
    dataset = get_task("classes").dataset(recipe, folder)
    found = []
    for seed in range(seeds):
        accuracy, seconds = trained(recipe.replace(seed=seed), dataset)
        found.append(accuracy)
        print(f"seed {seed}: test accuracy {accuracy:.4f}, one epoch {seconds:.0f} s", flush=True)
    print(f"lecture's network, one epoch: {np.mean(found):.4f} +- {np.std(found, ddof=1):.4f} over {seeds} seeds")


def ninety(folder: Path) -> None:
    """The shortest run of two recipes whose network passes 90 %, their schedules shortened with them."""
    for name in ("lecture", "best"):
        recipe = get_task("classes").recipes()[name].replace(threads=THREADS)
        dataset = get_task("classes").dataset(recipe, folder)
        for epochs in range(1, 10):
            accuracy, seconds = trained(recipe.replace(epochs=epochs), dataset)
            print(f"recipe {name}, {epochs} epochs: test accuracy {accuracy:.4f} in {seconds:.0f} s", flush=True)
            if accuracy >= 0.9:
                break


def best(folder: Path) -> None:
    """What the recipe `best` reaches, as a user would train it."""
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        report = train("classes", folder, recipe="best", out=out, threads=THREADS, say=lambda *told: print(told[-1]))
        parameters = nital.runs.artifact.load_artifact(Path(out)).card["parameters"]
    for row in report.rows():
        print(f"{row['name']:35s} test accuracy {row['accuracy']:.4f} ({row['accuracy_ci95']})")
    seconds = sum(entry["seconds"] for entry in report.history)
    whole = time.perf_counter() - started
    print(f"{parameters:,} parameters; trained in {seconds / 60:.1f} min, all {whole / 60:.1f} min")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--part", choices=["lecture", "loop", "ninety", "best", "all"], default="all")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=200)
    arguments = parser.parse_args()
    folder = arguments.data / "fashion_mnist"
    torch.set_num_threads(THREADS)
    if arguments.part in ("loop", "all"):
        compare_loops(folder, arguments.batches, 3)
    if arguments.part in ("lecture", "all"):
        lecture(folder, arguments.seeds)
    if arguments.part in ("ninety", "all"):
        ninety(folder)
    if arguments.part in ("best", "all"):
        best(folder)


if __name__ == "__main__":
    main()
