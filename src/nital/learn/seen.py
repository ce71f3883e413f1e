"""Seen samples: whether a model is scored on samples that it learned from, told by a hash of what the network sees."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, final

import numpy as np

from nital.core.dataset import Dataset
from nital.core.task import Network

__all__ = ["WatchedNetwork", "digest", "digests_of"]

MOST = 5000
"""A model folder lists at most so many samples."""


def digest(sample: np.ndarray) -> str:
    """A few characters that tell an array from all others; the type of its numbers counts."""
    whole = np.ascontiguousarray(sample)
    return hashlib.sha256(f"{whole.shape}{whole.dtype}".encode() + whole.tobytes()).hexdigest()[:16]


def digests_of(datasets: Sequence[Dataset], input_name: str) -> list[str] | None:
    """What tells the inputs of datasets from others, as a model folder lists them; None: they are too many."""
    if sum(map(len, datasets)) > MOST:
        return None
    batches = (data.batch([index])[input_name] for data in datasets for index in range(len(data)))
    return [digest(batch[0].astype(np.float32)) for batch in batches]


@final
class WatchedNetwork:
    """A network that counts how many of the samples that it is given are among those that it learned from.

    Args:
        learned_from: of `digests_of`.
    """

    def __init__(self, network: Network, learned_from: Iterable[str]) -> None:
        self.network, self.learned_from = network, frozenset(learned_from)
        self.given: set[str] = set()

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.network.facts

    def __call__(self, batch: np.ndarray, /) -> dict[str, np.ndarray]:
        self.given.update(map(digest, np.asarray(batch, np.float32)))
        return self.network(batch)

    @property
    def warning(self) -> str | None:
        """That samples are known, and what the scores are worth then; None: none is."""
        if not (known := len(self.given & self.learned_from)):
            return None
        return (
            f"{known} of {len(self.given)} samples are among those that this model was trained on: the scores are too "
            "good. Evaluate on samples of other specimens."
        )
