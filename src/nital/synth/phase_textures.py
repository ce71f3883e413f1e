"""Textures that fill a constituent of a synthetic micrograph.

A texture is float32 (rows, cols) with mean 0 and spread 1. Lengths in px, angles in radians.
"""

import math

import numpy as np
from scipy import fft, ndimage

from nital.synth.noise import smooth_noise, white_noise
from nital.synth.phase_shapes import Shapes, stamp, warped
from nital.synth.structures import colony_waves

__all__ = [
    "RESOLVED_PX",
    "lamellae",
    "laths",
    "log_uniform",
    "outlined",
    "plain_texture",
    "ring_noise",
    "spots",
    "standard",
    "streaks",
]

Shape = tuple[int, int]
RESOLVED_PX = 3.5  # lamellae as far apart as this show in spite of blur
TABLE = 4096  # random tones; a power of two, so that laths pick theirs by bits


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number whose logarithm is uniform between two bounds."""
    return float(np.exp(rng.uniform(math.log(low), math.log(high))))


def some_area(rng: np.random.Generator, low: float, high: float) -> float:
    """An area fraction between two bounds, small ones oftener: its square root is uniform."""
    return float(rng.uniform(math.sqrt(low), math.sqrt(high)) ** 2)


def standard(texture: np.ndarray) -> np.ndarray:
    """A texture with mean 0 and spread 1, float32; flat where there is nothing."""
    return ((texture - texture.mean()) / max(float(texture.std()), 1e-3)).astype(np.float32)


def _frequencies(shape: Shape) -> tuple[np.ndarray, np.ndarray]:
    """Cycles per px along the rows and the columns of a real transform."""
    return np.fft.fftfreq(shape[0])[:, None].astype(np.float32), np.fft.rfftfreq(shape[1])[None].astype(np.float32)


def _filtered(rng: np.random.Generator, shape: Shape, window: np.ndarray) -> np.ndarray:
    """White noise times a window of frequencies."""
    return standard(np.asarray(fft.irfft2(np.asarray(fft.rfft2(white_noise(rng, shape))) * window, s=shape)))


def ring_noise(
    rng: np.random.Generator, shape: Shape, period_px: float, band: float, cubic: float = 0.0, angle: float = 0.0
) -> np.ndarray:
    """Noise of one wavelength; `cubic` > 0 lines it up along two directions, as elastic strain does in gamma prime.

    Args:
        band: relative width of the band of wavelengths. cubic: 0 (isotropic) to about 3. angle: of the directions.

    Source: Cahn 1961, doi:10.1016/0001-6160(61)90182-1 (a sum of waves of one length, random in phase).
    """
    rows, cols = _frequencies(shape)
    window = np.exp(-(((np.hypot(rows, cols) * period_px - 1) / band) ** 2))
    if cubic:
        window *= np.exp(cubic * (np.cos(4 * (np.arctan2(rows, cols) - angle)) - 1))
    return _filtered(rng, shape, window)


def streaks(rng: np.random.Generator, shape: Shape, angle: float, width_px: float, length_px: float) -> np.ndarray:
    """Noise that is long in one direction."""
    rows, cols = _frequencies(shape)
    along, across = cols * math.cos(angle) + rows * math.sin(angle), rows * math.cos(angle) - cols * math.sin(angle)
    return _filtered(rng, shape, np.exp(-3.4 * ((along * length_px) ** 2 + (across * width_px) ** 2)))


def spots(rng: np.random.Generator, shape: Shape, size_px: float, share: float) -> np.ndarray:
    """Rounded spots that cover a share of the area; in half of the draws only their outlines show."""
    noise = smooth_noise(rng, shape, size_px)
    return outlined(rng, np.clip(3 * (noise - np.quantile(noise[::2, ::2], 1 - share)), 0, 1), size_px)


def outlined(rng: np.random.Generator, spot: np.ndarray, size_px: float) -> np.ndarray:
    """Spots (0 to 1) as a texture: filled, or by their outlines only, bright or dark against what is beside them."""
    if rng.random() < 0.5:
        spot = spot - ndimage.gaussian_filter(spot, max(0.7, 0.3 * size_px), truncate=2)
    return standard(spot)


def fine_particles(rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """What a region full of particles looks like: round or longish ones, their outlines only, or worm-like spots."""
    size, share = log_uniform(rng, 1.5, 8), rng.uniform(0.05, 0.4)
    if rng.random() < 0.4:
        return spots(rng, shape, size, share)
    n = int(2 * share * shape[0] * shape[1] / size**2)
    radius = size / 2 * np.exp(0.4 * rng.standard_normal(n))
    shapes = Shapes(
        rng.uniform(0, shape[0], n), rng.uniform(0, shape[1], n), radius, np.exp(0.5 * np.abs(rng.standard_normal(n))),
        rng.uniform(0, math.pi, n), np.full(n, 2.0), np.zeros(n), np.zeros(n),
    )  # fmt: skip
    warp = warped(rng, shape, size, 0.15)
    drawn = stamp(np.zeros(shape, bool), shapes, warp, share * shape[0] * shape[1], 1.0) > 0
    return outlined(rng, drawn.astype(np.float32), size)


def lamellae(rng: np.random.Generator, colony: np.ndarray, spacing_px: float) -> np.ndarray:
    """Parallel plates, each colony in its own direction and differently well etched; below 3 px hardly resolved."""
    n = int(colony.max()) + 1
    phase = colony_waves(rng, colony, rng.uniform(0, math.pi, n), spacing_px, bend=log_uniform(rng, 0.2, 8))
    phase += rng.uniform(0, 1) * smooth_noise(
        rng, colony.shape, spacing_px * rng.uniform(1.5, 4)
    )  # they fork and swell
    wave = np.sin(phase)
    plates = np.clip(2 * (wave + rng.uniform(-0.5, 0.5)), -1, 1)
    shown = rng.uniform(rng.uniform(0.1, 1), 1, n)
    tone = rng.uniform(0, 0.5) * rng.standard_normal(n)
    gaps = smooth_noise(rng, colony.shape, 2 * spacing_px) > rng.uniform(1.0, 3)  # plates that end or are broken
    return standard(np.where(gaps, 0, plates) * shown[colony] + tone[colony])


def laths(rng: np.random.Generator, packet: np.ndarray, width_px: float) -> np.ndarray:
    """Laths of random tone, parallel in each packet, with lines between them."""
    n = int(packet.max()) + 1
    turns = rng.uniform(0, math.pi) + math.pi / 6 * rng.integers(0, 6, n) + 0.1 * rng.standard_normal(n)
    sin, cos = np.sin(turns).astype(np.float32)[packet], np.cos(turns).astype(np.float32)[packet]
    rows, cols = np.ogrid[: packet.shape[0], : packet.shape[1]]
    rows, cols = rows.astype(np.float32), cols.astype(np.float32)
    bend = 0.7 * smooth_noise(rng, packet.shape, 8 * width_px) + 0.2 * smooth_noise(rng, packet.shape, 1.5 * width_px)
    across = (rows * cos - cols * sin) / np.float32(width_px) + bend
    index = np.floor(across)
    lath = index.astype(np.int32) + 37 * packet.astype(np.int32)
    table = rng.standard_normal(TABLE, dtype=np.float32)
    length = np.float32(width_px * rng.uniform(4, 15))
    piece = np.floor((rows * sin + cols * cos) / length + 5 * table[lath & (TABLE - 1)]).astype(np.int32)
    tone = table[(17 * lath + 1009 * piece) & (TABLE - 1)]
    line = np.abs(across - index - np.float32(0.5)) > 0.5 - rng.uniform(0.05, 0.3)
    return standard(
        tone * np.float32(rng.uniform(0, 1)) + line * np.float32(rng.choice([-1, 1]) * rng.uniform(0.5, 2.5))
    )


def plain_texture(rng: np.random.Generator, shape: Shape, spotless: bool = False) -> np.ndarray:
    """A texture that says nothing of the constituent: grain, mottle, brushing; spots or waves unless `spotless`."""
    kind = rng.integers(3 if spotless else 6)
    if kind == 0:
        return smooth_noise(rng, shape, rng.uniform(1, 2.5))
    if kind == 1:
        return standard(smooth_noise(rng, shape, rng.uniform(3, 25)) + smooth_noise(rng, shape, 2))
    if kind == 2:
        return streaks(rng, shape, rng.uniform(0, math.pi), rng.uniform(1, 3), rng.uniform(10, 60))
    if kind == 3:
        return spots(rng, shape, rng.uniform(1.5, 5), rng.uniform(0.03, 0.3))
    if kind == 4:
        return -spots(rng, shape, rng.uniform(1.5, 4), rng.uniform(0.02, 0.15))
    return ring_noise(rng, shape, log_uniform(rng, 3, 12), rng.uniform(0.1, 0.4))
