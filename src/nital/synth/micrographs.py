"""Micrographs of a known structure: preparation (etching, damage) and optics over a polycrystal.

Grey values are 0 (black) to 1 (white) until the last step makes them 8 bit. The truth is never touched.
"""

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from nital.core.errors import need
from nital.synth.noise import smooth_noise, white_noise
from nital.synth.painting import Grains, Lines, Noise, Pixels, Scratch, paint, stamp_pits, stamp_scratch
from nital.synth.polycrystals import Polycrystal

need("numba", "train", "Simulating micrographs")

__all__ = ["Appearance", "damage", "photograph", "record"]

TONES = 4096  # distinct greys among the parts of grains; ids wrap around


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """Every number of a preparation and its optics. Lengths in px, greys as shares of the full range.

    Attributes:
        base: grey of the matrix. line_depth: grey added on a boundary (negative: dark lines, positive:
            bright lines, 0: none). line_px: drawn thickness; line_spread: its relative spread by facet.
        faint, faint_depth: share of facets that etched badly, and what is left of their depth.
        gap_level: etching fails where smooth noise of unit spread is below this (-3: nowhere).
        halo: bright rim beside the lines; relief: one side bright, the other dark.
        core_noise: graininess of the lines; bead: lines break into dots.
        tone_spread: grain-to-grain grey (channelling); twin_tone, twin_depth: the same for twins, and how
            strong their lines are; slope: grey gradient inside grains.
        attacked: share of grains with speckle, of amplitude attack; hatched: share with parallel lines (slip,
            pearlite), of amplitude hatch; dark_phase: share of grains of a second, darker phase.
        particle_grey: grey of the structure's second-phase particles.
        pits, scratches: number per 256 x 256 px; pit_px: median radius; stains: amplitude of dark patches.
        colonies: clusters of dark specks on boundaries per 256 x 256 px, about colony_px across (pearlite, dirt).
        shading: uneven light; blur_px, sharpen; gamma; noise_white, noise_shot, noise_smooth (of scale
            noise_smooth_px), noise_lines: spreads of the noises; gain, offset: stretch before clipping;
            jpeg_quality: None for no JPEG traces.
    """

    base: float = 0.8
    line_depth: float = -0.5
    line_px: float = 2.0
    line_spread: float = 0.0
    faint: float = 0.0
    faint_depth: float = 0.3
    gap_level: float = -3.0
    gap_px: float = 20.0
    halo: float = 0.0
    relief: float = 0.0
    core_noise: float = 0.0
    bead: float = 0.0
    tone_spread: float = 0.0
    twin_tone: float = 0.0
    twin_depth: float = 0.5
    slope: float = 0.0
    attacked: float = 0.0
    attack: float = 0.3
    hatched: float = 0.0
    hatch: float = 0.2
    dark_phase: float = 0.0
    particle_grey: float = 0.2
    pits: float = 0.0
    pit_px: float = 1.5
    pit_stretch: float = 1.0
    colonies: float = 0.0
    colony_px: float = 6.0
    scratches: float = 0.0
    scratch_depth: float = 0.3
    stains: float = 0.0
    shading: float = 0.0
    blur_px: float = 0.0
    sharpen: float = 0.0
    gamma: float = 1.0
    noise_white: float = 0.0
    noise_shot: float = 0.0
    noise_smooth: float = 0.0
    noise_smooth_px: float = 3.0
    noise_lines: float = 0.0
    gain: float = 1.0
    offset: float = 0.0
    invert: bool = False
    jpeg_quality: int | None = None


def photograph(crystal: Polycrystal, look: Appearance, rng: np.random.Generator) -> np.ndarray:
    """The micrograph of a structure.

    Args:
        crystal: what is there.
        look: how it was prepared and photographed.
        rng: source of everything that `look` leaves open.

    Returns:
        uint8 (rows, cols).
    """
    grey = _specimen(crystal, look, rng)
    if crystal.particle.any():
        share = ndimage.gaussian_filter(crystal.particle.astype(np.float32), 0.5)  # edges about a pixel soft
        grey += share * (np.float32(look.particle_grey) - grey)
    if look.colonies:
        _colonies(grey, crystal, look, rng)
    damage(grey, look, rng)
    return record(grey, look, rng)


def _specimen(crystal: Polycrystal, look: Appearance, rng: np.random.Generator) -> np.ndarray:
    """Etched surface without damage."""
    shape = crystal.grain.shape
    n = int(min(crystal.grain.max() + 1, TONES))
    tone = (look.tone_spread * rng.standard_normal(TONES)).astype(np.float32)
    slope = (look.slope / 40 * rng.standard_normal((n, 2))).astype(np.float32)
    texture = np.where(rng.random(n) < look.attacked, look.attack * rng.random(n), 0).astype(np.float32)
    hatched = np.where(rng.random(n) < look.hatched, look.hatch * rng.random(n), 0)
    dark = rng.random(n) < look.dark_phase
    hatch = np.stack([np.where(dark, 0.4, hatched), math.pi * rng.random(n), rng.uniform(3, 12, n)], 1)
    if dark.any():
        texture[dark] = 0.5
    flat = np.zeros(shape, np.float32)
    grainy = look.attacked or look.hatched or look.dark_phase or look.core_noise or look.bead
    coarse, fine = (smooth_noise(rng, shape, 2.5), white_noise(rng, shape)) if grainy else (flat, flat)
    etch = smooth_noise(rng, shape, look.gap_px) if look.gap_level > -3 else flat
    ragged = smooth_noise(rng, shape, 6.0) if look.line_spread else flat
    pixels = Pixels(
        crystal.grain, crystal.neighbour, crystal.distance_px, crystal.part, crystal.twin_distance_px, crystal.in_twin
    )
    numbers = (
        look.base, look.line_depth, look.line_px / 2, look.line_spread, look.faint, look.faint_depth,
        look.gap_level, look.halo, look.relief, look.core_noise, look.bead, look.twin_depth, look.twin_tone,
    )  # fmt: skip
    grains = Grains(tone, slope, texture, hatch.astype(np.float32))
    noise, lines = Noise(etch, ragged, coarse, fine), Lines(*map(np.float32, numbers))
    return paint(pixels, grains, noise, lines, int(rng.integers(1 << 31)))


def _colonies(grey: np.ndarray, crystal: Polycrystal, look: Appearance, rng: np.random.Generator) -> None:
    """Clusters of specks that sit on boundaries, in place."""
    on_line = np.flatnonzero(crystal.distance_px < 1.5)
    n = int(rng.poisson(look.colonies * grey.size / 256**2))
    if not n or not len(on_line):
        return
    place = rng.choice(on_line, n)
    size = look.colony_px * np.exp(0.4 * rng.standard_normal(n))
    specks = rng.integers(4, 16, n)
    rows, cols = (np.repeat(axis, specks) for axis in np.unravel_index(place, grey.shape))
    scatter = np.repeat(size, specks)
    count = len(rows)
    stamp_pits(grey, np.stack([
        rows + 0.35 * scatter * rng.standard_normal(count), cols + 0.35 * scatter * rng.standard_normal(count),
        0.12 * scatter * np.exp(0.4 * rng.standard_normal(count)), rng.uniform(1, 3, count),
        math.pi * rng.random(count), (np.sign(look.line_depth) or -1) * rng.uniform(0.1, 0.5, count), np.zeros(count),
    ], 1))  # fmt: skip


def damage(grey: np.ndarray, look: Appearance, rng: np.random.Generator) -> None:
    """Pits, scratches and stains, in place."""
    rows, cols = grey.shape
    area = rows * cols / 256**2
    if look.pits:
        n = int(rng.poisson(look.pits * area))
        stretch = 1 + (look.pit_stretch - 1) * rng.random(n)
        depth = -np.sign(look.base - 0.35) * rng.uniform(0.15, 0.7, n)
        rim = np.where(rng.random(n) < 0.2, 0.4, 0.0)
        pits = np.stack([
            rng.random(n) * rows, rng.random(n) * cols, look.pit_px * np.exp(0.5 * rng.standard_normal(n)), stretch,
            math.pi * rng.random(n), depth, rim,
        ], 1)  # fmt: skip
        stamp_pits(grey, pits)
    if look.scratches:
        noise = white_noise(rng, grey.shape)
        common = rng.random() * math.pi
        for _ in range(int(rng.poisson(look.scratches * math.sqrt(area)))):
            angle = common + 0.1 * rng.standard_normal() if rng.random() < 0.5 else rng.random() * math.pi
            scratch = Scratch(
                rng.random() * rows, rng.random() * cols, angle, rng.uniform(0.2, 1.5) * max(rows, cols),
                rng.uniform(0.2, 1.2), look.scratch_depth * rng.uniform(0.3, 1) * rng.choice([-1, -1, 1]),
                rng.normal() * 0.1 / max(rows, cols),
            )  # fmt: skip
            stamp_scratch(grey, scratch, noise)
    if look.stains:
        noise = smooth_noise(rng, grey.shape, max(rows, cols) / 6)
        grey -= np.float32(look.stains) * np.maximum(noise, 0)


def record(grey: np.ndarray, look: Appearance, rng: np.random.Generator) -> np.ndarray:
    """Light, lens, detector and file format.

    Args:
        grey: float32 (rows, cols), 0 (black) to 1 (white); it is used up.
        look: whose optics are taken.

    Returns:
        uint8 (rows, cols).
    """
    shape = grey.shape
    if look.shading:
        grey *= 1 + np.float32(look.shading) * smooth_noise(rng, shape, max(shape) / 1.5)
    if look.invert:
        np.subtract(1, grey, out=grey)
    if look.blur_px > 0.2:
        grey = ndimage.gaussian_filter(grey, look.blur_px, truncate=3)
    if look.noise_shot:
        grey += np.float32(look.noise_shot) * np.sqrt(np.maximum(grey, 0)) * white_noise(rng, shape)
    if look.noise_white:
        grey += np.float32(look.noise_white) * white_noise(rng, shape)
    if look.noise_smooth:
        grey += np.float32(look.noise_smooth) * smooth_noise(rng, shape, look.noise_smooth_px)
    if look.noise_lines:
        grey += np.float32(look.noise_lines) * rng.standard_normal((shape[0], 1), dtype=np.float32)
    if look.sharpen:
        grey += np.float32(look.sharpen) * (grey - ndimage.gaussian_filter(grey, 1.5, truncate=2))
    grey -= 0.5
    grey *= look.gain
    grey += 0.5
    grey += look.offset
    np.clip(grey, 0, 1, out=grey)
    if look.gamma != 1:
        grey **= np.float32(look.gamma)
    grey *= 255
    image = (grey + 0.5).astype(np.uint8)
    return image if look.jpeg_quality is None else _jpeg(image, look.jpeg_quality)


def _jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """The image after being saved as JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer))
