"""Explanations of a small model: every map has its check."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

pytest.importorskip("torch")

import nital
from nital.core.errors import InputError, UnknownName
from nital.tasks.classes.baselines import TEXTURES

METHODS = ("grad_cam", "integrated_gradients", "occlusion")


def test_explaining_gives_a_picture_and_a_check_for_every_method(trained: Any, picture: Path, tmp_path: Path):
    result = nital.explain("classes", picture, artifact=trained.folder, out=tmp_path)
    folder = tmp_path / "martensite-explained"
    assert set(result.checks) == set(METHODS)
    for method in METHODS:
        check = result.checks[method]
        assert isinstance(check["passed"], bool) and -1 <= check["rank_correlation"] <= 1
        heat = tifffile.imread(folder / f"{method}_values.tif")
        assert heat.shape == (32, 32) and np.ptp(heat) > 0
        with Image.open(folder / f"{method}.png") as shown:
            assert shown.mode == "RGB"
    assert abs(result.checks["integrated_gradients"]["completeness_gap"]) < 0.05
    assert (folder / "filters.png").is_file() and (folder / "feature_maps.png").is_file()
    assert result.layer == "body" and result.explained_class == result.values["class"]


def test_one_method_one_class_and_one_layer_can_be_chosen(trained: Any, picture: Path):
    chosen = {"method": "grad_cam", "of": "lamellar", "layer": "body.4"}
    result = nital.explain("classes", picture, artifact=trained.folder, **chosen)
    assert list(result.checks) == ["grad_cam"]
    assert (result.explained_class, result.layer) == ("lamellar", "body.4")
    assert result.receptive_field["measured_px"] < 26, "an earlier layer sees less than the last one"


def test_a_grain_that_is_larger_than_what_the_layer_sees_is_told(trained: Any, picture: Path):
    few = {"method": "grad_cam", "artifact": trained.folder}
    large, small = (nital.explain("classes", picture, grain_size_px=size, **few).warnings for size in (500.0, 5.0))
    assert any("pieces of grains" in warning for warning in large)
    assert not any("pieces of grains" in warning for warning in small)


@pytest.mark.parametrize(
    ("options", "there_is"), [({"layer": "body.33"}, "body.5.norms.0"), ({"of": "ledeburite"}, "martensite")]
)
def test_an_unknown_layer_or_class_is_an_error_that_lists_what_there_is(trained, picture, options, there_is):
    with pytest.raises(UnknownName, match=next(iter(options.values()))) as told:
        nital.explain("classes", picture, artifact=trained.folder, **options)
    assert there_is in str(told.value)


def test_a_job_without_explanations_says_so():
    with pytest.raises(InputError, match="nital predict grains"):
        nital.explain("grains", "x.png")


def test_an_explanation_names_who_decides_and_explains_that_class(lost: Any, picture: Path):
    said = nital.predict("classes", picture, artifact=lost.folder)
    result = nital.explain("classes", picture, artifact=lost.folder, method="grad_cam")
    assert result.decided_by == TEXTURES
    assert result.values["class"] == result.explained_class == said.values["class"]
    assert any("The maps below are the network's" in warning for warning in result.warnings)
