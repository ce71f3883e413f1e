"""Structures with known truth, and a stand-in network that needs no training."""

import numpy as np
import pytest

from nital.core.task import Network


@pytest.fixture(scope="session")
def dark_line_network() -> Network:
    """A network in form only: dark pixels are boundaries."""

    def network(image: np.ndarray) -> dict[str, np.ndarray]:
        chance = 1 / (1 + np.exp(3 * (image[:, 0] + 1.2)))
        rest = np.zeros_like(chance)
        return {"probability": np.stack([1 - chance, chance, rest], 1).astype(np.float32)}

    return network


@pytest.fixture(scope="session")
def etched() -> tuple[np.ndarray, np.ndarray]:
    """A cleanly etched synthetic micrograph, uint8 (384, 512), and its label map."""
    pytest.importorskip("numba")
    from nital.synth.micrographs import Appearance, photograph
    from nital.synth.polycrystals import Structure, grow

    rng = np.random.default_rng(5)
    crystal = grow(Structure(shape=(384, 512), grain_diameter_px=40, lloyd_steps=2), rng)
    return photograph(crystal, Appearance(line_px=3, noise_white=0.02, blur_px=0.5), rng), crystal.grain
