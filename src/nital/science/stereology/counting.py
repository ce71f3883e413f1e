"""Grains per area: the planimetric count of Jeffries."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from nital.core.units import checked_pixel_size_um
from nital.science.labels import check_valid, fill_boundaries
from nital.science.stereology.e112 import DENSITY_SLOPE, grain_size_number_from_density, number_interval
from nital.science.stereology.moments import frame_labels, grain_moments, label_counts
from nital.science.stereology.parts import FINE, merge_blocks, parts_per_side, relative_halfwidth

__all__ = ["Planimetric", "planimetric"]


@dataclass(frozen=True)
class Planimetric:
    """A count of grains in a field.

    Attributes:
        n_grains: the equivalent number of whole grains: inside, half of those cut, corners by their rule.
        n_inside: grains that do not touch the edge of the specimen area.
        n_cut: grains that touch it, those at corners included.
        area_px: specimen area.
        grains_per_px2, grains_per_mm2: density; None below two grains, and the second without a pixel size.
        grain_size_number: G from the density; None without a pixel size or a density.
        grain_size_number_ci95: 95 % confidence interval of G; None where there are too few grains for one.
        relative_accuracy_percent: half the 95 % interval of the density over it, in percent; None as above.
    """

    n_grains: float
    n_inside: int
    n_cut: int
    area_px: int
    grains_per_px2: float | None
    grains_per_mm2: float | None
    grain_size_number: float | None
    grain_size_number_ci95: tuple[float, float] | None
    relative_accuracy_percent: float | None


def planimetric(
    label_map: np.ndarray, *, valid: np.ndarray | None = None, pixel_size_um: float | None = None
) -> Planimetric:
    """Count grains per area (Jeffries).

    Rectangle: N = inside + half of those cut by a side + a quarter for each corner. Any other area:
    N = inside + cut / 2 - (pieces of the area - holes in it), which follows from Euler's formula and is the
    same as the rectangle's rule where four grains hold its corners. Boundary zones are first divided
    between their grains. The interval is t s / sqrt(n) over up to 36 parts of the field, in which a
    grain counts where its centroid lies.

    Args:
        label_map, valid, pixel_size_um: as for `intercepts`.

    Raises:
        InputError: not a label map, a mask that does not fit, or an absurd pixel size.

    Valid for: closed grains; a hole in the area that lies within one grain does not cut it.

    Source: ASTM E112-13, section 11 (Jeffries; for the rectangle, the corner rule of Saltykov).

    >>> import numpy as np
    >>> squares = np.kron(np.arange(1, 101).reshape(10, 10), np.ones((10, 10), int))
    >>> planimetric(squares).n_grains  # 64 inside, 32 / 2 at the sides, 4 / 4 in the corners
    81.0
    """
    labels = fill_boundaries(label_map, valid)
    mask = check_valid(valid, labels.shape)
    box = _rectangle(mask)
    if box is not None:
        labels, mask = labels[box], None
    offset = 0
    if mask is not None:
        mask, holes = _without_inner_holes(labels, mask)
        labels, pieces = _apart(labels, mask)
        offset = pieces - holes
    cut = frame_labels(labels, mask)
    counts = label_counts(labels)
    present = counts > 0
    present[0] = False
    share = present.astype(np.float64)
    share[cut] = 0.5
    if mask is None:
        corners = np.bincount(labels[[0, 0, -1, -1], [0, -1, 0, -1]], minlength=len(share)) / 4
        share = np.where(present & (corners > 0), corners, share)
    n_grains = max(float(share.sum()) - offset, 0.0)
    area = int(counts[1:].sum())
    # One grain that fills the field says only that grains are larger than the field.
    density = n_grains / area if n_grains > 0 and present.sum() > 1 else None
    relative = None if density is None else _halfwidth(labels, share, density)
    return _result(
        n_grains, int(present.sum()), len(cut), area, density=density, relative=relative, pixel_size_um=pixel_size_um
    )


def _rectangle(mask: np.ndarray | None) -> tuple[slice, slice] | None:
    """The box of a mask that is one full rectangle; None for any other, all of it for no mask."""
    if mask is None:
        return slice(None), slice(None)
    rows, cols = ndimage.find_objects(mask.astype(np.uint8))[0]
    return (rows, cols) if mask[rows, cols].all() else None


def _label(mask: np.ndarray, *, diagonal: bool = False) -> tuple[np.ndarray, int]:
    """Number the connected pieces of a mask."""
    pieces = np.empty(mask.shape, np.int32)
    ndimage.label(mask, ndimage.generate_binary_structure(2, 1 + diagonal), output=pieces)
    return pieces, int(pieces.max())


def _apart(labels: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, int]:
    """Number a grain anew in each piece of the area, and say how many pieces there are."""
    pieces, n = _label(mask)
    if n == 1:
        return labels, n
    pairs = np.where(labels > 0, pieces.astype(np.int64) * (int(labels.max()) + 1) + labels, 0)
    values, inverse = np.unique(pairs, return_inverse=True)
    return (inverse.reshape(labels.shape) + (values[0] > 0)).astype(np.int32), n


def _without_inner_holes(labels: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, int]:
    """The mask with those holes closed that lie within one grain, and how many holes are left."""
    outside, n = _label(~np.pad(mask, 1), diagonal=True)
    outside = outside[1:-1, 1:-1]
    inner = np.zeros(n + 1, bool)
    holes = 0
    for hole, box in enumerate(ndimage.find_objects(outside, n), start=1):
        if hole == 1 or not box:  # the first is what lies around the picture
            continue
        around = tuple(slice(max(s.start - 1, 0), s.stop + 1) for s in box)
        ring = ndimage.binary_dilation(outside[around] == hole, np.ones((3, 3), bool)) & mask[around]
        if len(np.unique(labels[around][ring])) > 1:
            holes += 1
        else:
            inner[hole] = True
    return mask | inner[outside], holes


def _halfwidth(labels: np.ndarray, share: np.ndarray, density: float) -> float | None:
    """Relative half width of the interval from grains counted by centroid in parts of the field."""
    rows, cols = labels.shape
    moments, counted = grain_moments(labels), np.flatnonzero(share)
    block = (moments.row[counted] * FINE / rows).astype(int).clip(0, FINE - 1) * FINE
    block += (moments.column[counted] * FINE / cols).astype(int).clip(0, FINE - 1)
    tallies = np.bincount(block, share[counted], minlength=FINE * FINE).reshape(FINE, FINE)
    bounds = [(np.arange(FINE) * side // FINE).clip(0, side - 1) for side in labels.shape]
    by_row = [np.add.reduceat(row > 0, bounds[1], dtype=np.int64) for row in labels]  # row by row: bounds the memory
    areas = np.add.reduceat(np.stack(by_row), bounds[0], axis=0)
    # 0.89 / sqrt(N_A) is E112's mean intercept of equiaxed grains.
    down, across = (parts_per_side(side, 0.89 / math.sqrt(density)) for side in labels.shape)
    return relative_halfwidth(merge_blocks(tallies, down, across), merge_blocks(areas, down, across) / areas.sum())


def _result(
    n_grains: float, n: int, n_cut: int, area: int, *, density: float | None, relative: float | None,
    pixel_size_um: float | None,
) -> Planimetric:  # fmt: skip
    per_mm2 = number = None
    if pixel_size_um is not None:
        size = checked_pixel_size_um(pixel_size_um, where="pixel_size_um")
        if density is not None:
            per_mm2 = density * (1000 / size) ** 2
            number = grain_size_number_from_density(per_mm2)
    return Planimetric(
        n_grains=n_grains,
        n_inside=n - n_cut,
        n_cut=n_cut,
        area_px=area,
        grains_per_px2=density,
        grains_per_mm2=per_mm2,
        grain_size_number=number,
        grain_size_number_ci95=number_interval(number, relative, DENSITY_SLOPE),
        relative_accuracy_percent=None if relative is None else 100 * relative,
    )
