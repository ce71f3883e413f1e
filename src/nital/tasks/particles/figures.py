"""Pictures of particles that were found."""

import numpy as np
from PIL import Image

from nital.science.labels.boundaries import boundaries_from_label_map
from nital.science.labels.overlay import as_rgb
from nital.science.scaling import resized

__all__ = ["particle_overlay"]

LARGEST_SIDE_PX = 2400
WHOLE, CUT = (0, 170, 255), (230, 159, 0)


def particle_overlay(image: np.ndarray, labels: np.ndarray, cut: np.ndarray) -> np.ndarray:
    """The picture with the outlines of its particles; those that the edge cuts in orange.

    Args:
        image: grey (rows, cols) or colour (rows, cols, 3). labels: (rows, cols). cut: numbers of particles.

    Returns:
        uint8 (rows, cols, 3), at most 2400 px long; small pictures are enlarged.
    """
    times = LARGEST_SIDE_PX / max(labels.shape)
    times = min(times, max(1.0, float(int(900 / max(labels.shape)))))
    shape = (max(round(labels.shape[0] * times), 1), max(round(labels.shape[1] * times), 1))
    step = max(1, int(0.5 / times))
    picture = Image.fromarray(_stretched(as_rgb(image[::step, ::step])))
    canvas = np.asarray(picture.resize((shape[1], shape[0]), Image.Resampling.LANCZOS)).copy()
    small = resized(labels, shape)
    line = boundaries_from_label_map(small + 1, 2)  # 0 would be a boundary there
    canvas[line] = WHOLE
    if len(cut):
        near = np.maximum(small, np.maximum(np.roll(small, 1, 0), np.roll(small, 1, 1)))
        canvas[line & np.isin(near, cut)] = CUT
    return canvas


def _stretched(picture: np.ndarray) -> np.ndarray:
    """Greys over the full range: dark fields are dark to the eye."""
    low, high = np.percentile(picture, (0.5, 99.8))
    return (255 * np.clip((picture - low) / max(high - low, 1), 0, 1)).astype(np.uint8)
