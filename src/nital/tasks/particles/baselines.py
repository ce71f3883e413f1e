"""What the network must beat: blobs by the Laplacian of Gaussians, a threshold with a watershed, and nothing at all."""

from collections.abc import Callable

import numpy as np
from scipy import ndimage

from nital.core.dataset import Batch
from nital.core.task import Baseline
from nital.science.labels.parting import part_touching
from nital.science.scaling import resized

__all__ = ["BASELINES", "blobs", "otsu_particles", "sample_baselines"]

SIGMAS = tuple(1.6 * 1.35**step for step in range(11))
"""Widths of the blobs that are looked for, px: discs of 4.5 to 91 px diameter."""
BLOB_THRESHOLD = 4.0
"""A blob stands out by so many robust spreads of the response at its size."""
LARGEST_PX = 1024
"""Longer pictures are shrunk before blobs are looked for."""


def bright_on_dark(image: np.ndarray) -> bool:
    """Whether the few pixels that differ from the rest are brighter: the sign of the skewness of what is left of a
    picture without its slow changes."""
    flat = image - ndimage.gaussian_filter(image, 0.08 * max(image.shape))
    return float(((flat - flat.mean()) ** 3).mean()) > 0


def blobs(image: np.ndarray) -> np.ndarray:
    """Particles as discs where the Laplacian of Gaussians has maxima over place and size; its polarity by skewness.

    Args:
        image: (rows, cols).

    Returns:
        int32 (rows, cols), 1 to n, 0 elsewhere.

    Source: T. Lindeberg, Int. J. Comput. Vis. 30, 79 (1998), doi:10.1023/A:1008045108935.
    """
    shrink = min(1.0, LARGEST_PX / max(image.shape))
    shape = (max(round(image.shape[0] * shrink), 1), max(round(image.shape[1] * shrink), 1))
    grey = resized(np.asarray(image, np.float32), shape)
    grey = grey if bright_on_dark(grey) else -grey
    stack = np.stack([-(sigma**2) * ndimage.gaussian_laplace(grey, sigma, truncate=3) for sigma in SIGMAS])
    middle = np.median(stack, axis=(1, 2), keepdims=True)
    spread = 1.4826 * np.median(np.abs(stack - middle), axis=(1, 2), keepdims=True) + 1e-6
    peaks = (stack == ndimage.maximum_filter(stack, 3)) & (stack - middle > BLOB_THRESHOLD * spread)
    labels = np.zeros(shape, np.int32)
    number = 0
    order = np.argsort(-stack[peaks])
    for level, row, col in np.argwhere(peaks)[order]:
        if labels[row, col]:
            continue
        number += 1
        radius = SIGMAS[level] * 2**0.5
        top, left = max(int(row - radius), 0), max(int(col - radius), 0)
        there = labels[top : int(row + radius) + 2, left : int(col + radius) + 2]
        down, across = np.ogrid[: there.shape[0], : there.shape[1]]
        there[((down + top - row) ** 2 + (across + left - col) ** 2 <= radius**2) & (there == 0)] = number
    return resized(labels, (image.shape[0], image.shape[1]))


def otsu_particles(image: np.ndarray) -> np.ndarray:
    """Particles by Otsu's threshold, the side with the smaller area, parted by a watershed at their necks.

    Args and returns as in `blobs`.

    Source: N. Otsu, IEEE Trans. Syst. Man Cybern. 9, 62 (1979), doi:10.1109/TSMC.1979.4310076.
    """
    from skimage.filters import threshold_otsu

    grey = ndimage.gaussian_filter(np.asarray(image, np.float32), 1.0)
    mask = grey > threshold_otsu(grey)
    return part_touching(mask if mask.mean() < 0.5 else ~mask)


def nothing(image: np.ndarray) -> np.ndarray:
    """No particle, whatever the picture shows."""
    return np.zeros(image.shape, np.int32)


BASELINES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "blobs by the Laplacian of Gaussians": blobs, "threshold and watershed": otsu_particles, "no particle": nothing,
}  # fmt: skip


def sample_baselines() -> list[Baseline]:
    """The same, for samples."""

    def answering(find: Callable[[np.ndarray], np.ndarray]) -> Callable[[Batch], dict[str, np.ndarray]]:
        return lambda batch: {"labels": np.stack([find(image) for image in batch["image"][:, 0]])}

    return [Baseline(name, answering(find), constant=find is nothing) for name, find in BASELINES.items()]
