"""Scores on labelled folders."""

import csv
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nital.core.errors import InputError
from nital.core.task import Network
from nital.tasks.grains.labelled import labelled_micrographs
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.score import evaluate_folder, scores


def squares(side: int = 20, n: int = 10) -> np.ndarray:
    return np.kron(np.arange(1, n * n + 1).reshape(n, n), np.ones((side, side), int)).astype(np.int32)


def save(path: Path, array: np.ndarray) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.fromarray(array.astype(np.uint8)).save(path)


def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)


def test_a_perfect_map_scores_one_and_no_error() -> None:
    values = scores(squares(), squares())
    assert values["adjusted_rand_index"] == pytest.approx(1) and values["boundary_f1_3px"] == pytest.approx(1)
    assert values["g_error"] == pytest.approx(0) and values["mae_g"] == pytest.approx(0)


def test_merged_grains_read_too_coarse() -> None:
    assert scores((squares() + 1) // 2, squares())["g_error"] < -0.2


def test_what_is_masked_does_not_count() -> None:
    truth = squares()
    valid = np.ones(truth.shape, bool)
    valid[160:] = False
    values = scores(np.where(valid, truth, 0), truth, valid)
    assert values["adjusted_rand_index"] == pytest.approx(1) and abs(values["g_error"]) < 0.02


def test_labels_belong_to_the_image_whose_name_they_begin_with(tmp_path: Path) -> None:
    for name in ("steel_1", "steel_2"):
        save(tmp_path / "images" / f"{name}.png", picture())
    for name in ("steel_1", "steel_3"):
        save(tmp_path / "labels" / f"{name}.png", squares(16, 4))
    assert [sample.path.stem for sample in labelled_micrographs(tmp_path)] == ["steel_1"]


def test_a_manifest_pairs_names_that_differ_in_their_last_words(tmp_path: Path) -> None:
    save(tmp_path / "images" / "duplex_contrast.png", picture())
    save(tmp_path / "labels" / "duplex_grain_ids.png", squares(16, 4))
    with (tmp_path / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "role", "sha256", "pixel_size_um"])
        writer.writerow(["images/duplex_contrast.png", "image", "", "1.5"])
        writer.writerow(["labels/duplex_grain_ids.png", "grain_ids_uint16", "", ""])
    (sample,) = labelled_micrographs(tmp_path)
    assert sample.truth.max() == 16 and sample.pixel_size_um == 1.5


@pytest.mark.parametrize("size", ["unknown", "-1", "0"])
def test_a_pixel_size_that_is_none_names_the_row(tmp_path: Path, size: str) -> None:
    save(tmp_path / "images" / "a.png", picture())
    save(tmp_path / "labels" / "a.png", squares(16, 4))
    (tmp_path / "manifest.csv").write_text(
        f"file,role,pixel_size_um\nimages/a.png,image,{size}\nlabels/a.png,grain_ids_uint16,\n"
    )
    with pytest.raises(InputError, match=r"a\.png"):
        labelled_micrographs(tmp_path)


def test_an_empty_folder_says_what_belongs_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="images/"):
        labelled_micrographs(tmp_path)


def test_network_and_classical_methods_stand_side_by_side(
    dark_line_network: Network, etched: tuple[np.ndarray, np.ndarray], tmp_path: Path
) -> None:
    image, truth = etched
    save(tmp_path / "images" / "a.png", image)
    (tmp_path / "labels").mkdir()
    Image.fromarray(truth.astype(np.uint16)).save(tmp_path / "labels" / "a.png")
    report = evaluate_folder(dark_line_network, tmp_path, GrainsOptions(scale=1.0))
    rows = report.rows()
    assert [row["kind"] for row in rows] == ["network", *["baseline"] * 4]
    assert [row["constant"] for row in rows] == [False] * 4 + [True]
    assert rows[0]["adjusted_rand_index"] > 0.85 and rows[4]["adjusted_rand_index"] == pytest.approx(0, abs=1e-9)
    assert "no difference can be shown" in report.verdict and report.chosen is None


@pytest.mark.parametrize("name", ["grains_nist_gsat", "grains_ebsd"])
def test_the_bundled_model_is_at_least_as_good_as_the_classical_methods(real_data: Path, name: str) -> None:
    """Rand index .88 and .58, G within .20 and boundary F1 .95 on the hand trace."""
    from nital.runs.evaluate import evaluate

    report = evaluate("grains", real_data / name, twins="count" if name == "grains_ebsd" else "merge")
    network, *others = report.rows()
    assert network["adjusted_rand_index"] >= max(other["adjusted_rand_index"] for other in others)
    if name == "grains_nist_gsat":
        assert network["adjusted_rand_index"] >= 0.88 and network["boundary_f1_3px"] >= 0.95 and network["mae_g"] <= 0.2
    else:
        assert network["adjusted_rand_index"] >= 0.58


def test_the_scale_bar_of_the_brass_is_read_and_margins_hold_no_grain(real_data: Path) -> None:
    from nital.runs.artifact import bundled
    from nital.runs.engine import OnnxNetwork
    from nital.tasks.grains.analyse import analyse

    path = real_data / "grains_brass_c2600" / "images" / "C2600x200.jpg"
    outcome = analyse(OnnxNetwork(bundled("grains")), path, GrainsOptions(scale=0.5))
    assert 1 / outcome.values["pixel_size_um"] == pytest.approx(1.945, rel=0.02)
    labels = outcome.maps["label_map"].pixels
    assert not labels[:365].any() and not labels[1610:].any() and (labels[450:1500] > 0).mean() > 0.5
