"""The two-dimensional Ising model: what is known exactly, and what is read from a configuration.

Spins of +1 and -1 on a square lattice with periodic edges, coupling J = 1, no field, temperatures in J / k_B.
"""

import numpy as np
from scipy.special import ellipk

from nital.core.errors import InputError

__all__ = [
    "CRITICAL_TEMPERATURE", "check_spins", "energy_per_spin", "exact_energy", "exact_magnetisation", "magnetisation",
]  # fmt: skip

CRITICAL_TEMPERATURE = 2 / np.log1p(np.sqrt(2))
"""2 / ln(1 + sqrt 2) = 2.26919 J / k_B. Source: L. Onsager, Phys. Rev. 65, 117 (1944), doi:10.1103/PhysRev.65.117."""


def check_spins(spins: np.ndarray) -> np.ndarray:
    """Return configurations as int8, shape (..., rows, cols).

    Raises:
        InputError: fewer than two axes, or values other than +1 and -1.
    """
    array = np.asarray(spins)
    if array.ndim < 2 or array.size == 0 or not np.isin(array, (-1, 1)).all():
        raise InputError(
            f"Spins are +1 and -1 in rows and columns; this is {array.dtype} of shape {array.shape}. "
            "Turn a picture of two greys into np.where(picture > middle, 1, -1)."
        )
    return array.astype(np.int8)


def energy_per_spin(spins: np.ndarray) -> np.ndarray:
    """Energy over the number of spins: e = -(1/N) sum of s_i s_j over neighbouring pairs.

    Args:
        spins: +1 and -1, (..., rows, cols), periodic.

    Returns:
        float64 (...), in J; -2 for all spins alike.

    >>> energy_per_spin(np.ones((4, 4)))
    array(-2.)
    """
    s = check_spins(spins)
    bonds = (s * np.roll(s, 1, -1)).mean((-2, -1), dtype=np.float64) + (s * np.roll(s, 1, -2)).mean(
        (-2, -1), dtype=np.float64
    )
    return np.asarray(-bonds)


def magnetisation(spins: np.ndarray) -> np.ndarray:
    """Mean spin m, -1 to 1, of each configuration (..., rows, cols).

    >>> magnetisation(np.ones((4, 4)))
    array(1.)
    """
    return np.asarray(check_spins(spins).mean((-2, -1), dtype=np.float64))


def exact_energy(temperature: np.ndarray | float) -> np.ndarray:
    """Mean energy per spin of the infinite lattice in equilibrium.

    u = -coth(2/T) [1 + (2/pi) (2 tanh^2(2/T) - 1) K(k)], k = 2 sinh(2/T) / cosh^2(2/T), K the complete elliptic
    integral of the first kind.

    Args:
        temperature: J / k_B, positive.

    Returns:
        J per spin; -sqrt 2 at the critical temperature.

    Valid for: an infinite lattice; 64 x 64 spins differ by less than .02 away from the critical temperature.

    Source: L. Onsager 1944, doi:10.1103/PhysRev.65.117.

    >>> round(float(exact_energy(2.0)), 4)
    -1.7456
    """
    x = 2 / _checked(temperature)
    k = 2 * np.sinh(x) / np.cosh(x) ** 2
    with np.errstate(invalid="ignore"):
        term = (2 * np.tanh(x) ** 2 - 1) * ellipk(np.minimum(k, 1.0) ** 2)
    # At the critical temperature a zero meets a logarithmic infinity; their product is zero.
    return np.asarray(-(1 + 2 / np.pi * np.where(np.isfinite(term), term, 0.0)) / np.tanh(x))


def exact_magnetisation(temperature: np.ndarray | float) -> np.ndarray:
    """Spontaneous magnetisation |m| = (1 - sinh(2/T)^-4)^(1/8) below the critical temperature, 0 above it.

    Args:
        temperature: J / k_B, positive.

    Source: C. N. Yang, Phys. Rev. 85, 808 (1952), doi:10.1103/PhysRev.85.808.

    >>> round(float(exact_magnetisation(2.0)), 4), float(exact_magnetisation(3.0))
    (0.9113, 0.0)
    """
    inside = 1 - np.sinh(2 / _checked(temperature)) ** -4.0
    return np.asarray(np.where(inside > 0, np.maximum(inside, 0) ** 0.125, 0.0))


def _checked(temperature: np.ndarray | float) -> np.ndarray:
    t = np.asarray(temperature, np.float64)
    if not (np.isfinite(t) & (t > 0.01)).all():
        raise InputError(f"Temperature {temperature} is not a number above 0.01 J / k_B. Give such a number.")
    return t
