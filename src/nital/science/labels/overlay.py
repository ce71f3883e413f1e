"""Label maps drawn over their pictures."""

import numpy as np
from PIL import Image

from nital.science.labels.boundaries import boundaries_from_label_map
from nital.science.scaling import resized

__all__ = ["as_rgb", "label_overlay"]

SURE = (0, 190, 255)
DOUBTFUL = (255, 120, 0)
LARGEST_SIDE_PX = 2400


def label_overlay(image: np.ndarray, labels: np.ndarray, confirmed: np.ndarray | None) -> np.ndarray:
    """A micrograph with the boundaries of its regions: blue where another method sees them too, else orange.

    Args:
        image: grey (rows, cols) or colour (rows, cols, 3).
        labels: label map of any resolution over the same field; 0 outside the specimen, which is dimmed.
        confirmed: bool, shape of `labels`: boundaries that the other method confirms; None: all blue.

    Returns:
        uint8 (rows, cols, 3), the longer side at most 2400 px; enlarged where the labels are finer than the image.
    """
    # Regions of a small picture that were found on a finer grid are shown on that: their lines are too near otherwise.
    shrink = min(max(1.0, labels.shape[0] / image.shape[0]), LARGEST_SIDE_PX / max(image.shape[:2]))
    shape = (max(round(image.shape[0] * shrink), 1), max(round(image.shape[1] * shrink), 1))
    step = max(1, int(0.5 / shrink))  # a large picture may be a memory map: read only what is needed
    picture = Image.fromarray(as_rgb(image[::step, ::step]))
    canvas = np.asarray(picture.resize((shape[1], shape[0]), Image.Resampling.LANCZOS)).copy()
    small = resized(labels, shape)
    canvas[small == 0] = (0.45 * canvas[small == 0]).astype(np.uint8)
    line = boundaries_from_label_map(small, 2) & (small > 0)
    canvas[line] = SURE
    if confirmed is not None:
        canvas[line & resized(~confirmed, shape)] = DOUBTFUL
    return canvas


def as_rgb(image: np.ndarray) -> np.ndarray:
    """Any grey or colour image as uint8 RGB, stretched between its 0.5 and 99.5 percentiles unless it is 8 bit."""
    if image.dtype != np.uint8:
        low, high = np.percentile(image[:: max(1, image.shape[0] // 1000)], (0.5, 99.5))
        image = (np.clip((image - low) / max(high - low, 1e-9), 0, 1) * 255).astype(np.uint8)
    return np.repeat(image[..., None], 3, -1) if image.ndim == 2 else image
