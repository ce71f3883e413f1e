"""Synthetic micrographs of several phases with exact label maps, to learn segmentation from.

What tells a constituent is drawn anew for each picture: its grey, its texture or its edges, of either sign, under
uneven etching, light and damage. So a network cannot lean on grey alone. The labels are made before the picture.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import ndimage

from nital.core.errors import InputError
from nital.synth import phase_grains, phase_particles
from nital.synth.micrographs import Appearance, damage, record
from nital.synth.noise import smooth_noise
from nital.synth.phase_layout import CONSTITUENTS, Layout
from nital.synth.phase_textures import log_uniform, plain_texture
from nital.synth.random_micrographs import random_optics

__all__ = ["CONSTITUENTS", "KIND_CONSTITUENTS", "PHASE_KINDS", "PhasePicture", "draw_phases"]

Draw = Callable[[np.random.Generator, tuple[int, int]], Layout]
LEAST_SIDE_PX = 32
MIXTURES = [
    CONSTITUENTS.index(name) for name in ("pearlite", "particle region", "eutectic")
]  # as high as what is in them
LIKE = {
    CONSTITUENTS.index(one): CONSTITUENTS.index(other)
    for one, other in (("small precipitates", "large precipitates"), ("plates", "boundary phase"))
}  # mostly the same phase, so the same grey

_KINDS: dict[str, tuple[Draw, tuple[str, ...]]] = {
    "dual phase": (phase_grains.dual_phase, ("matrix", "martensite")),
    "eutectic": (phase_particles.eutectic, ("matrix", "eutectic")),
    "inclusions": (phase_particles.inclusions, ("matrix", "dark inclusions", "bright inclusions")),
    "laths": (phase_grains.laths_beside_matrix, ("matrix", "laths")),
    "network": (phase_grains.network, ("matrix", "boundary phase", "particle region", "plates")),
    "pearlite": (phase_grains.pearlite, ("matrix", "pearlite")),
    "pores": (phase_particles.pores, ("matrix", "pores")),
    "precipitates": (phase_particles.precipitates, ("matrix", "large precipitates", "small precipitates")),
    "spinodal": (phase_particles.spinodal, ("matrix", "second phase")),
    "two-phase grains": (phase_grains.two_phase_grains, ("matrix", "second phase")),
}

PHASE_KINDS = tuple(_KINDS)
"""The kinds of structures, in the order of their numbers."""

KIND_CONSTITUENTS = {kind: names for kind, (_, names) in _KINDS.items()}
"""The constituents that can occur in each kind, in the order of their labels."""


class PhasePicture(NamedTuple):
    """A micrograph and its truth: image uint8 (rows, cols); labels uint8 (rows, cols), indices into CONSTITUENTS."""

    image: np.ndarray
    labels: np.ndarray


def draw_phases(kind: str, rng: np.random.Generator, shape: tuple[int, int] = (256, 256)) -> PhasePicture:
    """One picture of a kind with its exact labels.

    Args:
        kind: one of PHASE_KINDS. rng: the only source of randomness. shape: (rows, cols), at least 32 x 32.

    Raises:
        InputError: an unknown kind, or a picture that is too small.

    Source: own; the kinds as in G. F. Vander Voort (ed.), ASM Handbook 9, Metallography and Microstructures, 2004,
        doi:10.31399/asm.hb.v09.9781627081771.

    >>> picture = draw_phases("pores", np.random.default_rng(1), (64, 48))
    >>> picture.image.shape, sorted(CONSTITUENTS[label] for label in np.unique(picture.labels))
    ((64, 48), ['matrix', 'pores'])
    """
    if kind not in _KINDS:
        raise InputError(f"There is no kind of structure {kind!r}. Use one of: {', '.join(PHASE_KINDS)}.")
    if min(shape) < LEAST_SIDE_PX:
        raise InputError(f"A picture of {shape[0]} x {shape[1]} px is too small. Give at least 32 x 32 px.")
    layout = _KINDS[kind][0](rng, shape)
    contrast = log_uniform(rng, 0.14, 0.65)
    grey = _surface(layout, contrast, rng)
    numbers: dict[str, Any] = random_optics(rng, min(layout.finest_px, 6.0), 0.5 * contrast)
    numbers |= {"gain": 1.0, "offset": 0.0, "base": 0.6} | _dirt(rng, layout.spotless)
    look = Appearance(**numbers)
    damage(grey, look, rng)
    return PhasePicture(record(grey, look, rng), layout.labels)


def _dirt(rng: np.random.Generator, spotless: bool) -> dict[str, Any]:
    """Pits, scratches and stains, as fields of `Appearance`; most pictures are clean."""
    numbers: dict[str, Any] = {}
    if not spotless and rng.random() < 0.25:
        numbers |= {"pits": log_uniform(rng, 1, 60), "pit_px": rng.uniform(0.4, 1.2)}
    if rng.random() < 0.3:
        numbers |= {"scratches": rng.uniform(0.5, 5), "scratch_depth": rng.uniform(0.03, 0.3)}
    if rng.random() < 0.2:
        numbers |= {"stains": rng.uniform(0.02, 0.12)}
    return numbers


def _surface(layout: Layout, contrast: float, rng: np.random.Generator) -> np.ndarray:
    """Grey of the prepared surface before damage and optics, float32 (rows, cols), 0 to 1."""
    labels, shape = layout.labels, layout.labels.shape
    present = np.flatnonzero(np.bincount(labels.ravel(), minlength=len(CONSTITUENTS)))
    style = rng.choice(["none", "rim", "halo", "relief"], p=[0.35, 0.25, 0.2, 0.2])
    level, strength = _levels(layout, present, contrast, rng)
    if style == "rim" and not layout.signs and rng.random() < 0.35:  # little but the outlines tells
        level += np.float32(0.75) * (level[0] - level)
    grey = level[labels]
    for label in present:
        if strength[label] > 0.004:
            texture = layout.textures.get(int(label))
            texture = plain_texture(rng, shape, layout.spotless) if texture is None else texture
            grey += strength[label] * np.clip(texture, -3, 3) * (labels == label)
    if layout.crystal is not None:
        _show_grains(grey, layout, contrast, rng)
    if layout.debris is not None:
        grey += contrast * layout.debris
    grey = ndimage.gaussian_filter(grey, rng.uniform(0.35, 0.6), truncate=2)
    _draw_edges(grey, layout, style, contrast, rng)
    middle = float(level[present].mean())
    if rng.random() < 0.35:  # etched unevenly
        grey = middle + (grey - middle) * (1 + 0.3 * smooth_noise(rng, shape, max(shape) / 3)).clip(0.3)
    return grey.astype(np.float32)


def _levels(
    layout: Layout, present: np.ndarray, contrast: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Grey of each constituent and strength of its texture, both (constituents,) float32."""
    level, strength = np.zeros((2, len(CONSTITUENTS)), np.float32)
    for label in map(int, present):
        own = label in layout.textures
        strength[label] = rng.exponential(0.25 if own else 0.1) * contrast * (own or rng.random() < 0.5)
        if label:
            level[label] = contrast * rng.uniform(0.7, 1.2) * layout.signs.get(label, rng.choice([-1, 1]))
    for label, like in LIKE.items():
        if rng.random() < 0.85:
            level[label] = level[like] or level[label]
    for label in (label for label in layout.roomy if label in present):
        own = label in layout.textures
        if rng.random() < (0.5 if own else 0.3):  # its texture tells it, or that of the matrix does
            level[label] *= rng.uniform(0, 0.3)
            textured, smooth = (label, 0) if own or rng.random() < 0.5 else (0, label)
            strength[smooth] *= 0.25
            strength[textured] = max(strength[textured], contrast * rng.uniform(0.4, 0.8))
    strength = np.minimum(strength, 0.7 * contrast)
    low, high = level[present].min(), level[present].max()
    edge = 0.3 - 0.28 * contrast  # faint pictures stay off black and white, where nothing could be seen
    return level + np.float32(rng.uniform(edge - low, max(1 - edge - high, edge - low + 0.01))), strength


def _show_grains(grey: np.ndarray, layout: Layout, contrast: float, rng: np.random.Generator) -> None:
    """Boundaries and channelling contrast of grains, in place; they are no constituent."""
    crystal = layout.crystal
    assert crystal is not None
    where = np.isin(layout.labels, layout.grained)
    if rng.random() < 0.5:
        tone = contrast * rng.exponential(0.12) * rng.standard_normal(int(crystal.part.max()) + 1).clip(-2, 2)
        grey += tone.astype(np.float32)[crystal.part] * where
    if rng.random() < 0.6:
        width, depth = log_uniform(rng, 0.6, 1.6), contrast * rng.uniform(0.1, 0.9) * rng.choice([-1, -1, 1])
        line = np.clip(width + 0.5 - crystal.distance_px, 0, 1)
        if rng.random() < 0.5:
            line *= np.clip(smooth_noise(rng, grey.shape, 15) + rng.uniform(0, 1), 0, 1)
        grey += np.float32(depth) * line * where


def _draw_edges(grey: np.ndarray, layout: Layout, style: str, contrast: float, rng: np.random.Generator) -> None:
    """Rims, halos and relief where constituents meet, in place."""
    if style == "none":
        return
    height = rng.choice([-1.0, 1.0], len(CONSTITUENTS)) * rng.uniform(0.6, 1, len(CONSTITUENTS))
    height[0] = 0
    height[MIXTURES] *= rng.choice([0.0, 0.0, 1.0], len(MIXTURES))
    surface = height.astype(np.float32)[layout.labels]
    reach = rng.uniform(0.6, max(0.7, min(0.5 * layout.finest_px, 3)))
    smooth = ndimage.gaussian_filter(surface, reach, truncate=3)
    depth = np.float32(contrast * rng.uniform(0.2, 1) * rng.choice([-1, 1, 1]))
    if style == "halo":
        edge = 2 * (smooth - surface) * (rng.choice([True, False]) | (layout.labels == 0))
    else:
        down, across = np.gradient(smooth)
        turn = rng.uniform(0, 2 * math.pi)
        edge = np.hypot(down, across) if style == "rim" else down * math.sin(turn) + across * math.cos(turn)
        edge *= 2 * reach
    grey += depth * ndimage.gaussian_filter(edge.astype(np.float32), 0.4, truncate=3)
