"""What is said of a phase map: values for programs, facts and headline for people, a row of the table of a batch."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nital.core.outcome import Fact, RowCell, ends
from nital.core.sections import Table
from nital.science.labels.parting import part_touching
from nital.science.phases import (
    NetworkError,
    contiguity,
    phase_fractions,
    phase_intercepts,
    point_count,
    regions,
    with_network_error,
)

__all__ = ["COUNTING", "facts_of", "headline_of", "measured", "row_of", "table_of"]

COUNTING = "95 %, counting alone"
WITH_NETWORK = {
    "specimen": "95 %, counting and the network's error on other specimens",
    "picture": "95 %, counting and the network's error on other pictures, perhaps of the same specimens",
}
NETWORK_ALONE = "95 %, the network's error alone; the field is too small for counting"
LARGEST_PARTED_PX = 20_000_000
MATRIX = 0.6
"""A phase that fills more is what others lie in: it has no particles whose contacts could be counted."""
SMALLEST_REGION_PX = 9
"""Smaller regions are specks of the network and are not counted as regions; they stay in the area."""


def measured(
    labels: np.ndarray, classes: Sequence[str], valid: np.ndarray | None, pixel_um: float | None,
    errors: Mapping[str, Mapping[str, float]], errors_over: str = "specimen",
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, np.ndarray]]]:  # fmt: skip
    """Everything that is measured of each phase, in the names of the JSON; and the tables of its regions.

    Args:
        labels: (rows, cols), index of the phase. valid: bool, False outside the specimen.
        errors: of the network's area fractions by phase, `bias`, `spread` and `n` specimens; empty: not known.
        errors_over: what was counted for a specimen there, "specimen" or "picture".
    """
    unit = "px" if pixel_um is None else "um"
    found: dict[str, dict[str, Any]] = {}
    parts: dict[str, dict[str, np.ndarray]] = {}
    for number, (fraction, points, lines) in enumerate(
        zip(
            phase_fractions(labels, classes, valid), point_count(labels, classes, valid=valid),
            phase_intercepts(labels, classes, valid=valid, pixel_size_um=pixel_um), strict=True,
        )
    ):  # fmt: skip
        name = classes[number]
        error = _error(errors.get(name))
        both = None if error is None else with_network_error(
            fraction.fraction, fraction.ci95 or (fraction.fraction, fraction.fraction), error
        )  # fmt: skip
        of_phase = regions(labels, number, valid=valid, pixel_size_um=pixel_um, smallest_px=SMALLEST_REGION_PX)
        parts[name] = of_phase.table
        found[name] = {
            "area_fraction": fraction.fraction,
            "area_fraction_ci95": both or fraction.ci95,
            "area_fraction_ci95_is": COUNTING
            if both is None
            else WITH_NETWORK[errors_over]
            if fraction.ci95
            else NETWORK_ALONE,
            "network_error": None
            if error is None
            else {"bias": error.bias, "spread": error.spread, "n_specimens": error.n_specimens},
            "area_fraction_ci95_counting": fraction.ci95,
            "area_px": fraction.area_px,
            "point_count_fraction": points.fraction,
            "point_count_standard_error": points.standard_error,
            "n_points": points.n_points,
            "n_regions": of_phase.n_regions,
            "n_regions_cut_by_edge": of_phase.n_cut,
            "regions_per_mm2": of_phase.regions_per_mm2,
            "mean_region_area_px": of_phase.mean_area_px,
            "mean_region_area_um2": of_phase.mean_area_um2,
            "mean_region_diameter_px": of_phase.mean_diameter_px,
            "mean_region_diameter_um": of_phase.mean_diameter_um,
            "largest_region_share": of_phase.largest_share,
            "reaches_across": of_phase.spans,
            f"mean_intercept_{unit}": lines.mean_intercept,
            f"mean_intercept_{unit}_ci95": lines.mean_intercept_ci95,
            f"mean_free_path_{unit}": lines.mean_free_path,
            f"mean_free_path_{unit}_ci95": lines.mean_free_path_ci95,
            f"surface_per_volume_per_{unit}": lines.surface_per_volume,
            **_contiguity(labels, number, valid, fraction.fraction),
        }
    return found, parts


def _contiguity(
    labels: np.ndarray, number: int, valid: np.ndarray | None, fraction: float
) -> dict[str, Any]:  # fmt: skip
    """Contiguity, with the particles parted at their necks; None for what fills the picture and for large pictures."""
    inside = labels == number if valid is None else (labels == number) & valid
    if not 0 < fraction < MATRIX or labels.size > LARGEST_PARTED_PX:
        return {"contiguity": None, "contiguity_ci95": None}
    found = contiguity(labels, number, part_touching(inside), valid=valid)
    return {"contiguity": found and found.value, "contiguity_ci95": found and found.ci95}


def _error(error: Mapping[str, float] | None) -> NetworkError | None:
    """The network's error of one phase, where it was measured on two specimens or more."""
    if error is None or error["n"] < 2 or not math.isfinite(error["spread"]):
        return None
    return NetworkError(error["bias"], error["spread"], int(error["n"]))


def row_of(values: Mapping[str, Any]) -> dict[str, RowCell]:
    """The picture's row in the table of a batch."""
    row: dict[str, RowCell] = {}
    for name, one in values["phases"].items():
        row[f"{name}_area_fraction"] = one["area_fraction"]
        row |= ends(f"{name}_area_fraction_ci95", one["area_fraction_ci95"])
        sizes = ("n_regions", "mean_region_diameter_um", "mean_region_diameter_px")
        row |= {f"{name}_{key}": one[key] for key in sizes}
    return row | {key: values[key] for key in ("unsure_share", "pixel_size_um", "pixel_size_source")}


def facts_of(values: Mapping[str, Any]) -> list[Fact]:
    """What the page lists."""
    unit = "px" if values["pixel_size_um"] is None else "um"
    shown = {"um": "µm", "px": "px"}[unit]
    found: list[Fact] = []
    for name, one in values["phases"].items():
        interval = one["area_fraction_ci95"]
        found += [
            Fact(f"{name}, area", 100 * one["area_fraction"], "%", interval and [100 * end for end in interval],
                 one["area_fraction_ci95_is"]),
            Fact(f"{name}, area by {one['n_points']} points of a grid", 100 * one["point_count_fraction"], "%"),
            Fact(f"{name}, regions", one["n_regions"]),
            Fact(f"{name}, mean diameter of a region", one[f"mean_region_diameter_{unit}"], shown),
            Fact(f"{name}, share of its area in its largest region", one["largest_region_share"]),
            Fact(f"{name}, mean lineal intercept", one[f"mean_intercept_{unit}"], shown,
                 one[f"mean_intercept_{unit}_ci95"], COUNTING),
            Fact(f"{name}, contiguity, particles parted at their necks", one["contiguity"], "",
                 one["contiguity_ci95"], COUNTING),
            Fact(f"{name}, mean free path between its regions", one[f"mean_free_path_{unit}"], shown,
                 one[f"mean_free_path_{unit}_ci95"], COUNTING),
        ]  # fmt: skip
    return [
        *found,
        Fact("area where the network is unsure", 100 * values["unsure_share"], "%"),
        Fact("answered by", values["answered_by"]),
        Fact("pixel size", values["pixel_size_um"] or "unknown; lengths are in pixels", "µm" if unit == "um" else ""),
        Fact("pixel size from", values["pixel_size_source"].replace("_", " ")),
    ]  # fmt: skip


def headline_of(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The few numbers that a person wants first."""
    lines = []
    for name, one in values["phases"].items():
        interval = one["area_fraction_ci95"]
        said = "" if interval is None else (
            f" ({one['area_fraction_ci95_is']}: {100 * interval[0]:.1f} to {100 * interval[1]:.1f})"
        )  # fmt: skip
        lines.append((name, f"{100 * one['area_fraction']:.1f} % of the area{said}"))
    return lines


def table_of(parts: Mapping[str, Mapping[str, np.ndarray]], pixel_um: float | None) -> Table:
    """One row per region of every phase, those of fewer than nine pixels left out."""
    columns = [name for name in next(iter(parts.values())) if pixel_um or not name.endswith(("_um", "_um2"))]
    rows = []
    for name, one in parts.items():
        of_phase = (one[column].tolist() for column in columns)
        rows += [[name, *row] for row in zip(*of_phase, strict=True)]
    return Table(["phase", *columns], rows)
