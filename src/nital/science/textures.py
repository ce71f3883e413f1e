"""Texture of a grey picture as a short list of named numbers, the classical baseline beside a network."""

import numpy as np

from nital.core.errors import InputError

__all__ = ["TEXTURE_NAMES", "texture_features"]

SMALLEST_PX = 16
"""Below this the longest co-occurrence distance has too few pairs of pixels."""

LARGEST_GREY = 1e300
"""Beyond this the span of the greys can overflow."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
PATTERNS = ((1, 8), (3, 16))
"""Radius in px and number of points on the circle."""

DISTANCES_PX = (1, 2, 4, 8)
COOCCURRENCE_LEVELS = 16
COOCCURRENCE = ("contrast", "homogeneity", "correlation", "energy")

RING_EDGES_PX = tuple(128 / 2 ** (0.75 * k) for k in range(9))
"""Wavelengths from 128 px to 2 px; fixed, so that pictures of different size can be compared."""

SECTORS = 8

TEXTURE_NAMES: tuple[str, ...] = (
    *("grey_mean", "grey_std", "grey_skewness", "grey_kurtosis"),
    *(f"grey_q{100 * q:02.0f}" for q in QUANTILES),
    *(f"lbp_r{radius}_{k if k <= n else 'other'}" for radius, n in PATTERNS for k in range(n + 2)),
    *(f"glcm_{name}_{d}px" for name in COOCCURRENCE for d in DISTANCES_PX),
    *(f"power_{RING_EDGES_PX[k]:.3g}_to_{RING_EDGES_PX[k + 1]:.3g}px" for k in range(8)),
    *("power_anisotropy", "gradient_mean", "gradient_std", "coherence"),
)
"""What each value of `texture_features` is, in its order.

`lbp_r1_3`: share of pixels where 3 joined points of the circle are at least as bright as the centre (`other`: the
bright points are not joined). `power_45.3_to_26.9px`: share of the power at these wavelengths, coarse rings first.
"""


def texture_features(image: np.ndarray) -> np.ndarray:
    """Greys, local patterns, co-occurrence, power spectrum and gradients of a picture, one number for each name.

    Only the greys and the gradient depend on brightness and contrast; the others see the picture stretched to its own
    range. Kurtosis is 0 for normal greys. Power anisotropy is the largest over the mean power of 8 sectors of
    direction, 1 to 8. Coherence is sqrt((Jxx - Jyy)^2 + 4 Jxy^2) / (Jxx + Jyy) with the mean structure tensor J of the
    picture: 0 without direction, 1 with one. In a picture of one grey, skewness, kurtosis, coherence and power are 0,
    power anisotropy and co-occurrence correlation 1.

    Args:
        image: one grey picture, (rows, cols), at least 16 x 16 px, finite. uint8 is divided by 255; floats are taken
            as given.

    Returns:
        float64 (len(TEXTURE_NAMES),), finite. Greys in the unit of the picture, gradients in that unit per px, all
        others without unit.

    Raises:
        InputError: another shape or type, smaller than 16 x 16 px, or values that are not finite.

    Valid for: pictures of one magnification, since every distance is in pixels. Quarter turns and mirroring change
        nothing but rounding; other angles change what the square grid of pixels changes.

    Source: T. Ojala et al. 2002, doi:10.1109/TPAMI.2002.1017623 (riu2 patterns); R. M. Haralick et al. 1973,
        doi:10.1109/TSMC.1973.4309314 (co-occurrence).

    >>> stripes = np.tile(np.array([0, 0, 255, 255], np.uint8), (16, 4))
    >>> values = dict(zip(TEXTURE_NAMES, texture_features(stripes), strict=True))
    >>> float(values["grey_mean"]), float(values["grey_q95"]), float(values["coherence"])
    (0.5, 1.0, 1.0)
    """
    greys = _checked(image)
    low, span = float(greys.min()), float(np.ptp(greys))
    # A span within rounding of the greys is no texture.
    flat = span <= 1e-12 * float(np.abs(greys).max())
    stretched = np.zeros_like(greys) if flat else (greys - low) / span
    darkest, brightest = np.quantile(stretched, [0.01, 0.99])  # a few hot pixels must not narrow all others
    usual = np.clip((stretched - darkest) / (brightest - darkest), 0, 1) if brightest > darkest else stretched
    parts = [
        _greys(greys, stretched, low, span),
        _patterns(usual),
        _cooccurrence(usual),
        _power(stretched),
        _gradients(stretched, span),
    ]
    return np.concatenate(parts)


def _checked(image: np.ndarray) -> np.ndarray:
    array = np.asarray(image)
    if array.ndim != 2 or min(array.shape) < SMALLEST_PX:
        raise InputError(
            f"A picture of shape {array.shape} has no texture to measure: give one grey picture, (rows, cols), "
            f"of at least {SMALLEST_PX} x {SMALLEST_PX} px."
        )
    if array.dtype != np.uint8 and not np.issubdtype(array.dtype, np.floating):
        raise InputError(f"The picture of shape {array.shape} has the type {array.dtype}. Give uint8 or float greys.")
    greys = array / 255.0 if array.dtype == np.uint8 else array.astype(np.float64)
    if not (np.abs(greys) <= LARGEST_GREY).all():
        raise InputError(
            f"The picture of shape {array.shape} has greys that are not finite. Replace them or cut them off."
        )
    return greys


def _greys(greys: np.ndarray, stretched: np.ndarray, low: float, span: float) -> np.ndarray:
    # Moments of the stretched picture neither overflow nor underflow.
    mean = stretched.mean()
    deviation = stretched - mean
    square = deviation * deviation
    variance = square.mean()
    skewness = (square * deviation).mean() / variance**1.5 if variance else 0.0
    kurtosis = (square * square).mean() / variance**2 - 3 if variance else 0.0
    moments = [low + span * mean, span * np.sqrt(variance), skewness, kurtosis]
    return np.concatenate([moments, np.quantile(greys, QUANTILES)])


def _patterns(stretched: np.ndarray) -> np.ndarray:
    grey = np.rint(255 * stretched)
    histograms: list[np.ndarray] = []
    for radius, points in PATTERNS:
        brighter = _brighter_on_circle(grey, radius, points)
        count = brighter.sum(axis=0)
        changes = (brighter[0] != brighter[-1]) + (brighter[1:] != brighter[:-1]).sum(axis=0)
        codes = np.where(changes <= 2, count, points + 1)
        histograms.append(np.bincount(codes.ravel(), minlength=points + 2) / codes.size)
    return np.concatenate(histograms)


def _brighter_on_circle(grey: np.ndarray, radius: int, points: int) -> np.ndarray:
    """Which points, read bilinearly, are at least as bright as their centre: bool (points, rows - 2r, cols - 2r).

    scikit-image compares without tolerance, so that rounding decides about equal greys, each time otherwise when the
    picture is turned; and it takes the outside for black. Otherwise the patterns are the same.
    """
    rows, cols = (side - 2 * radius for side in grey.shape)
    centre = grey[radius : radius + rows, radius : radius + cols]
    brighter = np.empty((points, rows, cols), bool)
    for k in range(points):
        angle = 2 * np.pi * k / points
        # Rounded, so that points on the axes are pixels.
        y, x = round(radius - radius * np.sin(angle), 6), round(radius + radius * np.cos(angle), 6)
        top, left = int(y), int(x)
        difference = -centre + 1e-6
        for i, weight_y in ((top, 1 - (y - top)), (top + 1, y - top)):
            for j, weight_x in ((left, 1 - (x - left)), (left + 1, x - left)):
                if weight_y and weight_x:
                    difference += weight_y * weight_x * grey[i : i + rows, j : j + cols]
        brighter[k] = difference >= 0
    return brighter


def _cooccurrence(stretched: np.ndarray) -> np.ndarray:
    from skimage.feature import graycomatrix, graycoprops

    levels = np.minimum(COOCCURRENCE_LEVELS * stretched, COOCCURRENCE_LEVELS - 1).astype(np.uint8)
    directions = [0, np.pi / 4, np.pi / 2, 3 * np.pi / 4]
    # Pairs counted both ways, or a half turn would exchange the two pixels of a pair.
    matrix = graycomatrix(levels, DISTANCES_PX, directions, COOCCURRENCE_LEVELS, symmetric=True, normed=True)
    return np.concatenate([graycoprops(matrix, name).mean(axis=1) for name in COOCCURRENCE])


def _power(stretched: np.ndarray) -> np.ndarray:
    # Without the outermost zeros of the window, which would hide the edge of the picture.
    across, along = (np.hanning(side + 2)[1:-1] for side in stretched.shape)
    window = np.outer(across, along)
    deviation = stretched - (stretched * window).sum() / window.sum()
    power = np.abs(np.fft.fft2(deviation * window)) ** 2
    power[0, 0] = 0
    if not np.ptp(stretched):
        return np.array([0.0] * 8 + [1.0])
    v, u = np.meshgrid(*(np.fft.fftfreq(side) for side in stretched.shape), indexing="ij")
    frequency = np.hypot(u, v)
    frequency[0, 0] = 1
    ring = np.clip(np.log2(frequency * RING_EDGES_PX[0]) / 0.75, 0, 7).astype(np.intp)
    shares = np.bincount(ring.ravel(), power.ravel(), 8) / power.sum()
    # Only the disc: the corners of the square of frequencies would favour the diagonals. Sectors have the axes in
    # their middle, so that turning and mirroring only exchange whole sectors.
    disc = frequency <= 0.5
    sector = np.rint(np.arctan2(v[disc], u[disc]) * (SECTORS / np.pi)).astype(np.intp) % SECTORS
    in_sector = np.bincount(sector, power[disc], SECTORS)
    total = in_sector.sum()
    return np.append(shares, in_sector.max() * SECTORS / total if total else 1.0)


def _gradients(stretched: np.ndarray, span: float) -> np.ndarray:
    down, right = np.gradient(stretched)
    magnitude = np.hypot(down, right)
    jyy, jxx, jxy = (down * down).mean(), (right * right).mean(), (down * right).mean()
    trace = jxx + jyy
    coherence = np.hypot(jxx - jyy, 2 * jxy) / trace if trace else 0.0
    return np.array([span * magnitude.mean(), span * magnitude.std(), coherence])
