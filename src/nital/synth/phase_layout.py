"""What a synthetic multi-phase micrograph shows: the map of its constituents, and what may tell them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from nital.synth.polycrystals import Polycrystal

__all__ = ["CONSTITUENTS", "Layout", "highest"]

CONSTITUENTS = (
    "matrix", "martensite", "pearlite", "large precipitates", "small precipitates", "pores", "boundary phase",
    "particle region", "plates", "laths", "second phase", "eutectic", "dark inclusions", "bright inclusions",
)  # fmt: skip
"""Names of all labels; the index is the label's value."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A structure before it is painted. All maps are (rows, cols).

    Attributes:
        labels: uint8, indices into CONSTITUENTS. finest_px: width of the finest thing that optics must not wipe out.
        crystal: grains, whose boundaries and grey contrast may show in the constituents `grained`.
        textures: by label, float32 of mean 0 and spread 1, what the constituent looks like inside.
        roomy: labels whose regions are large enough for a texture to tell them.
        signs: by label, 1 or -1 where the constituent is always brighter or always darker than the matrix.
        spotless: small particles are a constituent, so no texture or dirt may look like them.
        debris: float32, grey of things that are no constituent, in units of the contrast.
    """

    labels: np.ndarray
    finest_px: float
    crystal: Polycrystal | None = None
    grained: tuple[int, ...] = (0,)
    textures: Mapping[int, np.ndarray] = field(default_factory=dict)
    roomy: tuple[int, ...] = ()
    signs: Mapping[int, int] = field(default_factory=dict)
    spotless: bool = False
    debris: np.ndarray | None = None


def highest(score: np.ndarray, fraction: float) -> np.ndarray:
    """Bool map of the pixels with the highest score, as many as the area fraction says."""
    n = score.size - max(round(fraction * score.size), 1)
    return score > np.partition(score.ravel(), n - 1)[n - 1]
