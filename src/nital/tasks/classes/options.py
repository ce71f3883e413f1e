"""What a user may choose when pictures are classified, scored or explained."""

from dataclasses import dataclass
from typing import Literal

from nital.core.options import Options, option

__all__ = ["ClassesOptions", "EvaluateOptions", "ExplainOptions"]


@dataclass(frozen=True, kw_only=True)
class ClassesOptions(Options):
    """Options of predicting."""

    pixel_size_um: float | None = option(None, "Pixel size; wins over metadata and scale bar.", unit="um")
    page: int | None = option(None, "Page of a multi-page TIFF, counted from 1.", minimum=1)


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(Options):
    """Options of evaluating."""

    file_column: str | None = option(None, "Column of a table that names the files.")
    class_column: str | None = option(None, "Column of a table that names the class.")
    group_column: str | None = option(None, "Column of a table that names the specimen.")
    value_column: str | None = option(None, "Column with the value beside the class.")


@dataclass(frozen=True, kw_only=True)
class ExplainOptions(ClassesOptions):
    """Options of explaining."""

    of: str | None = option(None, "Class to explain; without it the one that is predicted.")
    layer: str | None = option(None, "Layer for Grad-CAM and feature maps; without it the last.")
    method: Literal["all", "grad_cam", "integrated_gradients", "occlusion"] = option("all", "Which maps are made.")
    grain_size_px: float | None = option(
        None, "Size of the grains in the file, to compare with what a layer sees.", unit="px", minimum=0
    )
