"""What a user may choose when particles are measured."""

from dataclasses import dataclass
from typing import Literal

from nital.core.options import Options, option
from nital.core.units import LARGEST_PIXEL_UM, SMALLEST_PIXEL_UM

__all__ = ["ParticlesOptions", "SynthOptions"]

NM = 1000.0
"""Nanometres in a micrometre."""


@dataclass(frozen=True, kw_only=True)
class ParticlesOptions(Options):
    """Options of measuring particles."""

    pixel_size_nm: float | None = option(
        None, "Nanometres per pixel; wins over metadata and scale bar.",
        unit="nm", minimum=SMALLEST_PIXEL_UM * NM, maximum=LARGEST_PIXEL_UM * NM,
    )  # fmt: skip
    scale_bar_nm: float | None = option(
        None, "Length that the scale bar in the picture stands for, if its number cannot be read.",
        unit="nm", minimum=SMALLEST_PIXEL_UM * NM,
    )  # fmt: skip
    contrast: Literal["either", "bright", "dark"] = option(
        "either",
        "Whether particles are brighter or darker than what they lie on; it is told from the picture if left out.",
    )
    threshold: float = option(
        0.5, "How sure the network must be of a pixel: less finds fainter particles, and more that are none.",
        minimum=0.05, maximum=0.95,
    )  # fmt: skip
    columns: bool = option(False, "Find atom columns in a lattice picture instead of particles.")
    quick: bool = option(False, "Look once instead of four times, mirrored: faster, a little less accurate.")
    page: int | None = option(None, "Page of a multi-page TIFF, counted from 1.", minimum=1)


@dataclass(frozen=True, kw_only=True)
class SynthOptions(Options):
    """Knobs of the generator."""

    side_px: int = option(512, "Side of the square pictures.", unit="px", minimum=64, maximum=8192)
    diameter_px: float | None = option(
        None, "Median diameter of the particles; different in each picture if left out.",
        unit="px", minimum=3, maximum=400,
    )  # fmt: skip
    field: Literal["either", "bright", "dark"] = option("either", "How the pictures are taken.")
    pixel_size_nm: float = option(
        0.2, "Nanometres per pixel; scales no picture.", unit="nm",
        minimum=SMALLEST_PIXEL_UM * NM, maximum=LARGEST_PIXEL_UM * NM,
    )  # fmt: skip
