"""The inner loops of the micrographs: grey of every pixel, pits and scratches."""

import numpy as np

from nital.core.errors import need

numba = need("numba", "train", "Simulating micrographs")

__all__ = ["paint", "stamp_pits", "stamp_scratch"]


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


@numba.njit(cache=True, nogil=True)
def paint(
    grain,
    neighbour,
    distance,
    part,
    twin_distance,
    in_twin,
    tone,
    slope,
    texture,
    hatch,
    etch,
    ragged,
    coarse,
    fine,
    p,
    salt,
):
    """Grey value of every pixel before optics.

    Args:
        grain to in_twin: the polycrystal. tone: (n_parts,) grey of each part, by part id modulo its length.
        slope: (n, 2) grey gradient per pixel of each grain. texture: (n,) amplitude of speckle. hatch: (n, 3)
        amplitude, angle and period of parallel lines in the grain. etch: field, large where lines are etched.
        ragged: field that modulates line width. coarse, fine: noise fields for textures. p: the numbers of
        `Appearance` in the order of the assignment below. salt: integer, chooses the facets' luck.
    """
    (base, depth, half_width, width_spread, faint, faint_depth, gap_level, halo, relief, core_noise, bead,
     twin_depth, twin_tone) = p  # fmt: skip
    rows, cols = grain.shape
    grey = np.empty((rows, cols), np.float32)
    n = len(texture)
    hatch_sin, hatch_cos = np.sin(hatch[:, 1]), np.cos(hatch[:, 1])
    wildest = np.float32(1.01) * half_width * (1 + width_spread * (1 + np.float32(0.35) * np.abs(ragged).max()))
    reach = max(wildest, np.float32(0.2)) + np.float32(0.7)  # no line is drawn further from its boundary,
    if halo > 0:
        reach = 2 * wildest + np.float32(2.2)  # nor a halo,
    if relief != 0:
        reach = np.float32(np.inf)  # but relief is everywhere
    for i in range(rows):
        for j in range(cols):
            g, h, d = grain[i, j], neighbour[i, j], distance[i, j]
            k = g if g < n else g % n
            value = base + tone[part[i, j] % len(tone)] + slope[k, 0] * (i % 512) + slope[k, 1] * (j % 512)
            if in_twin[i, j]:
                value += twin_tone * (np.float32(1) if k % 2 else np.float32(-1))
            if texture[k] > 0:
                value -= texture[k] * max(coarse[i, j] + np.float32(0.5) * fine[i, j] - np.float32(0.4), np.float32(0))
            if hatch[k, 0] > 0:
                phase = (i * hatch_sin[k] + j * hatch_cos[k]) / hatch[k, 2] + np.float32(0.15) * coarse[i, j]
                if phase - np.floor(phase) < 0.35:
                    value -= hatch[k, 0] * (np.float32(0.7) + np.float32(0.3) * coarse[i, j])
            line = np.float32(0)
            if d < reach:
                luck = _facet_chance(g, h, salt)
                width = half_width * (
                    np.float32(1) + width_spread * (luck * 2 - 1) + np.float32(0.35) * width_spread * ragged[i, j]
                )
                strength = np.float32(1)
                if _facet_chance(g, h, salt + 1) < faint:
                    strength = faint_depth
                if etch[i, j] < gap_level:
                    strength *= max(np.float32(0.1), np.float32(1) + np.float32(2) * (etch[i, j] - gap_level))
                if bead > 0:
                    strength *= np.float32(1) - bead * (np.float32(0.5) if fine[i, j] > 0 else np.float32(0))
                line = _profile(d, max(width, np.float32(0.2)))
                strength *= np.float32(1) + core_noise * fine[i, j] * line
                value += depth * strength * line
                if halo > 0:
                    value -= depth * halo * strength * (_profile(d, width * np.float32(2) + np.float32(1.5)) - line)
                if relief != 0:
                    side = np.float32(1) if g < h else np.float32(-1)
                    value += relief * side * np.exp(-d / (width + np.float32(1)))
            twin_line = _profile(twin_distance[i, j], half_width * np.float32(0.5))
            value += depth * twin_depth * twin_line * (np.float32(1) - line)
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


@numba.njit(cache=True, nogil=True)
def stamp_scratch(grey, row, col, angle, length, half_width, depth, bend, noise):
    """Draw one long, slightly bent line that knows nothing of the grains."""
    rows, cols = grey.shape
    cos, sin = np.cos(angle), np.sin(angle)
    for i in range(rows):
        for j in range(cols):
            along = (j - col) * cos + (i - row) * sin
            if abs(along) > length / 2:
                continue
            across = abs((i - row) * cos - (j - col) * sin + bend * along * along)
            if across < half_width + 2:
                grey[i, j] += depth * _profile(np.float32(across), np.float32(half_width)) * (1 + 0.5 * noise[i, j])
