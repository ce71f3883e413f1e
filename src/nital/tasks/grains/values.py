"""What is said of a grain measurement: values for programs, facts and headline for people, a row, a table."""

from typing import Any

from nital.core.outcome import Fact, RowCell, ends
from nital.core.sections import Table
from nital.io.micrographs import Micrograph
from nital.science.stereology import Measurement, intercepts
from nital.tasks.grains.doubt import Doubt
from nital.tasks.grains.segment import Segmented

__all__ = ["facts_of", "headline_of", "row_of", "table_of", "values_of"]

COUNTING = "95 %, counting alone"
"""What the interval of one field holds: neither the choice of scale, nor strictness, nor twins."""
NOT_CHECKED = "not checked"


def values_of(
    micrograph: Micrograph, found: Measurement, segmented: Segmented, scale: float, twins: str, doubt: Doubt | None
) -> dict[str, Any]:
    """The JSON of the job; lengths in picture pixels."""
    lines, area, sizes = found.intercepts, found.planimetric, found.distribution
    grid, pixel_um = segmented.grid, micrograph.calibration.pixel_size_um
    fine_um = None if pixel_um is None else pixel_um / grid
    return {
        "n_grains": found.n_grains,
        "pixel_size_um": pixel_um,
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
        "twins": twins,
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


def row_of(values: dict[str, Any]) -> dict[str, RowCell]:
    """The picture's row in the table of a batch."""
    row: dict[str, RowCell] = {}
    for name, value in values.items():
        if name.endswith("_ci95"):
            row |= ends(name, value)
        elif name == "equivalent_diameter_um":
            row |= {f"{name}_{key}": one for key, one in (value or {}).items()}
        elif name == "doubt":
            names = ("astm_grain_size_number_classical", "agreement_with_classical", "decisiveness")
            row |= {f"doubt_{key}": value[key] for key in names}
        else:
            row[name] = value
    return row


def facts_of(values: dict[str, Any]) -> list[Fact]:
    """What the page lists."""
    v, sizes, doubt = values, values["equivalent_diameter_um"] or {}, values["doubt"]
    judged = doubt["astm_grain_size_number_if_merged_less_or_more"]
    said = [f"{number:.2f}" for number in judged or [] if number is not None]
    unsized = "not known without a pixel size" if v["pixel_size_um"] is None else None
    return [
        Fact("grains in the field", v["n_grains"]),
        Fact("G, lineal intercept", v["astm_grain_size_number"], "", v["astm_grain_size_number_ci95"], COUNTING),
        Fact("relative accuracy of the count", v["relative_accuracy_percent"], "%"),
        Fact("mean lineal intercept", v["mean_intercept_um"], "um"),
        Fact("mean lineal intercept in the picture", v["mean_intercept_px"], "px"),
        Fact("G, circular intercept", v["astm_grain_size_number_circles"]),
        Fact("G, planimetric", v["astm_grain_size_number_planimetric"], "",
             v["astm_grain_size_number_planimetric_ci95"], COUNTING),
        Fact("grains per area", v["grains_per_mm2"], "1/mm²"),
        Fact("equivalent circle diameter, mean", sizes.get("mean"), "um"),
        Fact("equivalent circle diameter, median", sizes.get("median"), "um"),
        Fact("equivalent circle diameter, standard deviation", sizes.get("std"), "um"),
        Fact("equivalent circle diameter, mean weighted by area", sizes.get("area_weighted_mean"), "um"),
        Fact("equivalent circle diameter, sigma of its logarithm", sizes.get("lognormal_sigma")),
        Fact("elongation of the grains", v["anisotropy"]),
        Fact("direction of elongation", v["elongation_deg"], "°"),
        Fact("annealing twins", {"merge": "merged with their grain", "count": "counted as grains"}[v["twins"]]),
        Fact("G if boundaries were judged less or more strictly",
             NOT_CHECKED if judged is None else unsized or " or ".join(said)),
        Fact("G by a classical method", NOT_CHECKED if doubt["agreement_with_classical"] is None
             else unsized or doubt["astm_grain_size_number_classical"]),
        Fact("agreement with the classical method, 0 to 1", _checked(doubt["agreement_with_classical"])),
        Fact("how clear the boundaries are, -1 to 1", _checked(doubt["decisiveness"])),
        Fact("pixel size", v["pixel_size_um"] or "unknown; lengths are in pixels", "um" if v["pixel_size_um"] else ""),
        Fact("pixel size from", v["pixel_size_source"].replace("_", " ")),
        Fact("magnification that the network saw", v["scale"], "times the picture"),
    ]  # fmt: skip


def _checked(value: float | None) -> float | str:
    """The number, or that nobody looked."""
    return NOT_CHECKED if value is None else value


def headline_of(values: dict[str, Any]) -> list[tuple[str, str]]:
    """The few numbers that a person wants first."""

    def with_interval(number: float | None, interval: Any) -> str:
        if number is None:
            return "not known without a pixel size" if values["pixel_size_um"] is None else "cannot be given"
        return f"{number:.2f}" + (f" ({COUNTING}: {interval[0]:.2f} to {interval[1]:.2f})" if interval else "")

    intercept = (
        f"{values['mean_intercept_um']:.3g} µm" if values["mean_intercept_um"] is not None
        else "none" if values["mean_intercept_px"] is None else f"{values['mean_intercept_px']:.1f} px"
    )  # fmt: skip
    lines = [
        ("ASTM grain size number G", with_interval(*(values[f"astm_grain_size_number{end}"] for end in ("", "_ci95")))),
        ("mean lineal intercept", intercept),
        ("G, planimetric", with_interval(values["astm_grain_size_number_planimetric"], None)),
        ("grains in the field", str(values["n_grains"])),
    ]
    if values["equivalent_diameter_um"]:
        sizes = values["equivalent_diameter_um"]
        lines.append(("equivalent diameter", f"{sizes['mean']:.3g} µm mean, {sizes['median']:.3g} µm median"))
    size = values["pixel_size_um"]
    lines.append(("pixel size", f"{size:.4g} µm ({values['pixel_size_source']})" if size else "unknown"))
    return lines


def table_of(found: Measurement, grid: float, pixel_um: float | None) -> Table:
    """One row per grain, in picture pixels and micrometres."""
    table = dict(found.table)
    for name in ("row", "column", "equivalent_diameter_px"):
        table[name] = table[name] / grid
    table["area_px"] = table["area_px"] / grid**2
    if pixel_um is None:
        table = {name: column for name, column in table.items() if not name.endswith(("_um", "_um2"))}
    return Table(list(table), list(zip(*(column.tolist() for column in table.values()), strict=True)))
