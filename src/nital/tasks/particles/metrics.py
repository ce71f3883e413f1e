"""What detections are scored in; the first decides."""

from nital.core.report import Metric

__all__ = ["METRICS"]

METRICS = (
    Metric("f1", "", "higher", "F1 of detection, by middles", (0, 1)),
    Metric("f1_boxes", "", "higher", "F1 of detection, by boxes that share half", (0, 1)),
    Metric("size_error_percent", "%", "lower", "size of the error of the median size", (0, None)),
    Metric("dice", "", "higher", "Dice of the area of particles", (0, 1)),
)
