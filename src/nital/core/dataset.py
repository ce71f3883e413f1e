"""Dataset: samples with named arrays and one group each, in memory or made on demand."""

import abc
import hashlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, final

import numpy as np

from nital.core.errors import InputError

__all__ = ["ArrayDataset", "Batch", "Dataset", "GeneratedDataset"]

Batch = dict[str, np.ndarray]
"""Named arrays of a few samples, inputs and targets side by side; the first axis counts samples.

Beside it a class has no axis, a curve (points,) or (channels, points), a picture or a map (channels, rows, cols).
"""

HASHED = 8
"""So many samples of a generator are made anew for its fingerprint."""


class Dataset(abc.ABC):
    """Samples that can be taken by index, each belonging to one group.

    A group is what must never stand on two sides of a split: a specimen, a heat, a paper, an
    instrument run, one synthetic structure.

    Attributes:
        name, source, licence: where the samples come from and what may be done with them.
        groups: shape (n,), one label per sample.
        facts: what the numbers mean, as plain JSON, such as the names of classes; goes with the trained model.
        strata: shape (n,), labels that every side of a split should hold, such as classes; None: there are none.
        held_out: shape (n,), True for the samples that whoever made the data keeps for testing; None: nobody did.
    """

    name: str
    source: str
    licence: str
    groups: np.ndarray
    facts: Mapping[str, Any] = MappingProxyType({})
    strata: np.ndarray | None = None
    held_out: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.groups)

    @abc.abstractmethod
    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        """The samples at `indices`, stacked under the names of their inputs and targets."""

    @abc.abstractmethod
    def take(self, indices: Sequence[int] | np.ndarray) -> "Dataset":
        """A dataset of the samples at `indices`."""

    @abc.abstractmethod
    def fingerprint(self) -> str:
        """A SHA-256 that tells these samples from others, so that no training goes on with other data."""


@final
class ArrayDataset(Dataset):
    """Samples that are held in memory.

    Args:
        arrays: name -> array of shape (n, ...); inputs and targets alike.
        groups: shape (n,). strata, held_out: shape (n,), or None.

    Raises:
        InputError: arrays of unequal length.
    """

    def __init__(
        self,
        name: str,
        arrays: Mapping[str, np.ndarray],
        groups: np.ndarray,
        *,
        source: str,
        licence: str,
        facts: Mapping[str, Any] | None = None,
        strata: np.ndarray | None = None,
        held_out: np.ndarray | None = None,
    ) -> None:
        _check_lengths(name, {**arrays, "groups": groups, "strata": strata, "held_out": held_out})
        self.name, self.source, self.licence = name, source, licence
        self.arrays = dict(arrays)
        self.groups, self.facts = np.asarray(groups), facts or {}
        self.strata, self.held_out = strata, held_out

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        return {key: value[np.asarray(indices)] for key, value in self.arrays.items()}

    def take(self, indices: Sequence[int] | np.ndarray) -> "ArrayDataset":
        chosen = np.asarray(indices)
        return ArrayDataset(
            self.name, self.batch(chosen), self.groups[chosen],
            source=self.source, licence=self.licence, facts=self.facts,
            strata=None if self.strata is None else self.strata[chosen],
            held_out=None if self.held_out is None else self.held_out[chosen],
        )  # fmt: skip

    def fingerprint(self) -> str:
        """A SHA-256 that changes when any sample or group changes."""
        return _sha256(self.arrays, self.groups)


@final
class GeneratedDataset(Dataset):
    """Samples that a function makes when they are asked for: the index is the seed.

    Args:
        make: index -> one sample (name -> array without the leading axis); a pure function.
        indices: shape (n,), the indices that `make` is called with.
        groups: shape (n,), such as the picture that a crop is cut from; None: each index is its own group.
        recipe: text that names the generator and all its settings, for the fingerprint.
        strata, held_out: shape (n,), or None.

    Raises:
        InputError: not one group, stratum or mark for each index.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[int], Batch],
        indices: np.ndarray,
        groups: np.ndarray | None = None,
        *,
        recipe: str,
        source: str,
        licence: str,
        facts: Mapping[str, Any] | None = None,
        strata: np.ndarray | None = None,
        held_out: np.ndarray | None = None,
    ) -> None:
        self.indices = np.asarray(indices)
        self.groups = self.indices if groups is None else np.asarray(groups)
        _check_lengths(name, {"indices": self.indices, "groups": self.groups, "strata": strata, "held_out": held_out})
        self.name, self.source, self.licence = name, source, licence
        self.make, self.recipe, self.facts = make, recipe, facts or {}
        self.strata, self.held_out = strata, held_out

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        samples = [self.make(int(index)) for index in self.indices[np.asarray(indices)]]
        return {key: np.stack([sample[key] for sample in samples]) for key in samples[0]}

    def take(self, indices: Sequence[int] | np.ndarray) -> "GeneratedDataset":
        chosen = np.asarray(indices)
        return GeneratedDataset(
            self.name, self.make, self.indices[chosen], self.groups[chosen],
            recipe=self.recipe, source=self.source, licence=self.licence, facts=self.facts,
            strata=None if self.strata is None else self.strata[chosen],
            held_out=None if self.held_out is None else self.held_out[chosen],
        )  # fmt: skip

    def fingerprint(self) -> str:
        """A SHA-256 of recipe text, indices, groups and up to eight samples, the first and the last among them.

        To hash all would mean to make all; a generator that changes without its text changes most of its samples.
        """
        places = np.unique(np.linspace(0, len(self) - 1, min(HASHED, len(self))).round().astype(int))
        made = self.batch(places) if len(places) else {}
        recipe = np.frombuffer(self.recipe.encode(), np.uint8)
        return _sha256({**made, " recipe": recipe, " indices": self.indices.astype(np.int64)}, self.groups)


def _check_lengths(name: str, columns: Mapping[str, np.ndarray | None]) -> None:
    lengths = {key: len(value) for key, value in columns.items() if value is not None}
    if len(set(lengths.values())) != 1:
        raise InputError(f"Dataset '{name}' has arrays of unequal length: {lengths}.")


def _sha256(arrays: Mapping[str, np.ndarray], groups: np.ndarray) -> str:
    digest = hashlib.sha256()
    for key in sorted(arrays):
        array = np.ascontiguousarray(arrays[key])
        digest.update(f"{key} {array.dtype} {array.shape} ".encode())
        digest.update(array.tobytes())
    digest.update("\n".join(map(str, groups)).encode())
    return digest.hexdigest()
