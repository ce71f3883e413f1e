"""Phase maps: values become classes, and what cannot be one is refused by name."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from nital.core.errors import InputError
from nital.io.labelled import UNLABELLED, read_phase_labels

SHAPE = (40, 48)
DATA = Path(os.environ.get("NITAL_DATA", "../shared/data"))


def _bands(*values: int) -> np.ndarray:
    """Vertical bands of equal width, one for each value."""
    return np.repeat(np.array(values), SHAPE[1] // len(values))[None].repeat(SHAPE[0], axis=0)


def _picture(folder: Path, name: str, shape: tuple[int, int] = SHAPE) -> None:
    (folder / "images").mkdir(exist_ok=True)
    (folder / "labels").mkdir(exist_ok=True)
    Image.fromarray(np.full(shape, 90, np.uint8)).save(folder / "images" / f"{name}.png")


def _labelled(folder: Path, *maps: np.ndarray, suffix: str = ".png") -> Path:
    for number, values in enumerate(maps):
        _picture(folder, f"p{number}")
        path = folder / "labels" / f"p{number}{suffix}"
        tifffile.imwrite(path, values) if suffix == ".tif" else Image.fromarray(values).save(path)
    return folder


def test_numbers_become_indices_in_their_order_over_all_pictures(tmp_path: Path) -> None:
    found = read_phase_labels(_labelled(tmp_path, _bands(0, 170).astype(np.uint8), _bands(85, 255).astype(np.uint8)))
    assert found.classes == ("phase 0", "phase 85", "phase 170", "phase 255") and found.name == tmp_path.name
    assert [np.unique(picture.labels).tolist() for picture in found.pictures] == [[0, 2], [1, 3]]
    assert found.pictures[0].labels.dtype == np.uint8 and found.pictures[0].labels.shape == SHAPE
    assert found.notes == ("Classes by numbers: 0 is phase 0, 85 is phase 85, 170 is phase 170, 255 is phase 255.",)
    assert found.values == (0, 85, 170, 255)
    assert not found.pictures[0].grouped and found.pictures[0].pixel_size_um is None


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float32])
def test_tiff_of_every_number_type_is_read(tmp_path: Path, dtype: type) -> None:
    found = read_phase_labels(_labelled(tmp_path, _bands(0, 3, 7).astype(dtype), suffix=".tif"))
    assert np.array_equal(found.pictures[0].labels, _bands(0, 1, 2))


def test_16_bit_png_is_read(tmp_path: Path) -> None:
    found = read_phase_labels(_labelled(tmp_path, _bands(0, 300, 40000).astype(np.uint16)))
    assert np.array_equal(found.pictures[0].labels, _bands(0, 1, 2))


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_of_a_palette_the_indices_count_and_not_the_colours(tmp_path: Path, suffix: str) -> None:
    _picture(tmp_path, "p0")
    image = Image.fromarray(_bands(0, 1, 2).astype(np.uint8), mode=None).convert("P")
    image.putdata(_bands(0, 1, 2).ravel().tolist())
    image.putpalette([200, 0, 0, 0, 0, 0, 9, 9, 9])
    image.save(tmp_path / "labels" / f"p0{suffix}")
    found = read_phase_labels(tmp_path)
    assert np.array_equal(found.pictures[0].labels, _bands(0, 1, 2))
    assert "by numbers" in found.notes[0]


def test_colours_are_classes_black_first_and_named_in_a_note(tmp_path: Path) -> None:
    colours = np.array([[255, 0, 0], [0, 0, 0], [0, 0, 255]], np.uint8)
    found = read_phase_labels(_labelled(tmp_path, colours[_bands(0, 1, 2)]))
    assert np.array_equal(found.pictures[0].labels, _bands(2, 0, 1))
    assert found.notes == (
        "Classes by colours: #000000 is phase #000000, #0000ff is phase #0000ff, #ff0000 is phase #ff0000.",
    )
    assert found.values is None


def test_an_unlabelled_value_is_no_class(tmp_path: Path) -> None:
    found = read_phase_labels(_labelled(tmp_path, _bands(0, 1, 2).astype(np.uint8)), unlabelled=0)
    assert found.classes == ("phase 1", "phase 2")
    assert np.array_equal(found.pictures[0].labels, _bands(UNLABELLED, 0, 1))


def test_black_is_unlabelled_among_colours_where_0_is(tmp_path: Path) -> None:
    colours = np.array([[0, 0, 0], [9, 0, 0], [0, 9, 0]], np.uint8)
    found = read_phase_labels(_labelled(tmp_path, colours[_bands(0, 1, 2)]), unlabelled=0)
    assert np.array_equal(found.pictures[0].labels, _bands(UNLABELLED, 1, 0))


def test_a_few_strokes_are_enough(tmp_path: Path) -> None:
    strokes = np.zeros(SHAPE, np.uint8)
    strokes[3, 4:9], strokes[20, 4:9] = 1, 2
    labels = read_phase_labels(_labelled(tmp_path, strokes), unlabelled=0).pictures[0].labels
    assert (labels != UNLABELLED).sum() == 10


def test_255_is_a_class_until_somebody_says_otherwise(tmp_path: Path) -> None:
    _labelled(tmp_path, _bands(0, 1, 255).astype(np.uint8))
    found = read_phase_labels(tmp_path)
    assert len(found.classes) == 3 and "set `unlabelled` to 255" in found.notes[-1]
    assert read_phase_labels(tmp_path, unlabelled=255).classes == ("phase 0", "phase 1")


def test_an_unlabelled_value_that_nowhere_occurs_is_told(tmp_path: Path) -> None:
    found = read_phase_labels(_labelled(tmp_path, _bands(0, 1).astype(np.uint8)), unlabelled=9)
    assert found.notes[-1] == "No pixel holds 9, the value said to be unlabelled."


def test_names_come_from_classes_txt_and_an_absent_class_is_told(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("ferrite\n\nbainite\nmartensite\n", encoding="utf-8")
    found = read_phase_labels(_labelled(tmp_path, _bands(0, 2).astype(np.uint8)))
    assert found.classes == ("ferrite", "martensite")
    assert np.array_equal(found.pictures[0].labels, _bands(0, 1))
    assert "No pixel is labelled bainite: left out of the classes." in found.notes


def test_spread_values_take_listed_names_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "classes.json").write_text('["ferrite", "pearlite"]', encoding="utf-8")
    assert read_phase_labels(_labelled(tmp_path, _bands(0, 255).astype(np.uint8))).classes == ("ferrite", "pearlite")


def test_classes_json_names_values_and_may_join_them(tmp_path: Path) -> None:
    (tmp_path / "classes.json").write_text('{"255": "pore", "0": "matrix", "85": "pore"}', encoding="utf-8")
    found = read_phase_labels(_labelled(tmp_path, _bands(0, 85, 255).astype(np.uint8)))
    assert found.classes == ("pore", "matrix")
    assert np.array_equal(found.pictures[0].labels, _bands(1, 0, 0))


def test_classes_json_names_colours(tmp_path: Path) -> None:
    (tmp_path / "classes.json").write_text('{"#FF0000": "oxide", "#000000": "metal"}', encoding="utf-8")
    colours = np.array([[0, 0, 0], [255, 0, 0]], np.uint8)
    assert read_phase_labels(_labelled(tmp_path, colours[_bands(0, 1)])).classes == ("oxide", "metal")


def test_the_classes_of_a_model_keep_their_indices(tmp_path: Path) -> None:
    _labelled(tmp_path, _bands(0, 2).astype(np.uint8))
    found = read_phase_labels(tmp_path, classes=("a", "b", "c"))
    assert found.classes == ("a", "b", "c")
    assert np.array_equal(found.pictures[0].labels, _bands(0, 2))
    (tmp_path / "classes.json").write_text('{"0": "c", "2": "a"}', encoding="utf-8")
    assert np.array_equal(read_phase_labels(tmp_path, classes=("a", "b", "c")).pictures[0].labels, _bands(2, 0))
    (tmp_path / "classes.json").write_text('{"0": "c", "2": "d"}', encoding="utf-8")
    with pytest.raises(InputError, match="labels d, which the model does not know; it knows a, b, c"):
        read_phase_labels(tmp_path, classes=("a", "b", "c"))


def test_names_that_may_begin_at_0_or_1_are_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("a\nb\nc", encoding="utf-8")
    _labelled(tmp_path, _bands(0, 1, 2).astype(np.uint8))
    with pytest.raises(InputError, match=r"hold 2 values \(1, 2\), but .*classes.txt names 3 classes"):
        read_phase_labels(tmp_path, unlabelled=0)


def test_a_value_that_the_names_do_not_know_is_counted_per_file(tmp_path: Path) -> None:
    _labelled(tmp_path, _bands(0, 1).astype(np.uint8), _bands(0, 1, 7).astype(np.uint8))
    (tmp_path / "classes.txt").write_text("a\nb", encoding="utf-8")
    with pytest.raises(InputError, match=r"p1.png holds 0 in 640 px, 1 in 640 px, 7 in 640 px"):
        read_phase_labels(tmp_path)
    (tmp_path / "classes.txt").unlink()
    (tmp_path / "classes.json").write_text('{"0": "a", "1": "b"}', encoding="utf-8")
    with pytest.raises(InputError, match=r"does not know 7; it knows 0, 1. p1.png holds 7 in 640 px"):
        read_phase_labels(tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("classes.txt", "a\nb\na", "names 'a' twice"),
        ("classes.txt", "\n", "is empty"),
        ("classes.json", "[1, 2]", "holds no names of classes"),
        ("classes.json", "7", "holds no names of classes"),
        ("classes.json", "{", "is no JSON"),
        ("classes.json", '{"outside": "a", "0": "b"}', "names 'outside', but the labels are numbers"),
    ],
)
def test_names_that_cannot_be_used_are_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_phase_labels(_labelled(tmp_path, _bands(0, 1).astype(np.uint8)))


def test_two_files_of_names_are_refused(tmp_path: Path) -> None:
    (tmp_path / "classes.txt").write_text("a\nb", encoding="utf-8")
    (tmp_path / "classes.json").write_text(json.dumps(["a", "b"]), encoding="utf-8")
    with pytest.raises(InputError, match="Keep one of them"):
        read_phase_labels(_labelled(tmp_path, _bands(0, 1).astype(np.uint8)))


def test_a_label_of_another_size_than_its_picture_is_refused(tmp_path: Path) -> None:
    _labelled(tmp_path, _bands(0, 1).astype(np.uint8))
    _picture(tmp_path, "p0", (50, 60))
    with pytest.raises(InputError, match=r"p0.png has 48 x 40 px, but .*p0.png has 60 x 50 px"):
        read_phase_labels(tmp_path)


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_jpeg_is_refused_whatever_it_is_called(tmp_path: Path, suffix: str) -> None:
    _picture(tmp_path, "p0")
    Image.fromarray(_bands(0, 255).astype(np.uint8)).save(tmp_path / "labels" / f"p0{suffix}", format="JPEG")
    with pytest.raises(InputError, match=rf"p0{suffix} is a JPEG.*Save the label as PNG or TIFF"):
        read_phase_labels(tmp_path)


def test_a_picture_in_place_of_a_label_is_refused_with_its_values(tmp_path: Path) -> None:
    ramp = np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) % 200
    with pytest.raises(InputError, match=r"holds 200 different numbers.*0 \(10 px\).*antialiased"):
        read_phase_labels(_labelled(tmp_path, ramp.astype(np.uint8)))
    with pytest.raises(InputError, match=r"holds 200 different colours.*#000000 \(10 px\)"):
        read_phase_labels(_labelled(tmp_path, np.stack([ramp, 0 * ramp, ramp], axis=2).astype(np.uint8)))


def test_too_many_values_over_all_pictures_are_refused_with_counts(tmp_path: Path) -> None:
    _labelled(tmp_path, _bands(*range(6)).astype(np.uint8), _bands(*range(6, 12)).astype(np.uint8))
    with pytest.raises(InputError, match=r"hold 12 classes.*11 \(320 px\)"):
        read_phase_labels(tmp_path)


def test_one_class_in_all_pictures_is_refused_but_not_in_one_of_them(tmp_path: Path) -> None:
    _labelled(tmp_path, _bands(4).astype(np.uint8))
    with pytest.raises(InputError, match=r"are of one class, phase 4, such as .*p0.png"):
        read_phase_labels(tmp_path)
    _labelled(tmp_path, _bands(4).astype(np.uint8), _bands(5).astype(np.uint8))
    assert read_phase_labels(tmp_path).classes == ("phase 4", "phase 5")


def test_a_map_that_labels_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"p0.png labels no pixel: all hold 0"):
        read_phase_labels(_labelled(tmp_path, _bands(0).astype(np.uint8)), unlabelled=0)


@pytest.mark.parametrize("odd", [0.5, np.nan])
def test_fractions_are_refused(tmp_path: Path, odd: float) -> None:
    values = _bands(0, 1).astype(np.float32)
    values[5, 5] = odd
    with pytest.raises(InputError, match=rf"holds 1 pixels that are no whole numbers, such as {odd:g}"):
        read_phase_labels(_labelled(tmp_path, values, suffix=".tif"))


def test_transparency_is_refused_and_an_opaque_channel_is_not(tmp_path: Path) -> None:
    colours = np.array([[0, 0, 0, 255], [255, 0, 0, 255]], np.uint8)[_bands(0, 1)]
    assert len(read_phase_labels(_labelled(tmp_path, colours)).classes) == 2
    colours[0, 0, 3] = 0
    with pytest.raises(InputError, match="is transparent in 1 pixels"):
        read_phase_labels(_labelled(tmp_path, colours))


def test_colours_of_16_bit_are_refused(tmp_path: Path) -> None:
    colours = np.stack([_bands(0, 1)] * 3, axis=2).astype(np.uint16)
    with pytest.raises(InputError, match="Save the label with 8 bits a channel"):
        read_phase_labels(_labelled(tmp_path, colours, suffix=".tif"))


def test_two_forms_in_one_folder_are_refused(tmp_path: Path) -> None:
    numbers = _bands(0, 1).astype(np.uint8)
    with pytest.raises(InputError, match=r"p0.png labels by numbers, .*p1.png by colours"):
        read_phase_labels(_labelled(tmp_path, numbers, np.stack([numbers] * 3, axis=2)))


def test_a_damaged_label_is_named(tmp_path: Path) -> None:
    _labelled(tmp_path, _bands(0, 1).astype(np.uint8))
    (tmp_path / "labels" / "p0.png").write_bytes(b"")
    with pytest.raises(InputError, match=r"p0.png is empty"):
        read_phase_labels(tmp_path)


def test_pictures_and_labels_that_stay_alone_are_told(tmp_path: Path) -> None:
    _labelled(tmp_path, _bands(0, 1).astype(np.uint8))
    _picture(tmp_path, "q")
    notes = read_phase_labels(tmp_path).notes
    assert notes[0] == "Pictures without a label were left out (1): images/q.png."


@pytest.mark.parametrize(
    ("folder", "pictures", "classes", "specimens"),
    [("phases_uhcs_steel", 11, 4, 5), ("phases_ni_superalloy", 14, 3, 6)],
)
def test_published_sets_are_read(folder: str, pictures: int, classes: int, specimens: int) -> None:
    """Specimens and classes as the sets' own descriptions say."""
    if not (DATA / folder).is_dir():
        assert os.environ.get("CI") != "true", f"{folder} is missing"
        pytest.skip(f"{folder} is not in NITAL_DATA")
    found = read_phase_labels(DATA / folder)
    assert len(found.pictures) == pictures and len(found.classes) == classes
    assert len({picture.specimen for picture in found.pictures}) == specimens
    assert all(picture.grouped for picture in found.pictures)


def test_unnamed_values_stay_what_they_are_where_a_later_folder_has_fewer(tmp_path: Path) -> None:
    found = read_phase_labels(
        _labelled(tmp_path, _bands(1, 2).astype(np.uint8)), classes=("phase 1", "phase 2", "phase 3")
    )
    assert np.array_equal(found.pictures[0].labels, _bands(0, 1))
