"""Outlines of ImageJ and LabelMe as labels."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from roifile import ROI_SUBTYPE, ROI_TYPE, ImagejRoi, roiwrite

from nital.core.errors import InputError
from nital.io.labelled import UNLABELLED, LabelledPhases, read_phase_labels

SQUARE = [[2, 3], [12, 3], [12, 9], [2, 9]]  # x, y
OTHER = [[20, 20], [30, 20], [30, 30], [20, 30]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    Image.fromarray(np.full((40, 48), 90, np.uint8)).save(tmp_path / "images" / "p.png")
    return tmp_path


def _roi(points: list[list[float]], name: str, kind: ROI_TYPE = ROI_TYPE.POLYGON, **more: Any) -> ImagejRoi:
    roi = ImagejRoi.frompoints(points, name=name)
    roi.roitype = kind
    for key, value in more.items():
        setattr(roi, key, value)
    return roi


def _read_rois(folder: Path, *rois: ImagejRoi, **options: Any) -> LabelledPhases:
    roiwrite(folder / "labels" / "p.zip", rois, mode="w")
    return read_phase_labels(folder, **options)


def _read_shapes(folder: Path, *shapes: tuple[str, str, list[list[float]]], **more: Any) -> LabelledPhases:
    content = {"shapes": [{"label": name, "shape_type": kind, "points": points} for name, kind, points in shapes]}
    (folder / "labels" / "p.json").write_text(json.dumps(content | more), encoding="utf-8")
    return read_phase_labels(folder)


def _pixels(found: LabelledPhases, name: str) -> int:
    return int((found.pictures[0].labels == found.classes.index(name)).sum())


def test_a_roi_labels_the_pixels_between_its_corners_by_its_name_without_the_number(folder: Path) -> None:
    found = _read_rois(folder, _roi(SQUARE, "pearlite-1"), _roi(OTHER, "gamma-prime_2"))
    assert found.classes == ("gamma-prime", "pearlite")
    expected = np.full((40, 48), UNLABELLED)
    expected[3:9, 2:12], expected[20:30, 20:30] = 1, 0
    assert np.array_equal(found.pictures[0].labels, expected)
    assert found.notes == ("Classes by outlines: gamma-prime, pearlite.",)


def test_a_roi_without_a_name_labels_by_its_group(folder: Path) -> None:
    found = _read_rois(folder, _roi(SQUARE, "0006-0007", group=2), _roi(OTHER, "0025-0025", group=1))
    assert found.classes == ("group 1", "group 2")


def test_a_roi_file_holds_one_outline(folder: Path) -> None:
    Image.fromarray(np.full((40, 48), 90, np.uint8)).save(folder / "images" / "q.png")
    _roi(SQUARE, "a").tofile(folder / "labels" / "p.roi")
    _roi(OTHER, "b").tofile(folder / "labels" / "q.roi")
    found = read_phase_labels(folder)
    assert [np.unique(picture.labels).tolist() for picture in found.pictures] == [[0, UNLABELLED], [1, UNLABELLED]]


def test_rectangles_ovals_lines_and_points_of_imagej_are_read(folder: Path) -> None:
    box = {"left": 2, "top": 3, "right": 12, "bottom": 9}
    found = _read_rois(
        folder,
        ImagejRoi(roitype=ROI_TYPE.RECT, name="rect-1", **box),
        ImagejRoi(roitype=ROI_TYPE.OVAL, name="oval-1", left=20, top=20, right=40, bottom=40),
        _roi([[2, 14], [12, 14]], "line-1", ROI_TYPE.POLYLINE, stroke_width=3),
        ImagejRoi(roitype=ROI_TYPE.LINE, name="thin-1", x1=2, y1=18, x2=12, y2=18),
        _roi([[40, 5], [44, 10]], "dot-1", ROI_TYPE.POINT),
    )
    assert _pixels(found, "rect") == 60
    assert _pixels(found, "oval") == pytest.approx(np.pi * 100, rel=0.03)
    assert _pixels(found, "line") == pytest.approx(33, abs=3)
    assert _pixels(found, "thin") == 11
    assert 10 <= _pixels(found, "dot") <= 18


def test_the_hole_of_a_composite_roi_stays_open(folder: Path) -> None:
    def ring(x1: float, x2: float) -> list[float]:
        return [0, x1, x1, 1, x2, x1, 1, x2, x2, 1, x1, x2, 4]

    path = np.array(ring(4, 24) + ring(9, 19), np.float32)
    shape = ImagejRoi(
        roitype=ROI_TYPE.RECT, name="ring-1", left=4, top=4, right=24, bottom=24, multi_coordinates=path,
        shape_roi_size=len(path),
    )  # fmt: skip
    found = _read_rois(folder, shape, _roi([[40, 30], [46, 30], [46, 36], [40, 36]], "b"))
    assert _pixels(found, "ring") == 20**2 - 10**2
    assert found.pictures[0].labels[14, 14] == UNLABELLED


def test_texts_and_arrows_on_a_picture_are_no_labels(folder: Path) -> None:
    text = _roi(SQUARE, "", ROI_TYPE.RECT, subtype=ROI_SUBTYPE.TEXT)
    assert _read_rois(folder, _roi(SQUARE, "a"), _roi(OTHER, "b"), text).classes == ("a", "b")


def test_where_outlines_overlap_the_later_counts(folder: Path) -> None:
    found = _read_rois(folder, _roi(SQUARE, "a"), _roi([[2, 3], [7, 3], [7, 9], [2, 9]], "b"))
    assert (_pixels(found, "a"), _pixels(found, "b")) == (30, 30)


def test_shapes_of_labelme_are_read(folder: Path) -> None:
    found = _read_shapes(
        folder,
        ("polygon", "polygon", SQUARE),
        ("rectangle", "rectangle", [[30, 30], [20, 20]]),
        ("circle", "circle", [[38, 10], [43, 10]]),
        ("stroke", "linestrip", [[2, 14], [12, 14], [12, 20]]),
        ("dot", "point", [[40.5, 30.5]]),
        imageHeight=40, imageWidth=48,
    )  # fmt: skip
    assert _pixels(found, "polygon") == 60
    assert _pixels(found, "rectangle") == 100
    assert _pixels(found, "circle") == pytest.approx(np.pi * 25, rel=0.05)
    assert _pixels(found, "stroke") == pytest.approx(3 * 17, abs=6)
    assert found.pictures[0].labels[30, 40] == found.classes.index("dot") and 5 <= _pixels(found, "dot") <= 9


def test_names_put_outlines_in_order_and_refuse_a_slip(folder: Path) -> None:
    (folder / "classes.txt").write_text("pearlite\nferrite\n", encoding="utf-8")
    shapes = (("ferrite", "polygon", SQUARE), ("pearlite", "polygon", OTHER))
    assert _read_shapes(folder, *shapes).classes == ("pearlite", "ferrite")
    with pytest.raises(InputError, match=r"does not know ferite; .*p.json holds ferite in 60 px"):
        _read_shapes(folder, ("ferite", "polygon", SQUARE), shapes[1])


def test_what_lies_outside_is_a_class_where_classes_json_names_it(folder: Path) -> None:
    (folder / "classes.json").write_text('{"outside": "matrix"}', encoding="utf-8")
    found = _read_shapes(folder, ("particle", "polygon", SQUARE))
    assert found.classes == ("matrix", "particle")
    assert (_pixels(found, "matrix"), _pixels(found, "particle")) == (40 * 48 - 60, 60)
    (folder / "classes.json").write_text('{"outside": "matrix", "p": "particle"}', encoding="utf-8")
    assert _read_shapes(folder, ("p", "polygon", SQUARE)).classes == ("matrix", "particle")


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ({"label": "a", "shape_type": "mask", "points": [[0, 0], [5, 5]]}, r"shape 1 \(a\) is a mask of 2 points"),
        ({"label": "a", "shape_type": "polygon", "points": [[0, 0], [5, 5]]}, "polygon of 2 points"),
        ({"label": " ", "shape_type": "polygon", "points": SQUARE}, "empty label"),
        ({"shape_type": "polygon", "points": SQUARE}, "lacks its label or points"),
        ({"label": "a", "points": [["x", 1]]}, "lacks its label or points"),
        ({"label": "a", "points": []}, "polygon of 0 points"),
        ({"label": "a", "shape_type": "point", "points": []}, "no usable coordinates"),
        ({"label": "a", "points": [[1, 1], [5, 1], [float("nan"), 5]]}, "no usable coordinates"),
        ({"label": "a", "points": [[100, 1], [120, 1], [120, 5]]}, "x 100, y 1, outside the picture of 48 x 40 px"),
        ({"label": "a", "points": [[5.1, 5.1], [5.2, 5.1], [5.2, 5.2]]}, "smaller than one"),
        ("text", "lacks its label or points"),
    ],
)
def test_a_shape_that_labels_nothing_is_refused(folder: Path, shape: Any, message: str) -> None:
    (folder / "labels" / "p.json").write_text(json.dumps({"shapes": [shape]}), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_phase_labels(folder)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("p.json", b"{", "is no JSON"),
        ("p.json", b"[]", "is no file of LabelMe"),
        ("p.json", b'{"shapes": []}', "holds no outline"),
        ("p.json", b'{"shapes": [], "imageHeight": 80, "imageWidth": 96}', "drawn on a picture of 96 x 80 px"),
        ("p.zip", b"PK\x03\x04 not a zip", "cannot be read as ImageJ ROIs"),
        ("p.roi", b"Iout and no more", "cannot be read as ImageJ ROIs"),
        ("p.roi", b"", "is empty"),
    ],
)
def test_a_file_that_holds_no_outlines_is_refused(folder: Path, name: str, content: bytes, message: str) -> None:
    (folder / "labels" / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_phase_labels(folder)


def test_a_roi_that_says_no_class_is_refused(folder: Path) -> None:
    with pytest.raises(InputError, match=r"ROI 2 \('0025-0025'\) says no class. Rename it"):
        _read_rois(folder, _roi(SQUARE, "a"), _roi(OTHER, "0025-0025"))


def test_an_unlabelled_value_has_no_meaning_for_outlines(folder: Path) -> None:
    with pytest.raises(InputError, match="`unlabelled` is 0, but the labels are outlines"):
        _read_rois(folder, _roi(SQUARE, "a"), _roi(OTHER, "b"), unlabelled=0)


def test_too_many_names_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="names 11 classes"):
        _read_rois(folder, *(_roi(SQUARE, f"class {letter}") for letter in "abcdefghijk"))
