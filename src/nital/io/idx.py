"""idx files: arrays of bytes as MNIST and FashionMNIST come."""

import gzip
import zlib
from pathlib import Path

import numpy as np

from nital.core.errors import InputError

__all__ = ["read_idx"]

LARGEST_IDX = 2**31  # bytes that an idx file may unpack to


def read_idx(path: Path, axes: int) -> np.ndarray:
    """Read an idx file of bytes, perhaps gzipped; uint8 of so many axes.

    Raises:
        InputError: the file is missing, damaged, too large or of another kind.

    Source: Y. LeCun, C. Cortes, the MNIST database, file format.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            head = file.read(4 * (1 + axes))
            kind, *shape = (int.from_bytes(head[4 * n : 4 * n + 4], "big") for n in range(1 + axes))
            if kind != 0x800 + axes or len(head) < 4 * (1 + axes) or np.prod(shape, dtype=float) > LARGEST_IDX:
                raise InputError(f"{path} is no idx file of {axes} axes of bytes. Copy it again.")
            data = file.read(int(np.prod(shape)) + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    if len(data) != np.prod(shape):
        raise InputError(f"{path} holds {len(data)} bytes instead of {int(np.prod(shape))}. Copy it again.")
    return np.frombuffer(data, np.uint8).reshape(shape)
