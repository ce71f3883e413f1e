"""What a user may choose when a map is filled, scored or made."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nital.core.options import Options, option

__all__ = ["SUFFIXES", "InpaintEvaluateOptions", "InpaintOptions", "InpaintSynthOptions"]

SUFFIXES = (".npy", ".npz", ".tif", ".tiff", ".png", ".csv", ".txt")
"""Of the files that may be maps."""


@dataclass(frozen=True, kw_only=True)
class InpaintOptions(Options):
    """Options of filling a map."""

    missing_value: float | None = option(
        None, "The value that stands where nothing was measured, such as 0; NaN always counts as missing."
    )
    mask: Path | None = option(  # noqa: RUF009  -- a field, as all of `option`
        None, "A picture or .npy of the same size that is not 0 where a pixel of the map is missing."
    )
    labels: Literal["auto", "yes", "no"] = option(
        "auto", "Whether the values are names, such as phase numbers, between which nothing lies; auto: whole numbers "
        "of which there are at most 12.",
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class InpaintEvaluateOptions(Options):
    """Options of scoring: pixels of whole maps are dropped and filled."""

    share: float = option(0.3, "Share of the pixels that are dropped.", minimum=0.01, maximum=0.8)
    gaps: Literal["random", "lines", "blocks"] = option("random", "Where pixels are dropped.")


@dataclass(frozen=True, kw_only=True)
class InpaintSynthOptions(Options):
    """Knobs of the generator."""

    kind: Literal["gaussian", "grains", "phases", "textures", "counts", "scanned"] = option(
        "grains", "What the maps show."
    )
    gaps: Literal["random", "lines", "blocks"] = option("random", "Where pixels are missing.")
    share: float = option(0.3, "Share of the pixels that are missing.", minimum=0.01, maximum=0.8)
    side_px: int = option(128, "Side of the square maps.", unit="px", minimum=16, maximum=4096)
