"""What a user may choose when grains are measured."""

from dataclasses import dataclass, field
from typing import Literal

from nital.core.task import Options

__all__ = ["GrainsOptions"]


@dataclass(frozen=True, kw_only=True)
class GrainsOptions(Options):
    """Options of `nital predict grains`."""

    pixel_size_um: float | None = field(
        default=None, metadata={"help": "Micrometres per pixel; wins over metadata and scale bar."}
    )
    scale_bar_um: float | None = field(
        default=None,
        metadata={"help": "Length that the scale bar in the picture stands for, if its number cannot be read."},
    )
    twins: Literal["merge", "count"] = field(
        default="merge",
        metadata={"help": "Annealing twins: merge them with their grain (E112), or count them as grains."},
    )
    scale: float | None = field(
        default=None,
        metadata={"help": "Work at this magnification of the picture instead of choosing it (1: as it is)."},
    )
    page: int | None = field(default=None, metadata={"help": "Page of a multi-page TIFF, counted from 1."})
