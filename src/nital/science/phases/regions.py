"""Connected regions of one phase: how many, how large, how far they hang together."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from nital.core.errors import InputError
from nital.core.units import checked_pixel_size_um
from nital.science.phases.phase_map import is_phase
from nital.science.stereology.moments import frame_labels, label_counts

__all__ = ["REGION_COLUMNS", "Regions", "regions"]

REGION_COLUMNS = (
    "region", "row", "column", "area_px", "area_um2", "equivalent_diameter_px", "equivalent_diameter_um",
    "touches_edge",
)  # fmt: skip
"""The columns of a table of regions, in order."""


@dataclass(frozen=True)
class Regions:
    """The regions of one phase.

    Attributes:
        n_regions: regions in the field, cut ones included.
        n_cut: regions that touch the edge of the specimen area.
        n_corrected: the equivalent number of whole regions: cut ones count half, those in a corner of the picture a
            quarter.
        regions_per_mm2: n_corrected per specimen area; None without a pixel size.
        mean_area_px, mean_area_um2: area of the phase over n_corrected, to which cut regions add what is seen of
            them; None without regions, the second without a pixel size.
        median_area_px, median_area_um2, mean_diameter_px, mean_diameter_um: of the regions that do not touch the
            edge, the diameter that of the circle of equal area; None where there is none.
        largest_share: share of the phase's area in its largest region: near 1 where the phase is connected.
        spans: whether one region reaches from the first row to the last, or from the first column to the last.
        table: one row for each region, by column (REGION_COLUMNS); physical columns NaN without a pixel size.
        label_map: int32, (rows, cols): regions 1..n, 0 elsewhere.
    """

    n_regions: int
    n_cut: int
    n_corrected: float
    regions_per_mm2: float | None
    mean_area_px: float | None
    mean_area_um2: float | None
    median_area_px: float | None
    median_area_um2: float | None
    mean_diameter_px: float | None
    mean_diameter_um: float | None
    largest_share: float | None
    spans: bool
    table: dict[str, np.ndarray]
    label_map: np.ndarray


def regions(
    labels: np.ndarray,
    phase: int,
    *,
    valid: np.ndarray | None = None,
    pixel_size_um: float | None = None,
    smallest_px: int = 1,
) -> Regions:
    """Number and measure the connected regions of one phase.

    Pixels that share a side or a corner hang together (8-connectivity): a thin lamella stays one region in every
    direction. So regions of two phases can both pass through one corner.

    Args:
        labels: integers, (rows, cols): the phase of each pixel.
        phase: the number of the phase.
        valid: bool, (rows, cols), True on specimen; None: everywhere.
        pixel_size_um: micrometres per pixel; None: unknown.
        smallest_px: regions of less area are left out, of everything.

    Raises:
        InputError: not a phase map, a mask that does not fit, an absurd pixel size, or a smallest area below 1.

    Valid for: regions that do not overlap in the picture and are small against the field.

    Source: ASTM E112-13, section 11, for the regions that the edge cuts; E. E. Underwood, Quantitative Stereology
        (1970), chapter 4 (mean area = A_A / N_A).

    >>> import numpy as np
    >>> labels = np.zeros((6, 8), np.uint8)
    >>> labels[1:3, 1:3] = labels[3, 3] = labels[5, 6:] = 1
    >>> found = regions(labels, 1)
    >>> found.n_regions, found.n_cut, found.n_corrected, found.table["area_px"].tolist()
    (2, 1, 1.25, [5, 2])
    """
    if smallest_px < 1:
        raise InputError(f"Regions of {smallest_px} px do not exist. Give a smallest area of 1 or more.")
    inside, mask = is_phase(labels, phase, valid)
    size = math.nan if pixel_size_um is None else checked_pixel_size_um(pixel_size_um, where="pixel_size_um")
    label_map = np.empty(inside.shape, np.int32)
    ndimage.label(inside, np.ones((3, 3)), output=label_map)
    kept = label_counts(label_map) >= smallest_px
    kept[0] = False
    if not kept[1:].all():
        label_map = np.where(kept, np.cumsum(kept), 0).astype(np.int32)[label_map]
    table = _table(label_map, mask, size)
    area, whole = table["area_px"], ~table["touches_edge"]
    corrected = _corrected(label_map, table, corners=mask is None)
    specimen = inside.size if mask is None else int(np.count_nonzero(mask))
    mean = float(area.sum()) / corrected if corrected > 0 else None
    median = float(np.median(area[whole])) if whole.any() else None
    diameter = float(table["equivalent_diameter_px"][whole].mean()) if whole.any() else None

    def physical(value: float | None, scale: float) -> float | None:
        return None if value is None or pixel_size_um is None else value * scale

    return Regions(
        n_regions=len(area), n_cut=int(np.count_nonzero(~whole)), n_corrected=corrected,
        regions_per_mm2=physical(corrected / specimen, 1e6 / size**2),
        mean_area_px=mean, mean_area_um2=physical(mean, size**2),
        median_area_px=median, median_area_um2=physical(median, size**2),
        mean_diameter_px=diameter, mean_diameter_um=physical(diameter, size),
        largest_share=float(area.max() / area.sum()) if len(area) else None,
        spans=_spans(label_map), table=table, label_map=label_map,
    )  # fmt: skip


def _table(label_map: np.ndarray, mask: np.ndarray | None, size: float) -> dict[str, np.ndarray]:
    area = label_counts(label_map)
    n = len(area) - 1
    sums = np.zeros((2, n + 1))
    for top in range(0, len(label_map), 512):  # strips: bound the memory
        row, col = np.nonzero(label_map[top : top + 512])
        label = label_map[top + row, col]
        sums[0] += np.bincount(label, row + top, minlength=n + 1)
        sums[1] += np.bincount(label, col, minlength=n + 1)
    touching = np.zeros(n + 1, np.bool_)
    touching[frame_labels(label_map, mask)] = True
    diameter = 2 * np.sqrt(area[1:] / np.pi)
    return {
        "region": np.arange(1, n + 1),
        "row": sums[0, 1:] / area[1:],
        "column": sums[1, 1:] / area[1:],
        "area_px": area[1:],
        "area_um2": area[1:] * size**2,
        "equivalent_diameter_px": diameter,
        "equivalent_diameter_um": diameter * size,
        "touches_edge": touching[1:],
    }


def _corrected(label_map: np.ndarray, table: dict[str, np.ndarray], *, corners: bool) -> float:
    """Regions inside, half of those that are cut, a quarter of those in a corner."""
    share = np.where(table["touches_edge"], 0.5, 1.0)
    if corners:
        held = label_map[[0, 0, -1, -1], [0, -1, 0, -1]]
        share[np.unique(held[held > 0]) - 1] = 0.25
    return float(share.sum())


def _spans(label_map: np.ndarray) -> bool:
    sides = ((label_map[0], label_map[-1]), (label_map[:, 0], label_map[:, -1]))
    return any(np.intersect1d(first[first > 0], last[last > 0]).size > 0 for first, last in sides)
