"""What a mean over parts of one field is worth: the parts, and the interval that they give."""

import math

import numpy as np
from scipy import stats

__all__ = ["FINE", "merge_blocks", "parts_per_side", "relative_halfwidth"]

# A picture is tallied in FINE x FINE blocks, which are merged to the parts that the interval rests on.
FINE = 12
# A part is at least so many mean intercepts wide, so that neighbouring parts are roughly independent.
_PART_INTERCEPTS = 4.0
_MOST_PER_SIDE = 6
_FEWEST_PARTS = 4


def relative_halfwidth(tallies: np.ndarray, shares: np.ndarray) -> float | None:
    """Half width of the 95 % interval of a ratio, over its value, from parts of one field.

    With R = sum y_b (the shares sum to 1), residuals e_b = y_b - R a_b, the variance of R is
    n / (n - 1) sum e_b^2, and the half width t_(n-1) times its root; for equal parts this is t s / sqrt(n).

    Args:
        tallies: y_b, each part's contribution to the total, shape (n,).
        shares: a_b, each part's share of the test line or area, shape (n,); parts of no share are left out.

    Returns:
        the relative half width; None for fewer than 4 parts or a total of 0.

    Source: W. G. Cochran, Sampling Techniques, 3rd ed. (1977), chapter 6 (ratio estimates).
    """
    used = shares > 0
    y, a = tallies[used], shares[used] / shares.sum()
    total = float(y.sum())
    # Parts of unlike size are worth fewer than their number.
    n = int(1 / np.sum(a**2) + 1e-9) if len(a) else 0
    if n < _FEWEST_PARTS or total <= 0:
        return None
    variance = n / (n - 1) * float(np.sum((y - total * a) ** 2))
    return float(stats.t.ppf(0.975, n - 1)) * math.sqrt(variance) / total


def parts_per_side(length_px: float, mean_intercept_px: float) -> int:
    """Into how many parts a side is cut: a divisor of FINE, parts at least four mean intercepts wide.

    >>> parts_per_side(1000.0, 50.0)
    4
    """
    most = min(_MOST_PER_SIDE, length_px / (_PART_INTERCEPTS * mean_intercept_px))
    return max((k for k in range(1, FINE + 1) if FINE % k == 0 and k <= most), default=1)


def merge_blocks(blocks: np.ndarray, down: int, across: int) -> np.ndarray:
    """Sum FINE x FINE blocks to `down` x `across` parts, flattened."""
    return blocks.reshape(down, FINE // down, across, FINE // across).sum(axis=(1, 3)).ravel()
