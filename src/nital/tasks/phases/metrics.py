"""What segmentations are scored in; the first decides."""

from nital.core.report import Metric

__all__ = ["METRICS"]

METRICS = (
    Metric("mean_iou", "", "higher", "mean IoU of the phases", (0, 1)),
    Metric("accuracy", "", "higher", "share of pixels that are right", (0, 1)),
    Metric("area_error_points", "%", "lower", "size of the error of an area fraction, points", (0, 100)),
)
