"""Label maps that are written tile by tile."""

from pathlib import Path

import numpy as np
import pytest
import tifffile

import nital
from nital.io.micrographs import open_micrograph
from nital.runs.writing import save_large_label_map


@pytest.mark.parametrize(("largest", "kind"), [(40_000, np.uint16), (70_000, np.uint32)])
@pytest.mark.parametrize("shape", [(512, 1024), (700, 1030), (33, 40)])
def test_a_map_comes_back_as_it_was(tmp_path: Path, shape: tuple[int, int], largest: int, kind: type) -> None:
    labels = np.random.default_rng(0).integers(0, largest, shape).astype(np.int32)
    labels[-1, -1] = largest
    save_large_label_map(tmp_path / "map.tif", labels, 0.25)
    with tifffile.TiffFile(tmp_path / "map.tif") as file:
        assert file.is_bigtiff
        found = file.asarray()
    assert found.dtype == kind
    np.testing.assert_array_equal(found, labels)
    assert open_micrograph(tmp_path / "map.tif").calibration.pixel_size_um == pytest.approx(0.25)


def test_predict_writes_large_maps_this_way(
    run_folder: Path, micrograph: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nital.runs.writing.LARGE_BYTES", 1000)
    found = nital.predict("grains", micrograph, out=tmp_path, artifact=run_folder, scale=1.0)
    with tifffile.TiffFile(found.label_map) as file:
        assert file.is_bigtiff
        assert file.asarray().max() == found.n_grains


@pytest.mark.slow
def test_a_map_larger_than_two_gigabytes_takes_little_memory(tmp_path: Path) -> None:
    import tracemalloc

    labels = np.memmap(tmp_path / "labels", np.int32, "w+", shape=(24_000, 24_000))
    labels[-1, -1] = 70_000
    tracemalloc.start()
    save_large_label_map(tmp_path / "map.tif", labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert labels.nbytes > 2**31
    assert peak < 200e6
    with tifffile.TiffFile(tmp_path / "map.tif") as file:
        assert file.pages[0].shape == (24_000, 24_000)
