"""Scores of grain maps: on synthetic samples, and on labelled micrographs with the classical methods beside."""

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from nital.core.dataset import Batch
from nital.core.errors import InputError
from nital.core.task import Baseline, Network, Say
from nital.core.units import checked_pixel_size_um
from nital.learn.intervals import compare, means_with_intervals, verdict
from nital.io.micrographs import open_micrograph
from nital.science.labels import (
    adjusted_rand_index,
    boundaries_from_label_map,
    boundary_f1,
    fill_boundaries,
    label_map_from_boundaries,
    line_width_px,
    relative_tolerance_px,
)
from nital.science.stereology import grain_size_number_from_intercept, intercepts
from nital.tasks.grains.baselines import local_threshold_grains, sobel_grains
from nital.tasks.grains.decode import partition
from nital.tasks.grains.doubt import classical_grains
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.scale import working_scale
from nital.tasks.grains.segment import segment
from nital.tasks.grains.view import resized

__all__ = ["Labelled", "evaluate_folder", "labelled_micrographs", "sample_baselines", "sample_scores", "scores"]

GAP_PX = 10.0  # open ends of a hand trace are joined over this distance
METRICS = ("boundary_f1_3px", "boundary_f1_8pct", "adjusted_rand_index", "mae_g", "g_error")
NETWORK = "network, automatic scale"


@dataclass(frozen=True)
class Labelled:
    """One micrograph with its true grains.

    Attributes:
        path: the micrograph. truth: int32 label map, 0 on traced lines and outside. specimen: its group.
        pixel_size_um: from the manifest, or None.
        twins: "count" where twins are grains of the truth, else "merge"; None where the manifest does not say.
    """

    path: Path
    truth: np.ndarray
    specimen: str
    pixel_size_um: float | None
    twins: str | None = None


def scores(found: np.ndarray, truth: np.ndarray, valid: np.ndarray | None = None) -> dict[str, float]:
    """Compare a label map with the truth on the same pixels.

    Args:
        found, truth: label maps, (rows, cols); 0 in the truth is a traced line or outside.
        valid: bool (rows, cols), False where the picture shows no specimen; None: specimen everywhere.

    Returns:
        `boundary_f1_3px`, `boundary_f1_8pct` (tolerance 8 % of the mean true grain diameter) and
        `adjusted_rand_index`, where 1 is best; `g_error`, G found minus G of the truth by the same stereology, which
        needs no pixel size, and `mae_g`, its size.
    """
    if valid is not None:
        found, truth = np.where(valid, found, 0), np.where(valid, truth, 0)
    lines, true_lines = boundaries_from_label_map(found), boundaries_from_label_map(truth)
    found_px = intercepts(found, valid=valid).mean_intercept_px
    true_px = intercepts(fill_boundaries(truth, valid), valid=valid).mean_intercept_px
    error = _number(found_px, found.shape) - _number(true_px, found.shape)
    return {
        "boundary_f1_3px": boundary_f1(lines, true_lines, 3, valid).f1,
        "boundary_f1_8pct": boundary_f1(lines, true_lines, relative_tolerance_px(truth), valid).f1,
        "adjusted_rand_index": adjusted_rand_index(found, truth, valid),
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
    return {name: np.array([row[name] for row in rows]) for name in METRICS}


def sample_baselines() -> list[Baseline]:
    """The classical methods on synthetic samples."""

    def on_samples(method: Callable[[np.ndarray], np.ndarray]) -> Callable[[Batch], dict[str, np.ndarray]]:
        return lambda batch: {"labels": np.stack([method(image[0]) for image in batch["image"]])}

    return [
        Baseline("local threshold + watershed", on_samples(local_threshold_grains)),
        Baseline("Sobel + watershed", on_samples(sobel_grains)),
    ]


def evaluate_folder(
    network: Network, folder: Path, options: GrainsOptions | None = None, progress: Say = None
) -> dict[str, Any]:
    """Score network and classical methods on all labelled micrographs of a folder.

    Raises:
        InputError: no labelled micrograph, or one that cannot be used.
    """
    options = options or GrainsOptions()
    samples = labelled_micrographs(folder)
    results: dict[str, list[dict[str, float]]] = {}
    scales = []
    for number, sample in enumerate(samples, 1):
        if progress:
            progress(f"[{number}/{len(samples)}] {sample.path.name}")
        scale, valid, maps = _all_methods(network, sample, options)
        scales.append(scale)
        for name, found in maps.items():
            results.setdefault(name, []).append(scores(found, sample.truth, valid))
    groups = [sample.specimen for sample in samples]
    models = [_summary(name, rows, groups, samples, scales) for name, rows in results.items()]
    best = max(models[1:], key=lambda model: model["adjusted_rand_index"])
    index = {name: [row["adjusted_rand_index"] for row in rows] for name, rows in results.items()}
    comparison = compare(index[NETWORK], index[best["name"]], groups)
    words = verdict(comparison, baseline=best["name"], metric="adjusted Rand index", higher_is_better=True)
    chosen = NETWORK if comparison.low > 0 else best["name"]
    return {
        "job": "grains", "data": {"name": folder.name, "source": str(folder)},
        "split": {"train": 0, "valid": 0, "test": len(samples), "by": "specimen"},
        "groups": sorted(set(groups)), "verdict": words, "chosen": chosen if comparison.groups > 1 else None,
        "models": models,
    }  # fmt: skip


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
        },
    )


def _summary(
    name: str, rows: list[dict[str, float]], groups: list[str], samples: list[Labelled], scales: list[float]
) -> dict[str, Any]:
    """Means with intervals over specimens, and every image's own scores."""
    kind = "network" if name == NETWORK else "baseline"
    means = means_with_intervals({metric: [row[metric] for row in rows] for metric in METRICS}, groups)
    summary: dict[str, Any] = {"name": name, "kind": kind, **means}
    summary["images"] = [
        {"file": sample.path.name, "scale": scale, **row}
        for sample, scale, row in zip(samples, scales, rows, strict=True)
    ]
    return summary


def labelled_micrographs(folder: Path) -> list[Labelled]:
    """Pairs of micrograph and truth in a folder, by its manifest.csv or by equal names in images/ and labels/.

    The manifest has columns `file`, `role` (image; label, boundary_mask: white lines; grain_ids_uint16: label map) and,
    where known, `specimen`, `pixel_size_um`, `twins` (count, merge).

    Raises:
        InputError: no pair, or a label that cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder. Give the folder that holds images and labels.")
    rows = _manifest(folder)
    images = [row for row in rows if row["role"] == "image"]
    labels = [row for row in rows if row["role"] in ("grain_ids_uint16", "label", "boundary_mask")]
    pairs = []
    for image in images:
        near = [row for row in labels if _belongs(row, image, images)]
        if near:  # label maps say more than lines
            pairs.append((image, min(near, key=lambda row: row["role"] != "grain_ids_uint16")))
    if not pairs:
        raise InputError(
            f"{folder} holds no labelled micrograph. Put images into images/ and, under the same names, label maps or "
            "white boundary lines into labels/, or describe them in manifest.csv."
        )
    return [_labelled(folder, image, label) for image, label in pairs]


def _manifest(folder: Path) -> list[dict[str, str]]:
    """Rows of manifest.csv, or of what lies in images/ and labels/."""
    path = folder / "manifest.csv"
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        if not rows or not {"file", "role"} <= set(rows[0]):
            raise InputError(f"{path} needs the columns file and role. See the guide on comparing with a hand trace.")
        return rows
    found = []
    for name, role in (("images", "image"), ("labels", "label")):
        files = sorted((folder / name).iterdir()) if (folder / name).is_dir() else []
        found += [{"file": f"{name}/{file.name}", "role": role} for file in files if not file.name.startswith(".")]
    return found


def _belongs(label: dict[str, str], image: dict[str, str], images: list[dict[str, str]]) -> bool:
    """Whether a label's name begins with the image's (steel_2_grain_ids, steel_2), or is the only one so near to it.

    The second holds for manifests only, where names like steel_bandcontrast and steel_grain_ids are meant to belong
    together.
    """
    if _shared(image, label) == len(_words(image)):
        return True
    if "sha256" not in image or any(_shared(other, label) == len(_words(other)) for other in images):
        return False
    nearest = max(_shared(other, label) for other in images)
    alone = sum(_shared(other, label) == nearest for other in images) == 1
    return alone and 0 < nearest == _shared(image, label) == len(_words(image)) - 1


def _words(row: dict[str, str]) -> list[str]:
    return Path(row["file"]).stem.split("_")


def _shared(image: dict[str, str], label: dict[str, str]) -> int:
    """Words that the two names begin with in common."""
    count = 0
    for a, b in zip(_words(image), _words(label), strict=False):
        if a != b:
            break
        count += 1
    return count


def _labelled(folder: Path, image: dict[str, str], label: dict[str, str]) -> Labelled:
    path = folder / label["file"]
    values = open_micrograph(path, read_scale_bar=False).image
    if label["role"] == "grain_ids_uint16" or (label["role"] == "label" and len(np.unique(values)) > 2):
        truth = values.astype(np.int32)
        truth = (
            truth + 1 if label["role"] == "grain_ids_uint16" and truth.min() == 0 and _zero_is_grain(truth) else truth
        )
    else:
        traced = values > values.max() / 2
        # Holes smaller than a square of the pen's width lie inside a thick line and are no grains.
        truth = label_map_from_boundaries(traced, close_gaps=GAP_PX, min_area_px=round(line_width_px(traced) ** 2))
    where = f"{folder / 'manifest.csv'}, {image['file']}"
    size = image.get("pixel_size_um") or None
    try:
        pixel_um = None if size is None else checked_pixel_size_um(float(size), where=where)
    except ValueError as error:
        raise InputError(
            f"{where} has the pixel size '{size}'. Give micrometres per pixel, or leave it empty."
        ) from error
    return Labelled(
        path=folder / image["file"],
        truth=truth,
        specimen=image.get("specimen") or Path(image["file"]).stem,
        pixel_size_um=pixel_um,
        twins=image.get("twins") or None,
    )


def _zero_is_grain(truth: np.ndarray) -> bool:
    """In a label map without lines, 0 is a compact region like any other."""
    from scipy import ndimage

    zero = truth == 0
    _, pieces = cast(tuple[np.ndarray, int], ndimage.label(zero))
    return pieces == 1 and bool(ndimage.binary_erosion(zero).any())
