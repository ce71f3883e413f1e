"""Several fields of one specimen as one volume fraction of each phase, as ASTM E562 reports it."""

from collections.abc import Mapping, Sequence
from typing import Any

from nital.core.errors import InputError
from nital.core.outcome import Fact, Outcome
from nital.science.phases import FieldsFraction, fractions_over_fields

__all__ = ["fields_together"]

OVER = "95 %, over fields"


def fields_together(results: Sequence[Mapping[str, Any]]) -> Outcome:
    """The mean over fields of view, each counting alike.

    Args:
        results: values of `nital predict phases`, one per field, by one model.

    Raises:
        InputError: fewer than two fields, or fields with other phases.

    Source: ASTM E562-19.
    """
    classes = results[0]["classes"] if results else []
    if any(one["classes"] != classes for one in results):
        raise InputError(
            "These fields were segmented into different phases, by different models. Take one model for all of them."
        )
    areas = [sum(one["phases"][name]["area_px"] for name in classes) for one in results]
    found = {
        name: fractions_over_fields([one["phases"][name]["area_fraction"] for one in results], areas)
        for name in classes
    }
    values: dict[str, Any] = {
        "n_fields": len(results),
        "phases": {
            name: {
                "area_fraction": one.mean, "area_fraction_ci95": list(one.ci95), "area_fraction_std": one.std,
                "relative_accuracy_percent": one.relative_accuracy_percent,
            }
            for name, one in found.items()
        },
    }  # fmt: skip
    outcome = Outcome(values, facts=[Fact("fields", len(results)), *(fact for name, one in found.items()
                                                                    for fact in _facts(name, one))])  # fmt: skip
    for name, one in found.items():
        low, high = (100 * end for end in one.ci95)
        outcome.headline.append((name, f"{100 * one.mean:.1f} % of the area ({OVER}: {low:.1f} to {high:.1f})"))
    outcome.warnings = sorted({one.warning for one in found.values() if one.warning})
    return outcome


def _facts(name: str, found: FieldsFraction) -> list[Fact]:
    return [
        Fact(f"{name}, area", 100 * found.mean, "%", [100 * end for end in found.ci95], OVER),
        Fact(f"{name}, relative accuracy", found.relative_accuracy_percent, "%"),
    ]
