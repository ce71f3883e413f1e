"""Label maps of objects."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nital.core.errors import InputError
from nital.io.labelled import read_objects

SHAPE = (40, 60)


def saved(path: Path, values: np.ndarray) -> Path:
    Image.fromarray(values).save(path)
    return path


def blocks(one: int, other: int) -> np.ndarray:
    values = np.zeros(SHAPE, np.uint8)
    values[2:8, 2:8], values[10:18, 15:25] = one, other
    return values


def test_numbers_are_objects_and_a_mask_is_parted(tmp_path: Path) -> None:
    for values in (blocks(3, 9), blocks(255, 255)):
        found = read_objects(saved(tmp_path / "map.png", values), SHAPE)
        assert (found[4, 4], found[12, 20], found[0, 0], found.max()) == (1, 2, 0, 2)


def test_colours_are_objects(tmp_path: Path) -> None:
    colours = np.stack([blocks(200, 10), blocks(0, 10), blocks(0, 90)], -1)
    assert len(np.unique(read_objects(saved(tmp_path / "map.png", colours), SHAPE))) == 3


def test_indices_of_a_palette_are_objects(tmp_path: Path) -> None:
    picture = Image.fromarray(blocks(1, 2), mode="P")
    picture.putpalette([0, 0, 0, 255, 0, 0, 255, 0, 0])
    picture.save(tmp_path / "map.png")
    assert read_objects(tmp_path / "map.png", SHAPE).max() == 2


def test_what_cannot_be_right_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="40 x 60 px, its picture 60 x 40"):
        read_objects(saved(tmp_path / "map.png", blocks(1, 2)), (60, 40))
    with pytest.raises(InputError, match="marks no object"):
        read_objects(saved(tmp_path / "empty.png", blocks(0, 0)), SHAPE)
    with pytest.raises(InputError, match="is a JPEG"):
        read_objects(saved(tmp_path / "map.jpg", blocks(1, 2)), SHAPE)
    with pytest.raises(InputError, match="no whole numbers"):
        read_objects(saved(tmp_path / "map.tif", blocks(1, 2) / np.float32(2)), SHAPE)
