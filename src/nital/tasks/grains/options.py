"""What a user may choose when grains are measured."""

from dataclasses import dataclass
from typing import Literal

from nital.core.options import Options, option
from nital.core.units import LARGEST_PIXEL_UM, SMALLEST_PIXEL_UM

__all__ = ["GrainsOptions"]


@dataclass(frozen=True, kw_only=True)
class GrainsOptions(Options):
    """Options of measuring grains."""

    pixel_size_um: float | None = option(
        None, "Micrometres per pixel; wins over metadata and scale bar.",
        unit="um", minimum=SMALLEST_PIXEL_UM, maximum=LARGEST_PIXEL_UM,
    )  # fmt: skip
    scale_bar_um: float | None = option(
        None, "Length that the scale bar in the picture stands for, if its number cannot be read.",
        unit="um", minimum=SMALLEST_PIXEL_UM,
    )  # fmt: skip
    twins: Literal["merge", "count"] = option(
        "merge", "Annealing twins: merge them with their grain (E112), or count them as grains."
    )
    scale: float | None = option(
        None, "Work at this magnification of the picture instead of choosing it (1: as it is).",
        minimum=0.01, maximum=16,
    )  # fmt: skip
    page: int | None = option(None, "Page of a multi-page TIFF, counted from 1.", minimum=1)
