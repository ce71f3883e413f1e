"""How alike two pixels of a map are, by their distance: four families, fitted to the known pixels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.spatial import cKDTree

__all__ = ["FAMILIES", "Covariance", "fit_covariance"]

Numbers = NDArray[np.float64]

FAMILIES = ("exponential", "matern 3/2", "matern 5/2", "squared exponential")
SMOOTH = ("matern 5/2", "squared exponential")
NOISE_FREE = 1e-4
LENGTHS_PX = (0.5, 0.8, 1.2, 1.8, 2.7, 4.0, 6.0, 9.0, 14.0, 22.0, 40.0)
NUGGETS = (1e-7, 1e-5, 1e-3, 1e-2, 0.05, 0.2, 1.0, 5.0)
"""Share of white noise, beside 1 of what hangs together. The least keeps the equations of smooth maps solvable."""
SPREAD = 5
"""Every other window takes its pixels at random from so many times as many: it sees long distances."""


@dataclass(frozen=True)
class Covariance:
    """Covariance of two pixels at distance h: `variance` times the family's correlation, `nugget` added at h = 0.

    Attributes:
        family: one of `FAMILIES`. length_px: its length. nugget: variance of noise that no neighbour shares, as a
            share of `variance`. variance: in the square of the map's unit.

    Source: Chiles and Delfiner, Geostatistics (2012), doi:10.1002/9781118136188, chapter 2.
    """

    family: str
    length_px: float
    nugget: float
    variance: float

    @property
    def tells_of_slopes(self) -> bool:
        """Whether maps are so smooth and free of noise that they tell of their slopes and curvatures, and far pixels
        still count."""
        return self.family in SMOOTH and self.nugget <= NOISE_FREE

    def correlation(self, squared_px: NDArray[Any]) -> Numbers:
        """Of the part that hangs together, at squared distances, which is 1 at 0."""
        scaled = np.sqrt(np.asarray(squared_px, np.float64)) / self.length_px
        if self.family == "exponential":
            return np.exp(-scaled)
        if self.family == "matern 3/2":
            return (1 + np.sqrt(3) * scaled) * np.exp(-np.sqrt(3) * scaled)
        if self.family == "matern 5/2":
            return (1 + np.sqrt(5) * scaled + 5 * scaled**2 / 3) * np.exp(-np.sqrt(5) * scaled)
        if self.family == "squared exponential":
            return np.exp(-(scaled**2) / 2)
        raise ValueError(f"There is no covariance '{self.family}'. Use one of: {', '.join(FAMILIES)}.")


def fit_covariance(
    values: Numbers, rng: np.random.Generator, *, points: int = 150, windows: int = 4, refine: bool = True
) -> Covariance:
    """The covariance under which the known pixels of a map are most likely, mean and variance taken from them too.

    Args:
        values: (rows, cols), NaN where missing; at least 3 known.
        points, windows: known pixels of each window whose joint likelihood is taken; work grows with their cube.
        refine: search between the grid's lengths and nuggets too.

    Raises:
        ValueError: fewer than three known pixels.

    Source: maximum likelihood with mean and variance profiled out; Chiles and Delfiner (2012), section 2.6.
    """
    places = np.argwhere(np.isfinite(values)).astype(np.float64)
    if len(places) < 3:
        raise ValueError(f"The map has {len(places)} known pixels; at least 3 are needed.")
    known = values[np.isfinite(values)]
    parts = [part for part in _windows(places, known, rng, points, windows) if np.ptp(part[1]) > 0]
    if not parts:
        return Covariance("exponential", 1.0, NUGGETS[0], max(float(np.var(known)), 1e-30))
    tried: list[tuple[float, Covariance]] = []
    for family in FAMILIES:
        for length in LENGTHS_PX:
            tried += _likelihoods(family, length, NUGGETS, parts)
    tried.sort(key=lambda one: one[0])
    if not refine:
        return tried[0][1]
    best: dict[str, tuple[float, Covariance]] = {}
    for one in tried:
        best.setdefault(one[1].family, one)
    return min((_refined(one, parts) for one in list(best.values())[:2]), key=lambda one: one[0])[1]


def _windows(
    places: Numbers, known: Numbers, rng: np.random.Generator, points: int, windows: int
) -> list[tuple[Numbers, Numbers]]:
    """Squared distances (n, n) and values (n,) of known pixels near each other."""
    tree: Any = cKDTree(places)
    parts: list[tuple[Numbers, Numbers]] = []
    for number in range(windows):
        centre = places[int(rng.integers(len(places)))]
        wanted = min(points * (SPREAD if number % 2 else 1), len(places))
        near = np.atleast_1d(tree.query(centre, wanted)[1])
        if len(near) > points:
            near = rng.permutation(near)[:points]
        apart = places[near, None] - places[None, near]
        parts.append(((apart**2).sum(-1), known[near]))
    return parts


def _likelihoods(
    family: str, length: float, nuggets: Sequence[float], parts: Sequence[tuple[Numbers, Numbers]]
) -> list[tuple[float, Covariance]]:
    """-2 log likelihood, up to a constant, at each nugget; one decomposition serves them all."""
    shape = Covariance(family, length, 0.0, 1.0)
    noise = np.array(nuggets)[:, None]
    squares, logs, count = np.zeros(len(nuggets)), np.zeros(len(nuggets)), 0
    for squared, values in parts:
        lambdas, vectors = np.linalg.eigh(shape.correlation(squared))
        spread = np.maximum(lambdas, 0) + noise
        seen, ones = vectors.T @ values, vectors.sum(0)
        mean = (ones * seen / spread).sum(1) / (ones**2 / spread).sum(1)
        squares += ((seen - mean[:, None] * ones) ** 2 / spread).sum(1)
        logs += np.log(spread).sum(1)
        count += len(values)
    variance = np.maximum(squares / count, 1e-300)
    total = count * np.log(variance) + logs
    return [
        (float(one), Covariance(family, length, float(nugget), float(sill)))
        for one, nugget, sill in zip(total, nuggets, variance, strict=True)
    ]


def _refined(start: tuple[float, Covariance], parts: Sequence[tuple[Numbers, Numbers]]) -> tuple[float, Covariance]:
    """The likeliest length and nugget of the same family near those of the grid."""
    family = start[1].family

    def cost(logs: Numbers) -> float:
        length, nugget = np.exp(np.clip(logs, np.log([0.2, 1e-8]), np.log([500, 100])))
        return _likelihoods(family, float(length), [float(nugget)], parts)[0][0]

    found: Any = minimize(
        cost, np.log([start[1].length_px, start[1].nugget]), method="Nelder-Mead",
        options={"maxfev": 40, "initial_simplex": np.log([start[1].length_px, start[1].nugget])
                 + np.array([[0, 0], [0.3, 0], [0, 0.8]])},
    )  # fmt: skip
    length, nugget = np.exp(np.clip(found.x, np.log([0.2, 1e-8]), np.log([500, 100])))
    better = _likelihoods(family, float(length), [float(nugget)], parts)[0]
    return min(better, start, key=lambda one: one[0])
