"""idx files as FashionMNIST comes: the test part is held out, what is damaged is refused by name."""

import gzip

import numpy as np
import pytest

from nital.core.errors import InputError
from nital.tasks.classes.lecture import idx_pictures
from nital.tasks.classes.recipe import RECIPES
from nital.tasks.classes.samples import build_dataset


def idx(path, array):
    head = (0x800 + array.ndim).to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in array.shape)
    data = head + array.tobytes()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)


def idx_part(folder, part, n, suffix="", seed=0):
    pictures = np.random.default_rng(seed).integers(0, 256, (n, 5, 6), dtype=np.uint8)
    labels = np.resize(np.array([7, 2, 4], np.uint8), n)
    idx(folder / f"{part}-images-idx3-ubyte{suffix}", pictures)
    idx(folder / f"{part}-labels-idx1-ubyte{suffix}", labels)
    return pictures, labels


def test_a_folder_without_idx_files_is_refused(tmp_path):
    with pytest.raises(InputError, match="no idx files"):
        idx_pictures(tmp_path)


def test_the_recipe_of_the_lecture_learns_from_them_and_keeps_their_test_part(tmp_path):
    idx_part(tmp_path, "train", 12)
    idx_part(tmp_path, "t10k", 6, seed=1)
    for path in tmp_path.iterdir():  # pictures of 5 x 6 px are too small to learn from
        if "images" in path.name:
            n = 12 if "train" in path.name else 6
            idx(path, np.random.default_rng(n).integers(0, 256, (n, 16, 16), dtype=np.uint8))
    dataset = build_dataset(RECIPES["lecture"].replace(side_px=16), tmp_path)
    assert len(dataset) == 18 and dataset.held_out is not None and dataset.held_out.sum() == 6


def test_without_data_the_recipe_of_the_lecture_says_what_it_needs():
    with pytest.raises(InputError, match="FashionMNIST"):
        build_dataset(RECIPES["best"], None)


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("test_part", ["t10k", "test"])
def test_the_test_part_of_idx_files_is_held_out(tmp_path, suffix, test_part):
    train, train_labels = idx_part(tmp_path, "train", 7, suffix, 1)
    test, test_labels = idx_part(tmp_path, test_part, 4, suffix, 2)
    found = idx_pictures(tmp_path)
    assert found.classes == ("2", "4", "7") and len(found.files) == 11
    assert found.held_out is not None
    for index in range(11):
        mine = np.flatnonzero(found.held_out == found.held_out[index]).tolist().index(index)
        pictures, labels = (test, test_labels) if found.held_out[index] else (train, train_labels)
        np.testing.assert_array_equal(found.open(index).grey, pictures[mine])
        assert found.classes[found.label[index]] == str(labels[mine])
    assert found.held_out.sum() == 4
    assert found.group is not None and len(set(found.group)) == 11


def test_idx_files_of_one_part_hold_nothing_out(tmp_path):
    idx_part(tmp_path, "train", 6)
    assert idx_pictures(tmp_path).held_out is None


def test_an_idx_file_that_lies_there_packed_and_unpacked_is_read_once(tmp_path):
    idx_part(tmp_path, "train", 6)
    idx_part(tmp_path, "train", 6, ".gz")
    assert len(idx_pictures(tmp_path).files) == 6


@pytest.mark.parametrize("suffix", ["", ".gz"])
@pytest.mark.parametrize("keep", [0, 10, 40])
def test_a_truncated_idx_file_is_refused_by_name(tmp_path, suffix, keep):
    idx_part(tmp_path, "train", 6, suffix)
    path = tmp_path / f"train-images-idx3-ubyte{suffix}"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match="train-images-idx3-ubyte"):
        idx_pictures(tmp_path)


def test_a_damaged_gz_file_is_refused_by_name(tmp_path):
    idx_part(tmp_path, "train", 60, ".gz")
    path = tmp_path / "train-images-idx3-ubyte.gz"
    data = bytearray(path.read_bytes())
    data[10:40] = b"\xff" * 30  # the compressed stream, behind an intact header
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"train-images-idx3-ubyte\.gz cannot be read"):
        idx_pictures(tmp_path)


def test_an_idx_file_with_bytes_to_spare_is_refused(tmp_path):
    idx_part(tmp_path, "train", 6)
    with (tmp_path / "train-labels-idx1-ubyte").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(InputError, match=r"train-labels-idx1-ubyte holds 7 bytes instead of 6"):
        idx_pictures(tmp_path)


def test_an_idx_file_without_its_labels_is_refused_by_name(tmp_path):
    idx_part(tmp_path, "train", 6)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(InputError, match="train-labels-idx1-ubyte cannot be read"):
        idx_pictures(tmp_path)


def test_pictures_and_labels_of_other_numbers_are_refused(tmp_path):
    idx_part(tmp_path, "train", 6)
    idx(tmp_path / "train-labels-idx1-ubyte", np.zeros(5, np.uint8))
    with pytest.raises(InputError, match="has 6 pictures and train-labels-idx1-ubyte 5 labels"):
        idx_pictures(tmp_path)
