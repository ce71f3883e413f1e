"""What is said of particles: values for programs, facts and headline for people, a row, a table."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from nital.core.outcome import Fact, RowCell, ends
from nital.core.sections import Axis, Plot, Section, Series, Table
from nital.science.particles import LogNormal, fit_lognormal
from nital.tasks.particles.find import Found

__all__ = ["facts_of", "headline_of", "row_of", "sections_of", "table_of", "values_of"]

COUNTING = "95 %, counting alone"
"""What the intervals of one field hold: neither particles that were missed nor outlines that are too wide."""
NM2_PER_UM2 = 1e6


def values_of(
    table: Mapping[str, np.ndarray], area_px: float, pixel_nm: float | None, source: str, found: Found
) -> dict[str, Any]:
    """The JSON of the job.

    Args:
        table: of `measure_particles`. area_px: of the specimen. pixel_nm: None where it is not known.
        found: what the network answered.
    """
    whole = ~table["touches_edge"]
    diameter = table["diameter_px"][whole]
    cut = int((~whole).sum())
    # A particle that the edge cuts is half here, on average, as in ASTM E112's count of grains.
    number = len(diameter) + cut / 2
    low, high = _poisson(number)
    per_um2 = None if pixel_nm is None else NM2_PER_UM2 / (area_px * pixel_nm**2)
    fit = fit_lognormal(diameter)
    return {
        "n_particles": len(table["particle"]),
        "n_whole": len(diameter),
        "pixel_size_nm": pixel_nm,
        "pixel_size_source": source,
        "number_per_um2": None if per_um2 is None else number * per_um2,
        "number_per_um2_ci95": None if per_um2 is None else [low * per_um2, high * per_um2],
        "area_fraction": float(table["area_px"].sum() / area_px),
        "diameter_px": _sizes(diameter, 1.0, fit),
        "diameter_nm": None if pixel_nm is None else _sizes(diameter, pixel_nm, fit),
        "lognormal_sigma": None if fit is None else fit.sigma,
        "lognormal_p": None if fit is None else fit.p,
        "mean_circularity": _mean(table["circularity"][whole]),
        "median_aspect": None if not whole.any() else float(np.median(table["aspect"][whole])),
        "touching_share": _mean((table["neighbour"] > 0).astype(float)),
        "n_agglomerates": int(table["group"].max(initial=0)),
        "mean_sureness": _mean(found.sure),
        "particles_are": "bright" if found.bright else "dark",
    }


def _sizes(diameter_px: np.ndarray, factor: float, fit: LogNormal | None) -> dict[str, Any] | None:
    """Mean, median and so on of the diameters in one unit; None where there are none."""
    if not len(diameter_px):
        return None
    size = diameter_px * factor
    mean, spread, n = float(size.mean()), float(size.std(ddof=1)) if len(size) > 1 else None, len(size)
    half = None if spread is None else float(stats.t.ppf(0.975, n - 1)) * spread / n**0.5
    return {
        "mean": mean, "mean_ci95": None if half is None else [mean - half, mean + half], "std": spread,
        "median": float(np.median(size)), "p10": float(np.percentile(size, 10)), "p90": float(np.percentile(size, 90)),
        "surface_mean": float((size**3).sum() / (size**2).sum()),
        "lognormal_median": None if fit is None else fit.median * factor,
        "lognormal_median_ci95": None if fit is None else [end * factor for end in fit.median_ci95],
    }  # fmt: skip


def _poisson(number: float) -> tuple[float, float]:
    """Garwood's exact 95 % interval of a count."""
    low = float(stats.chi2.ppf(0.025, 2 * number)) / 2 if number else 0.0
    return low, float(stats.chi2.ppf(0.975, 2 * number + 2)) / 2


def _mean(values: np.ndarray) -> float | None:
    return float(values.mean()) if len(values) else None


def row_of(values: Mapping[str, Any]) -> dict[str, RowCell]:
    """The picture's row in the table of a batch."""
    row: dict[str, RowCell] = {}
    for name, value in values.items():
        if name.endswith("_ci95"):
            row |= ends(name, value)
        elif name.startswith("diameter_"):
            for key, one in (value or {}).items():
                of = f"{key.removesuffix('_ci95')}_{name}"
                row |= ends(f"{of}_ci95", one) if key.endswith("_ci95") else {of: one}
        else:
            row[name] = value
    return row


def facts_of(values: Mapping[str, Any]) -> list[Fact]:
    """What the page lists."""
    unit = "px" if values["pixel_size_nm"] is None else "nm"
    sizes = values[f"diameter_{unit}"] or {}
    return [
        Fact("particles in the field", values["n_particles"]),
        Fact("of them whole, which are measured", values["n_whole"]),
        Fact("particles per area", values["number_per_um2"], "1/µm²", values["number_per_um2_ci95"], COUNTING),
        Fact("share of the area that particles cover", 100 * values["area_fraction"], "%"),
        Fact("diameter, mean by number", sizes.get("mean"), unit, sizes.get("mean_ci95"), COUNTING),
        Fact("diameter, standard deviation", sizes.get("std"), unit),
        Fact("diameter, median", sizes.get("median"), unit),
        Fact("diameter, 10 and 90 % of the particles are smaller", [sizes[key] for key in ("p10", "p90")]
             if sizes else None, unit),
        Fact("diameter, mean by surface (sum of cubes over sum of squares)", sizes.get("surface_mean"), unit),
        Fact("log-normal fit, median diameter", sizes.get("lognormal_median"), unit,
             sizes.get("lognormal_median_ci95"), COUNTING),
        Fact("log-normal fit, spread of the natural logarithm", values["lognormal_sigma"]),
        Fact("log-normal fit, p of Lilliefors' test (small: the sizes are not log-normal)", values["lognormal_p"]),
        Fact("circularity, mean (1: a circle)", values["mean_circularity"]),
        Fact("aspect, long over short axis, median", values["median_aspect"]),
        Fact("particles that touch another", None if values["touching_share"] is None
             else 100 * values["touching_share"], "%"),
        Fact("agglomerates, groups of two and more that touch", values["n_agglomerates"]),
        Fact("how sure the network is of a particle, mean, 0 to 1", values["mean_sureness"]),
        Fact("particles are", values["particles_are"] + ", against what they lie on"),
        Fact("pixel size", values["pixel_size_nm"] or "unknown; lengths are in pixels",
             "nm" if values["pixel_size_nm"] else ""),
        Fact("pixel size from", values["pixel_size_source"].replace("_", " ")),
    ]  # fmt: skip


def headline_of(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The few numbers that a person wants first."""
    unit = "px" if values["pixel_size_nm"] is None else "nm"
    lines = [("particles", f"{values['n_particles']}, of them {values['n_whole']} whole")]
    if sizes := values[f"diameter_{unit}"]:
        interval = sizes["mean_ci95"]
        said = "" if interval is None else f" ({COUNTING}: {interval[0]:.3g} to {interval[1]:.3g})"
        lines += [
            ("mean diameter", f"{sizes['mean']:.3g} {unit}{said}"),
            ("median diameter", f"{sizes['median']:.3g} {unit}"),
        ]
    if values["number_per_um2"] is not None:
        lines.append(("particles per area", f"{values['number_per_um2']:.3g} per µm²"))
    size = values["pixel_size_nm"]
    lines.append(("pixel size", f"{size:.4g} nm ({values['pixel_size_source']})" if size else "unknown"))
    return lines


def table_of(table: Mapping[str, np.ndarray], pixel_nm: float | None, sure: np.ndarray) -> Table:
    """One row per particle, in picture pixels and nanometres."""
    columns = dict(table) | {"sureness": sure}
    if pixel_nm is not None:
        columns["diameter_nm"] = table["diameter_px"] * pixel_nm
        columns["area_nm2"] = table["area_px"] * pixel_nm**2
    return Table(list(columns), list(zip(*(column.tolist() for column in columns.values()), strict=True)))


def sections_of(table: Mapping[str, np.ndarray], values: Mapping[str, Any]) -> list[Section]:
    """How the sizes spread, with the log-normal curve; nothing for fewer than eight whole particles."""
    factor, unit = (1.0, "px") if values["pixel_size_nm"] is None else (values["pixel_size_nm"], "nm")
    size = table["diameter_px"][~table["touches_edge"]] * factor
    if values["lognormal_sigma"] is None:
        return []
    edges = np.linspace(size.min(), size.max(), min(max(int(len(size) ** 0.5) + 3, 6), 40))
    count, _ = np.histogram(size, edges)
    width = float(edges[1] - edges[0])
    across = np.linspace(max(size.min() - width, width / 10), size.max() + width, 120)
    sizes = values[f"diameter_{unit}"]
    curve = stats.lognorm.pdf(across, values["lognormal_sigma"], scale=sizes["lognormal_median"])
    stairs = np.repeat(edges, 2)[1:-1]
    return [Section(
        "Sizes",
        Plot(
            [Series(stairs.tolist(), np.repeat(count, 2).astype(float).tolist(), "line", "particles"),
             Series(across.tolist(), (curve * len(size) * width).tolist(), "line", "log-normal")],
            Axis("diameter of the circle of the same area", unit), Axis("particles", low=0),
        ),
        "Whole particles only. The curve is the log-normal distribution with the moments of the logarithms.",
    )]  # fmt: skip
