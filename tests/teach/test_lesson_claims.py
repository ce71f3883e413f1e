"""What lessons state about other libraries, asked of these libraries."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage, special

from nital.teach.course import find_lesson
from nital.teach.pictures import pictures_into


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The names of a lesson after it ran: `lesson(14)["correlate"]`."""

    def names(number: int) -> dict[str, Any]:
        folder: Path = tmp_path_factory.mktemp("lesson")
        with pictures_into(folder):
            return runpy.run_path(str(find_lesson(number).path), run_name="__main__")

    return names


def test_scipy_convolve_flips_the_kernel_and_correlate_does_not(lesson: Any) -> None:
    names = lesson(14)
    image, kernel, correlate = names["image"], names["own"], names["correlate"]
    assert np.allclose(correlate(image, kernel), ndimage.correlate(image, kernel, mode="nearest"))
    assert np.allclose(correlate(image, np.flip(kernel)), ndimage.convolve(image, kernel, mode="nearest"))


def test_torch_layers_correlate(lesson: Any) -> None:
    torch = pytest.importorskip("torch")
    names = lesson(14)
    image, kernel = names["image"], names["own"].astype(float)
    answer = torch.nn.functional.conv2d(torch.tensor(image)[None, None], torch.tensor(kernel)[None, None])
    assert np.allclose(names["correlate"](image, kernel)[1:-1, 1:-1], answer[0, 0].numpy())


def test_torch_counts_the_same_parameters(lesson: Any) -> None:
    nn = pytest.importorskip("torch").nn
    names = lesson(13)
    lenet = (nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Linear(400, 120), nn.Linear(120, 84), nn.Linear(84, 10))
    fashion = (nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3), nn.Linear(3136, 128), nn.Linear(128, 10))
    for layers, count in ((lenet, names["lenet"]), (fashion, names["simple_cnn"])):
        assert sum(parameter.numel() for layer in layers for parameter in layer.parameters()) == count


def test_the_activations_are_those_of_scipy(lesson: Any) -> None:
    names, z = lesson(5), np.array([-800.0, -3.0, 0.0, 3.0, 800.0])
    assert np.allclose(names["sigmoid"](z), special.expit(z))
    assert np.allclose(names["softmax"](z), special.softmax(z))


def test_the_melting_slope_of_ice_is_near_the_measured_one(lesson: Any) -> None:
    # Feistel and Wagner (2006), doi:10.1063/1.2183324: -74.3 mK/MPa at the normal pressure melting point.
    assert lesson(1)["slope"] / 0.101325 == pytest.approx(-0.0743, rel=0.005)
