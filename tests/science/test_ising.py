"""The exact solution of the Ising model, and what is read from spins."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from nital.core.errors import InputError
from nital.science.ising import (
    CRITICAL_TEMPERATURE,
    energy_per_spin,
    exact_energy,
    exact_magnetisation,
    magnetisation,
)


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


def test_magnetisation_vanishes_at_the_critical_temperature_and_is_one_in_the_cold() -> None:
    assert exact_magnetisation(CRITICAL_TEMPERATURE + 1e-6) == 0
    assert exact_magnetisation(0.5) == pytest.approx(1, abs=1e-3)


def test_a_checkerboard_has_the_highest_energy_and_no_magnetisation() -> None:
    board = np.indices((6, 6)).sum(0) % 2 * 2 - 1
    assert energy_per_spin(board) == 2
    assert magnetisation(board) == 0


@given(st.integers(0, 2**32 - 1), st.integers(2, 9), st.integers(2, 9))
def test_energy_is_the_sum_over_all_bonds_and_does_not_know_sign_or_origin(seed: int, rows: int, cols: int) -> None:
    spins = np.random.default_rng(seed).choice([-1, 1], (rows, cols))
    bonds = sum(
        spins[i, j] * (spins[(i + 1) % rows, j] + spins[i, (j + 1) % cols]) for i in range(rows) for j in range(cols)
    )
    assert energy_per_spin(spins) == pytest.approx(-bonds / spins.size)
    assert energy_per_spin(-spins) == energy_per_spin(spins) == energy_per_spin(np.roll(spins, (1, 2), (0, 1)))


@pytest.mark.parametrize("wrong", [np.zeros((4, 4)), np.ones(4), np.full((4, 4), np.nan), np.ones((0, 4))])
def test_what_is_no_spin_is_refused(wrong: np.ndarray) -> None:
    with pytest.raises(InputError, match=r"\+1 and -1"):
        energy_per_spin(wrong)


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf])
def test_an_absurd_temperature_is_refused(temperature: float) -> None:
    with pytest.raises(InputError, match="Temperature"):
        exact_energy(temperature)
