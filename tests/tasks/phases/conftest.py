"""Labelled pictures of two phases that a threshold can tell, so that small networks and quick tests are enough."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage


def drawn(seed: int, shape: tuple[int, int] = (96, 128)) -> tuple[np.ndarray, np.ndarray]:
    """Grey picture and labels: bright blobs (1) in a dark matrix (0)."""
    rng = np.random.default_rng(seed)
    field = ndimage.gaussian_filter(rng.standard_normal(shape), 6)
    labels = (field > 0.6 * field.std()).astype(np.uint8)
    grey = 90 + 70 * ndimage.gaussian_filter(labels.astype(float), 0.7) + 8 * rng.standard_normal(shape)
    return np.clip(grey, 0, 255).astype(np.uint8), labels


@pytest.fixture(scope="session")
def blobs() -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """The function that draws such a picture and its labels, from a seed and a shape."""
    return drawn


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures of three specimens, one folder for each specimen."""
    place = tmp_path_factory.mktemp("blobs")
    for number in range(6):
        for part, pixels in zip(("images", "labels"), drawn(number), strict=True):
            path = place / part / f"specimen{number // 2}" / f"field{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path)
    (place / "classes.txt").write_text("matrix\nparticles\n")
    return place
