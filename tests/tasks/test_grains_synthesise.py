"""Synthetic micrographs as files."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nital.core.errors import InputError, OutputError
from nital.tasks.grains.score import labelled_micrographs

pytest.importorskip("numba")

from nital.synth.overlays import add_scale_bar, round_length_um
from nital.tasks.grains.synthesise import write_synthetic


def test_written_micrographs_are_read_back_with_their_truth(tmp_path: Path) -> None:
    paths = write_synthetic(tmp_path, 2, 5, shape=(128, 160), pixel_size_um=0.25)
    samples = labelled_micrographs(tmp_path)
    assert [sample.path for sample in samples] == paths
    for sample in samples:
        assert sample.truth.shape == (128, 160) and sample.truth.min() == 1
        assert sample.pixel_size_um == 0.25 and sample.twins == "merge"
    with (tmp_path / "manifest.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["role"] == "image"]
    assert [int(row["n_grains"]) for row in rows] == [sample.truth.max() for sample in samples]


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    first = write_synthetic(tmp_path / "a", 1, 3, shape=(96, 96))
    second = write_synthetic(tmp_path / "b", 1, 3, shape=(96, 96))
    assert first[0].read_bytes() == second[0].read_bytes()


@pytest.mark.parametrize(("number", "seed"), [(0, 1), (-2, 1), (1, -1)])
def test_impossible_numbers_are_refused(tmp_path: Path, number: int, seed: int) -> None:
    with pytest.raises(InputError, match="micrographs"):
        write_synthetic(tmp_path, number, seed)


def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("x")
    with pytest.raises(OutputError, match="out"):
        write_synthetic(tmp_path / "out", 1, 1)


def test_the_scale_bar_has_the_length_that_its_number_says() -> None:
    image, covered = add_scale_bar(np.full((300, 400), 128, np.uint8), 0.5, length_um=50, white_box=False)
    bar = (image == 255)[covered.any(1)][:, covered.any(0)]
    assert bar.sum(1).max() == 100
    assert not (image[~covered] != 128).any()


def test_a_scale_bar_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="does not fit"):
        add_scale_bar(np.zeros((100, 100), np.uint8), 0.5, length_um=500)


def test_round_lengths_span_at_most_the_share_asked_for() -> None:
    for pixel_um in (1e-4, 0.013, 0.5, 7.0):
        assert 0.4 * 200 <= round_length_um(1000, pixel_um) / pixel_um <= 200
