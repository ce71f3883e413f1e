"""Files of outlines: ROIs of ImageJ (.roi, or .zip of the ROI Manager) and LabelMe's .json."""

import json
import re
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import InputError
from nital.io.file_head import file_head
from nital.io.labelled.outlines import Outline, painted
from nital.io.labelled.stored import StoredLabel

__all__ = ["OUTLINES", "read_outlines"]

OUTLINES = (".roi", ".zip", ".json")
STROKE_PX = 3.0
"""Width of strokes and points where the file gives none: LabelMe has no width, an ImageJ point no size."""
CORNERS = np.linspace(0, 2 * np.pi, 65)[:-1]

_NUMBER = re.compile(r"[-_. ]*\d+([-_. ]+\d+)*$")
"""What tells two ROIs of one class apart; the default names of ImageJ (0123-0456, a place) are nothing else."""


def read_outlines(path: Path, shape: tuple[int, int]) -> StoredLabel:
    """Read the outlines of a file and paint them on a picture of (rows, cols) `shape`.

    The class of a ROI is its name without the number at its end (ferrite-1, ferrite_2: ferrite), else its group
    ("group 3"). The class of a shape of LabelMe is its label.

    Raises:
        InputError: not such a file, a shape without a class, or one that labels no pixels.
    """
    file_head(path, "a file of outlines")
    outlines = _labelme(path, shape) if path.suffix.lower() == ".json" else _rois(path)
    return painted(path, outlines, shape)


def _rois(path: Path) -> list[Outline]:
    from roifile import ROI_SUBTYPE, ROI_TYPE, roiread

    try:
        read = roiread(path)
        rois = read if isinstance(read, list) else [read]
        paths = [tuple(roi.coordinates(multi=True)) for roi in rois]
    except Exception as error:  # bytes of an unknown file: struct, zip and index errors
        raise InputError(
            f"{path} cannot be read as ImageJ ROIs ({type(error).__name__}: {error}). Save them again with More > Save "
            "in the ROI Manager."
        ) from error
    strokes = (ROI_TYPE.LINE, ROI_TYPE.POLYLINE, ROI_TYPE.FREELINE)
    marks = (ROI_SUBTYPE.TEXT, ROI_SUBTYPE.IMAGE, ROI_SUBTYPE.ARROW)  # notes on the picture
    outlines = []
    for number, (roi, borders) in enumerate(zip(rois, paths, strict=True), start=1):
        if roi.roitype in (ROI_TYPE.NOROI, ROI_TYPE.ANGLE) or roi.subtype in marks:
            continue
        name = _NUMBER.sub("", roi.name).strip() or (f"group {roi.group}" if roi.group else "")
        if not name:
            raise InputError(
                f"{path}: ROI {number} ('{roi.name}') says no class. Rename it in the ROI Manager to its class and a "
                "number, such as ferrite-1, or give it a group."
            )
        width = None
        if roi.roitype in strokes:
            width = float(roi.float_stroke_width or roi.stroke_width or 1)
        elif roi.roitype == ROI_TYPE.POINT:
            width, borders = STROKE_PX, tuple(point[None] for border in borders for point in border)
        outlines.append(Outline(name, f"ROI {number}", tuple(np.asarray(b, float) for b in borders), width))
    return outlines


def _labelme(path: Path, shape: tuple[int, int]) -> list[Outline]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON ({error}). Save it again from LabelMe.") from error
    if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
        raise InputError(f"{path} is no file of LabelMe: it has no list 'shapes'. Save the outlines with LabelMe.")
    drawn_on = content.get("imageHeight"), content.get("imageWidth")
    if None not in drawn_on and drawn_on != shape:
        raise InputError(
            f"{path} was drawn on a picture of {drawn_on[1]} x {drawn_on[0]} px, but its picture has {shape[1]} x "
            f"{shape[0]} px. Give the picture that it was drawn on."
        )
    return [_shape(path, number, shape) for number, shape in enumerate(content["shapes"], start=1)]


def _shape(path: Path, number: int, shape: Any) -> Outline:
    where = f"shape {number}"
    try:
        name, kind = str(shape["label"]).strip(), shape.get("shape_type") or "polygon"
        points = np.array(shape["points"], dtype=float).reshape(-1, 2)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(f"{path}: {where} lacks its label or points. Save it again from LabelMe.") from error
    if not name:
        raise InputError(f"{path}: {where} has an empty label. Name its class in LabelMe.")
    if kind in ("linestrip", "line"):
        return Outline(name, where, (points,), STROKE_PX)
    if kind in ("point", "points"):
        return Outline(name, where, tuple(points[:, None]), STROKE_PX)
    if kind == "circle" and len(points) == 2:  # the centre and a point on it
        radius = float(np.hypot(*(points[1] - points[0])))
        return Outline(name, where, (points[0] + radius * np.stack([np.cos(CORNERS), np.sin(CORNERS)], axis=1),))
    if kind == "rectangle" and len(points) == 2:
        (x1, y1), (x2, y2) = points
        return Outline(name, where, (np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]]),))
    if kind not in ("polygon", "rectangle") or len(points) < 3:
        raise InputError(
            f"{path}: {where} ({name}) is a {kind} of {len(points)} points, which is not read. Draw polygons, "
            "rectangles, circles, lines or points."
        )
    return Outline(name, where, (points,))
