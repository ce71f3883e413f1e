"""From a picture to area fractions, with a network that is three lines of numpy."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import nital
from nital.core.errors import InputError
from nital.core.outcome import made
from nital.io.micrographs import save_png
from nital.synth.phase_pictures import draw_phases
from nital.tasks.phases.analyse import analyse
from nital.tasks.phases.evaluate import evaluate_folder
from nital.tasks.phases.options import PhasesOptions
from nital.tasks.phases.together import fields_together


class Threshold:
    """Bright is phase 1."""

    def __init__(self, **facts: Any) -> None:
        self.facts = {"classes": ["matrix", "particles"], **facts}

    def __call__(self, batch: np.ndarray, /) -> dict[str, np.ndarray]:
        bright = 1 / (1 + np.exp(-8 * (batch[:, 0] - 0.4)))
        return {"probability": np.stack([1 - bright, bright], 1).astype(np.float32)}


KNOWN = {"matrix": {"bias": 0.0, "spread": 0.02, "n": 4}, "particles": {"bias": 0.0, "spread": 0.02, "n": 4}}


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory, blobs: Any) -> tuple[Path, np.ndarray]:
    path = tmp_path_factory.mktemp("picture") / "field.png"
    grey, labels = blobs(11, (300, 400))
    Image.fromarray(grey).save(path)
    return path, labels


def test_the_area_fraction_is_that_of_the_truth_and_lies_in_its_interval(picture: tuple[Path, np.ndarray]) -> None:
    path, labels = picture
    found = analyse(Threshold(), path, PhasesOptions(pixel_size_um=0.5)).values["phases"]["particles"]
    assert found["area_fraction"] == pytest.approx(labels.mean(), abs=0.01)
    low, high = found["area_fraction_ci95"]
    assert low < labels.mean() < high
    assert found["mean_intercept_um"] == pytest.approx(0.5 * 14, rel=0.5)
    assert 0.1 < found["point_count_fraction"] < 0.5


def test_fractions_add_up_to_one(picture: tuple[Path, np.ndarray]) -> None:
    phases = analyse(Threshold(), picture[0], PhasesOptions()).values["phases"]
    assert sum(one["area_fraction"] for one in phases.values()) == pytest.approx(1)


def test_the_interval_grows_by_the_error_of_the_network_and_says_so(picture: tuple[Path, np.ndarray]) -> None:
    alone = analyse(Threshold(), picture[0], PhasesOptions())
    both = analyse(Threshold(area_errors=KNOWN), picture[0], PhasesOptions())

    def width(outcome: Any) -> float:
        low, high = outcome.values["phases"]["particles"]["area_fraction_ci95"]
        return high - low

    assert width(both) > width(alone) + 0.05
    assert "network" in both.values["phases"]["particles"]["area_fraction_ci95_is"]
    assert any("was not measured" in words for words in alone.warnings)
    assert not any("was not measured" in words for words in both.warnings)


def test_without_pixel_size_lengths_are_in_pixels(picture: tuple[Path, np.ndarray]) -> None:
    found = analyse(Threshold(), picture[0], PhasesOptions()).values["phases"]["particles"]
    assert "mean_intercept_px" in found and "mean_intercept_um" not in found
    assert found["regions_per_mm2"] is None


def test_an_unsure_network_is_not_believed(picture: tuple[Path, np.ndarray]) -> None:
    class Unsure(Threshold):
        def __call__(self, batch: np.ndarray, /) -> dict[str, np.ndarray]:
            return {"probability": np.full((len(batch), 2, *batch.shape[2:]), 0.5, np.float32)}

    outcome = analyse(Unsure(), picture[0], PhasesOptions())
    assert outcome.values["unsure_share"] == 1
    assert any("Do not report" in words for words in outcome.warnings)


def test_another_magnification_than_the_learned_one_is_told(picture: tuple[Path, np.ndarray]) -> None:
    network = Threshold(pixel_size_um=[0.1, 0.12])
    told = analyse(network, picture[0], PhasesOptions(pixel_size_um=0.5)).warnings
    assert any("has not learned this magnification" in words for words in told)
    quiet = analyse(network, picture[0], PhasesOptions(pixel_size_um=0.11)).warnings
    assert not any("magnification" in words for words in quiet)


def test_maps_and_pictures_have_the_size_of_the_field(picture: tuple[Path, np.ndarray]) -> None:
    outcome = analyse(Threshold(), picture[0], PhasesOptions())
    labels = made(outcome.maps["label_map"].pixels)
    assert labels.shape == (300, 400)
    assert set(np.unique(labels)) == {1, 2}
    assert made(outcome.maps["doubt_map"].pixels).max() <= 0.5 + 1 / 255
    assert made(outcome.pictures["overlay"].pixels).shape == (300, 400, 3)


def test_looking_once_or_four_times_agree_where_the_network_has_no_side(picture: tuple[Path, np.ndarray]) -> None:
    once = analyse(Threshold(), picture[0], PhasesOptions(quick=True)).values["phases"]["particles"]["area_fraction"]
    often = analyse(Threshold(), picture[0], PhasesOptions()).values["phases"]["particles"]["area_fraction"]
    assert once == pytest.approx(often, abs=1e-3)


def test_a_picture_of_one_grey_is_refused(tmp_path: Path) -> None:
    Image.fromarray(np.full((64, 64), 9, np.uint8)).save(tmp_path / "flat.png")
    with pytest.raises(InputError, match="every pixel has the same grey"):
        analyse(Threshold(), tmp_path / "flat.png", PhasesOptions())


def test_a_labelled_folder_is_scored_by_specimen(folder: Path) -> None:
    report = evaluate_folder(Threshold(), folder, PhasesOptions())
    network = report.score("network")
    assert network.value > 0.85
    assert report.groups == ("specimen0", "specimen1", "specimen2")
    assert report.details["iou"]["particles"] > 0.8
    assert "better than one phase everywhere" in report.verdict


def test_several_fields_give_the_mean_and_its_interval(folder: Path) -> None:
    files = sorted((folder / "images").rglob("*.png"))
    results = [analyse(Threshold(), file, PhasesOptions()).values for file in files]
    found = fields_together(results).values["phases"]["particles"]
    fractions = [one["phases"]["particles"]["area_fraction"] for one in results]
    assert found["area_fraction"] == pytest.approx(np.mean(fractions))
    assert found["area_fraction_ci95"][0] < np.mean(fractions) < found["area_fraction_ci95"][1]


def test_fields_of_different_models_are_not_taken_together() -> None:
    one = {"classes": ["a", "b"], "phases": {}}
    with pytest.raises(InputError, match="one model"):
        fields_together([one, {"classes": ["a", "c"], "phases": {}}])


SEVERAL = {
    "classes": ["matrix", "pores", "pearlite"],
    "structures": {
        "pores": {"classes": [0, 1], "names": ["matrix", "pores"]},
        "pearlite": {"classes": [0, 2], "names": ["ferrite", "pearlite"]},
    },
}


class OfPores(Threshold):
    """Bright is a pore, and never pearlite."""

    def __call__(self, batch: np.ndarray, /) -> dict[str, np.ndarray]:
        two = super().__call__(batch)["probability"]
        pores = np.float32([[0.99, 0.01]] * len(batch))
        return {"probability": np.concatenate([0.98 * two, np.full_like(two[:, :1], 0.02)], 1), "structure": pores}


def test_a_model_of_several_structures_asks_which(picture: tuple[Path, np.ndarray]) -> None:
    with pytest.raises(InputError, match="one of: pores, pearlite"):
        analyse(OfPores(**SEVERAL), picture[0], PhasesOptions())


def test_the_structure_says_which_phases_there_may_be(picture: tuple[Path, np.ndarray]) -> None:
    outcome = analyse(OfPores(**SEVERAL), picture[0], PhasesOptions(structure="pores"))
    assert list(outcome.values["phases"]) == ["matrix", "pores"]
    assert outcome.values["phases"]["pores"]["area_fraction"] == pytest.approx(picture[1].mean(), abs=0.02)
    assert outcome.values["familiar_share"] == pytest.approx(0.99)


def test_a_picture_of_another_structure_is_refused_unless_asked(picture: tuple[Path, np.ndarray]) -> None:
    network = OfPores(**SEVERAL)
    with pytest.raises(InputError, match=r"does not look like 'pearlite'.*1 %, and pores 99 %"):
        analyse(network, picture[0], PhasesOptions(structure="pearlite"))
    assert analyse(network, picture[0], PhasesOptions(structure="pearlite", anyway=True)).values["phases"]


def test_a_structure_is_not_asked_of_a_model_of_one_kind_of_picture(picture: tuple[Path, np.ndarray]) -> None:
    with pytest.raises(InputError, match="Leave out `structure`"):
        analyse(Threshold(), picture[0], PhasesOptions(structure="pores"))


def test_labels_come_back_in_the_numbers_that_were_learned_from(picture: tuple[Path, np.ndarray]) -> None:
    outcome = analyse(Threshold(label_values=[0, 170]), picture[0], PhasesOptions())
    found = made(outcome.maps["labels_to_correct"].pixels)
    assert found.dtype == np.uint8
    assert set(np.unique(found)) == {0, 170}
    assert "labels_to_correct" not in analyse(Threshold(), picture[0], PhasesOptions()).maps


def test_a_network_that_was_no_better_than_a_simpler_model_says_so(picture: tuple[Path, np.ndarray]) -> None:
    told = analyse(Threshold(chosen="random forest on a filter bank"), picture[0], PhasesOptions()).warnings
    assert any("random forest" in words for words in told)


def test_the_error_of_the_network_does_not_average_out_over_fields(folder: Path) -> None:
    files = sorted((folder / "images").rglob("*.png"))
    alone = [analyse(Threshold(), file, PhasesOptions()).values for file in files]
    known = [analyse(Threshold(area_errors=KNOWN), file, PhasesOptions()).values for file in files]

    def width(results: list[dict[str, Any]]) -> float:
        low, high = fields_together(results).values["phases"]["particles"]["area_fraction_ci95"]
        return high - low

    assert width(known) > width(alone)
    assert any("does not average out" in words for words in fields_together(alone).warnings)


def test_a_written_result_holds_the_fractions_and_the_paths_beside_them(tmp_path: Path) -> None:
    picture = tmp_path / "pores.png"
    save_png(picture, draw_phases("pores", np.random.default_rng(2), (96, 96)).image)
    result = nital.predict("phases", picture, structure="pores", anyway=True, quick=True, out=tmp_path / "out")
    assert set(result.phases) == {"matrix", "pores"}
    written = json.loads((tmp_path / "out" / "pores" / "result.json").read_text(encoding="utf-8"))
    assert sum(one["area_fraction"] for one in written["phases"].values()) == pytest.approx(1)
    assert "phase_map" in written["files"]
