"""Several fields of one specimen together: sizes and number per area, with what scatters from field to field."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from scipy import stats

from nital.core.errors import InputError
from nital.core.outcome import Fact, Outcome
from nital.core.units import unit_text

__all__ = ["fields_together"]

OVER = "95 %, over fields"


def fields_together(results: Sequence[Mapping[str, Any]]) -> Outcome:
    """The mean diameter over all particles of all fields, and the number per area, each with its scatter over fields.

    Args:
        results: values of `nital predict particles`, one per field; all with a pixel size or all without.

    Raises:
        InputError: fewer than two fields with whole particles, or fields with and without pixel size.
    """
    sized = [one["pixel_size_nm"] is not None for one in results]
    if any(sized) and not all(sized):
        raise InputError("Some of these fields have a pixel size and some have none. Give one for all of them.")
    unit = "nm" if all(sized) else "px"
    fields = [one for one in results if one[f"diameter_{unit}"]]
    if len(fields) < 2:
        raise InputError(f"{len(fields)} of these fields hold whole particles; two are needed to take them together.")
    weight = np.array([one["n_whole"] for one in fields], float)
    mean, half = _over_fields(np.array([one[f"diameter_{unit}"]["mean"] for one in fields]), weight)
    values: dict[str, Any] = {
        "n_fields": len(results), "n_whole": int(weight.sum()), f"mean_diameter_{unit}": mean,
        f"mean_diameter_{unit}_ci95": [mean - half, mean + half],
    }  # fmt: skip
    facts = [
        Fact("fields", len(results)),
        Fact("whole particles", int(weight.sum())),
        Fact("diameter, mean by number", mean, unit, (mean - half, mean + half), OVER),
    ]
    headline = [
        ("mean diameter", f"{mean:.3g} {unit_text(unit)} ({OVER}: {mean - half:.3g} to {mean + half:.3g})"),
        ("whole particles", f"{int(weight.sum())} in {len(results)} fields"),
    ]
    if unit == "nm":
        dense, wide = _over_fields(np.array([one["number_per_um2"] for one in results]), np.ones(len(results)))
        values |= {"number_per_um2": dense, "number_per_um2_ci95": [max(dense - wide, 0.0), dense + wide]}
        facts.append(Fact("particles per area", dense, "1/µm²", values["number_per_um2_ci95"], OVER))
        headline.append(("particles per area", f"{dense:.3g} per µm²"))
    return Outcome(values, facts=facts, headline=headline)


def _over_fields(values: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Weighted mean, and half of its 95 % interval by the scatter of the fields (ratio estimate)."""
    n = len(values)
    mean = float((values * weight).sum() / weight.sum())
    scatter = (weight / weight.mean() * (values - mean)).std(ddof=1)
    return mean, float(stats.t.ppf(0.975, n - 1) * scatter / n**0.5)
