"""Score filling on whole maps: pixels are dropped, filled, and compared with what stood there."""

import zlib
from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.core.progress import Say, tell
from nital.core.report import NETWORK, Report, Source, Split
from nital.core.task import Network
from nital.io.maps import open_map
from nital.learn.judge import Scored, judge
from nital.science.filling import biharmonic, constant, fit_covariance, krige_map, linear, nearest
from nital.synth.map_gaps import draw_gaps
from nital.tasks.inpaint.fill import fill_channel
from nital.tasks.inpaint.metrics import METRICS
from nital.tasks.inpaint.options import SUFFIXES, InpaintEvaluateOptions
from nital.tasks.inpaint.score import map_scores

__all__ = ["all_methods", "evaluate_folder"]

MEAN = "mean of the known pixels"
LARGEST_BIHARMONIC_PX = 20_000
"""Missing pixels of larger maps would take biharmonic minutes and gigabytes; it is left out of such a folder."""


def evaluate_folder(network: Network, folder: Path, options: InpaintEvaluateOptions, say: Say = None) -> Report:
    """Scores map by map, the first channel of each; maps in `folder`/maps or in `folder` itself.

    Raises:
        InputError: no map in the folder, or one that cannot be used.
    """
    inside = Path(folder) / "maps"
    files = sorted(path for path in (inside if inside.is_dir() else Path(folder)).glob("*")
                   if path.suffix.lower() in SUFFIXES)  # fmt: skip
    if not files:
        raise InputError(f"{folder} holds no map. Put whole maps into it or into {folder}/maps: {', '.join(SUFFIXES)}.")
    rows: dict[str, list[dict[str, float]]] = {}
    for number, path in enumerate(files):
        tell(say, number, len(files), f"[{number + 1}/{len(files)}] {path.name}")
        opened = open_map(path)
        truth = opened.values[0].astype(np.float64)
        known = ~opened.missing[0]
        rng = np.random.default_rng(zlib.crc32(path.name.encode()))
        dropped = draw_gaps(options.gaps, truth.shape, options.share, rng) & known
        for name, filled in all_methods(network, np.where(dropped | ~known, np.nan, truth)).items():
            rows.setdefault(name, []).append(map_scores(filled, np.where(known, truth, np.nan), dropped))
    whole = {name: found for name, found in rows.items() if len(found) == len(files)}
    return judge(
        [_scored(name, found) for name, found in whole.items()], [path.stem for path in files], METRICS, job="inpaint",
        data=Source(Path(folder).name, str(folder)), split=Split(by="map", test=len(files)),
        notes=(f"{100 * options.share:g} % of the pixels were dropped: {options.gaps}.",),
    )  # fmt: skip


def all_methods(network: Network, seen: np.ndarray) -> dict[str, np.ndarray]:
    """Name -> (1 or 3, rows, cols) of a map with NaN where missing; "network" is the whole of what predicting does."""
    rng = np.random.default_rng(0)
    filled = fill_channel(network, seen)
    found = {
        NETWORK: np.stack([filled.values, filled.low, filled.high]),
        "kriging": krige_map(seen, fit_covariance(seen, rng)).values[None],
        "linear": linear(seen)[None],
        "nearest": nearest(seen)[None],
        MEAN: constant(seen)[None],
    }
    if np.isnan(seen).sum() <= LARGEST_BIHARMONIC_PX:
        found["biharmonic"] = biharmonic(seen)[None]
    return found


def _scored(name: str, rows: list[dict[str, float]]) -> Scored:
    values = {key: [row[key] for row in rows] for key in rows[0]}
    return Scored(name, "network" if name == NETWORK else "baseline", values, constant=name == MEAN)
