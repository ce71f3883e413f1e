"""One channel filled: candidates, the choice among them on hidden pixels, and an interval that these pixels set."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nital.core.progress import Say
from nital.core.task import Network
from nital.nets.tiling import predict_tiled
from nital.science.filling import Covariance, fit_covariance, hold_out, linear, nearest
from nital.tasks.inpaint.prepare import prepare, scale_of

__all__ = ["Filled", "fill_channel", "filled_candidates"]

GAUSSIAN90 = 1.645
COUNT, COUNT_SMOOTH = 32, 64
"""Neighbours of kriging; smooth maps without noise want more, and small ones can have them."""
SMALL_PX = 600_000
MULTIPLE, TILE_PX, OVERLAP_PX = 8, 512, 64
WINDOW_PX = 384
"""Side of the window of a large map on which candidates are compared."""
ENOUGH_HIDDEN = 1500
MOST_TURNS = 6
MARGIN = 1.02
"""Linear or nearest must be better by so much before it is taken."""
COVERED = 0.9


@dataclass(frozen=True)
class Filled:
    """A channel without gaps.

    Attributes:
        values, low, high: float64 (rows, cols); the ends of the 90 % interval, both the value where known.
        method: "kriging and network", "linear" or "nearest". network_share: of the network in the first.
        errors: method -> root mean squared error on hidden known pixels, in the map's unit. hidden: how many.
        widened: by what the intervals were multiplied so that they cover hidden pixels as they say.
        covariance: what was fitted, lengths in px, variance in squared spreads of the map.
    """

    values: np.ndarray
    low: np.ndarray
    high: np.ndarray
    method: str
    network_share: float
    errors: Mapping[str, float]
    hidden: int
    widened: float
    covariance: Covariance


def fill_channel(network: Network, values: np.ndarray, say: Say = None) -> Filled:
    """Fill the missing pixels of a channel, NaN in float64 (rows, cols); at least 16 are known."""
    rng = np.random.default_rng(0)
    centre, spread = scale_of(values)
    standard = (values - centre) / spread
    covariance = fit_covariance(standard, rng)
    share, errors, method, widened, hidden = _judged(network, standard, covariance, rng)
    found = filled_candidates(network, standard, covariance, {method, "kriging"}, say)
    mixed = _mixed(found, share, method)
    middle = mixed[0]
    low, high = middle - widened * (middle - mixed[1]), middle + widened * (mixed[2] - middle)
    known = np.isfinite(values)
    ends = [np.where(known, values, one * spread + centre) for one in (middle, low, high)]
    scaled = {name: error * spread for name, error in errors.items()}
    return Filled(ends[0], ends[1], ends[2], method, share, scaled, hidden, widened, covariance)


def filled_candidates(
    network: Network, standard: np.ndarray, covariance: Covariance, wanted: set[str], say: Say = None
) -> dict[str, np.ndarray]:
    """Name -> (1 or 3, rows, cols): value, and for kriging and network the ends of the interval."""
    smooth = covariance.tells_of_slopes and standard.size <= SMALL_PX
    seen = prepare(standard, covariance, COUNT_SMOOTH if smooth else COUNT)
    half = GAUSSIAN90 * seen[3]
    found = {"kriging": np.stack([seen[0], seen[0] - half, seen[0] + half])}
    if "kriging and network" in wanted:
        found["network"] = predict_tiled(
            network, _padded(seen), tile=TILE_PX, overlap=OVERLAP_PX, multiple=MULTIPLE, output="filled",
            say=say,
        )[:, : standard.shape[0], : standard.shape[1]]  # fmt: skip
    if "linear" in wanted:
        found["linear"] = linear(standard)[None]
    if "nearest" in wanted:
        found["nearest"] = nearest(standard)[None]
    return found


def _padded(seen: np.ndarray) -> np.ndarray:
    """At least as large as what the network halves, and as reflecting needs."""
    lacking = [(0, max(2 * MULTIPLE - size, 0)) for size in seen.shape[1:]]
    return np.pad(seen, [(0, 0), *lacking], mode="edge") if any(one for _, one in lacking) else seen


def _mixed(found: Mapping[str, np.ndarray], share: float, method: str) -> np.ndarray:
    """(3, rows, cols): what answers, with an interval of kriging's width where it has none of its own."""
    kriged = found["kriging"].astype(np.float64)
    if method in ("linear", "nearest"):
        return kriged - kriged[:1] + found[method]
    return share * found["network"] + (1 - share) * kriged if share else kriged


def _judged(
    network: Network, standard: np.ndarray, covariance: Covariance, rng: np.random.Generator
) -> tuple[float, dict[str, float], str, float, int]:
    """The network's share, errors by method, the method that answers, the widening, and how many pixels told."""
    part = _window(standard)
    found: dict[str, list[np.ndarray]] = {}
    truth: list[np.ndarray] = []
    for _ in range(MOST_TURNS):
        hidden = hold_out(np.isfinite(part), rng)
        if not hidden.any():
            break
        every = filled_candidates(
            network, np.where(hidden, np.nan, part), covariance, {"kriging and network", "linear", "nearest"}
        )
        for name, filled in every.items():
            found.setdefault(name, []).append(filled[:, hidden])
        truth.append(part[hidden])
        if sum(map(len, truth)) >= ENOUGH_HIDDEN:
            break
    true = np.concatenate(truth)
    answers = {name: np.concatenate(parts, axis=1).astype(np.float64) for name, parts in found.items()}
    share = _best_share(answers["network"][0], answers["kriging"][0], true)
    answers["kriging and network"] = share * answers["network"] + (1 - share) * answers["kriging"]
    errors = {name: float(np.sqrt(np.mean((one[0] - true) ** 2))) for name, one in answers.items()}
    weighed = {name: errors[name] * (MARGIN if name in ("linear", "nearest") else 1.0)
               for name in ("kriging and network", "linear", "nearest")}  # fmt: skip
    method = min(weighed, key=lambda name: weighed[name])
    return share, errors, method, _widening(_mixed(answers, share, method), true), len(true)


def _best_share(network: np.ndarray, kriged: np.ndarray, truth: np.ndarray) -> float:
    """Of the network in the mean that has the least squared error, from 0 to 1."""
    step = network - kriged
    size = float((step**2).sum())
    return float(np.clip(((truth - kriged) * step).sum() / size, 0, 1)) if size > 0 else 0.0


def _widening(answer: np.ndarray, truth: np.ndarray) -> float:
    """By what half widths are multiplied so that nine of ten hidden pixels lie inside (conformal).

    Source: Y. Romano et al. (2019), arXiv:1905.03222.
    """
    middle = answer[0]
    half = np.where(truth > middle, answer[2] - middle, middle - answer[1])
    ratio = np.sort(np.abs(truth - middle) / np.maximum(half, 1e-12))
    place = int(np.ceil(COVERED * (len(ratio) + 1))) - 1
    return float(ratio[min(place, len(ratio) - 1)])


def _window(standard: np.ndarray) -> np.ndarray:
    """The map, or of a large one the window that has both many known pixels and many gaps."""
    if max(standard.shape) <= WINDOW_PX:
        return standard
    best, most = standard[:WINDOW_PX, :WINDOW_PX], -1
    for row in range(0, max(standard.shape[0] - WINDOW_PX, 0) + 1, WINDOW_PX):
        for col in range(0, max(standard.shape[1] - WINDOW_PX, 0) + 1, WINDOW_PX):
            part = standard[row : row + WINDOW_PX, col : col + WINDOW_PX]
            known = int(np.isfinite(part).sum())
            missing = part.size - known
            if min(known, 4 * missing) > most:
                best, most = part, min(known, 4 * missing)
    return best
