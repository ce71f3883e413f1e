"""The two-dimensional Ising model as it is known exactly, and what is read from a configuration.

Square lattice with periodic edges, coupling J = 1, no field, temperatures in J / k_B.
"""

import numpy as np
from scipy.special import ellipk


def energy_per_spin(spins: np.ndarray) -> np.ndarray:
    """Minus the mean of s_i s_j over all spins, summed over both neighbours; spins (..., rows, cols) -> (...), in J."""
    return -sum((spins * np.roll(spins, 1, axis)).mean((-2, -1), dtype=np.float64) for axis in (-1, -2))


def magnetisation(spins: np.ndarray) -> np.ndarray:
    """Mean spin of each configuration (..., rows, cols)."""
    return spins.mean((-2, -1), dtype=np.float64)


def exact_energy(temperature: float) -> float:
    """Energy per spin of the infinite lattice: L. Onsager, Phys. Rev. 65, 117 (1944), doi:10.1103/PhysRev.65.117."""
    x = 2 / temperature
    k = 2 * np.sinh(x) / np.cosh(x) ** 2
    with np.errstate(invalid="ignore"):
        term = (2 * np.tanh(x) ** 2 - 1) * ellipk(min(k, 1.0) ** 2)
    # At the critical temperature a zero meets a logarithmic infinity; their product is zero.
    return float(-(1 + 2 / np.pi * (term if np.isfinite(term) else 0.0)) / np.tanh(x))


def exact_magnetisation(temperature: float) -> float:
    """Spontaneous magnetisation: C. N. Yang, Phys. Rev. 85, 808 (1952), doi:10.1103/PhysRev.85.808."""
    return float(max(1 - np.sinh(2 / temperature) ** -4.0, 0.0) ** 0.125)
