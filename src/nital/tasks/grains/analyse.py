"""From a micrograph to the ASTM grain size number: what `nital predict grains` does."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import ndimage

from nital.core.errors import InputError
from nital.core.task import Network, Outcome, Say
from nital.io.images import Micrograph, open_micrograph
from nital.science.labels import boundaries_from_label_map, boundary_f1
from nital.science.stereology import Measurement, intercepts, measure
from nital.tasks.grains.baselines import local_threshold_grains
from nital.tasks.grains.field import resized, scaled_shape
from nital.tasks.grains.figures import NEAR_SHARE, overlay, size_histogram
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.scale import working_scale
from nital.tasks.grains.segment import Segmented, segment

__all__ = ["Doubt", "analyse", "classical_grains", "classical_scale", "compare_with_classical", "lines_drawn"]

FEW_GRAINS = 50  # E112 wants at least 50 intercepted grains for a count
CAPTION = "Blue: boundaries that were found. Dimmed: not specimen."
CLASSICAL_CAPTION = (
    "Blue: boundaries that a classical method confirms. Orange: boundaries that the network alone sees; look at these "
    "first. Dimmed: not specimen."
)
DOUBTFUL_G = 0.5  # network and classical method may differ by this much before it is said


@dataclass(frozen=True)
class Doubt:
    """Where a method without learning sees something else.

    Attributes:
        grain_size_number: G of the classical grains in the same field; None without a pixel size.
        agreement: boundary F1 of the two within 8 % of a grain diameter, 0 to 1.
        confirmed: bool map on the grid of the labels: near a classical boundary.
    """

    grain_size_number: float | None
    agreement: float
    confirmed: np.ndarray


def analyse(network: Network, path: Path, options: GrainsOptions, progress: Say = None) -> Outcome:
    """Measure the grains of one micrograph.

    Raises:
        InputError: the file or an option cannot be used.
    """
    micrograph = open_micrograph(
        path, page=options.page, pixel_size_um=options.pixel_size_um, scale_bar_um=options.scale_bar_um
    )
    _check_contrast(micrograph)
    scale = working_scale(network, micrograph.image, micrograph.valid, options, progress=progress)
    found = segment(network, micrograph.image, micrograph.valid, scale, twins=options.twins, progress=progress)
    pixel_um = micrograph.calibration.pixel_size_um
    fine_um = None if pixel_um is None else pixel_um / found.grid
    if found.labels.max(initial=0) == 0:
        raise InputError(f"{path} shows no grain: everything is margin. Crop the specimen and try again.")
    measurement = measure(found.labels, valid=found.valid, pixel_size_um=fine_um)
    doubt = compare_with_classical(micrograph, found, scale, fine_um)
    values = _values(micrograph, measurement, found, scale, options, doubt, fine_um)
    warnings = [*micrograph.warnings, *_warnings(micrograph, measurement, values, scale)]
    outcome = Outcome(values, warnings=warnings, headline=_headline(values))
    outcome.images["overlay.png"] = overlay(
        micrograph.image if micrograph.colour is None else micrograph.colour,
        found.labels, None if doubt is None else doubt.confirmed,
    )  # fmt: skip
    outcome.images["label_map.tif"] = label_map_of(found, micrograph.image.shape)  # draws lines in place
    outcome.pictures["overlay.png"] = ("What was found", CLASSICAL_CAPTION if doubt else CAPTION)
    outcome.tables["grains.csv"] = _table(measurement, found.grid, pixel_um)
    if (sizes := size_histogram(*outcome.tables["grains.csv"])) is not None:
        outcome.images["sizes.png"] = sizes
        outcome.pictures["sizes.png"] = ("Sizes", "Grains that touch the edge of the field are left out.")
    return outcome


def label_map_of(found: Segmented, shape: tuple[int, ...]) -> np.ndarray:
    """The label map in picture pixels, with boundaries one pixel wide as 0."""
    if found.grid == 1 and isinstance(found.labels, np.memmap):
        return lines_drawn(found.labels)  # too large to copy
    labels = resized(found.labels, (shape[0], shape[1]))
    return np.where(boundaries_from_label_map(labels), 0, labels)


def lines_drawn(labels: np.ndarray, band: int = 1024) -> np.ndarray:
    """A partition with its boundaries set to 0 in place, band by band.

    Args:
        labels: int (rows, cols), may be memory-mapped. band: rows in memory at a time.
    """
    for start in range(0, labels.shape[0], band):
        part = np.asarray(labels[start : start + band + 1])  # a line depends on the row below, which is still whole
        labels[start : start + band] = np.where(boundaries_from_label_map(part), 0, part)[:band]
    return labels


def classical_scale(scale: float) -> float:
    """The magnification that suits the baseline when the network works at `scale`: twice it, not enlarged further."""
    return min(2 * scale, max(1.0, scale))


def classical_grains(image: np.ndarray, valid: np.ndarray | None, scale: float) -> np.ndarray:
    """The local-threshold baseline, when the network works at `scale`; label map on the grid of `classical_scale`."""
    shape = scaled_shape(image.shape, classical_scale(scale))
    specimen = None if valid is None else resized(valid, shape)
    return local_threshold_grains(resized(image.astype(np.float32), shape), specimen)


def compare_with_classical(
    micrograph: Micrograph, found: Segmented, scale: float, fine_um: float | None
) -> Doubt | None:
    """The baseline on the same field, at the scale that fits it; None for pictures decoded in blocks."""
    if isinstance(found.labels, np.memmap):
        return None
    classical = resized(classical_grains(micrograph.image, micrograph.valid, scale), found.labels.shape)
    ours, theirs = boundaries_from_label_map(found.labels), boundaries_from_label_map(classical)
    inside = found.labels > 0
    diameter = float(np.sqrt(4 / np.pi * inside.sum() / max(int(found.labels.max()), 1)))
    near = max(NEAR_SHARE * diameter, 2.0)
    confirmed = np.asarray(ndimage.distance_transform_edt(~theirs)) <= near if theirs.any() else theirs
    return Doubt(
        intercepts(classical, valid=found.valid, pixel_size_um=fine_um).grain_size_number,
        boundary_f1(ours, theirs, near, valid=inside).f1,
        confirmed,
    )


def _check_contrast(micrograph: Micrograph) -> None:
    sample = micrograph.image[:: max(1, micrograph.image.shape[0] // 1000)]
    if sample.min() == sample.max():
        raise InputError(f"{micrograph.path} is one single grey ({sample.min()}): there is nothing to see in it.")


def _values(
    micrograph: Micrograph, found: Measurement, segmented: Segmented, scale: float, options: GrainsOptions,
    doubt: Doubt | None, fine_um: float | None,
) -> dict[str, Any]:  # fmt: skip
    """The JSON of the job; lengths in picture pixels."""
    lines, area = found.intercepts, found.planimetric
    grid = segmented.grid
    sizes = found.distribution
    return {
        "n_grains": found.n_grains,
        "pixel_size_um": micrograph.calibration.pixel_size_um,
        "pixel_size_source": micrograph.calibration.source,
        "astm_grain_size_number": lines.grain_size_number,
        "astm_grain_size_number_ci95": lines.grain_size_number_ci95,
        "relative_accuracy_percent": lines.relative_accuracy_percent,
        "mean_intercept_um": lines.mean_intercept_um,
        "mean_intercept_px": None if lines.mean_intercept_px is None else lines.mean_intercept_px / grid,
        "astm_grain_size_number_circles": found.circles.grain_size_number,
        "astm_grain_size_number_planimetric": area.grain_size_number,
        "astm_grain_size_number_planimetric_ci95": area.grain_size_number_ci95,
        "grains_per_mm2": area.grains_per_mm2,
        "equivalent_diameter_um": None if sizes is None or sizes.unit != "um" else {
            "mean": sizes.mean, "median": sizes.median, "std": sizes.std,
            "area_weighted_mean": sizes.area_weighted_mean, "lognormal_sigma": sizes.lognormal_sigma,
        },
        "anisotropy": lines.anisotropy,
        "elongation_deg": lines.elongation_deg,
        "twins": options.twins,
        "scale": scale,
        "doubt": {
            "astm_grain_size_number_if_merged_less_or_more": [
                intercepts(labels, valid=segmented.valid, pixel_size_um=fine_um).grain_size_number
                for labels in segmented.alternatives
            ] or None,
            "astm_grain_size_number_classical": None if doubt is None else doubt.grain_size_number,
            "agreement_with_classical": None if doubt is None else doubt.agreement,
        },
    }  # fmt: skip


def _warnings(micrograph: Micrograph, found: Measurement, values: dict[str, Any], scale: float) -> list[str]:
    """Plain words about what the numbers are worth."""
    warnings = []
    if not micrograph.calibration.known:
        warnings.append("No pixel size is known: lengths are in pixels and G is not given. Pass --pixel-size-um.")
    if found.n_grains < FEW_GRAINS:
        warnings.append(f"Only {found.n_grains} grains are in the field: E112 asks for more; take several fields.")
    if found.intercepts.anisotropy is not None and found.intercepts.anisotropy > 1.5:
        warnings.append(
            f"The grains are elongated ({found.intercepts.anisotropy:.1f} times, along "
            f"{found.intercepts.elongation_deg:.0f} degrees): E112 then asks for three perpendicular sections."
        )
    classical = values["doubt"]["astm_grain_size_number_classical"]
    number = values["astm_grain_size_number"]
    if classical is not None and number is not None and abs(classical - number) > DOUBTFUL_G:
        warnings.append(
            f"A threshold method without learning gives G = {classical:.1f} instead of {number:.1f}. "
            "Look at the overlay: orange boundaries are seen by the network alone."
        )
    alternatives = values["doubt"]["astm_grain_size_number_if_merged_less_or_more"] or ()
    limits = [g for g in (*alternatives, number) if g is not None]
    if number is not None and max(limits) - min(limits) > DOUBTFUL_G:
        warnings.append(
            f"Many boundaries are faint: G would be {min(limits):.1f} to {max(limits):.1f} "
            "if they were judged more or less strictly. Etch again, or trust the range rather than the number."
        )
    return warnings


def _headline(values: dict[str, Any]) -> list[tuple[str, str]]:
    """The few numbers that a person wants first."""

    def with_interval(number: float | None, interval: Any, digits: int) -> str:
        if number is None:
            return "not known without a pixel size" if values["pixel_size_um"] is None else "cannot be given"
        tail = f" (95 % {interval[0]:.{digits}f} to {interval[1]:.{digits}f})" if interval else ""
        return f"{number:.{digits}f}{tail}"

    intercept = (
        f"{values['mean_intercept_um']:.3g} um" if values["mean_intercept_um"] is not None
        else "none" if values["mean_intercept_px"] is None else f"{values['mean_intercept_px']:.1f} px"
    )  # fmt: skip
    number = values["astm_grain_size_number"]
    lines = [
        ("ASTM grain size number G", with_interval(number, values["astm_grain_size_number_ci95"], 2)),
        ("mean lineal intercept", intercept),
        ("G, planimetric", with_interval(values["astm_grain_size_number_planimetric"], None, 2)),
        ("grains in the field", str(values["n_grains"])),
    ]
    if values["equivalent_diameter_um"]:
        sizes = values["equivalent_diameter_um"]
        lines.append(("equivalent diameter", f"{sizes['mean']:.3g} um mean, {sizes['median']:.3g} um median"))
    size = values["pixel_size_um"]
    lines.append(("pixel size", f"{size:.4g} um ({values['pixel_size_source']})" if size else "unknown"))
    return lines


def _table(found: Measurement, grid: float, pixel_um: float | None) -> tuple[list[str], list[list[Any]]]:
    """One row per grain, in picture pixels and micrometres."""
    table = dict(found.table)
    for name in ("row", "column", "equivalent_diameter_px"):
        table[name] = table[name] / grid
    table["area_px"] = table["area_px"] / grid**2
    if pixel_um is None:
        table = {name: column for name, column in table.items() if not name.endswith(("_um", "_um2"))}
    return list(table), [list(row) for row in zip(*(column.tolist() for column in table.values()), strict=True)]
