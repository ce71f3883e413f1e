"""Scores of grain maps: on synthetic samples, and on labelled micrographs with the classical methods beside."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from nital.core.dataset import Batch
from nital.core.errors import InputError
from nital.core.progress import Say, tell
from nital.core.report import Report, Source, Split
from nital.core.task import Baseline, Network
from nital.io.micrographs import open_micrograph
from nital.learn.judge import Scored, judge
from nital.science.labels import (
    adjusted_rand_index,
    boundaries_from_label_map,
    boundary_f1,
    fill_boundaries,
    label_map_from_boundaries,
    relative_tolerance_px,
)
from nital.science.scaling import resized
from nital.science.stereology import grain_size_number_from_intercept, intercepts
from nital.tasks.grains.baselines import local_threshold_grains, one_grain, sobel_grains
from nital.tasks.grains.decode import partition
from nital.tasks.grains.doubt import classical_grains
from nital.tasks.grains.labelled import Labelled, labelled_micrographs
from nital.tasks.grains.metrics import METRICS
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.scale import working_scale
from nital.tasks.grains.segment import segment

__all__ = ["evaluate_folder", "sample_baselines", "sample_scores", "scores"]

NETWORK = "network, automatic scale"
ONE_GRAIN = "one grain everywhere"


def scores(found: np.ndarray, truth: np.ndarray, valid: np.ndarray | None = None) -> dict[str, float]:
    """Compare a label map with the truth on the same pixels.

    Args:
        found, truth: label maps, (rows, cols); 0 in the truth is a traced line or outside.
        valid: bool (rows, cols), False where the picture shows no specimen; None: specimen everywhere.

    Returns:
        `adjusted_rand_index`, `boundary_f1_3px` and `boundary_f1_8pct` (tolerance 8 % of the mean true grain diameter),
        where 1 is best; `g_error`, G found minus G of the truth by the same stereology, which needs no pixel size, and
        `mae_g`, its size.
    """
    if valid is not None:
        found, truth = np.where(valid, found, 0), np.where(valid, truth, 0)
    lines, true_lines = boundaries_from_label_map(found), boundaries_from_label_map(truth)
    found_px = intercepts(found, valid=valid).mean_intercept_px
    true_px = intercepts(fill_boundaries(truth, valid), valid=valid).mean_intercept_px
    error = _number(found_px, found.shape) - _number(true_px, found.shape)
    return {
        "adjusted_rand_index": adjusted_rand_index(found, truth, valid),
        "boundary_f1_3px": boundary_f1(lines, true_lines, 3, valid).f1,
        "boundary_f1_8pct": boundary_f1(lines, true_lines, relative_tolerance_px(truth), valid).f1,
        "mae_g": abs(error),
        "g_error": error,
    }


def _number(intercept_px: float | None, shape: tuple[int, ...]) -> float:
    """G at 1 um per pixel; a field without any boundary counts as one grain as large as the field."""
    return grain_size_number_from_intercept((intercept_px or max(shape)) / 1000)


def sample_scores(prediction: Mapping[str, np.ndarray], batch: Batch) -> dict[str, np.ndarray]:
    """Scores of each synthetic sample; prediction holds `probability` (n, 3, h, w) or `labels` (n, h, w)."""
    rows = []
    for index, truth in enumerate(batch["truth"]):
        labelled = "labels" in prediction
        found = prediction["labels"][index] if labelled else partition(prediction["probability"][index, 1])
        rows.append(scores(found, label_map_from_boundaries(truth == 1, min_area_px=4)))
    return {metric.name: np.array([row[metric.name] for row in rows]) for metric in METRICS}


def sample_baselines() -> list[Baseline]:
    """The classical methods on synthetic samples."""

    def on_samples(method: Callable[[np.ndarray], np.ndarray]) -> Callable[[Batch], dict[str, np.ndarray]]:
        return lambda batch: {"labels": np.stack([method(image[0]) for image in batch["image"]])}

    return [
        Baseline("local threshold + watershed", on_samples(local_threshold_grains)),
        Baseline("Sobel + watershed", on_samples(sobel_grains)),
        Baseline(ONE_GRAIN, on_samples(one_grain), constant=True),
    ]


def evaluate_folder(network: Network, folder: Path, options: GrainsOptions | None = None, say: Say = None) -> Report:
    """Score network and classical methods on all labelled micrographs of a folder.

    Raises:
        InputError: no labelled micrograph, or one that cannot be used.
    """
    options = options or GrainsOptions()
    samples = labelled_micrographs(folder)
    results: dict[str, list[dict[str, float]]] = {}
    scales = []
    for number, sample in enumerate(samples):
        tell(say, number, len(samples), f"[{number + 1}/{len(samples)}] {sample.path.name}")
        scale, valid, maps = _all_methods(network, sample, options)
        scales.append(scale)
        for name, found in maps.items():
            results.setdefault(name, []).append(scores(found, sample.truth, valid))
    own = {
        name: {"images": [{"file": sample.path.name, "scale": scale, **row}
                          for sample, scale, row in zip(samples, scales, rows, strict=True)]}
        for name, rows in results.items()
    }  # fmt: skip
    return judge(
        [_scored(name, rows) for name, rows in results.items()], [sample.specimen for sample in samples], METRICS,
        job="grains", data=Source(folder.name, str(folder)), split=Split(by="specimen", test=len(samples)), models=own,
    )  # fmt: skip


def _scored(name: str, rows: list[dict[str, float]]) -> Scored:
    values = {metric.name: [row[metric.name] for row in rows] for metric in METRICS}
    return Scored(name, "network" if name == NETWORK else "baseline", values, constant=name == ONE_GRAIN)


def _all_methods(
    network: Network, sample: Labelled, options: GrainsOptions
) -> tuple[float, np.ndarray | None, dict[str, np.ndarray]]:
    """The scale that the network worked at, the specimen's mask, and label maps in picture pixels by every method."""
    micrograph = open_micrograph(sample.path, pixel_size_um=sample.pixel_size_um)
    image, valid = micrograph.image, micrograph.valid
    shape = sample.truth.shape
    if image.shape != shape:
        raise InputError(f"{sample.path} has {image.shape} pixels, its label {shape}. They must show the same field.")
    scale = working_scale(network, image, valid, options)
    twins = sample.twins or options.twins
    found = segment(network, image, valid, scale, twins="count" if twins == "count" else "merge")
    return (
        scale,
        valid,
        {
            NETWORK: resized(np.asarray(found.labels), shape),
            "local threshold + watershed, native scale": local_threshold_grains(image, valid),
            "local threshold + watershed, automatic scale": resized(classical_grains(image, valid, scale), shape),
            "Sobel + watershed, native scale": sobel_grains(image, valid),
            ONE_GRAIN: one_grain(image, valid),
        },
    )
