"""Area fractions of phases in one field, with the interval that the field's own structure allows."""
# pyright: standard

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import fft, stats

from nital.science.phases.phase_map import check_phase_map, count_in_blocks

__all__ = ["PhaseFraction", "phase_fractions"]

# The field is reduced to so many blocks a side at most; sums over blocks keep both the fraction and its variance.
_BLOCKS = 512
# The covariance has died out where it is below this share of its value at 0; the window is so many such lengths wide.
_DIED_OUT, _WINDOW = 0.1, 2.5
_FEWEST_DEGREES = 1.0


@dataclass(frozen=True)
class PhaseFraction:
    """The area fraction of one phase in one field.

    Attributes:
        phase: its name.
        fraction: its share of the specimen area, 0 to 1; by Delesse's principle its volume fraction.
        ci95: 95 % interval of counting, for the structure that the field is a sample of; None where the field is too
            small to say, and where the phase fills all or nothing of it.
        n_effective: as many independent points would tell as much as the field does; None as above.
        area_px: pixels of the phase.
    """

    phase: str
    fraction: float
    ci95: tuple[float, float] | None
    n_effective: float | None
    area_px: int


def phase_fractions(
    labels: np.ndarray, classes: Sequence[str], valid: np.ndarray | None = None
) -> tuple[PhaseFraction, ...]:
    """Measure the area fraction of every phase in one field.

    The variance of an area fraction is the integral of the phase's autocovariance over the field. It is summed
    under a Gaussian window 2.5 times as wide as the distance at which the covariance has fallen to a tenth: positive
    for every structure. Its degrees of freedom are the number of such windows in the field. From it follows the
    number of independent points worth as much, and from that Wilson's interval, which stays within 0 and 1.

    Args:
        labels: integers, (rows, cols): k in the phase `classes[k]`; outside `valid` anything.
        classes: names of the phases, 1 to 255.
        valid: bool, (rows, cols), True on specimen; None: everywhere.

    Returns:
        one for each class, in their order; the fractions sum to 1.

    Raises:
        InputError: not a phase map, a number without a class, or a mask that does not fit.

    Valid for: homogeneous structures of which the field shows about 5 features or more. The interval knows nothing
        of other places in the specimen, nor of pixels that were given to the wrong phase.

    Source: G. Matheron, Les variables régionalisées et leur estimation (1965); C. Lantuéjoul, J. Microscopy 161
        (1991) 387 (variance and integral range); M. B. Priestley, Spectral Analysis and Time Series (1981), chapter 6
        (lag window, degrees of freedom); E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209, with the effective number
        of E. L. Korn and B. I. Graubard, Survey Methodology 24 (1998) 193. Coverage: benchmarks/phase_fractions.py.

    >>> import numpy as np
    >>> board = (np.indices((64, 64)).sum(axis=0) % 4 < 1).astype(np.uint8)
    >>> [round(found.fraction, 3) for found in phase_fractions(board, ["matrix", "particles"])]
    [0.75, 0.25]
    """
    phases = check_phase_map(labels, classes, valid)
    side = max(math.ceil(max(phases.shape) / _BLOCKS), 1)
    rows, cols = (np.arange(0, length, side) for length in phases.shape)
    counts = count_in_blocks(phases, len(classes), rows, cols)
    on = counts.sum(axis=0).astype(np.float64)
    pairs = _autocorrelation(on)
    distance = _distances(pairs.shape)
    found = []
    for name, count in zip(classes, counts, strict=True):
        area, total = int(count.sum()), float(on.sum())
        fraction = area / total
        points = None if area in (0, total) else _independent_points(count - fraction * on, pairs, distance, fraction)
        interval = None if points is None else _wilson(fraction, points)
        found.append(PhaseFraction(name, fraction, interval, points, area))
    return tuple(found)


def _distances(shape: tuple[int, ...]) -> np.ndarray:
    """The distance in blocks of every shift in a cyclic array."""
    down, across = (np.minimum(np.arange(side), side - np.arange(side)) for side in shape)
    return np.hypot(down[:, None], across[None]).astype(np.float32)


def _autocorrelation(values: np.ndarray) -> np.ndarray:
    """Sums over x of f(x) f(x + r) for every shift r, zero-padded."""
    shape = tuple(fft.next_fast_len(2 * side, real=True) for side in values.shape)
    return np.asarray(fft.irfft2(np.abs(np.asarray(fft.rfft2(values, shape))) ** 2, shape))


def _independent_points(residual: np.ndarray, pairs: np.ndarray, distance: np.ndarray, fraction: float) -> float | None:
    """The number of independent points that give the interval of this field; None where the field is too small.

    The residuals sum to 0, so that the field's own covariance is too low by the variance that is sought; dividing by
    what the window leaves out of the field mends that, as n - 1 does for n values.
    """
    products = _autocorrelation(residual)
    length = _correlation_length(products, pairs, distance)
    if length is None:
        return None
    window = np.exp(-0.5 * (distance / (_WINDOW * length)) ** 2)
    every = float(pairs.sum())
    degrees = every / float((pairs * window**2).sum()) - 1
    if degrees < _FEWEST_DEGREES:
        return None
    variance = float((products * window).sum()) / (every - float((pairs * window).sum()))
    factor = stats.norm.ppf(0.975) / stats.t.ppf(0.975, degrees)
    return float(fraction * (1 - fraction) / variance * factor**2) if variance > 0 else None


def _correlation_length(products: np.ndarray, pairs: np.ndarray, distance: np.ndarray) -> float | None:
    """The distance, in blocks, at which the mean covariance has fallen to a tenth; None if it does not in the field."""
    ring = np.rint(distance).astype(np.int64).ravel()
    covariance = np.bincount(ring, products.ravel()) / np.maximum(np.bincount(ring, pairs.ravel()), 0.5)
    limit = _DIED_OUT * covariance[0]
    below = np.flatnonzero(covariance[: min(products.shape) // 4 + 1] < limit)
    if not below.size:
        return None
    k = int(below[0])
    return k - 1 + float((covariance[k - 1] - limit) / (covariance[k - 1] - covariance[k]))


def _wilson(fraction: float, points: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a fraction found with so many independent points."""
    z2 = float(stats.norm.ppf(0.975)) ** 2
    middle = (fraction + z2 / 2 / points) / (1 + z2 / points)
    half = math.sqrt(z2 * (fraction * (1 - fraction) / points + z2 / 4 / points**2)) / (1 + z2 / points)
    return max(middle - half, 0.0), min(middle + half, 1.0)
