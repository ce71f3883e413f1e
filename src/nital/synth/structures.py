"""Microstructures of named kinds, as a textbook shows them, in random size, contrast and quality of picture.

They are what a classifier can be tried on and what it learns from before it sees a user's few pictures. Grey level,
contrast and its sign, magnification and damage are drawn alike for all kinds, so that only the structure tells them.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import ndimage

from nital.synth.micrographs import Appearance, photograph, record
from nital.synth.noise import smooth_noise
from nital.synth.polycrystals import Polycrystal, Structure, grow
from nital.synth.random_micrographs import random_optics

__all__ = ["KINDS", "colony_waves", "draw_structure"]

Shape = tuple[int, int]


def draw_structure(kind: str, rng: np.random.Generator, shape: Shape) -> np.ndarray:
    """One picture of a kind, uint8 `shape`.

    Args:
        kind: one of KINDS. rng: source of everything. shape: (rows, cols), at least 16 x 16.

    Source: own; the kinds as in G. F. Vander Voort (ed.), ASM Handbook 9, Metallography and Microstructures, 2004,
        doi:10.31399/asm.hb.v09.9781627081771.
    """
    surface, finest = _SURFACES[kind](rng, shape)
    contrast = float(rng.uniform(0.25, 0.7))
    spread = max(float(surface.std()), 1e-3)
    grey = float(rng.uniform(0.35, 0.65)) + contrast / 3 * (surface - surface.mean()) / spread
    if rng.random() < 0.5:
        grey = 1 - grey
    numbers: dict[str, Any] = random_optics(rng, finest, contrast / 2) | {"gain": 1.0, "offset": 0.0}
    return record(grey.astype(np.float32), Appearance(**numbers), rng)


def _size(rng: np.random.Generator, shape: Shape, low: float, high: float) -> float:
    """A length between two shares of the picture's side, log-uniform."""
    return float(max(shape) * np.exp(rng.uniform(math.log(low), math.log(high))))


def _etched(crystal: Polycrystal, rng: np.random.Generator, line_px: float, twin_tone: float = 0.0) -> np.ndarray:
    """Grains with dark lines between them, 0 to 1."""
    look = Appearance(
        base=0.8, line_depth=-float(rng.uniform(0.3, 0.7)), line_px=line_px, line_spread=0.3, faint=0.1,
        tone_spread=float(rng.choice([0.0, 0.02, 0.1])), twin_tone=twin_tone, twin_depth=0.8,
    )  # fmt: skip
    return photograph(crystal, look, rng).astype(np.float32) / 255


def _equiaxed(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, float]:
    size = _size(rng, shape, 0.07, 0.3)
    crystal = grow(Structure(shape=shape, grain_diameter_px=max(size, 5), lloyd_steps=1, waviness=0.05), rng)
    line = float(rng.uniform(1, 1 + 0.08 * size))
    return _etched(crystal, rng, line), line


def _elongated(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, float]:
    size = _size(rng, shape, 0.08, 0.25)
    structure = Structure(
        shape=shape, grain_diameter_px=max(size, 6), elongation=float(rng.uniform(2.8, 6)), waviness=0.05,
        direction_deg=float(rng.uniform(0, 180)),
    )  # fmt: skip
    line = float(rng.uniform(1, 1 + 0.05 * size))
    return _etched(grow(structure, rng), rng, line), line


def _twinned(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, float]:
    size = _size(rng, shape, 0.25, 0.6)
    structure = Structure(
        shape=shape, grain_diameter_px=max(size, 14), lloyd_steps=1, twinned=float(rng.uniform(0.7, 1))
    )
    line = float(rng.uniform(1, 1 + 0.03 * size))
    return _etched(grow(structure, rng), rng, line, twin_tone=float(rng.uniform(0.05, 0.25))), line


def _carbide_network(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, float]:
    """A thick second phase along all grain boundaries, and fine particles between."""
    size = _size(rng, shape, 0.2, 0.5)
    crystal = grow(Structure(shape=shape, grain_diameter_px=max(size, 10), lloyd_steps=1, waviness=0.12), rng)
    thick = float(rng.uniform(0.05, 0.14)) * size
    wall = crystal.distance_px + 0.2 * thick * smooth_noise(rng, shape, max(thick, 2)) < thick / 2
    fine = smooth_noise(rng, shape, max(0.035 * size, 1.2)) > rng.uniform(0.8, 1.6)
    return np.where(wall, 1.0, np.where(fine & (crystal.distance_px > thick), 0.8, 0.2)).astype(np.float32), thick


def _lamellar(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, float]:
    """Colonies of parallel lamellae, as in pearlite."""
    spacing = max(_size(rng, shape, 0.03, 0.09), 3.0)
    colony = grow(
        Structure(shape=shape, grain_diameter_px=max(spacing * rng.uniform(6, 20), 12), waviness=0.1), rng
    ).grain
    phase = colony_waves(rng, colony, rng.uniform(0, math.pi, int(colony.max()) + 1), spacing, bend=0.6)
    return (np.sin(phase) > rng.uniform(-0.2, 0.6)).astype(np.float32), spacing / 3


def _martensite(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, float]:
    """Laths in packets: noise that is long in one of a few directions of each grain."""
    width = max(_size(rng, shape, 0.015, 0.05), 1.5)
    size = max(_size(rng, shape, 0.3, 0.8), 12)
    packet = grow(Structure(shape=shape, grain_diameter_px=max(size * rng.uniform(0.35, 0.7), 8)), rng).grain
    kinds = 6
    angles = rng.uniform(0, math.pi) + math.pi * np.arange(kinds) / kinds + 0.1 * rng.standard_normal(kinds)
    needles = np.stack([_needles(rng, shape, angle, width, width * rng.uniform(7, 14)) for angle in angles])
    which = rng.integers(0, kinds, int(packet.max()) + 1)[packet]
    return np.take_along_axis(needles, which[None], 0)[0], width


def _spheroidite(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, float]:
    """Round particles in a matrix."""
    size = max(_size(rng, shape, 0.03, 0.1), 3.0)
    structure = Structure(
        shape=shape, grain_diameter_px=float(max(shape)), particle_fraction=float(rng.uniform(0.08, 0.3)),
        particle_px=size, particle_spread=float(rng.uniform(0.1, 0.5)),
    )  # fmt: skip
    return grow(structure, rng).particle.astype(np.float32), size / 2


def _bicontinuous(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, float]:
    """Two phases that both hang together: noise with one wavelength, cut at a level (spinodal decomposition)."""
    period = max(_size(rng, shape, 0.06, 0.2), 4.0)
    rows, cols = (
        np.fft.fftfreq(side)[:, None] if axis == 0 else np.fft.fftfreq(side)[None] for axis, side in enumerate(shape)
    )
    ring = np.exp(-(((np.hypot(rows, cols) * period - 1) / rng.uniform(0.1, 0.25)) ** 2))
    noise = np.fft.ifft2(np.fft.fft2(rng.standard_normal(shape)) * ring).real
    noise /= noise.std()
    return (1 / (1 + np.exp(-4 * (noise - rng.uniform(-0.3, 0.3))))).astype(np.float32), period / 4


def _dendritic(rng: np.random.Generator, shape: Shape) -> tuple[np.ndarray, float]:
    """Rows of dendrite arms: a trunk with side arms in each grain."""
    spacing = max(_size(rng, shape, 0.06, 0.14), 5.0)
    grain = grow(
        Structure(shape=shape, grain_diameter_px=max(spacing * rng.uniform(5, 12), 16), lloyd_steps=1), rng
    ).grain
    direction = rng.uniform(0, math.pi, int(grain.max()) + 1)
    across = colony_waves(rng, grain, direction, spacing, bend=0.3)
    along = colony_waves(rng, grain, direction + math.pi / 2, spacing * rng.uniform(2.5, 4.5), bend=0.3)
    # Trunks are where the slow wave is high; arms leave them and grow thinner on their way.
    arms = np.sin(across) + 1.4 * np.sin(along)
    return (1 / (1 + np.exp(-3 * (arms - rng.uniform(-0.3, 0.5))))).astype(np.float32), spacing / 4


def colony_waves(
    rng: np.random.Generator, colony: np.ndarray, direction: np.ndarray, spacing: float, bend: float
) -> np.ndarray:
    """Phase of waves, each colony in its own direction (radians) and with its own period, a little bent."""
    n = len(direction)
    angle = direction[colony]
    period = (spacing * np.exp(0.15 * rng.standard_normal(n)))[colony]
    rows, cols = np.indices(colony.shape)
    wobble = bend * smooth_noise(rng, colony.shape, max(colony.shape) / 4)
    offset = rng.uniform(0, 2 * math.pi, n)[colony]
    return 2 * math.pi * (rows * np.sin(angle) + cols * np.cos(angle)) / period + offset + wobble


def _needles(rng: np.random.Generator, shape: Shape, angle: float, width: float, length: float) -> np.ndarray:
    """Noise smoothed by a long narrow Gaussian, spread 1, float32."""
    rows, cols = np.fft.fftfreq(shape[0])[:, None], np.fft.fftfreq(shape[1])[None]
    along, across = cols * math.cos(angle) + rows * math.sin(angle), rows * math.cos(angle) - cols * math.sin(angle)
    window = np.exp(-2 * math.pi**2 * ((along * length / 2.4) ** 2 + (across * width / 2.4) ** 2))
    noise = np.fft.ifft2(np.fft.fft2(rng.standard_normal(shape)) * window).real
    sharp = np.tanh(2.5 * noise / noise.std())
    return ndimage.gaussian_filter(sharp, 0.4).astype(np.float32)


_SURFACES: dict[str, Callable[[np.random.Generator, Shape], tuple[np.ndarray, float]]] = {
    "bicontinuous": _bicontinuous,
    "carbide network": _carbide_network,
    "dendritic": _dendritic,
    "elongated grains": _elongated,
    "equiaxed grains": _equiaxed,
    "lamellar": _lamellar,
    "martensite": _martensite,
    "spheroidite": _spheroidite,
    "twinned grains": _twinned,
}

KINDS = tuple(_SURFACES)
"""The kinds, in the order of their numbers."""
