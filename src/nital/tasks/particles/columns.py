"""Atom columns of a lattice picture: what `nital predict particles --columns` does. No network."""

from functools import partial
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from nital.core.outcome import Fact, Outcome, Picture
from nital.core.sections import Table
from nital.io.micrographs import Micrograph
from nital.science.columns import Lattice, find_columns, fit_lattice
from nital.science.labels.overlay import as_rgb
from nital.tasks.particles.options import NM

__all__ = ["analyse_columns"]

LARGEST_SIDE_PX = 2400
FOUND, MISSING = (0, 170, 255), (230, 159, 0)


def analyse_columns(micrograph: Micrograph) -> Outcome:
    """Columns, their lattice, and sites without one.

    Raises:
        InputError: no lattice is seen.
    """
    image = np.asarray(micrograph.image, np.float64)
    bright = float(((image - image.mean()) ** 3).mean()) >= 0
    columns = find_columns(image, bright=bright)
    lattice = fit_lattice(columns[:, :2], (image.shape[0], image.shape[1]))
    pixel_um = micrograph.calibration.pixel_size_um
    pixel_nm = None if pixel_um is None else pixel_um * NM
    values = _values(columns, lattice, pixel_nm, micrograph.calibration.source, bright)
    outcome = Outcome(
        values, row={k: v for k, v in values.items() if not isinstance(v, list)}, facts=_facts(values),
        headline=[("atom columns", str(values["n_columns"])), ("sites without a column", str(values["n_missing"])),
                  ("lattice vectors", _said(values))],
    )  # fmt: skip
    outcome.warnings = list(micrograph.warnings)
    if values["off_lattice_share"] > 0.1:
        outcome.warnings.append(
            f"{100 * values['off_lattice_share']:.0f} % of the columns lie on no site of the lattice: several grains, "
            "strain, or more than one column in a cell."
        )
    outcome.pictures["overlay"] = Picture(
        partial(_overlay, micrograph.image, columns, lattice), "What was found",
        "Blue: columns. Orange rings: sites of the lattice without one.",
    )  # fmt: skip
    outcome.tables["columns"] = _table(columns, lattice)
    return outcome


def _values(columns: np.ndarray, lattice: Lattice, pixel_nm: float | None, source: str, bright: bool) -> dict[str, Any]:
    on = ~np.isnan(lattice.off)
    first, second = lattice.lengths
    return {
        "n_columns": len(columns),
        "n_missing": len(lattice.missing),
        "off_lattice_share": float(1 - on.mean()),
        "columns_are": "bright" if bright else "dark",
        "lattice_a_px": first, "lattice_b_px": second,
        "lattice_a_nm": None if pixel_nm is None else first * pixel_nm,
        "lattice_b_nm": None if pixel_nm is None else second * pixel_nm,
        "lattice_angle_deg": lattice.angle_deg,
        "vector_a_px": lattice.vectors[0].tolist(), "vector_b_px": lattice.vectors[1].tolist(),
        "rms_displacement_px": float(np.sqrt((lattice.off[on] ** 2).mean())) if on.any() else None,
        "pixel_size_nm": pixel_nm,
        "pixel_size_source": source,
    }  # fmt: skip


def _said(values: dict[str, Any]) -> str:
    unit = "px" if values["pixel_size_nm"] is None else "nm"
    lengths = " and ".join(f"{values[f'lattice_{name}_{unit}']:.4g}" for name in "ab")
    return f"{lengths} {unit}, {values['lattice_angle_deg']:.1f}° between them"


def _facts(values: dict[str, Any]) -> list[Fact]:
    unit = "px" if values["pixel_size_nm"] is None else "nm"
    return [
        Fact("atom columns", values["n_columns"]),
        Fact("sites of the lattice without a column", values["n_missing"]),
        Fact("lattice vector a, length", values[f"lattice_a_{unit}"], unit),
        Fact("lattice vector b, length", values[f"lattice_b_{unit}"], unit),
        Fact("angle between them", values["lattice_angle_deg"], "°"),
        Fact("columns off their sites, root mean square", values["rms_displacement_px"], "px"),
        Fact("columns on no site", 100 * values["off_lattice_share"], "%"),
        Fact("columns are", values["columns_are"]),
        Fact("pixel size", values["pixel_size_nm"] or "unknown; lengths are in pixels",
             "nm" if values["pixel_size_nm"] else ""),
    ]  # fmt: skip


def _table(columns: np.ndarray, lattice: Lattice) -> Table:
    rows = [
        (row, col, height, *([None] * 3 if np.isnan(off) else [int(site[0]), int(site[1]), off]))
        for (row, col, height), site, off in zip(
            columns.tolist(), lattice.sites.tolist(), lattice.off.tolist(), strict=True
        )
    ]
    return Table(["row", "column", "height", "site_a", "site_b", "off_site_px"], rows)


def _overlay(image: np.ndarray, columns: np.ndarray, lattice: Lattice) -> np.ndarray:
    times = min(LARGEST_SIDE_PX / max(image.shape), max(1.0, float(int(1200 / max(image.shape)))))
    size = (max(round(image.shape[1] * times), 1), max(round(image.shape[0] * times), 1))
    low, high = np.percentile(image, (0.5, 99.5))
    grey = np.clip((np.asarray(image, np.float32) - low) / max(high - low, 1e-9), 0, 1)
    canvas = Image.fromarray(as_rgb((255 * grey).astype(np.uint8))).resize(size, Image.Resampling.LANCZOS)
    draw = ImageDraw.Draw(canvas)
    spot = max(2.0, 0.1 * min(lattice.lengths) * times)
    for row, col in (columns[:, :2] + 0.5) * times:
        draw.ellipse([col - spot, row - spot, col + spot, row + spot], fill=FOUND)
    ring = 3.5 * spot
    for row, col in (lattice.missing + 0.5) * times:
        draw.ellipse([col - ring, row - ring, col + ring, row + ring], outline=MISSING, width=3)
    return np.asarray(canvas)
