"""Synthetic folders can be evaluated, and the example is what its code makes."""

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from grains_example import example_micrograph, write_example
from PIL import Image

import nital.tasks.grains
from nital.core.errors import InputError, OutputError
from nital.io.micrographs import open_micrograph
from nital.science.stereology import intercepts
from nital.synth.random_micrographs import labelled_micrograph
from nital.synth.variety import PLAIN
from nital.tasks.grains.score import labelled_micrographs
from nital.tasks.grains.synthesise import write_synthetic

EXAMPLE = Path(nital.tasks.grains.__file__).parent / "example" / "steel_synthetic.tif"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("samples") / "new" / "synthetic"
    paths = write_synthetic(place, 3, 5, shape=(96, 128), pixel_size_um=0.25)
    assert [path.is_file() for path in paths] == [True] * 3
    return place


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_the_manifest_tells_the_truth_about_every_file(folder: Path) -> None:
    rows = manifest(folder)
    assert [row["role"] for row in rows] == ["image", "grain_ids_uint16", "boundary_mask"] * 3
    for row in rows:
        path = folder / row["file"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == row["sha256"]
        with Image.open(path) as image:
            assert image.size == (int(row["width"]), int(row["height"])) == (128, 96)
        assert (row["pixel_size_um"], row["twins"]) == ("0.25", "merge")
    assert len({row["specimen"] for row in rows}) == 3


def test_nothing_else_is_left_in_the_folder(folder: Path) -> None:
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files == {row["file"] for row in manifest(folder)} | {"manifest.csv"}


def test_label_maps_are_partitions_and_boundaries_lie_between_grains(folder: Path) -> None:
    rows = manifest(folder)
    for ids, lines in zip(rows[1::3], rows[2::3], strict=True):
        grains = tifffile.imread(folder / ids["file"])
        assert grains.dtype == np.uint16
        np.testing.assert_array_equal(np.unique(grains), np.arange(1, int(ids["n_grains"]) + 1))
        exact = intercepts(grains.astype(np.int32), pixel_size_um=0.25).grain_size_number
        assert float(ids["astm_grain_size_number"]) == pytest.approx(exact)
        line = np.asarray(Image.open(folder / lines["file"]))
        assert set(np.unique(line)) == {0, 255}
        changes = grains[:, 1:] != grains[:, :-1]
        assert ((line[:, 1:] | line[:, :-1])[changes] == 255).mean() > 0.98


def test_evaluate_reads_the_folder(folder: Path) -> None:
    samples = labelled_micrographs(folder)
    assert [sample.twins for sample in samples] == ["merge"] * 3
    for sample, row in zip(samples, manifest(folder)[1::3], strict=True):
        np.testing.assert_array_equal(sample.truth, tifffile.imread(folder / row["file"]))
        assert sample.pixel_size_um == 0.25


def test_the_same_seed_writes_the_same_files_and_another_seed_none_of_them(folder: Path, tmp_path: Path) -> None:
    write_synthetic(tmp_path / "same", 2, 5, shape=(96, 128), pixel_size_um=0.25)
    write_synthetic(tmp_path / "next", 2, 6, shape=(96, 128), pixel_size_um=0.25)
    first = [row["sha256"] for row in manifest(folder)]
    assert [row["sha256"] for row in manifest(tmp_path / "same")] == first[:6]
    assert not set(first) & {row["sha256"] for row in manifest(tmp_path / "next")}


def test_ingredients_can_be_chosen(tmp_path: Path) -> None:
    (path,) = write_synthetic(tmp_path, 1, 0, shape=(96, 96), variety=PLAIN)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), labelled_micrograph(0, (96, 96), PLAIN)[0])


@pytest.mark.parametrize(("number", "seed", "pixel"), [(0, 0, 0.5), (2_000_000, 0, 0.5), (1, -1, 0.5), (1, 0, -2.0)])
def test_impossible_orders_are_refused_before_anything_is_written(number, seed, pixel, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_synthetic(tmp_path / "out", number, seed, pixel_size_um=pixel)
    assert not (tmp_path / "out").exists()


def test_a_place_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match="taken"):
        write_synthetic(tmp_path / "taken", 1, 0, shape=(32, 32))


def test_the_example_is_what_its_code_makes() -> None:
    committed = tifffile.imread(EXAMPLE).astype(int)
    made = example_micrograph()[0].astype(int)
    # Equal byte for byte where it was made; elsewhere the last bit of an exponential may round otherwise.
    assert np.abs(committed - made).max() <= 1
    assert np.mean(committed != made) < 1e-3


def test_the_example_comes_with_its_true_numbers(tmp_path: Path) -> None:
    again = json.loads(write_example(tmp_path).with_suffix(".json").read_text())
    assert json.loads(EXAMPLE.with_suffix(".json").read_text()) == pytest.approx(again)
    assert 220 <= again["n_grains"] <= 280


def test_the_example_is_small_and_calibrated() -> None:
    assert EXAMPLE.stat().st_size < 400_000
    example = open_micrograph(EXAMPLE)
    assert np.array_equal(example.image, example_micrograph()[0])
    assert example.calibration.pixel_size_um == pytest.approx(0.5)
    assert example.calibration.source == "metadata"
    assert example.valid is not None  # the scale bar is no specimen
