"""Label maps that do not fit into memory: read band by band, written as BigTIFF."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

__all__ = ["LARGE_BYTES", "save_large_label_map"]

LARGE_BYTES = 2**31  # maps above this are not copied
TILE_PX = 512  # a TIFF is written in tiles of this side; one row of them is in memory at a time


def save_large_label_map(path: Path, labels: np.ndarray, pixel_size_um: float | None = None) -> None:
    """Save a label map of any size as a tiled, deflated BigTIFF, holding one row of tiles at a time.

    Args:
        path: the file; not written atomically, so it belongs into a folder that is moved into place as a whole.
        labels: (rows, columns), integers from 0 (boundary or outside); usually memory-mapped.
        pixel_size_um: micrometres per pixel, kept where `save_label_map` keeps it; None: none is written.
    """
    import tifffile

    bands = range(0, labels.shape[0], TILE_PX)
    largest = max(int(labels[start : start + TILE_PX].max(initial=0)) for start in bands)
    kind = np.dtype(np.uint16 if largest < 65536 else np.uint32)

    def tiles() -> Iterator[np.ndarray]:
        for start in bands:
            band = np.asarray(labels[start : start + TILE_PX]).astype(kind)
            for left in range(0, labels.shape[1], TILE_PX):
                part = band[:, left : left + TILE_PX]
                yield np.pad(part, [(0, TILE_PX - part.shape[0]), (0, TILE_PX - part.shape[1])])

    scale = {}
    if pixel_size_um is not None:
        per_um = 1.0 / pixel_size_um
        scale = {"resolution": (per_um, per_um), "resolutionunit": 1, "description": "ImageJ=1.54f\nunit=micron\n"}
    tifffile.imwrite(
        path, tiles(), shape=labels.shape, dtype=kind, tile=(TILE_PX, TILE_PX), bigtiff=True, compression="zlib",
        photometric="minisblack", metadata=None, **scale,
    )  # fmt: skip
