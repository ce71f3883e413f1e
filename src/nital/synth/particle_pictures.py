"""Synthetic pictures of nanoparticles, as a TEM or STEM takes them, with exact outlines.

Two ways to see: bright field, where what is heavy or thick is dark, with phase contrast (grain of amorphous carbon,
Fresnel rims, lattice fringes); and annular dark field, where it is bright. Truth is made before the picture.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from nital.core.errors import InputError
from nital.synth.micrographs import Appearance, record
from nital.synth.noise import smooth_noise, white_noise
from nital.synth.particle_shapes import ROUGHEST, Particle, Projection, project, scatter_particles
from nital.synth.particle_supports import Support, draw_support
from nital.synth.phase_textures import log_uniform

__all__ = ["Imaging", "ParticlePicture", "draw_particles", "expose"]

LEAST_SIDE_PX = 32
MOST_PARTICLES = 220
SIZES_PX = (4.5, 80.0)


class ParticlePicture(NamedTuple):
    """A picture and its truth.

    Attributes:
        image: uint8 (rows, cols). labels: int32 (rows, cols), particles 1 to n, 0 for none.
        depth: float32 (rows, cols), 1 in the middle of a particle, 0 at its outline and outside.
        dark_field: how it was taken.
    """

    image: np.ndarray
    labels: np.ndarray
    depth: np.ndarray
    dark_field: bool


@dataclass(frozen=True, kw_only=True)
class Imaging:
    """How a picture is taken. Contrasts as shares of the full range of grey, lengths in px.

    Attributes:
        dark_field: annular dark field (True), or bright field. particle, support: contrast of a usual particle, and of
            the thickest support. blur_px: of the probe. tails: share of the probe's current far outside.
        grain, grain_px: phase contrast of amorphous carbon. layers: of bent graphite layers. rim: of Fresnel fringes,
            of either sign. fringes: lattice contrast as a share of that of the particle. shot, noise: Poisson noise at
            full grey, and that of reading.
        drift_px: jitter of the rows.
    """

    dark_field: bool
    particle: float
    support: float
    blur_px: float = 0.6
    tails: float = 0.0
    grain: float = 0.0
    grain_px: float = 3.0
    layers: float = 0.0
    rim: float = 0.0
    fringes: float = 0.0
    shot: float = 0.02
    noise: float = 0.01
    drift_px: float = 0.0


def draw_particles(
    rng: np.random.Generator, shape: tuple[int, int] = (256, 256), *, diameter_px: float | None = None
) -> ParticlePicture:
    """One picture of particles of random kind on a random support, taken at random.

    Args:
        rng: the only source of randomness. shape: (rows, cols), at least 32 x 32.
        diameter_px: their median diameter; None: random, 4.5 to 80 px, smaller ones oftener.

    Raises:
        InputError: a picture that is too small.

    Source: own; the contrasts as in D. B. Williams, C. B. Carter, Transmission Electron Microscopy, 2009,
        doi:10.1007/978-0-387-76501-3.

    >>> picture = draw_particles(np.random.default_rng(3), (64, 48), diameter_px=9)
    >>> picture.image.shape, picture.labels.shape, bool((picture.depth[picture.labels == 0] == 0).all())
    ((64, 48), (64, 48), True)
    """
    if min(shape) < LEAST_SIDE_PX:
        raise InputError(f"A picture of {shape[0]} x {shape[1]} px is too small. Give at least 32 x 32 px.")
    size = diameter_px or log_uniform(rng, *SIZES_PX)
    support = draw_support(rng, shape)
    particles = [] if rng.random() < 0.05 else _population(rng, support, shape, size)
    found = project(particles, shape)
    imaging = _random_imaging(rng, size)
    image = expose(found, support, imaging, rng)
    return ParticlePicture(image, found.labels, found.depth, imaging.dark_field)


def _population(rng: np.random.Generator, support: Support, shape: tuple[int, int], size: float) -> list[Particle]:
    """Particles of one make: what differs from one to the next is little beside what differs between makes."""
    spread = rng.uniform(0.05, 0.45)
    cover = log_uniform(rng, 0.012, 0.4)
    number = cover * shape[0] * shape[1] / (math.pi / 4 * size**2 * math.exp(2 * spread**2))
    number = int(min(max(rng.poisson(number), 1), MOST_PARTICLES))
    radii = size / 2 * np.exp(spread * rng.standard_normal(number))
    if rng.random() < 0.25:  # a few large ones beside many small
        few = rng.random(number) < rng.uniform(0.02, 0.15)
        radii = np.where(few, radii * rng.uniform(2, 5), radii)
    radii = np.clip(radii, 1.6, 0.3 * max(shape))
    where = support.there if support.there.mean() > 0.05 and rng.random() < 0.9 else np.ones(shape, bool)
    gap = rng.choice([rng.uniform(0.55, 0.95), 1.0, rng.uniform(1.05, 1.6)], p=[0.35, 0.3, 0.35])
    clusters = int(rng.integers(1, 7)) if rng.random() < 0.25 else 0
    placed = scatter_particles(rng, where, radii, gap, clusters)
    corners = int(rng.choice([0, 0, 0, 4, 5, 6, 8]))
    long = rng.uniform(1, 1.25) if rng.random() < 0.75 else rng.uniform(1.2, 2.5)
    rough = rng.uniform(0, ROUGHEST) if rng.random() < 0.5 else 0.0
    flat, fringe = rng.uniform(2, 8), log_uniform(rng, 2.5, 9)
    uneven, seen = rng.uniform(0.05, 0.45), rng.uniform(0.1, 0.9)
    twins = rng.random() < 0.3
    return [
        Particle(
            row, col, radius, 1 + (long - 1) * rng.uniform(0.2, 1.4), rng.uniform(0, math.pi), corners,
            rng.uniform(0.1, 0.6), flat, (rough * rng.random(), rng.uniform(0, 6.3)),
            fringe * rng.uniform(0.85, 1.15) if rng.random() < seen else 0.0, rng.uniform(0, math.pi),
            twins and rng.random() < 0.4,
            # Thicker particles show more, and how a crystal lies to the beam shows more or less.
            min((radius / (size / 2)) ** 0.6, 2.5) * math.exp(uneven * rng.standard_normal()),
        )
        for row, col, radius in placed
    ]  # fmt: skip


def _random_imaging(rng: np.random.Generator, size: float) -> Imaging:
    """A picture in which most particles can be seen: large ones by less contrast than small."""
    dark_field = rng.random() < 0.5
    particle = log_uniform(rng, 0.06, 0.75)
    seen = log_uniform(rng, 1.5, 40) * (10 / size) ** 0.4  # contrast over noise in a pixel
    noise = min(particle / seen, 0.25)
    support = particle * log_uniform(rng, 0.1, 2.2)
    shot = rng.uniform(0, 1)
    phase = 0.0 if dark_field else rng.uniform(0, 1) ** 2
    return Imaging(
        dark_field=dark_field, particle=particle, support=min(support, 0.8),
        blur_px=min(log_uniform(rng, 0.3, 4), size / 4.5), tails=rng.uniform(0, 0.3) * (rng.random() < 0.4),
        grain=phase * particle * rng.uniform(0.1, 0.8), grain_px=log_uniform(rng, 2, 6),
        layers=0.0 if dark_field else particle * rng.uniform(0.1, 0.6) * (rng.random() < 0.25),
        rim=0.0 if dark_field else particle * rng.uniform(-0.6, 0.6) * (rng.random() < 0.6),
        fringes=rng.uniform(0, 0.6) * (rng.random() < (0.15 if dark_field else 0.5)),
        shot=noise * shot, noise=noise * math.sqrt(1 - shot**2) * 0.7,
        drift_px=rng.uniform(0.1, 0.8) * (rng.random() < 0.2),
    )  # fmt: skip


def expose(found: Projection, support: Support, look: Imaging, rng: np.random.Generator) -> np.ndarray:
    """The picture of particles on a support, uint8 (rows, cols).

    Args:
        found: the particles. support: what they lie on. look: how it is taken. rng: for what `look` leaves open.
    """
    shape = found.thickness.shape
    solid = look.particle * (found.thickness + look.fringes * found.fringes)
    carbon = look.support * support.thickness
    if look.grain:
        grain = smooth_noise(rng, shape, look.grain_px) - smooth_noise(rng, shape, 2.5 * look.grain_px)
        carbon = carbon + look.grain * grain * np.sqrt(0.3 + support.thickness)
    if look.layers:
        bend, apart = rng.uniform(15, 60), rng.uniform(3, 8)  # px, the second about, where the layers are densest
        turns = (2 * math.pi * bend / apart) * smooth_noise(rng, shape, bend)
        carbon = carbon + np.float32(look.layers) * np.sin(turns) * np.sqrt(support.thickness)
    if look.rim:
        width = max(look.blur_px, 0.8)
        sharp = ndimage.gaussian_filter(found.thickness + 0.5 * support.thickness, width, truncate=3)
        solid = solid + look.rim * (sharp - ndimage.gaussian_filter(sharp, 1.5 * width, truncate=3)) * 3
    seen = solid + carbon
    if look.tails:
        seen = (1 - look.tails) * seen + look.tails * ndimage.gaussian_filter(seen, 8 * look.blur_px, truncate=2)
    low = rng.uniform(0.02, 0.25)
    grey = low + seen if look.dark_field else np.exp(-seen) * rng.uniform(0.55, 0.95)
    grey = _drifted(grey.astype(np.float32), look.drift_px, rng)
    grey = ndimage.gaussian_filter(grey, look.blur_px, truncate=3)
    grey = grey + np.float32(look.shot) * np.sqrt(np.maximum(grey, 0)) * white_noise(rng, shape)
    optics = Appearance(
        noise_white=look.noise * rng.uniform(0.3, 1), noise_smooth=look.noise * rng.uniform(0, 1),
        noise_smooth_px=rng.uniform(1.5, 3), shading=rng.uniform(0, 0.1), gamma=rng.uniform(0.7, 1.4),
        noise_lines=look.noise * rng.uniform(0, 0.5) * (rng.random() < 0.2),
        gain=rng.uniform(0.8, 1.5) if look.dark_field else rng.uniform(0.7, 1.1),
        jpeg_quality=int(rng.integers(40, 95)) if rng.random() < 0.35 else None,
    )  # fmt: skip
    if look.dark_field and rng.random() < 0.7:  # what is brightest is cut off at white, or nearly
        high = float(np.percentile(grey[::2, ::2], rng.uniform(97, 100)))
        grey = grey / np.float32(max(high, 0.2)) * np.float32(rng.uniform(0.7, 1.1))
    return record(grey.astype(np.float32), optics, rng)


def _drifted(grey: np.ndarray, drift_px: float, rng: np.random.Generator) -> np.ndarray:
    """Rows that a scan did not set down quite where they belong."""
    if not drift_px:
        return grey
    cols = np.arange(grey.shape[1], dtype=np.float32)
    shifts = drift_px * rng.standard_normal(len(grey))
    return np.stack([np.interp(cols + shift, cols, row) for row, shift in zip(grey, shifts, strict=True)]).astype(
        np.float32
    )
