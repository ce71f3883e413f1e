"""The teaching engine against torch: forward + backward of LeNet-5, batch 64 of 28 x 28 px, float32, the same weights.

    python benchmarks/teach_lenet.py

Prints, for one thread and for the default number, the milliseconds of a pass of both, their ratio (to stay at or below
3.5), how far the gradients are apart, and the peak memory of one pass of the engine (that of torch is not seen by
Python). Needs torch and threadpoolctl. Both take turns in rounds, with a pause so that the idle threads of one do not
disturb the other; the median of the quietest round counts.
"""

import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import nn

from nital.teach.layers import AveragePool2d, Conv2d, Dense, MaxPool2d, Sequential
from nital.teach.tensor import Tensor
from nital.teach.training import categorical_cross_entropy

BATCH, ROUNDS, PASSES, LIMIT = 64, 6, 15, 3.5


def engine_lenet(pool: type[MaxPool2d], activation: Callable[[Tensor], Tensor]) -> Sequential:
    rng = np.random.default_rng(0)
    return Sequential(
        Conv2d(1, 6, 5, rng, padding=2, dtype=np.float32),
        activation,
        pool(2),
        Conv2d(6, 16, 5, rng, dtype=np.float32),
        activation,
        pool(2),
        Tensor.flatten,
        Dense(400, 120, rng, dtype=np.float32),
        activation,
        Dense(120, 84, rng, dtype=np.float32),
        activation,
        Dense(84, 10, rng, dtype=np.float32),
    )


def torch_lenet(pool: type[nn.Module], activation: type[nn.Module], weights: list[Tensor]) -> nn.Sequential:
    network = nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2),
        activation(),
        pool(2),
        nn.Conv2d(6, 16, 5),
        activation(),
        pool(2),
        nn.Flatten(),
        nn.Linear(400, 120),
        activation(),
        nn.Linear(120, 84),
        activation(),
        nn.Linear(84, 10),
    )
    with torch.no_grad():
        for theirs, ours in zip(network.parameters(), weights, strict=True):
            theirs.copy_(torch.from_numpy(ours.data.T if ours.data.ndim == 2 else ours.data))
    return network


def median_ms(one_pass: Callable[[], None]) -> float:
    time.sleep(0.3)
    one_pass()
    times = []
    for _ in range(PASSES):
        start = time.perf_counter()
        one_pass()
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def compare(name: str, ours: Sequential, theirs: nn.Sequential) -> float:
    rng = np.random.default_rng(1)
    x, labels = rng.normal(size=(BATCH, 1, 28, 28)).astype(np.float32), rng.integers(0, 10, BATCH)
    x_torch, labels_torch = torch.from_numpy(x), torch.from_numpy(labels)

    def our_pass() -> None:
        for parameter in ours.parameters():
            parameter.grad = None
        categorical_cross_entropy(ours(x), labels).backward()

    def their_pass() -> None:
        theirs.zero_grad(set_to_none=True)
        nn.functional.cross_entropy(theirs(x_torch), labels_torch).backward()

    our_rounds, their_rounds = [], []
    for _ in range(ROUNDS):
        our_rounds.append(median_ms(our_pass))
        their_rounds.append(median_ms(their_pass))
    our_ms, their_ms = min(our_rounds), min(their_rounds)
    apart = max(
        np.abs((p.grad.T if p.grad.ndim == 2 else p.grad) - q.grad.numpy()).max() / np.abs(q.grad.numpy()).max()
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True)
        if p.grad is not None and q.grad is not None
    )
    tracemalloc.start()
    our_pass()
    peak_mib = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    print(
        f"{name:28s} {torch.get_num_threads():7d} {our_ms:10.2f} {their_ms:9.2f} {our_ms / their_ms:6.2f} "
        f"{apart:10.1e} {peak_mib:10.1f}"
    )
    return our_ms / their_ms


def main() -> None:
    print(f"{'LeNet-5, batch 64':28s} threads  engine ms  torch ms  ratio  grad. off   peak MiB")
    ratios = []
    for threads in dict.fromkeys((1, torch.get_num_threads())):
        torch.set_num_threads(threads)
        with threadpool_limits(threads):
            for name, pool, torch_pool, activation, torch_activation in (
                ("tanh, average pool (1998)", AveragePool2d, nn.AvgPool2d, Tensor.tanh, nn.Tanh),
                ("ReLU, max pool", MaxPool2d, nn.MaxPool2d, Tensor.relu, nn.ReLU),
            ):
                ours = engine_lenet(pool, activation)
                ratios.append(compare(name, ours, torch_lenet(torch_pool, torch_activation, ours.parameters())))
    print(f"largest ratio {max(ratios):.2f}, to stay at or below {LIMIT}: {'yes' if max(ratios) <= LIMIT else 'NO'}")


if __name__ == "__main__":
    main()
