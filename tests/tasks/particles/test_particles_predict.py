"""From a file to sizes: with the bundled model, on drawings whose truth is known."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import nital
from nital.core.errors import InputError
from nital.runs.artifact import bundled
from nital.runs.engine import OnnxNetwork
from nital.synth.particle_pictures import Imaging, expose
from nital.synth.particle_shapes import Particle, Projection, project
from nital.synth.particle_supports import Support
from nital.tasks.particles.figures import particle_overlay
from nital.tasks.particles.find import find_particles
from nital.tasks.particles.labelled import read_true, true_particles
from nital.tasks.particles.options import SynthOptions
from nital.tasks.particles.recipe import RECIPES
from nital.tasks.particles.synthesise import write_synthetic

SHAPE = (256, 256)


def drawn(radius: float, *, dark_field: bool, noise: float = 0.05) -> tuple[np.ndarray, Projection]:
    """Nine discs in three rows, the last of them touching its neighbour."""
    places = [(60.0 + 68 * r, 60.0 + 68 * c) for r in range(3) for c in range(3)]
    places[8] = (places[7][0], places[7][1] + 1.9 * radius)
    found = project([Particle(row, col, radius) for row, col in places], SHAPE)
    support = Support(np.full(SHAPE, 0.3, np.float32), np.ones(SHAPE, bool))
    look = Imaging(dark_field=dark_field, particle=0.5, support=0.2, shot=noise, noise=0.01)
    return expose(found, support, look, np.random.default_rng(3)), found


@pytest.fixture(scope="module")
def network() -> OnnxNetwork:
    return OnnxNetwork(bundled("particles"), threads=1)


@pytest.mark.parametrize("dark_field", [True, False])
@pytest.mark.parametrize("radius", [5.0, 12.0, 28.0])
def test_discs_are_found_one_by_one_in_either_field_with_their_sizes(
    network: OnnxNetwork, radius: float, dark_field: bool
) -> None:
    image, truth = drawn(radius, dark_field=dark_field)
    found = find_particles(network, image, quick=True)
    assert found.bright == dark_field
    assert found.labels.max() == 9
    size = np.bincount(found.labels.ravel())[1:]
    true = np.bincount(truth.labels.ravel())[1:]
    assert np.sqrt(np.median(size) / np.median(true)) == pytest.approx(1, abs=0.12)
    assert found.sure.shape == (9,) and found.sure.min() > 0.3


def test_predicting_gives_sizes_in_nanometres_and_a_row_for_each_particle(tmp_path: Path) -> None:
    image, _ = drawn(12, dark_field=True)
    Image.fromarray(image).save(tmp_path / "gold.png")
    result = nital.predict("particles", tmp_path / "gold.png", pixel_size_nm=0.5, out=tmp_path / "out")
    values = result.values
    assert values["n_particles"] == 9 and values["particles_are"] == "bright"
    assert values["diameter_nm"]["mean"] == pytest.approx(0.5 * values["diameter_px"]["mean"])
    low, high = values["number_per_um2_ci95"]
    assert low < values["number_per_um2"] < high
    assert values["number_per_um2"] == pytest.approx(9 / (256 * 0.5e-3) ** 2)
    assert values["touching_share"] <= 2 / 9
    assert any("Only 9 whole particles" in warning for warning in result.warnings)
    folder = next((tmp_path / "out").iterdir())
    assert {"overlay.png", "report.html", "result.json", "particles.csv"} <= {one.name for one in folder.iterdir()}
    header, *rows = (folder / "particles.csv").read_text().splitlines()
    assert "diameter_nm" in header and "area_nm2" in header and len(rows) == 9
    json.loads((folder / "result.json").read_text())


def test_without_a_pixel_size_lengths_are_in_pixels_and_that_is_said(tmp_path: Path) -> None:
    image, _ = drawn(12, dark_field=False)
    Image.fromarray(image).save(tmp_path / "gold.png")
    values = nital.predict("particles", tmp_path / "gold.png", quick=True).values
    assert values["diameter_nm"] is None and values["number_per_um2"] is None and values["pixel_size_nm"] is None
    assert values["diameter_px"]["median"] == pytest.approx(24, rel=0.1)


def test_a_picture_of_noise_alone_holds_next_to_nothing(network: OnnxNetwork) -> None:
    noise = np.random.default_rng(0).normal(120, 15, (256, 256)).clip(0, 255).astype(np.uint8)
    assert find_particles(network, noise, quick=True).labels.max() <= 3


def test_the_bundled_model_is_of_the_recipe_in_the_code() -> None:
    kept = json.loads((bundled("particles") / "recipe.json").read_text())
    assert type(RECIPES["bundled"]).from_dict(kept) == RECIPES["bundled"]


def test_the_overlay_draws_outlines_alone() -> None:
    image, truth = drawn(12, dark_field=True)
    drawing = particle_overlay(image, truth.labels, np.array([9]))
    blue = (drawing == (0, 170, 255)).all(-1)
    assert 0.005 < blue.mean() < 0.1
    assert (drawing == (230, 159, 0)).all(-1).any()


def test_boxes_are_read_and_wrong_ones_are_named(tmp_path: Path) -> None:
    image, _ = drawn(12, dark_field=True)
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
    Image.fromarray(image).save(tmp_path / "images" / "one.png")
    boxes = tmp_path / "labels" / "one.txt"
    boxes.write_text("0 0.5 0.25 0.1 0.2\n")
    (pair,) = true_particles(tmp_path)
    assert read_true(pair, (100, 200)).boxes.tolist() == [pytest.approx([15, 90, 35, 110])]
    boxes.write_text("0 0.5 0.25 0.1 0.2\n0 0.5 25 0.1 0.2\n")
    with pytest.raises(InputError, match=r"Line 2 of .*one\.txt"):
        read_true(pair, (100, 200))


def test_labels_of_another_size_are_named(tmp_path: Path) -> None:
    image, truth = drawn(12, dark_field=True)
    for part, pixels in (("images", image), ("labels", truth.labels[:200].astype(np.uint8))):
        (tmp_path / part).mkdir()
        Image.fromarray(pixels).save(tmp_path / part / "one.png")
    (pair,) = true_particles(tmp_path)
    with pytest.raises(InputError, match="200 x 256"):
        read_true(pair, SHAPE)


def test_synthetic_files_are_scored_by_evaluate(tmp_path: Path) -> None:
    write_synthetic(tmp_path, 2, 4, SynthOptions(side_px=128, diameter_px=14.0))
    report = nital.evaluate("particles", tmp_path, quick=True)
    assert {metric.name for metric in report.metrics} == {"f1", "f1_boxes", "size_error_percent", "dice"}
    assert len(report.groups) == 2 and any(score.constant for score in report.scores)


def test_pictures_without_a_particle_count_where_the_manifest_says_so(tmp_path: Path) -> None:
    for seed in range(20):
        write_synthetic(tmp_path / str(seed), 1, seed, SynthOptions(side_px=64, diameter_px=14.0))
        (pair,) = true_particles(tmp_path / str(seed))
        assert len(read_true(pair, (64, 64)).boxes) == int(pair.columns["n_particles"])
        if pair.columns["n_particles"] == "0":
            (tmp_path / str(seed) / "manifest.csv").unlink()
            with pytest.raises(InputError, match="marks no object"):
                read_true(*true_particles(tmp_path / str(seed)), (64, 64))
            return
    pytest.fail("no empty picture in twenty")


def test_columns_of_a_lattice_picture(tmp_path: Path) -> None:
    rows, cols = np.mgrid[:200, :200]
    lattice = (np.cos(2 * np.pi * rows / 12.5) + 1) * (np.cos(2 * np.pi * cols / 10) + 1) / 4
    grey = 40 + 160 * lattice**2 + np.random.default_rng(0).normal(0, 4, rows.shape)
    Image.fromarray(grey.clip(0, 255).astype(np.uint8)).save(tmp_path / "lattice.png")
    values = nital.predict("particles", tmp_path / "lattice.png", columns=True, pixel_size_nm=0.02).values
    assert sorted([values["lattice_a_nm"], values["lattice_b_nm"]]) == pytest.approx([0.2, 0.25], rel=5e-3)
    assert values["lattice_angle_deg"] == pytest.approx(90, abs=0.5) and values["n_missing"] == 0
