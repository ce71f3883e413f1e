"""Dataset: samples with named arrays and one group each, in memory or made on demand."""

import abc
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Required, TypedDict, Unpack, final

import numpy as np

from nital.core.errors import InputError
from nital.core.plain import plain

__all__ = ["ArrayDataset", "Batch", "Dataset", "GeneratedDataset"]

Batch = dict[str, np.ndarray]
"""Named arrays of a few samples, inputs and targets side by side; the first axis counts samples.

Beside it a class has no axis, a curve (points,) or (channels, points), a picture or a map (channels, rows, cols).
"""

HASHED = 8
"""So many samples of a generator are made anew for its fingerprint."""


class Said(TypedDict, total=False):
    """What is said of samples beside their arrays; the attributes of `Dataset`."""

    source: Required[str]
    licence: Required[str]
    grouped_by: str
    facts: Mapping[str, Any]
    strata: np.ndarray | None
    held_out: np.ndarray | None


class Dataset(abc.ABC):
    """Samples that can be taken by index, each belonging to one group.

    A group is what must never stand on two sides of a split: a specimen, a heat, a paper, an
    instrument run, one synthetic structure.

    Attributes:
        name, source, licence: where the samples come from and what may be done with them.
        groups: shape (n,), one label per sample. grouped_by: what a group is, such as "specimen".
        facts: what the numbers mean, as plain JSON, such as the names of classes; goes with the trained model.
        strata: shape (n,), labels that every side of a split should hold, such as classes; None: there are none.
        held_out: shape (n,), True for the samples that whoever made the data keeps for testing; None: nobody did.

    Raises:
        InputError: arrays of unequal length.
    """

    name: str
    source: str
    licence: str
    groups: np.ndarray
    grouped_by: str = "group"
    facts: Mapping[str, Any] = MappingProxyType({})
    strata: np.ndarray | None = None
    held_out: np.ndarray | None = None

    def __init__(self, name: str, arrays: Mapping[str, np.ndarray], groups: np.ndarray, **said: Unpack[Said]) -> None:
        self.name, self.groups = name, np.asarray(groups)
        for word, value in said.items():
            setattr(self, word, value)
        columns = {**arrays, "groups": self.groups, "strata": self.strata, "held_out": self.held_out}
        lengths = {key: len(value) for key, value in columns.items() if value is not None}
        if len(set(lengths.values())) != 1:
            raise InputError(f"Dataset '{name}' has arrays of unequal length: {lengths}.")

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

    def _said_of(self, chosen: np.ndarray) -> Said:
        """What is said of a part of the samples."""
        return {
            "source": self.source, "licence": self.licence, "grouped_by": self.grouped_by, "facts": self.facts,
            "strata": None if self.strata is None else self.strata[chosen],
            "held_out": None if self.held_out is None else self.held_out[chosen],
        }  # fmt: skip

    def _sha256(self, arrays: Mapping[str, np.ndarray]) -> str:
        """Of arrays, groups, facts, strata and what is held out."""
        digest = hashlib.sha256()
        for key in sorted(arrays):
            array = np.ascontiguousarray(arrays[key])
            digest.update(f"{key} {array.dtype} {array.shape} ".encode())
            digest.update(array.tobytes())
        beside = plain([self.groups, self.facts, self.strata, self.held_out])
        digest.update(json.dumps(beside, sort_keys=True).encode())
        return digest.hexdigest()


@final
class ArrayDataset(Dataset):
    """Samples that are held in memory.

    Args:
        arrays: name -> array of shape (n, ...); inputs and targets alike.
        groups: shape (n,). said: see `Dataset`.
    """

    def __init__(self, name: str, arrays: Mapping[str, np.ndarray], groups: np.ndarray, **said: Unpack[Said]) -> None:
        super().__init__(name, arrays, groups, **said)
        self.arrays = dict(arrays)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        return {key: value[np.asarray(indices)] for key, value in self.arrays.items()}

    def take(self, indices: Sequence[int] | np.ndarray) -> "ArrayDataset":
        chosen = np.asarray(indices)
        return ArrayDataset(self.name, self.batch(chosen), self.groups[chosen], **self._said_of(chosen))

    def fingerprint(self) -> str:
        """A SHA-256 that changes when any sample, or anything that is said of it, changes."""
        return self._sha256(self.arrays)


@final
class GeneratedDataset(Dataset):
    """Samples that a function makes when they are asked for: the index is the seed.

    Args:
        make: index -> one sample (name -> array without the leading axis); a pure function.
        indices: shape (n,), the indices that `make` is called with.
        groups: shape (n,), such as the picture that a crop is cut from; None: each index is its own group.
        recipe: text that names the generator and all its settings, for the fingerprint. said: see `Dataset`.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[int], Batch],
        indices: np.ndarray,
        groups: np.ndarray | None = None,
        *,
        recipe: str,
        **said: Unpack[Said],
    ) -> None:
        self.make, self.indices, self.recipe = make, np.asarray(indices), recipe
        super().__init__(name, {"indices": self.indices}, self.indices if groups is None else groups, **said)

    def batch(self, indices: Sequence[int] | np.ndarray) -> Batch:
        samples = [self.make(int(index)) for index in self.indices[np.asarray(indices)]]
        return {key: np.stack([sample[key] for sample in samples]) for key in samples[0]}

    def take(self, indices: Sequence[int] | np.ndarray) -> "GeneratedDataset":
        chosen = np.asarray(indices)
        part, groups = self.indices[chosen], self.groups[chosen]
        return GeneratedDataset(self.name, self.make, part, groups, recipe=self.recipe, **self._said_of(chosen))

    def fingerprint(self) -> str:
        """A SHA-256 of recipe text, indices, what is said of them, and up to eight samples, first and last among them.

        To hash all would mean to make all; a generator that changes without its text changes most of its samples.
        """
        places = np.unique(np.linspace(0, len(self) - 1, min(HASHED, len(self))).round().astype(int))
        made = self.batch(places) if len(places) else {}
        recipe = np.frombuffer(self.recipe.encode(), np.uint8)
        return self._sha256({**made, " recipe": recipe, " indices": self.indices.astype(np.int64)})
