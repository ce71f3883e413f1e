"""Texture features of one grey picture: what a linear model needs to tell many microstructures apart.

All are means over directions, so a turned or mirrored picture has the same features (up to the pixel grid).
"""

import numpy as np

from nital.core.errors import InputError

__all__ = ["TEXTURE_NAMES", "texture_features"]

SMALLEST_PX = 16
LEVELS = 16
DISTANCES_PX = (1, 2, 4, 8)
PATTERNS = ((1, 8), (3, 16))
"""Radius in px and number of points of the local binary patterns."""
RINGS, SECTORS = 8, 8

_COOCCURRENCE = ("contrast", "homogeneity", "correlation", "energy")

TEXTURE_NAMES: tuple[str, ...] = (
    "grey_mean", "grey_std", "grey_skewness", "grey_kurtosis",
    *(f"grey_quantile_{q}" for q in (5, 25, 50, 75, 95)),
    *(f"pattern_r{radius}_{n}" for radius, points in PATTERNS for n in range(points + 2)),
    *(f"{name}_{distance}px" for name in _COOCCURRENCE for distance in DISTANCES_PX),
    *(f"power_ring_{n}" for n in range(RINGS)), "power_anisotropy",
    "gradient_mean", "gradient_std", "gradient_coherence",
)  # fmt: skip
"""Names of the features, in order. Power rings go from coarse to fine."""


def texture_features(image: np.ndarray) -> np.ndarray:
    """Greys, local binary patterns, co-occurrence, power spectrum and gradients of a picture.

    Args:
        image: (rows, cols), at least 16 x 16 px, uint8 (taken as share of 255) or float, finite.

    Returns:
        float64 (len(TEXTURE_NAMES),), all finite.

    Raises:
        InputError: not such a picture.

    Source: local binary patterns: T. Ojala et al., IEEE TPAMI 24, 971 (2002), doi:10.1109/TPAMI.2002.1017623;
        co-occurrence: R. M. Haralick et al., IEEE TSMC 3, 610 (1973), doi:10.1109/TSMC.1973.4309314; the choice is own.

    >>> checkers = np.indices((32, 32)).sum(0) % 2 * 255
    >>> found = dict(zip(TEXTURE_NAMES, texture_features(checkers.astype(np.uint8))))
    >>> float(found["grey_mean"]), float(found["contrast_1px"].round(9))  # half of the directions see 15 levels: 225/2
    (0.5, 112.5)
    """
    grey = _checked(image)
    low, high = np.quantile(grey, [0.01, 0.99])
    level = np.clip((grey - low) / max(high - low, 1e-9), 0, 1)
    parts = (_greys(grey), _patterns(level), _cooccurrence(level), _power(grey), _gradients(grey))
    return np.concatenate(parts)


def _checked(image: np.ndarray) -> np.ndarray:
    grey = np.asarray(image)
    if grey.ndim != 2 or min(grey.shape) < SMALLEST_PX or grey.dtype.kind not in "buif":
        raise InputError(
            f"Texture features need one grey picture of at least {SMALLEST_PX} x {SMALLEST_PX} px; this is "
            f"{grey.dtype} of shape {grey.shape}."
        )
    grey = grey / 255.0 if grey.dtype == np.uint8 else grey.astype(np.float64)
    if not np.isfinite(grey).all():
        raise InputError(f"A picture of shape {grey.shape} holds values that are no numbers. Fill them first.")
    return grey


def _greys(grey: np.ndarray) -> np.ndarray:
    mean, std = grey.mean(), grey.std()
    z = (grey - mean) / max(float(std), 1e-9)
    moments = [mean, std, (z**3).mean(), (z**4).mean()]
    return np.array([*moments, *np.quantile(grey, [0.05, 0.25, 0.5, 0.75, 0.95])])


def _patterns(level: np.ndarray) -> np.ndarray:
    from skimage.feature import local_binary_pattern

    picture = np.rint(level * 255).astype(np.uint8)
    shares = []
    for radius, points in PATTERNS:
        codes = local_binary_pattern(picture, points, radius, method="uniform")
        shares.append(np.bincount(codes.astype(int).ravel(), minlength=points + 2) / codes.size)
    return np.concatenate(shares)


def _cooccurrence(level: np.ndarray) -> np.ndarray:
    from skimage.feature import graycomatrix, graycoprops

    picture = np.rint(level * (LEVELS - 1)).astype(np.uint8)
    angles = np.arange(4) * np.pi / 4
    counts = graycomatrix(picture, DISTANCES_PX, angles, levels=LEVELS, symmetric=True, normed=True)
    return np.concatenate([graycoprops(counts, name).mean(1) for name in _COOCCURRENCE])


def _power(grey: np.ndarray) -> np.ndarray:
    """Shares of the power in rings of equal width in log frequency, and how unevenly directions share it."""
    rows, cols = grey.shape
    window = np.hanning(rows)[:, None] * np.hanning(cols)[None]
    power = np.abs(np.fft.fft2((grey - grey.mean()) * window)) ** 2
    y, x = np.fft.fftfreq(rows)[:, None], np.fft.fftfreq(cols)[None]
    frequency = np.hypot(y, x)
    lowest = 1.5 / min(rows, cols)
    ring = np.floor(RINGS * np.log(np.maximum(frequency, 1e-9) / lowest) / np.log(0.5 / lowest)).astype(int)
    inside = (ring >= 0) & (ring < RINGS)
    shares = np.bincount(ring[inside], power[inside], RINGS)
    sector = np.floor(SECTORS * (np.arctan2(y, x) % np.pi) / np.pi).astype(int) % SECTORS
    directions = np.bincount(sector[inside], power[inside], SECTORS)
    total = max(float(shares.sum()), 1e-12)
    return np.append(shares / total, directions.max() / max(float(directions.mean()), 1e-12))


def _gradients(grey: np.ndarray) -> np.ndarray:
    down, right = np.gradient(grey)
    size = np.hypot(down, right)
    jyy, jxx, jxy = (down**2).mean(), (right**2).mean(), (down * right).mean()
    coherence = np.hypot(jxx - jyy, 2 * jxy) / max(float(jxx + jyy), 1e-12)
    return np.array([size.mean(), size.std(), coherence])
