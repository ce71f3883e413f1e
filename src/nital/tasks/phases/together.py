"""Several fields of one specimen as one volume fraction of each phase, as ASTM E562 reports it."""

from collections.abc import Mapping, Sequence
from typing import Any

from nital.core.errors import InputError
from nital.core.outcome import Fact, Outcome
from nital.science.phases import FieldsFraction, NetworkError, fractions_over_fields, with_network_error

__all__ = ["fields_together"]

OVER = "95 %, over fields"
OVER_AND_NETWORK = "95 %, over fields, and the network's error on other specimens"


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
    intervals = {name: _interval(name, one, results) for name, one in found.items()}
    values: dict[str, Any] = {
        "n_fields": len(results),
        "phases": {
            name: {
                "area_fraction": one.mean, "area_fraction_ci95": list(intervals[name][0]),
                "area_fraction_ci95_is": intervals[name][1], "area_fraction_std": one.std,
                "relative_accuracy_percent": one.relative_accuracy_percent,
            }
            for name, one in found.items()
        },
    }  # fmt: skip
    outcome = Outcome(values, facts=[Fact("fields", len(results))])
    for name, one in found.items():
        (low, high), holds = intervals[name]
        outcome.headline.append(
            (name, f"{100 * one.mean:.1f} % of the area ({holds}: {100 * low:.1f} to {100 * high:.1f})")
        )
        outcome.facts += [
            Fact(f"{name}, area", 100 * one.mean, "%", [100 * low, 100 * high], holds),
            Fact(f"{name}, relative accuracy over fields", one.relative_accuracy_percent, "%"),
        ]
    outcome.warnings = sorted({one.warning for one in found.values() if one.warning})
    if any(holds == OVER for _, holds in intervals.values()):
        outcome.warnings.append(
            "The interval holds the scatter over fields. What the network itself gets wrong is the same in all of them "
            "and does not average out; it was not measured on other specimens."
        )
    return outcome


def _interval(
    name: str, found: FieldsFraction, results: Sequence[Mapping[str, Any]]
) -> tuple[tuple[float, float], str]:
    """Of the mean over fields, with the network's own error where that is known; and in words what it holds."""
    error = results[0]["phases"][name].get("network_error")
    if error is None:
        return found.ci95, OVER
    return with_network_error(found.mean, found.ci95, NetworkError(**error)), OVER_AND_NETWORK
