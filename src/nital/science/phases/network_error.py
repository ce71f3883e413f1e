"""What the network itself adds to the doubt about an area fraction."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from nital.core.errors import InputError

__all__ = ["NetworkError", "network_error", "with_network_error"]


@dataclass(frozen=True)
class NetworkError:
    """How far a network's area fractions of one phase lie from the labelled ones.

    Attributes:
        bias: mean of found less true fraction over specimens (0.01 is one point).
        spread: standard deviation of that over specimens, with n - 1.
        n_specimens: at least 2.
    """

    bias: float
    spread: float
    n_specimens: int

    def __post_init__(self) -> None:
        if self.n_specimens < 2 or not (math.isfinite(self.bias) and math.isfinite(self.spread) and self.spread >= 0):
            raise InputError(
                f"A network's error of {self.bias:g} +- {self.spread:g} from {self.n_specimens} specimens cannot be "
                "used. Measure it on 2 specimens or more."
            )


def network_error(found: Sequence[float], true: Sequence[float], specimens: Sequence[str]) -> NetworkError:
    """Measure a network's error of one phase's area fraction on validation pictures.

    Args:
        found, true: fractions, 0 to 1, of each picture: by the network, and by its labels, over the same pixels.
        specimens: which specimen each picture shows; pictures of one count together as one.

    Raises:
        InputError: lists of unlike length, or fewer than 2 specimens.

    Source: own; Student's statistics over groups.

    >>> network_error([0.32, 0.34, 0.21], [0.30, 0.30, 0.20], ["a", "a", "b"]).bias
    0.02
    """
    if not len(found) == len(true) == len(specimens):
        raise InputError(
            f"{len(found)} fractions found, {len(true)} true ones and {len(specimens)} specimens do not fit together. "
            "Give one of each for every picture."
        )
    errors = np.asarray(found, dtype=np.float64) - np.asarray(true, dtype=np.float64)
    names = np.asarray(specimens)
    means = np.array([errors[names == name].mean() for name in np.unique(names)])
    spread = float(means.std(ddof=1)) if len(means) > 1 else math.nan
    return NetworkError(round(float(means.mean()), 12) if len(means) else math.nan, spread, len(means))


def with_network_error(fraction: float, interval: tuple[float, float], error: NetworkError) -> tuple[float, float]:
    """Widen a counting interval by the network's own error: where the true fraction of a new specimen lies.

    The middle moves by the bias. The network's half width is that of one new specimen, t s sqrt(1 + 1/n) with n - 1
    degrees of freedom; each side of the counting interval is added to it as squares are.

    Args:
        fraction, interval: as the network found them, 0 to 1.
        error: of the network, on specimens that it was not trained on.

    Returns:
        the 95 % interval, within 0 and 1.

    Raises:
        InputError: an interval that does not hold its fraction, or lies outside 0 to 1.

    Valid for: specimens like the validation specimens, with fractions like theirs: an error of points is taken
        to be the same at 2 % as at 40 %.

    Source: G. Y. Zou and A. Donner, Statistics in Medicine 27 (2008) 1693 (limits of a sum from limits of its parts);
        prediction of one further value: any textbook of Student's t.

    >>> low, high = with_network_error(0.30, (0.26, 0.34), NetworkError(0.0, 0.01, 10))
    >>> round(low, 3), round(high, 3)
    (0.253, 0.347)
    """
    low, high = interval
    if not 0 <= low <= fraction <= high <= 1:
        raise InputError(
            f"An interval of {low:g} to {high:g} about {fraction:g} cannot be. Give 0 <= low <= high <= 1."
        )
    n = error.n_specimens
    own = float(stats.t.ppf(0.975, n - 1)) * error.spread * math.sqrt(1 + 1 / n)
    middle = fraction - error.bias
    ends = middle - math.hypot(fraction - low, own), middle + math.hypot(high - fraction, own)
    return min(max(ends[0], 0.0), 1.0), min(max(ends[1], 0.0), 1.0)
