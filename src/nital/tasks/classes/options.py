"""What a user may choose when pictures are classified, scored or explained."""

from dataclasses import dataclass, field
from typing import Literal

from nital.core.task import Options

__all__ = ["ClassesOptions", "EvaluateOptions", "ExplainOptions"]


@dataclass(frozen=True, kw_only=True)
class ClassesOptions(Options):
    """Options of `nital predict classes`."""

    pixel_size_um: float | None = field(
        default=None, metadata={"help": "Micrometres per pixel; wins over metadata and scale bar."}
    )
    page: int | None = field(default=None, metadata={"help": "Page of a multi-page TIFF, counted from 1."})


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions(Options):
    """Options of `nital evaluate classes`."""

    file_column: str | None = field(default=None, metadata={"help": "Column of a table that names the files."})
    class_column: str | None = field(default=None, metadata={"help": "Column of a table that names the class."})
    group_column: str | None = field(default=None, metadata={"help": "Column of a table that names the specimen."})
    value_column: str | None = field(default=None, metadata={"help": "Column with the value beside the class."})


@dataclass(frozen=True, kw_only=True)
class ExplainOptions(ClassesOptions):
    """Options of `nital explain classes`."""

    of: str | None = field(default=None, metadata={"help": "Class to explain; without it the one that is predicted."})
    layer: str | None = field(
        default=None, metadata={"help": "Layer for Grad-CAM and feature maps; without it the last."}
    )
    method: Literal["all", "grad_cam", "integrated_gradients", "occlusion"] = field(
        default="all", metadata={"help": "Which maps are made."}
    )
    grain_size_px: float | None = field(
        default=None, metadata={"help": "Size of the grains in pixels of the file, to compare with what a layer sees."}
    )
