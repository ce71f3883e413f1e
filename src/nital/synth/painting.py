"""The inner loops of the micrographs: grey of every pixel, pits and scratches."""

from typing import NamedTuple

import numpy as np

from nital.core.errors import need

numba = need("numba", "train", "Simulating micrographs")

__all__ = ["Grains", "Lines", "Noise", "Pixels", "Scratch", "paint", "stamp_pits", "stamp_scratch"]


@numba.njit(cache=True, nogil=True)
def _facet_chance(a, b, salt):
    """A number in [0, 1) that belongs to the facet between grains a and b (splitmix64 finaliser)."""
    low, high = np.uint64(min(a, b)), np.uint64(max(a, b))
    h = low * np.uint64(0x9E3779B97F4A7C15) + high * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(salt)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.float32((h ^ (h >> np.uint64(31))) >> np.uint64(40)) / np.float32(1 << 24)


@numba.njit(cache=True, nogil=True)
def _profile(distance, half_width):
    """1 on the line, 0 off it, with an edge about a pixel soft."""
    return min(max((half_width + np.float32(0.6) - distance) / np.float32(1.2), np.float32(0)), np.float32(1))


class Pixels(NamedTuple):
    """The polycrystal, each (rows, cols), as in `nital.synth.polycrystals.Polycrystal`."""

    grain: np.ndarray
    neighbour: np.ndarray
    distance: np.ndarray
    part: np.ndarray
    twin_distance: np.ndarray
    in_twin: np.ndarray


class Grains(NamedTuple):
    """What belongs to a grain, by its id modulo the length.

    Attributes:
        tone: (n_parts,) grey, by part. slope: (n, 2) grey gradient per pixel. texture: (n,) amplitude of speckle.
        hatch: (n, 3) amplitude, angle and period of parallel lines.
    """

    tone: np.ndarray
    slope: np.ndarray
    texture: np.ndarray
    hatch: np.ndarray


class Noise(NamedTuple):
    """Each (rows, cols): etch is large where lines are etched, ragged modulates their width, two are for textures."""

    etch: np.ndarray
    ragged: np.ndarray
    coarse: np.ndarray
    fine: np.ndarray


class Lines(NamedTuple):
    """How lines are drawn: numbers of `nital.synth.micrographs.Appearance`, float32."""

    base: np.float32
    depth: np.float32
    half_width: np.float32
    width_spread: np.float32
    faint: np.float32
    faint_depth: np.float32
    gap_level: np.float32
    halo: np.float32
    relief: np.float32
    core_noise: np.float32
    bead: np.float32
    twin_depth: np.float32
    twin_tone: np.float32


@numba.njit(cache=True, nogil=True)
def _reach(ragged, lines):
    """The distance from a boundary beyond which it changes no grey."""
    if lines.relief != 0:
        return np.float32(np.inf)
    spread = 1 + lines.width_spread * (1 + np.float32(0.35) * np.abs(ragged).max())
    widest = np.float32(1.01) * lines.half_width * spread
    return 2 * widest + np.float32(2.2) if lines.halo > 0 else max(widest, np.float32(0.2)) + np.float32(0.7)


@numba.njit(cache=True, nogil=True)
def _half_width(luck, ragged, lines):
    """Half the width of a facet's line at a pixel."""
    spread = lines.width_spread
    return lines.half_width * (np.float32(1) + spread * (luck * 2 - 1) + np.float32(0.35) * spread * ragged)


@numba.njit(cache=True, nogil=True)
def _strength(luck, etch, fine, lines):
    """How well the etchant attacked a facet at a pixel; 1 where nothing went wrong."""
    strength = lines.faint_depth if luck < lines.faint else np.float32(1)
    if etch < lines.gap_level:
        strength *= max(np.float32(0.1), np.float32(1) + np.float32(2) * (etch - lines.gap_level))
    if lines.bead > 0:
        strength *= np.float32(1) - lines.bead * (np.float32(0.5) if fine > 0 else np.float32(0))
    return strength


@numba.njit(cache=True, nogil=True)
def paint(pixels, grains, noise, lines, salt):
    """Grey value of every pixel before optics, float32 (rows, cols).

    Args:
        pixels, grains, noise, lines: Pixels, Grains, Noise, Lines. salt: integer, chooses the facets' luck.
    """
    # Arrays are taken out of their tuples once: in the loop that would take longer than all else.
    grain, neighbour, distance, part, twin_distance, in_twin = pixels
    tone, slope, texture, hatch = grains
    etch, ragged, coarse, fine = noise
    rows, cols = grain.shape
    grey = np.empty((rows, cols), np.float32)
    n = len(texture)
    hatch_sin, hatch_cos = np.sin(hatch[:, 1]), np.cos(hatch[:, 1])
    reach = _reach(ragged, lines)
    for i in range(rows):
        for j in range(cols):
            g, h, d = grain[i, j], neighbour[i, j], distance[i, j]
            k = g if g < n else g % n
            value = lines.base + tone[part[i, j] % len(tone)] + slope[k, 0] * (i % 512) + slope[k, 1] * (j % 512)
            if in_twin[i, j]:
                value += lines.twin_tone * (np.float32(1) if k % 2 else np.float32(-1))
            if texture[k] > 0:
                value -= texture[k] * max(coarse[i, j] + np.float32(0.5) * fine[i, j] - np.float32(0.4), np.float32(0))
            if hatch[k, 0] > 0:
                phase = (i * hatch_sin[k] + j * hatch_cos[k]) / hatch[k, 2] + np.float32(0.15) * coarse[i, j]
                if phase - np.floor(phase) < 0.35:
                    value -= hatch[k, 0] * (np.float32(0.7) + np.float32(0.3) * coarse[i, j])
            line = np.float32(0)
            if d < reach:
                width = _half_width(_facet_chance(g, h, salt), ragged[i, j], lines)
                strength = _strength(_facet_chance(g, h, salt + 1), etch[i, j], fine[i, j], lines)
                line = _profile(d, max(width, np.float32(0.2)))
                strength *= np.float32(1) + lines.core_noise * fine[i, j] * line
                value += lines.depth * strength * line
                if lines.halo > 0:
                    halo = _profile(d, width * np.float32(2) + np.float32(1.5)) - line
                    value -= lines.depth * lines.halo * strength * halo
                if lines.relief != 0:
                    side = np.float32(1) if g < h else np.float32(-1)
                    value += lines.relief * side * np.exp(-d / (width + np.float32(1)))
            twin_line = _profile(twin_distance[i, j], lines.half_width * np.float32(0.5))
            value += lines.depth * lines.twin_depth * twin_line * (np.float32(1) - line)
            grey[i, j] = value
    return grey


@numba.njit(cache=True, nogil=True)
def stamp_pits(grey, pits):
    """Draw round or short elongated spots.

    Args:
        pits: (n, 7): row, column, radius, length ratio, angle, depth, brightness of the rim.
    """
    rows, cols = grey.shape
    for k in range(len(pits)):
        y, x, radius, ratio, angle, depth, rim = pits[k]
        reach = radius * ratio + 3
        cos, sin = np.cos(angle), np.sin(angle)
        for i in range(max(int(y - reach), 0), min(int(y + reach) + 2, rows)):
            for j in range(max(int(x - reach), 0), min(int(x + reach) + 2, cols)):
                along, across = (j - x) * cos + (i - y) * sin, (i - y) * cos - (j - x) * sin
                r = np.hypot(along / ratio, across)
                grey[i, j] += depth * _profile(r, radius) - rim * depth * (
                    _profile(r, radius + 1.5) - _profile(r, radius)
                )


class Scratch(NamedTuple):
    """One long, slightly bent line through (row, col), in px; the angle in radians, the depth as a grey."""

    row: float
    col: float
    angle: float
    length: float
    half_width: float
    depth: float
    bend: float


@numba.njit(cache=True, nogil=True)
def stamp_scratch(grey, scratch, noise):
    """Draw a Scratch, which knows nothing of the grains; white noise (rows, cols) makes it uneven."""
    rows, cols = grey.shape
    row, col, angle, length, half_width, depth, bend = scratch
    cos, sin = np.cos(angle), np.sin(angle)
    for i in range(rows):
        for j in range(cols):
            along = (j - col) * cos + (i - row) * sin
            if abs(along) > length / 2:
                continue
            across = abs((i - row) * cos - (j - col) * sin + bend * along * along)
            if across < half_width + 2:
                grey[i, j] += depth * _profile(np.float32(across), np.float32(half_width)) * (1 + 0.5 * noise[i, j])
