"""Pictures of Ising structures with their temperature and phase."""

import numpy as np
import pytest
from onsager import energy_per_spin

pytest.importorskip("numba")

from nital.synth.ising import CRITICAL_TEMPERATURE
from nital.synth.ising_pictures import HIGHEST, LOWEST, ising_pictures


def test_phase_temperature_and_greys_belong_together():
    images, label, temperature = ising_pictures(60, 16, 0)
    assert set(np.unique(images)) == {0, 255}
    np.testing.assert_array_equal(label, temperature > CRITICAL_TEMPERATURE)
    assert temperature.min() >= LOWEST and temperature.max() <= HIGHEST
    near = np.abs(temperature - CRITICAL_TEMPERATURE) < 0.4
    assert 0.25 < near.mean() < 0.7


def test_hot_pictures_have_more_energy_than_cold_ones():
    images, _, temperature = ising_pictures(80, 32, 1)
    energy = energy_per_spin(np.where(images > 0, 1, -1))
    assert energy[temperature > 3].min() > energy[temperature < 1].max()


def test_the_same_seed_gives_the_same_pictures_and_another_one_others():
    one, same, other = (ising_pictures(6, 16, seed)[0] for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
