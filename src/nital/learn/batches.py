"""Batches of a dataset in a fixed order, made one step ahead of the optimiser, and what a model answers to them."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

import numpy as np
import torch
from torch import nn

from nital.core.dataset import Batch, Dataset

__all__ = ["answers_of", "epoch_indices", "moved", "prefetched", "to_tensors", "train_batches", "valid_batches"]

AHEAD = 4  # batches that wait while one is trained on


def epoch_indices(samples: int, per_epoch: int, epoch: int, seed: int) -> np.ndarray:
    """Which samples an epoch sees, in which order: a window of an endless stream of permutations.

    Every sample comes once before any comes again, and the order follows from seed and epoch alone.

    Args:
        samples: size of the dataset.
        per_epoch: samples in one epoch; may be smaller or larger than the dataset.
        epoch: counted from 0.

    >>> sorted(epoch_indices(6, 3, 0, seed=1).tolist() + epoch_indices(6, 3, 1, seed=1).tolist())
    [0, 1, 2, 3, 4, 5]
    """

    @cache
    def permutation(turn: int) -> np.ndarray:
        return np.random.default_rng([seed, turn]).permutation(samples)

    positions = range(epoch * per_epoch, (epoch + 1) * per_epoch)
    return np.array([permutation(position // samples)[position % samples] for position in positions])


def train_batches(dataset: Dataset, batch_size: int, steps: int, epoch: int, seed: int) -> Iterator[Batch]:
    """The batches of one training epoch."""
    order = epoch_indices(len(dataset), batch_size * steps, epoch, seed).reshape(steps, batch_size)
    return prefetched(lambda step: dataset.batch(order[step]), steps)


def valid_batches(dataset: Dataset, batch_size: int) -> Iterator[Batch]:
    """The whole dataset in its own order; the last batch may be smaller."""
    order = np.arange(len(dataset))
    parts = range(0, len(order), batch_size)
    return prefetched(lambda part: dataset.batch(order[parts[part] :][:batch_size]), len(parts))


def prefetched(make: Callable[[int], Batch], count: int) -> Iterator[Batch]:
    """make(0) ... make(count - 1) in order, made by one background thread while the caller works."""
    waiting: deque[Future[Batch]] = deque()
    pool = ThreadPoolExecutor(1, thread_name_prefix="batches")
    try:
        for number in range(count):
            waiting.append(pool.submit(make, number))
            if len(waiting) > AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def to_tensors(batch: Batch) -> dict[str, torch.Tensor]:
    """The arrays as tensors of the same type; images (4 axes) with their channels last in memory, which is faster."""
    tensors = {
        name: torch.from_numpy(np.ascontiguousarray(array))  # pyright: ignore[reportUnknownMemberType]
        for name, array in batch.items()
    }
    return {
        name: tensor.contiguous(memory_format=torch.channels_last) if tensor.ndim == 4 else tensor
        for name, tensor in tensors.items()
    }


def moved(tensors: dict[str, torch.Tensor], device: torch.device) -> dict[str, torch.Tensor]:
    """The tensors on a device."""
    return {name: tensor.to(device) for name, tensor in tensors.items()}


@torch.no_grad()
def answers_of(
    model: nn.Module,
    dataset: Dataset,
    names: Sequence[str],
    truths: Sequence[str] = (),
    *,
    batch_size: int = 64,
    input_name: str = "image",
) -> dict[str, np.ndarray]:
    """The outputs of these names, one row per sample, in the order of the dataset.

    Args:
        model: dict of tensors in, dict of tensors out; it is left in evaluation mode.
        truths: arrays of the dataset that are given back as well, of names that no output has.
    """
    model.eval()
    parts: dict[str, list[np.ndarray]] = {name: [] for name in (*names, *truths)}
    for batch in valid_batches(dataset, batch_size):
        answer = model(to_tensors({input_name: batch[input_name]}))
        for name in names:
            parts[name].append(answer[name].numpy())
        for name in truths:
            parts[name].append(batch[name])
    return {name: np.concatenate(part) for name, part in parts.items()}
