"""What grain maps are scored in; the first decides."""

from nital.core.report import Metric

__all__ = ["METRICS"]

METRICS = (
    Metric("adjusted_rand_index", "", "higher", "adjusted Rand index", (None, 1)),
    Metric("boundary_f1_3px", "", "higher", "boundary F1 within 3 px", (0, 1)),
    Metric("boundary_f1_8pct", "", "higher", "boundary F1 within 8 % of a grain diameter", (0, 1)),
    Metric("mae_g", "", "lower", "size of the error of G", (0, None)),
    Metric("g_error", "", None, "error of G"),
)
