"""Simulated Ising spins against the exact solution."""

from typing import Any

import numpy as np
import pytest
from onsager import energy_per_spin, exact_energy, exact_magnetisation, magnetisation
from scipy.integrate import quad

from nital.core.errors import InputError

pytest.importorskip("numba", reason="simulating spins needs the extra train")

from nital.synth.ising import CRITICAL_TEMPERATURE, equilibrium, quench, sweep


def test_the_critical_temperature_is_onsagers() -> None:
    assert pytest.approx(2.269185314) == CRITICAL_TEMPERATURE


@pytest.mark.parametrize("temperature", [0.8, 1.5, 2.0, 2.2, 2.4, 3.0, 5.0])
def test_the_energy_is_the_derivative_of_onsagers_free_energy(temperature: float) -> None:
    """-beta f = ln 2 / 2 + 1/(2 pi) int_0^pi ln(cosh^2 2b + sqrt(1 + k'^2 - 2 k' cos 2x) / k) dx, by quadrature."""

    def minus_beta_f(beta: float) -> float:
        k = 1 / np.sinh(2 * beta) ** 2

        def inside(x: float) -> float:
            return np.log(np.cosh(2 * beta) ** 2 + np.sqrt(1 + k**2 - 2 * k * np.cos(2 * x)) / k)

        return np.log(2) / 2 + quad(inside, 0, np.pi, limit=200)[0] / (2 * np.pi)

    beta, step = 1 / temperature, 1e-4
    derivative = -(minus_beta_f(beta + step) - minus_beta_f(beta - step)) / (2 * step)
    assert exact_energy(temperature) == pytest.approx(derivative, abs=2e-4)


def test_the_energy_at_the_critical_temperature_is_minus_root_two() -> None:
    assert exact_energy(CRITICAL_TEMPERATURE) == pytest.approx(-np.sqrt(2), abs=1e-6)


@pytest.mark.parametrize("method", ["checkerboard", "wolff"])
@pytest.mark.parametrize("temperature", [1.8, 3.2])
def test_every_method_reaches_onsagers_energy(method: Any, temperature: float) -> None:
    sweeps = 6000 if method == "wolff" and temperature > 3 else 400
    spins = sweep(np.ones((128, 128)), temperature, sweeps, 3, method=method)
    # Standard deviation of one configuration of 128 x 128: about .008 J.
    assert energy_per_spin(spins) == pytest.approx(exact_energy(temperature), abs=0.035)


def test_equilibrium_has_onsagers_energy_and_yangs_magnetisation() -> None:
    spins = np.stack([equilibrium((64, 64), 2.0, seed) for seed in range(40)])
    assert energy_per_spin(spins).mean() == pytest.approx(exact_energy(2.0), abs=0.02)
    assert np.abs(magnetisation(spins)).mean() == pytest.approx(exact_magnetisation(2.0), abs=0.015)
    assert 8 < np.count_nonzero(magnetisation(spins) > 0) < 32, "both signs occur"


def test_a_cold_quench_has_domains_that_grow() -> None:
    early, late = (np.stack([quench((64, 64), 1.0, n, seed) for seed in range(10)]) for n in (5, 200))
    assert np.abs(magnetisation(early)).mean() < 0.3, "cold, and yet without magnetisation"
    assert exact_energy(1.0) < energy_per_spin(late).mean() < energy_per_spin(early).mean() - 0.1


def test_half_of_the_sites_can_turn_only_where_it_costs_nothing_in_the_cold() -> None:
    ones = np.ones((16, 16))
    np.testing.assert_array_equal(sweep(ones, 0.05, 50, 0), ones)


def test_the_same_seed_gives_the_same_spins_and_another_gives_others() -> None:
    first, again, other = (quench((32, 48), 2.2, 7, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.3
    assert first.dtype == np.int8


def test_the_spins_of_a_seed_are_those_of_every_machine() -> None:
    spins = quench((16, 16), 2.0, 3, 1)
    assert int(np.packbits(spins > 0).astype(np.int64) @ np.arange(1, 33)) == 88167


def test_the_given_spins_stay_as_they_are() -> None:
    start = np.ones((8, 8), np.int8)
    sweep(start, 5.0, 3, 0)
    assert (start == 1).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"temperature": -1.0}, "Temperature"),
        ({"sweeps": -1}, "sweeps"),
        ({"method": "heatbath"}, "Use one of"),
        ({"shape": (7, 8)}, "even"),
    ],
)
def test_what_cannot_be_simulated_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        quench(**{"shape": (8, 8), "temperature": 2.0, "sweeps": 1, "seed": 0, **change})


@pytest.mark.parametrize("wrong", [np.zeros((4, 4)), np.ones(4), np.full((4, 4), np.nan), np.ones((0, 4))])
def test_what_is_no_spin_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"\+1 and -1"):
        sweep(wrong, 2.0, 1, 0)
