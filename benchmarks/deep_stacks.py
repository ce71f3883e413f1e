"""Why shortcuts: stacks of 20 and 56 layers with and without them, the same steps on the same synthetic structures.

    python benchmarks/deep_stacks.py [--steps 300] [--side 32]

Prints the training loss (mean of the last 50 steps): without shortcuts the deeper stack hardly trains, which is no
overfitting; with them it does (He et al., CVPR 2016, doi:10.1109/CVPR.2016.90, section 4.2), though in so few steps
not yet as well as the shallow one.
"""

import argparse
import time

import numpy as np
import torch
from torch import nn

from nital.nets.resnet import Residual
from nital.science.scaling import standardise
from nital.synth.structures import KINDS, draw_structure


def deep_stack(depth: int, *, shortcuts: bool) -> nn.Sequential:
    """The stacks of 6 n + 2 layers for small images; shortcuts that change the size are 1 x 1 convolutions here."""
    layers: list[nn.Module] = [nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
    channels = 16
    for stage, width in enumerate((16, 32, 64)):
        for block in range((depth - 2) // 6):
            stride = 2 if stage and not block else 1
            layers.append(Residual([(channels, width, 3, stride), (width, width, 3, 1)], shortcuts))
            channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, len(KINDS)))


def train(depth: int, shortcuts: bool, x: torch.Tensor, y: torch.Tensor, steps: int, seed: int) -> tuple[float, float]:
    """Mean loss of the last 50 steps, and the first layer's gradient norm over the last one's in the first step."""
    torch.manual_seed(seed)
    network = deep_stack(depth, shortcuts=shortcuts).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.SGD(network.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 0.1, total_steps=steps)
    generator, losses, ratio = torch.Generator().manual_seed(seed), [], float("nan")
    for step in range(steps):
        chosen = torch.randint(len(x), (32,), generator=generator)
        loss = nn.functional.cross_entropy(network(x[chosen].contiguous(memory_format=torch.channels_last)), y[chosen])
        optimiser.zero_grad()
        loss.backward()
        if step == 0:
            norms = [module.weight.grad.norm() for module in network.modules() if isinstance(module, nn.Conv2d)]
            ratio = float(norms[0] / norms[-1])
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return float(np.mean(losses[-50:])), ratio


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--side", type=int, default=32)
    parser.add_argument("--seeds", type=int, default=1)
    arguments = parser.parse_args()
    label, shape = np.arange(3000) % len(KINDS), (arguments.side, arguments.side)
    drawn = [draw_structure(KINDS[kind], np.random.default_rng([0x57A7, 5, n]), shape) for n, kind in enumerate(label)]
    x, y = torch.from_numpy(standardise(np.stack(drawn))[:, None]), torch.from_numpy(label)
    for shortcuts in (False, True):
        for depth in (20, 56):
            started = time.perf_counter()
            found = [train(depth, shortcuts, x, y, arguments.steps, seed) for seed in range(arguments.seeds)]
            losses = ", ".join(f"{loss:.3f}" for loss, _ in found)
            print(
                f"{depth} layers {'with' if shortcuts else 'without'} shortcuts: loss {losses}; first over last "
                f"gradient {found[0][1]:.2g}; {time.perf_counter() - started:.0f} s",
                flush=True,
            )


if __name__ == "__main__":
    main()
