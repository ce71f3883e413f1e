"""Mean lineal intercept: along straight lines, and along the circles of ASTM E112."""

import math
from dataclasses import dataclass

import numpy as np

from nital.core.units import checked_pixel_size_um
from nital.science.labels import fill_boundaries
from nital.science.stereology.e112 import DENSITY_SLOPE, grain_size_number_from_intercept, number_interval
from nital.science.stereology.lattice import LATTICE, tally_lattice
from nital.science.stereology.parts import merge_blocks, parts_per_side, relative_halfwidth
from nital.science.stereology.paths import Path, circle_path, tally_path

__all__ = ["Intercepts", "circle_intercepts", "intercepts"]

_GAPS_DEG = np.diff([*LATTICE, 180.0])
_SHARES = (_GAPS_DEG + np.roll(_GAPS_DEG, 1)) / 360
"""The share of the half circle that each direction of LATTICE stands for: half the gaps to its neighbours."""


@dataclass(frozen=True)
class Intercepts:
    """A mean lineal intercept and what it is worth.

    Attributes:
        mean_intercept_px, mean_intercept_um: line length over intersections; None where there is no intersection.
        grain_size_number: G from the mean intercept; None without a pixel size or an intersection.
        grain_size_number_ci95: 95 % confidence interval of G; None where the field has too few grains for one.
        relative_accuracy_percent: %RA, half the 95 % interval over the mean, in percent; None as above.
        n_intersections: grain boundaries met (halves occur: triple points).
        line_length_px: total length of test line on specimen.
        by_direction: direction in degrees counter-clockwise from the rows -> mean intercept in px, or None.
        anisotropy: longest over shortest directed intercept, of the fitted ellipse; None below three directions.
        elongation_deg: direction of the longest, 0 to 180 degrees counter-clockwise from the rows.
    """

    mean_intercept_px: float | None
    mean_intercept_um: float | None
    grain_size_number: float | None
    grain_size_number_ci95: tuple[float, float] | None
    relative_accuracy_percent: float | None
    n_intersections: float
    line_length_px: float
    by_direction: dict[float, float | None]
    anisotropy: float | None
    elongation_deg: float | None


def intercepts(
    label_map: np.ndarray, *, valid: np.ndarray | None = None, pixel_size_um: float | None = None
) -> Intercepts:
    """Measure the mean lineal intercept along all straight lines through pixel centres, in 16 directions (Heyn).

    l = 1 / P_L, where P_L, intersections per length, is the mean over the directions, each weighted with
    the angle that it stands for. Lines end at the specimen's edge; an end is no intersection, which is the same
    as half an intercept. Boundary zones are first divided between their grains (`fill_boundaries`), so
    that a zone of any thickness is one intersection and a dangling line none. The interval is
    t s / sqrt(n) over up to 36 parts of the field, each at least four mean intercepts wide.

    Args:
        label_map: integers, (rows, cols): grains 1..n, 0 = boundary or outside.
        valid: bool, (rows, cols), True on specimen; None: everywhere.
        pixel_size_um: micrometres per pixel; None: unknown.

    Raises:
        InputError: not a label map, a mask that does not fit, or an absurd pixel size.

    Valid for: grains of 8 px and more across (below, corners of grains are missed: see the docs for how many).

    Source: ASTM E112-13, sections 12, 13 and 15; directed intercepts: section 16.

    >>> import numpy as np
    >>> squares = np.kron(np.arange(1, 401).reshape(20, 20), np.ones((20, 20), int))
    >>> found = intercepts(squares, pixel_size_um=1.0)
    >>> round(found.by_direction[90.0], 1), round(found.mean_intercept_px, 1), round(found.grain_size_number, 1)
    (21.0, 16.7, 8.5)
    """
    labels = fill_boundaries(label_map, valid)
    tallies = [tally_lattice(labels, vector) for vector in LATTICE.values()]
    hits, length = (np.array([t[i] for t in tallies]) for i in (0, 1))
    line, met = length.sum(axis=(1, 2)), hits.sum(axis=(1, 2))
    used = line > 0
    if not used.any():
        return _result(0.0, None, 0.0, 0.0, by_direction=dict.fromkeys(LATTICE), pixel_size_um=pixel_size_um)
    share = _SHARES[used] / _SHARES[used].sum()
    per_length = (hits[used] / line[used, None, None] * share[:, None, None]).sum(axis=0)
    of_length = (length[used] / line[used, None, None] * share[:, None, None]).sum(axis=0)
    relative = _field_halfwidth(per_length, of_length, labels.shape)
    by_direction = {a: float(n / p) if p > 0 else None for a, n, p in zip(LATTICE, line, met, strict=True)}
    return _result(
        float(per_length.sum()), relative, float(met.sum()), float(line.sum()),
        by_direction=by_direction, ellipse=_ellipse(by_direction), pixel_size_um=pixel_size_um,
    )  # fmt: skip


def _field_halfwidth(tallies: np.ndarray, shares: np.ndarray, shape: tuple[int, ...]) -> float | None:
    """Relative half width of the interval from the parts of the field; None where nothing was met."""
    total = float(tallies.sum())
    if total <= 0:
        return None
    down, across = (parts_per_side(side, 1 / total) for side in shape)
    return relative_halfwidth(merge_blocks(tallies, down, across), merge_blocks(shares, down, across))


def _ellipse(by_direction: dict[float, float | None]) -> tuple[float, float] | None:
    """Axis ratio and direction of the ellipse l(angle), from 1/l^2 = A + B cos 2 angle + C sin 2 angle.

    Exact where an equiaxed structure was stretched. None with less than three directions.
    """
    known = [(angle, length) for angle, length in by_direction.items() if length is not None]
    if len(known) < 3:
        return None
    angle = np.radians([a for a, _ in known])
    design = np.column_stack([np.ones_like(angle), np.cos(2 * angle), np.sin(2 * angle)])
    inverse_square = np.array([length for _, length in known]) ** -2.0
    weight = 1 / inverse_square  # relative errors are alike in all directions
    a, b, c = np.linalg.lstsq(design * weight[:, None], inverse_square * weight, rcond=None)[0]
    swing = math.hypot(b, c)
    if not swing < a:
        return None
    return math.sqrt((a + swing) / (a - swing)), math.degrees(math.atan2(-c, -b)) / 2 % 180.0


def circle_intercepts(
    label_map: np.ndarray, *, valid: np.ndarray | None = None, pixel_size_um: float | None = None
) -> Intercepts:
    """Measure the mean lineal intercept along the three circles of ASTM E112.

    Args:
        label_map, valid, pixel_size_um: as for `intercepts`.

    Returns:
        as `intercepts`, without directions.

    Raises:
        InputError: not a label map, or a mask that does not fit.

    Valid for: as `intercepts`; three circles meet few grains: %RA says how far they can be trusted.

    Source: ASTM E112-13, section 14 (three-circle procedure) and its figure of the test pattern.
    """
    labels = fill_boundaries(label_map, valid)
    met_in_pieces: list[float] = []
    length_of_pieces: list[float] = []
    for path, pieces in _three_circles(labels):
        hits, steps = tally_path(labels, path)
        met_in_pieces += [part.sum() for part in np.array_split(hits, pieces)]
        length_of_pieces += [part.sum() for part in np.array_split(steps, pieces)]
    met, length = np.array(met_in_pieces), np.array(length_of_pieces)
    line = float(length.sum())
    per_length = float(met.sum()) / line if line > 0 else 0.0
    relative = relative_halfwidth(met / line, length / line) if line > 0 else None
    return _result(per_length, relative, float(met.sum()), line, by_direction={}, pixel_size_um=pixel_size_um)


def _three_circles(labels: np.ndarray) -> list[tuple[Path, int]]:
    """E112's circles in the field, each with the number of pieces that its interval is made of."""
    rows, cols = np.flatnonzero(labels.any(axis=1)), np.flatnonzero(labels.any(axis=0))
    if rows.size == 0:
        return []
    centre = ((rows[0] + rows[-1]) / 2, (cols[0] + cols[-1]) / 2)
    half = min(rows[-1] - rows[0], cols[-1] - cols[0]) / 2
    return [(circle_path(centre, half * k / 3), 2 * k) for k in (3, 2, 1)]


def _result(
    per_length: float,
    relative: float | None,
    n_intersections: float,
    line_length_px: float,
    *,
    by_direction: dict[float, float | None],
    ellipse: tuple[float, float] | None = None,
    pixel_size_um: float | None,
) -> Intercepts:
    """Put the numbers together; physical ones only where the pixel size is known."""
    mean_px = 1 / per_length if per_length > 0 else None
    mean_um = number = None
    if pixel_size_um is not None:
        size = checked_pixel_size_um(pixel_size_um, where="pixel_size_um")
        if mean_px is not None:
            mean_um = mean_px * size
            number = grain_size_number_from_intercept(mean_um / 1000)
    # The interval is symmetric in P_L, to which G is related as to the root of a density.
    return Intercepts(
        mean_intercept_px=mean_px,
        mean_intercept_um=mean_um,
        grain_size_number=number,
        grain_size_number_ci95=number_interval(number, relative, 2 * DENSITY_SLOPE),
        relative_accuracy_percent=None if relative is None else 100 * relative,
        n_intersections=n_intersections,
        line_length_px=line_length_px,
        by_direction=by_direction,
        anisotropy=None if ellipse is None else ellipse[0],
        elongation_deg=None if ellipse is None else ellipse[1],
    )
