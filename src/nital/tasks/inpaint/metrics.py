"""What filled maps are scored in; the first decides."""

from nital.core.report import Metric

__all__ = ["METRICS"]

METRICS = (
    Metric("relative_rmse", "", "lower", "root mean squared error / spread of the map", (0, None)),
    Metric("coverage90", "", None, "share of missing pixels inside of their 90 % interval", (0, 1)),
)
