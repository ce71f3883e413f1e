"""What a ratio of two sums over one field is worth, from how far the structure is correlated.

The field is cut into blocks much smaller than that. A ratio R = sum y / sum a leaves residuals y - R a in the blocks;
its variance is the sum of their covariances at all distances, over (sum a)^2. Covariances at distances over which
nothing is correlated are only noise, so they are summed under a window.
"""

from typing import NamedTuple

import numpy as np
from scipy import fft, stats

__all__ = ["Blocks", "Window", "block_side", "relative_halfwidth", "variance_of_sum"]

# Blocks a side at most: sums over blocks keep the ratio and, where features are smaller than blocks, its variance too.
_BLOCKS = 256
# The covariance has died out where it is below this share of its value at 0; the window is so many such lengths wide.
_DIED_OUT, _WIDTH = 0.1, 2.5
_FEWEST_DEGREES = 1.0


class Window(NamedTuple):
    """Weights of all shifts, the share of pairs that they leave out, and the degrees of freedom that they leave."""

    weights: np.ndarray
    left_out: float
    degrees: float


def block_side(shape: tuple[int, ...]) -> int:
    """Side in px of the blocks of a field.

    >>> block_side((4096, 3000)), block_side((200, 200))
    (16, 1)
    """
    return -(-max(shape) // _BLOCKS)


class Blocks:
    """A field in blocks.

    Args:
        on: specimen pixels in each block, (rows, cols).
    """

    def __init__(self, on: np.ndarray) -> None:
        self._pairs = _autocorrelation(on.astype(np.float64))
        down, across = (_lags(side) for side in self._pairs.shape)
        self._distance = np.hypot(down[:, None], across[None])

    def window(self, residual: np.ndarray) -> Window | None:
        """A Gaussian window 2.5 times as wide as residuals, (rows, cols), are correlated; None in too small a field.

        A Gaussian has a positive spectrum, so that no variance comes out negative. Residuals sum to 0, which makes the
        field's own covariances too low; dividing by the share of pairs that the window leaves out mends it, as n - 1
        does for n values.
        """
        length = self._correlation_length(residual)
        if length is None:
            return None
        weights = np.exp(-0.5 * (self._distance / (_WIDTH * length)) ** 2)
        every = float(self._pairs.sum())
        degrees = every / float((self._pairs * weights**2).sum()) - 1
        if degrees < _FEWEST_DEGREES:
            return None
        return Window(weights, 1 - float((self._pairs * weights).sum()) / every, degrees)

    def _correlation_length(self, residual: np.ndarray) -> float | None:
        """The distance in blocks at which the mean covariance has fallen to a tenth; None if nowhere in the field."""
        ring = np.rint(self._distance).astype(np.int64).ravel()
        pairs = np.maximum(np.bincount(ring, self._pairs.ravel()), 0.5)
        covariance = np.bincount(ring, _autocorrelation(residual).ravel()) / pairs
        limit = _DIED_OUT * covariance[0]
        below = np.flatnonzero(covariance[: min(residual.shape) // 2 + 1] < limit)
        if not below.size:
            return None
        k = int(below[0])
        return k - 1 + float((covariance[k - 1] - limit) / (covariance[k - 1] - covariance[k]))


def variance_of_sum(residual: np.ndarray, window: Window) -> float:
    """Variance of the sum of residuals, (rows, cols), over fields like this one."""
    return float((_autocorrelation(residual) * window.weights).sum()) / window.left_out


def relative_halfwidth(tallies: np.ndarray, shares: np.ndarray, window: Window | None) -> float | None:
    """Half width of the 95 % interval of sum tallies / sum shares, over its value; None where there is none.

    Source: W. G. Cochran, Sampling Techniques (1977), chapter 6 (ratio estimates); covariances under a window:
        M. B. Priestley, Spectral Analysis and Time Series (1981), chapter 6.
    """
    total = float(tallies.sum())
    if window is None or total <= 0 or shares.sum() <= 0:
        return None
    variance = variance_of_sum(tallies - total / float(shares.sum()) * shares, window)
    return float(stats.t.ppf(0.975, window.degrees)) * max(variance, 0.0) ** 0.5 / total


def _lags(side: int) -> np.ndarray:
    """Lengths of the shifts 0, 1, 2, ..., -2, -1 along an axis, as `_autocorrelation` orders them."""
    shift = np.arange(side)
    return np.minimum(shift, side - shift)


def _autocorrelation(values: np.ndarray) -> np.ndarray:
    """Sums over x of f(x) f(x + r) for every shift r, zero-padded."""
    shape = tuple(fft.next_fast_len(2 * side, real=True) for side in values.shape)
    return np.asarray(fft.irfft2(np.abs(np.asarray(fft.rfft2(values, shape))) ** 2, shape))
