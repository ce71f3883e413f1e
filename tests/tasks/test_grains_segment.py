"""Whole pictures: the scale rule, blocks against the whole, and what `analyse` says."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nital.core.errors import InputError
from nital.core.task import Network
from nital.science.labels import adjusted_rand_index, boundaries_from_label_map, fill_boundaries
from nital.science.stereology import intercepts
from nital.tasks.grains.analyse import analyse, lines_drawn
from nital.tasks.grains.doubt import UNCLEAR
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.scale import choose_scale
from nital.tasks.grains.segment import segment
from nital.tasks.grains.view import resized, scaled_shape, view

Etched = tuple[np.ndarray, np.ndarray]


def test_blocks_give_the_same_grains_as_the_whole(dark_line_network: Network, etched: Etched) -> None:
    image, _ = etched
    whole = segment(dark_line_network, image, None, 1.0)
    blocks = segment(dark_line_network, image, None, 1.0, block_px=200)
    assert adjusted_rand_index(np.asarray(blocks.labels), whole.labels) > 0.97
    a, b = intercepts(whole.labels).mean_intercept_px, intercepts(np.asarray(blocks.labels)).mean_intercept_px
    assert a is not None and b is not None
    assert abs(np.log10(a / b)) * 6.64 < 0.05


@pytest.mark.parametrize("band", [7, 1024])
def test_lines_drawn_band_by_band_are_those_drawn_at_once(etched: Etched, band: int) -> None:
    truth = fill_boundaries(etched[1])
    at_once = np.where(boundaries_from_label_map(truth), 0, truth)
    np.testing.assert_array_equal(lines_drawn(truth.copy(), band), at_once)


def test_blocks_number_grains_without_holes_and_keep_the_mask(dark_line_network: Network, etched: Etched) -> None:
    image, _ = etched
    valid = np.ones(image.shape, bool)
    valid[:, -100:] = False
    labels = np.asarray(segment(dark_line_network, image, valid, 1.0, block_px=200).labels)
    assert ((labels == 0) == ~valid).all()
    assert len(np.unique(labels[valid])) == labels.max()


def test_the_grains_are_the_true_ones(dark_line_network: Network, etched: Etched) -> None:
    image, truth = etched
    assert adjusted_rand_index(segment(dark_line_network, image, None, 1.0).labels, truth) > 0.9


def test_the_scale_rule_tries_several_scales_and_sorts_them(dark_line_network: Network, etched: Etched) -> None:
    trials = choose_scale(dark_line_network, etched[0], None)
    assert len(trials) > 4
    assert [t.merit for t in trials] == sorted((t.merit for t in trials), reverse=True)


def test_a_view_is_standardised_at_its_own_scale(etched: Etched) -> None:
    grey = view(etched[0], None, 0.5).grey()
    assert grey.shape == scaled_shape(etched[0].shape, 0.5)
    assert abs(grey.mean()) < 0.05 and abs(grey.std() - 1) < 0.05


def test_what_is_not_specimen_does_not_change_the_grey_statistics(etched: Etched) -> None:
    image = etched[0].copy()
    valid = np.ones(image.shape, bool)
    valid[300:] = False
    clean = view(image, valid, 1.0)
    image[300:] = 0
    assert view(image, valid, 1.0).mean == pytest.approx(clean.mean, abs=1)


def test_resizing_labels_takes_the_nearest_pixel() -> None:
    labels = np.array([[1, 2], [3, 4]])
    assert (resized(labels, (4, 4)) == np.kron(labels, np.ones((2, 2), int))).all()


def test_analyse_gives_values_pictures_and_a_table(dark_line_network: Network, etched: Etched, tmp_path: Path) -> None:
    image, truth = etched
    Image.fromarray(image).save(tmp_path / "steel.png")
    outcome = analyse(dark_line_network, tmp_path / "steel.png", GrainsOptions(pixel_size_um=0.5, scale=1.0))
    values = json.loads(json.dumps(outcome.values))
    true = intercepts(truth, pixel_size_um=0.5).grain_size_number
    assert values["astm_grain_size_number"] == pytest.approx(true, abs=0.1)
    low, high = values["astm_grain_size_number_ci95"]
    assert low < values["astm_grain_size_number"] < high
    assert values["mean_intercept_um"] == pytest.approx(0.5 * values["mean_intercept_px"])
    assert outcome.maps["label_map"].pixels.shape == image.shape
    assert outcome.pictures["overlay"].pixels.shape == (*image.shape, 3)
    table = outcome.tables["grains"]
    assert len(table.rows) == values["n_grains"] and "equivalent_diameter_um" in table.columns
    assert outcome.row["astm_grain_size_number_ci95_low"] == low and "warnings" not in outcome.row
    facts = {fact.label: fact for fact in outcome.facts}
    assert "counting alone" in facts["G, lineal intercept"].interval_is
    assert all("_" not in label for label in facts)


def test_without_a_pixel_size_g_is_null_and_lengths_are_in_pixels(
    dark_line_network: Network, etched: Etched, tmp_path: Path
) -> None:
    Image.fromarray(etched[0]).save(tmp_path / "steel.png")
    outcome = analyse(dark_line_network, tmp_path / "steel.png", GrainsOptions(scale=1.0))
    assert outcome.values["astm_grain_size_number"] is None and outcome.values["pixel_size_source"] == "none"
    assert outcome.values["mean_intercept_um"] is None and outcome.values["mean_intercept_px"] > 10
    assert any("`pixel_size_um`" in warning for warning in outcome.warnings)
    assert not any(name.endswith("_um") for name in outcome.tables["grains"].columns)


def test_the_label_map_holds_lines_of_0_between_grains(
    dark_line_network: Network, etched: Etched, tmp_path: Path
) -> None:
    Image.fromarray(etched[0]).save(tmp_path / "steel.png")
    labels = analyse(dark_line_network, tmp_path / "steel.png", GrainsOptions(scale=1.0)).maps["label_map"].pixels
    right = (labels[:, :-1] != labels[:, 1:]) & (labels[:, :-1] > 0) & (labels[:, 1:] > 0)
    assert not right.any()
    assert adjusted_rand_index(fill_boundaries(labels), etched[1]) > 0.85


@pytest.mark.parametrize("scale", [0.0, -1.0, 100.0, float("nan")])
def test_an_absurd_scale_is_refused(dark_line_network: Network, etched: Etched, tmp_path: Path, scale: float) -> None:
    Image.fromarray(etched[0]).save(tmp_path / "steel.png")
    with pytest.raises(InputError, match="`scale` is"):
        analyse(dark_line_network, tmp_path / "steel.png", GrainsOptions(scale=scale))


def test_noise_is_not_reported_as_a_grain_structure(dark_line_network: Network, etched: Etched, tmp_path: Path) -> None:
    """The words come from the decisiveness alone: noise has none, etched lines have much."""
    noise = np.random.default_rng(0).integers(0, 256, (256, 256), dtype=np.uint8)
    found = segment(dark_line_network, noise, None, 1.0)
    assert found.decisiveness is not None and found.decisiveness < UNCLEAR
    clear = segment(dark_line_network, etched[0], None, 1.0)
    assert clear.decisiveness is not None and clear.decisiveness > 0.5
    Image.fromarray(noise).save(tmp_path / "noise.png")
    outcome = analyse(dark_line_network, tmp_path / "noise.png", GrainsOptions(scale=1.0))
    assert any("no grain structure" in warning for warning in outcome.warnings)


def test_doubt_about_the_number_needs_no_pixel_size(dark_line_network: Network, etched: Etched, tmp_path: Path) -> None:
    Image.fromarray(etched[0]).save(tmp_path / "steel.png")

    def said(pixel: float | None) -> list[str]:
        options = GrainsOptions(scale=1.0, pixel_size_um=pixel)
        return [
            w for w in analyse(dark_line_network, tmp_path / "steel.png", options).warnings if "pixel size" not in w
        ]

    assert said(None) == said(0.5)
