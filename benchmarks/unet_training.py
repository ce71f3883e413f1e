"""Training speed of the U-Net: images of 256 x 256 px per second, batch 8, two threads.

    python benchmarks/unet_training.py

Prints parameters, work per pixel and speed for three widths; the same network with its convolutions at full
resolution; and `fit` against a bare loop over the same batches, which is the price of everything around it.
"""

import sys
import time
from typing import Any, final

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from nital.core.dataset import ArrayDataset, Dataset
from nital.core.recipe import Recipe
from nital.core.task import Card, NetworkTask, Options
from nital.learn.fit import fit
from nital.nets.unet import UNet

SIDE, BATCH, THREADS = 256, 8, 2
STEPS = int(sys.argv[1]) if len(sys.argv) > 1 else 20


class Labels(nn.Module):
    """The U-Net as a job wraps it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.network = UNet(width=width)

    def forward(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        return {"logits": self.network(batch["image"].float() / 255)}


@final
class Pixels(NetworkTask):
    """A job that is nothing but its network and a cross entropy."""

    card = Card("pixels", "Pixels", "How fast?", "noise", (), ())
    recipe_type, options_type = Recipe, Options

    def recipes(self) -> dict[str, Recipe]:
        return {"tiny": Recipe(name="tiny", batch_size=BATCH, epochs=1, steps_per_epoch=STEPS, threads=THREADS)}

    def dataset(self, recipe: Recipe, data: object = None) -> Dataset:
        generator = np.random.default_rng(recipe.seed)
        number = (STEPS + 1) * BATCH
        image = generator.integers(0, 256, (number, 1, SIDE, SIDE), dtype=np.uint8)
        return ArrayDataset(
            "noise", {"image": image, "label": image[:, 0] % 3}, np.arange(number), source="own", licence="BSD-3-Clause"
        )

    def model(self, recipe: Recipe, facts: object = None) -> nn.Module:
        return Labels(width=16)

    def loss(self, prediction: Any, batch: Any) -> torch.Tensor:
        return functional.cross_entropy(prediction["logits"], batch["label"].long())

    example = metrics = baselines = score = analyse = evaluate = None  # pyright: ignore[reportAssignmentType] never asked for here


def bare_loop(model: nn.Module, batches: list[dict[str, torch.Tensor]]) -> float:
    """Images per second of the shortest loop that trains."""
    model.to(memory_format=torch.channels_last).train()  # pyright: ignore[reportCallIssue]
    optimizer = torch.optim.AdamW(model.parameters())
    started = time.perf_counter()
    for number, batch in enumerate(batches):
        if number == 2:  # the first steps make kernels and buffers
            started = time.perf_counter()
        optimizer.zero_grad()
        Pixels().loss(model(batch), batch).backward()
        optimizer.step()
    return (len(batches) - 2) * BATCH / (time.perf_counter() - started)


def random_batches(number: int, side: int) -> list[dict[str, torch.Tensor]]:
    image = torch.randint(0, 256, (BATCH, 1, side, side), dtype=torch.uint8)
    return [{"image": image.contiguous(memory_format=torch.channels_last), "label": image[:, 0] % 3}] * number


def macs_per_pixel(network: nn.Module) -> float:
    """Multiplications of all convolutions, per pixel of the image."""
    done, side = [], 64
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.register_forward_hook(
                lambda conv, _, result: done.append(conv.weight.numel() * result[0, 0].numel())
            )
    network.eval()(torch.zeros(1, 1, side, side))
    return sum(done) / side**2


def main() -> None:
    torch.set_num_threads(THREADS)
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, {THREADS} threads, {SIDE} x {SIDE} px, batch {BATCH}, {STEPS} steps")
    bare = {}
    for width in (16, 20, 24):
        model = Labels(width)
        work = macs_per_pixel(UNet(width=width))
        parameters = sum(parameter.numel() for parameter in model.parameters())
        bare[width] = bare_loop(model, random_batches(STEPS + 2, SIDE))
        share = 3 * 2 * work * SIDE**2 * bare[width] / 1e9
        print(
            f"width {width}: {parameters:9,} parameters  {work / 1000:5.2f} kMAC/px  "
            f"{bare[width]:5.1f} images/s  {share:4.0f} GFLOP/s"
        )
    # Twice the side puts the first level, which works at half resolution, on SIDE x SIDE pixels.
    full = bare_loop(Labels(16), random_batches(max(4, STEPS // 4), 2 * SIDE))
    print(f"width 16 without the half-resolution stem: {full:.1f} images/s, {bare[16] / full:.1f} times slower")

    task = Pixels()
    recipe = task.recipes()["tiny"]
    data = task.dataset(recipe)
    train, valid = data.take(np.arange(STEPS * BATCH)), data.take(np.arange(STEPS * BATCH, (STEPS + 1) * BATCH))
    ratios = []
    for _ in range(3):  # in turn, as other work on the machine would favour one side
        plain = bare_loop(Labels(16), random_batches(STEPS + 2, SIDE))
        seconds = fit(task, recipe, train, valid)[1][0]["seconds"]
        ratios.append(seconds * plain / (STEPS * BATCH))
    print(f"fit takes {np.median(ratios):.2f} times a bare loop, one validation batch included")


if __name__ == "__main__":
    main()
