"""Several fields of one specimen as one grain size, as ASTM E112 reports it."""

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from nital.core.outcome import Fact, Outcome
from nital.core.units import unit_text
from nital.science.stereology import combine_fields

__all__ = ["fields_together"]

ENOUGH_PERCENT = 10.0
FEW_FIELDS = 5
OVER = "95 %, over fields"


def fields_together(results: Sequence[Mapping[str, Any]]) -> Outcome:
    """The mean over fields of view, each counting alike.

    Args:
        results: values of `nital predict grains`, one per field; all with a pixel size or all without.

    Raises:
        InputError: fewer than two fields, fields with and without pixel size, or a field without intersections.

    Source: ASTM E112-13, section 15 (statistical analysis).
    """
    keys = ("mean_intercept_um", "mean_intercept_px")
    found = combine_fields([SimpleNamespace(**{key: one.get(key) for key in keys}) for one in results])  # pyright: ignore[reportArgumentType]
    unit = found.quantity.rpartition("_")[2]
    low, high = found.mean - found.ci95_half, found.mean + found.ci95_half
    number, interval = found.grain_size_number, found.grain_size_number_ci95
    values: dict[str, Any] = {
        "n_fields": found.n_fields,
        "astm_grain_size_number": number,
        "astm_grain_size_number_ci95": None if interval is None else list(interval),
        found.quantity: found.mean,
        f"{found.quantity}_ci95": [low, high],
        f"{found.quantity}_std": found.std,
        "relative_accuracy_percent": found.relative_accuracy_percent,
    }
    facts = [
        Fact("fields", found.n_fields),
        Fact("G, lineal intercept", number, "", interval, OVER),
        Fact("mean lineal intercept", found.mean, unit, (low, high), OVER),
        Fact("standard deviation of the mean lineal intercept over fields", found.std, unit),
        Fact("relative accuracy", found.relative_accuracy_percent, "%"),
    ]
    outcome = Outcome(values, facts=facts)
    if number is not None:
        tail = "" if interval is None else f" ({OVER}: {interval[0]:.2f} to {interval[1]:.2f})"
        outcome.headline.append(("ASTM grain size number G", f"{number:.2f}{tail}"))
    outcome.headline += [
        ("mean lineal intercept", f"{found.mean:.3g} {unit_text(unit)} ({OVER}: {low:.3g} to {high:.3g})"),
        ("relative accuracy", f"{found.relative_accuracy_percent:.1f} %"),
        ("fields", str(found.n_fields)),
    ]
    if found.relative_accuracy_percent > ENOUGH_PERCENT:
        outcome.warnings.append(
            f"The relative accuracy is {found.relative_accuracy_percent:.0f} %; E112 asks for 10 % or "
            "less. Measure more fields."
        )
    if found.n_fields < FEW_FIELDS:
        outcome.warnings.append(
            f"{found.n_fields} fields only: their spread, and so the interval, is itself a rough figure."
        )
    return outcome
