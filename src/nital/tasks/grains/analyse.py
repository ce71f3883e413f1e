"""From a micrograph to the ASTM grain size number: what `nital predict grains` does."""

from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import InputError
from nital.core.task import Network, Outcome, Say
from nital.io.micrographs import Micrograph, open_micrograph
from nital.science.labels import boundaries_from_label_map
from nital.science.stereology import Measurement, intercepts, measure
from nital.tasks.grains.doubt import Doubt, compare_with_classical, doubts
from nital.tasks.grains.figures import overlay, size_histogram
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.scale import working_scale
from nital.tasks.grains.segment import Segmented, segment
from nital.tasks.grains.view import resized

__all__ = ["analyse", "lines_drawn"]

CAPTION = "Blue: boundaries that were found. Dimmed: not specimen."
CLASSICAL_CAPTION = (
    "Blue: boundaries that a classical method confirms. Orange: boundaries that the network alone sees; look at these "
    "first. Dimmed: not specimen."
)


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
    warnings = [*micrograph.warnings, *doubts(micrograph.calibration.known, measurement, found, doubt, options.twins)]
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
            "decisiveness": segmented.decisiveness,
        },
    }  # fmt: skip


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
