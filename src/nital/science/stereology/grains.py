"""One row for each grain: where it is, how large and how long."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nital.core.units import checked_pixel_size_um
from nital.science.labels import check_valid, fill_boundaries
from nital.science.stereology.moments import frame_labels, grain_moments

__all__ = ["GRAIN_COLUMNS", "grain_table"]

GRAIN_COLUMNS = (
    "grain", "row", "column", "area_px", "area_um2", "equivalent_diameter_px", "equivalent_diameter_um",
    "aspect_ratio", "orientation_deg", "touches_edge", "inclusion_probability",
)  # fmt: skip
"""The columns of a grain table, in order."""

# Side of the reduced mask, and number of window sizes, from which inclusion probabilities are read.
_MASK_SIDE, _WINDOWS = 256, 16


def grain_table(
    label_map: np.ndarray, *, valid: np.ndarray | None = None, pixel_size_um: float | None = None
) -> dict[str, np.ndarray]:
    """Measure every grain of a label map.

    Equivalent circle diameter d = 2 sqrt(A / pi). Aspect ratio and orientation are those of the
    ellipse with the same second moments. Areas include the grain's share of its boundary zone.

    Args:
        label_map, valid, pixel_size_um: as for `intercepts`; without a pixel size, physical columns are NaN.

    Returns:
        columns of equal length, by name: `grain` (the label), `row`, `column` (centroid, px), `area_px`,
        `area_um2`, `equivalent_diameter_px`, `equivalent_diameter_um`, `aspect_ratio` (long over short, 1 or
        more), `orientation_deg` (of the long axis, 0 to 180 counter-clockwise from the rows), `touches_edge`,
        `inclusion_probability` (that a grain of this height and width lies wholly in the field).

    Raises:
        InputError: not a label map, a mask that does not fit, or an absurd pixel size.

    Source: ASTM E1382 (feature measurements); inclusion: R. E. Miles, J. Microscopy 99 (1974) 257;
    C. Lantuejoul, Sci. Terre Ser. Inf. 15 (1980) 61.

    >>> import numpy as np
    >>> table = grain_table(np.repeat([[1] * 4 + [2] * 4], 8, axis=0))
    >>> table["area_px"].tolist(), table["aspect_ratio"].tolist(), table["orientation_deg"].tolist()
    ([32, 32], [2.0, 2.0], [90.0, 90.0])
    """
    labels = fill_boundaries(label_map, valid)
    mask = check_valid(valid, labels.shape)
    scale = np.nan if pixel_size_um is None else checked_pixel_size_um(pixel_size_um, where="pixel_size_um")
    moments = grain_moments(labels)
    grain = np.flatnonzero(moments.area)
    grain = grain[grain > 0]
    area, row, column, rr, cc, rc = (column[grain] for column in moments)
    middle, swing = (rr + cc) / 2, np.hypot((rr - cc) / 2, rc)
    diameter = 2 * np.sqrt(area / np.pi)
    touching = np.zeros(len(moments.area), np.bool_)
    touching[frame_labels(labels, mask)] = True
    return {
        "grain": grain,
        "row": row,
        "column": column,
        "area_px": area,
        "area_um2": area * scale**2,
        "equivalent_diameter_px": diameter,
        "equivalent_diameter_um": diameter * scale,
        "aspect_ratio": np.sqrt((middle + swing) / np.maximum(middle - swing, 1 / 12)),
        # Rows count downwards: a positive covariance of row and column falls to the right.
        "orientation_deg": np.degrees(np.arctan2(-2 * rc, cc - rr)) / 2 % 180.0,
        "touches_edge": touching[grain],
        "inclusion_probability": _inclusion(labels, mask, grain),
    }


def _inclusion(labels: np.ndarray, mask: np.ndarray | None, grain: np.ndarray) -> np.ndarray:
    """The share of positions at which a grain's bounding box would lie wholly in the field.

    A rectangle W x H holds a box w x h with probability (W - w)(H - h) / (W H); in any other field the
    share is read from erosions of the reduced mask by squares of equal area.
    """
    boxes = ndimage.find_objects(labels)
    sides = np.array([(b[0].stop - b[0].start, b[1].stop - b[1].start) for b in (boxes[int(g) - 1] for g in grain)])
    sides = sides.reshape(-1, 2).astype(np.float64)
    # A grain whose last pixel lies on the frame is cut: one pixel on each side must be free.
    sides = sides + 1.0
    if mask is None:
        return np.prod(np.clip(1 - sides / labels.shape, 0.0, 1.0), axis=1)
    step = max(1, max(labels.shape) // _MASK_SIDE)
    reduced = np.pad(mask[::step, ::step], 1)
    windows = np.unique(np.geomspace(1, int(min(reduced.shape)), _WINDOWS).astype(int))
    share = [ndimage.minimum_filter(reduced, int(w)).sum() / reduced.sum() for w in windows]
    side: NDArray[np.float64] = np.sqrt(sides.prod(axis=1)) / step
    shares: NDArray[np.float64] = np.r_[1.0, share]
    return np.interp(side, np.r_[0, windows * 1.0], shares)
