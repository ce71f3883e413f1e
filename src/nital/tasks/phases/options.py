"""What a user may choose when phases are segmented."""

from dataclasses import dataclass

from nital.core.options import Options, option
from nital.core.units import LARGEST_PIXEL_UM, SMALLEST_PIXEL_UM

__all__ = ["PhasesOptions", "SynthOptions"]


@dataclass(frozen=True, kw_only=True)
class PhasesOptions(Options):
    """Options of segmenting phases."""

    pixel_size_um: float | None = option(
        None, "Micrometres per pixel; wins over metadata and scale bar.",
        unit="um", minimum=SMALLEST_PIXEL_UM, maximum=LARGEST_PIXEL_UM,
    )  # fmt: skip
    scale_bar_um: float | None = option(
        None, "Length that the scale bar in the picture stands for, if its number cannot be read.",
        unit="um", minimum=SMALLEST_PIXEL_UM,
    )  # fmt: skip
    structure: str | None = option(
        None, "Which structure the bundled model is to see, such as dual phase, pearlite, precipitates or pores."
    )
    anyway: bool = option(False, "Answer even where the picture is unlike all that the bundled model knows.")
    quick: bool = option(False, "Look once instead of four times, mirrored: faster, a little less accurate.")
    page: int | None = option(None, "Page of a multi-page TIFF, counted from 1.", minimum=1)


@dataclass(frozen=True, kw_only=True)
class SynthOptions(Options):
    """Knobs of the generator."""

    structure: str = option("dual phase", "Which structure, such as pearlite, precipitates, pores or network.")
    side_px: int = option(512, "Side of the square pictures.", unit="px", minimum=64, maximum=8192)
    pixel_size_um: float = option(
        0.1, "Micrometres per pixel; scales no picture.", unit="um", minimum=SMALLEST_PIXEL_UM, maximum=LARGEST_PIXEL_UM
    )
