"""True grains: from label maps, or from the lines that somebody has traced."""

from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np

from nital.io.labelled import LabelledPair, labelled_pairs
from nital.io.micrographs import open_micrograph
from nital.science.labels import label_map_from_boundaries, line_width_px

__all__ = ["Labelled", "labelled_micrographs"]

GAP_PX = 10.0  # open ends of a hand trace are joined over this distance
IDS = "grain_ids_uint16"
ROLES = (IDS, "label", "boundary_mask")


@dataclass(frozen=True)
class Labelled:
    """One micrograph with its true grains.

    Attributes:
        path: the micrograph. truth: int32 label map, 0 on traced lines and outside. specimen: its group.
        pixel_size_um: from the manifest, or None.
        twins: "count" where twins are grains of the truth, else "merge"; None where the manifest does not say.
    """

    path: Path
    truth: np.ndarray
    specimen: str
    pixel_size_um: float | None
    twins: str | None = None


def labelled_micrographs(folder: Path) -> list[Labelled]:
    """Micrographs with their true grains, see `nital.io.labelled.maps`.

    Roles of labels: grain_ids_uint16 (label map), boundary_mask (white lines), label (either). The manifest's column
    `twins` (count, merge) says whether twins are grains of the truth.

    Raises:
        InputError: no pair, or a label that cannot be read.
    """
    return [
        Labelled(pair.picture, _truth(pair), pair.specimen, pair.pixel_size_um, pair.columns.get("twins") or None)
        for pair in labelled_pairs(folder, ROLES)
    ]


def _truth(pair: LabelledPair) -> np.ndarray:
    values = open_micrograph(pair.label, read_scale_bar=False).image
    if pair.role == IDS or (pair.role == "label" and len(np.unique(values)) > 2):
        truth = values.astype(np.int32)
        return truth + 1 if pair.role == IDS and truth.min() == 0 and _zero_is_grain(truth) else truth
    traced = values > values.max() / 2
    # Holes smaller than a square of the pen's width lie inside a thick line and are no grains.
    return label_map_from_boundaries(traced, close_gaps=GAP_PX, min_area_px=round(line_width_px(traced) ** 2))


def _zero_is_grain(truth: np.ndarray) -> bool:
    """In a label map without lines, 0 is a compact region like any other."""
    from scipy import ndimage

    zero = truth == 0
    _, pieces = cast(tuple[np.ndarray, int], ndimage.label(zero))
    return pieces == 1 and bool(ndimage.binary_erosion(zero).any())
