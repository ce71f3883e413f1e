"""What a torch model answers to all samples of a dataset."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from nital.core.dataset import Dataset
from nital.learn.batches import to_tensors, valid_batches

__all__ = ["answers_of"]


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
