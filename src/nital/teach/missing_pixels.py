"""Pictures with missing pixels, as a lecture makes them, and two ways of filling them in without a network.

blur_uint8     Gaussian of sigma 1 px on whole grey values
draw_missing   blurred noise, with a fifth of the pixels lost
interpolate    linear, along rows and columns
krige          the best linear guess from the known neighbours
"""

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

__all__ = ["blur_uint8", "draw_missing", "interpolate", "krige"]

_TAPS = np.exp(-(np.arange(-4, 5) ** 2) / 2)
_TAPS = _TAPS / _TAPS.sum()
_REACH = 4  # px, half a window of kriging


def blur_uint8(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Gaussian blur of sigma 1 px, cut off at 4 px, mirrored at the edge; cut to whole numbers after each axis.

    The same as `scipy.ndimage.gaussian_filter(image, 1)` of a uint8 picture.

    Args:
        image: uint8, shape (height, width), each at least 4 px.
    """
    if image.dtype != np.uint8 or image.ndim != 2 or min(image.shape) < 4:
        raise ValueError(f"image must be uint8 and two-dimensional, 4 px or more, not {image.dtype} {image.shape}.")
    for _ in range(2):
        wide = np.pad(image, ((4, 4), (0, 0)), mode="symmetric").astype(float)
        image = (sliding_window_view(wide, 9, axis=0) @ _TAPS).astype(np.uint8).T
    return image


def draw_missing(
    size: int, rng: np.random.Generator, missing: float = 0.2, wrap: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Normal noise (mean 128, standard deviation 50), blurred with sigma 1 px: the truth; some pixels lost: the input.

    Args:
        size: height and width in pixels.
        rng: what draws.
        missing: share of the pixels that are lost, 0 to below 1.
        wrap: what the lecture does: values outside 0 to 255 wrap round; False clips them.

    Returns:
        What is seen (0 where lost) and the truth, both from 0 to 1, shape (size, size).
    """
    if size < 4 or not 0 <= missing < 1:
        raise ValueError(f"size={size} must be 4 or more, missing={missing} at least 0 and below 1.")
    raw = rng.normal(128, 50, (size, size)).astype(np.int64)
    truth = blur_uint8((raw if wrap else raw.clip(0, 255)).astype(np.uint8)).clip(1, 255) / 255
    lost = rng.permutation(size**2).reshape(size, size) < int(size**2 * missing)
    return np.where(lost, 0.0, truth), truth


def interpolate(seen: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Fill each 0 with the mean of two linear interpolations, along its row and along its column.

    Args:
        seen: picture, 0 where lost; each row and column has a known pixel.

    >>> interpolate(np.array([[1.0, 2.0, 3.0], [2.0, 0.0, 4.0], [3.0, 4.0, 5.0]]))[1, 1].item()
    3.0
    """
    known = np.asarray(seen) > 0
    if known.ndim != 2 or not (known.any(axis=0).all() and known.any(axis=1).all()):
        raise ValueError("seen must be a picture with a known pixel (above 0) in each row and each column.")
    return (_along_rows(seen) + _along_rows(seen.T).T) / 2


def _along_rows(seen: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    filled = np.array(seen, dtype=float)
    for row in filled:
        row[row == 0] = np.interp(np.flatnonzero(row == 0), np.flatnonzero(row), row[row > 0])
    return filled


def krige(seen: NDArray[np.floating[Any]], mean: float, noise: float = 1e-3) -> NDArray[np.float64]:
    """Fill each 0 by simple kriging: the linear guess of least mean squared error from the known pixels around it.

    guess = mean + sum of w_i (x_i - mean), where w solves (C + noise) w = c; C holds the correlations of the known
    pixels of the 9 x 9 px window with one another, c those with the lost one. White noise blurred by a Gaussian of
    sigma 1 px has the correlation exp(-distance^2 / 4).

    Args:
        seen: picture, 0 where lost.
        mean: of all pictures.
        noise: variance of what the correlation does not know (rounding to grey values) / variance of the pictures.

    Source: Chiles and Delfiner, Geostatistics (2012), doi:10.1002/9781118136188, chapter 3.
    """
    width = 2 * _REACH + 1
    places = np.moveaxis(np.mgrid[:width, :width], 0, -1).reshape(-1, 2)
    correlation = np.exp(-((places[:, None] - places) ** 2).sum(axis=-1) / 4)
    windows = sliding_window_view(np.pad(seen, _REACH), (width, width))[seen == 0].reshape(-1, width**2)
    own = np.where(windows > 0, noise, 1e6)[:, :, None] * np.eye(width**2)  # a lost pixel is all noise
    weights = np.linalg.solve(correlation + own, correlation[:, width**2 // 2, None])[..., 0]
    filled = np.array(seen, dtype=float)
    filled[seen == 0] = mean + (weights * np.where(windows > 0, windows - mean, 0)).sum(axis=1)
    return filled
