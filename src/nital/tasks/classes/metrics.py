"""What classifiers are scored in; the first decides."""

from collections.abc import Mapping
from typing import Any

from nital.core.report import Metric

__all__ = ["METRICS", "ordered_metrics"]

VALUE = Metric("mae_value", "", "lower", "mean error of the value", (0, None))
METRICS = (Metric("accuracy", "", "higher", "", (0, 1)), Metric("log_loss", "nat", "lower", "", (0, None)), VALUE)


def ordered_metrics(facts: Mapping[str, Any]) -> tuple[Metric, ...]:
    """The metrics that apply, with the error of the value in front where that is what is asked for.

    Args:
        facts: of a dataset or a model.
    """
    value = facts.get("value")
    if not value:
        return METRICS[:2]
    return (VALUE, *METRICS[:2]) if value.get("decides") else METRICS
