"""Ising microstructures: equilibrium and quenches, the same seed the same spins.

Two ways to move spins. The checkerboard tries all black sites, then all white ones; Wolff turns whole clusters and so
does not slow down near the critical temperature, but has no time that a quench could be stopped at.
"""

from typing import Literal

import numpy as np

from nital.core.errors import InputError, need

numba = need("numba", "train", "Simulating Ising structures")

__all__ = ["CRITICAL_TEMPERATURE", "Method", "equilibrium", "quench", "sweep"]

CRITICAL_TEMPERATURE = 2 / np.log1p(np.sqrt(2))
"""2 / ln(1 + sqrt 2) = 2.26919 J / k_B. Source: L. Onsager, Phys. Rev. 65, 117 (1944), doi:10.1103/PhysRev.65.117."""

Method = Literal["checkerboard", "wolff"]


def quench(
    shape: tuple[int, int], temperature: float, sweeps: int, seed: int, *, method: Method = "checkerboard"
) -> np.ndarray:
    """Spins that were thrown from infinite temperature to `temperature` and had `sweeps` sweeps to order.

    Below the critical temperature domains grow with the square root of time; a quench that is stopped early shows
    them, with a small mean magnetisation however cold it is.

    Args:
        shape: rows and columns, both even, at least 4.
        temperature: J / k_B, above 0.01.
        sweeps: updates per spin; for Wolff, clusters.
        seed: of the start and of all that follows.

    Returns:
        int8 +1 and -1, `shape`.

    Raises:
        InputError: a shape, temperature or number of sweeps that cannot be.
    """
    start = np.random.default_rng([0x151, seed]).integers(0, 2, shape, dtype=np.int8) * np.int8(2) - np.int8(1)
    return sweep(start, temperature, sweeps, seed, method=method)


def equilibrium(shape: tuple[int, int], temperature: float, seed: int) -> np.ndarray:
    """Spins in equilibrium: from all alike, by 400 of Wolff's clusters, which make the start forgotten.

    20 checkerboard sweeps follow for the hot, where clusters are small.

    Args:
        shape, temperature, seed: as for `quench`.

    Returns:
        int8 +1 and -1, `shape`; both signs are equally likely.

    Source: U. Wolff, Phys. Rev. Lett. 62, 361 (1989), doi:10.1103/PhysRevLett.62.361.
    """
    sign = np.int8(1 - 2 * (seed % 2))
    spins = sweep(np.full(shape, sign, np.int8), temperature, 400, seed, method="wolff")
    return sweep(spins, temperature, 20, seed + 1)


def sweep(
    spins: np.ndarray, temperature: float, sweeps: int, seed: int, *, method: Method = "checkerboard"
) -> np.ndarray:
    """Go on from given spins at a temperature; the given array stays as it is.

    A spin is turned with probability min(1, exp(-dE / T)).

    Args:
        spins: +1 and -1, (rows, cols), both even, at least 4; periodic.
        temperature, sweeps, seed, method: as for `quench`.

    Returns:
        int8, the shape of `spins`.

    Source: N. Metropolis et al., J. Chem. Phys. 21, 1087 (1953), doi:10.1063/1.1699114.
    """
    given = np.asarray(spins)
    if given.ndim < 2 or given.size == 0 or not np.isin(given, (-1, 1)).all():
        raise InputError(
            f"Spins are +1 and -1 in rows and columns; this is {given.dtype} of shape {given.shape}. "
            "Turn a picture of two greys into np.where(picture > middle, 1, -1)."
        )
    spins = given.astype(np.int8)
    rows, cols = spins.shape[-2:]
    if spins.ndim != 2 or min(rows, cols) < 4 or rows % 2 or cols % 2:
        raise InputError(
            f"A lattice of {spins.shape} spins cannot be used. Give even numbers of rows and columns >= 4."
        )
    if not (np.isfinite(temperature) and temperature > 0.01):
        raise InputError(f"Temperature {temperature} is not above 0.01 J / k_B. Give such a number.")
    if sweeps < 0:
        raise InputError(f"{sweeps} sweeps cannot be made. Give 0 or more.")
    state = np.random.default_rng([0x151A6, seed]).integers(1, 2**63, 2).astype(np.uint64)
    if method == "wolff":
        _wolff(spins, _threshold(1 - np.exp(-2 / temperature)), sweeps, state)
    elif method == "checkerboard":
        # Only turning against a majority of neighbours costs energy: 4 J with two surplus, 8 J with four.
        costs = np.array([_threshold(np.exp(-4 / temperature)), _threshold(np.exp(-8 / temperature))], np.uint64)
        _checkerboard(spins, costs, sweeps, state)
    else:
        raise InputError(f"'{method}' is no way to move spins. Use one of: checkerboard, wolff.")
    return spins


def _threshold(probability: float) -> np.uint64:
    """A 32-bit random number is below it with this probability."""
    return np.uint64(round(probability * 2**32))


@numba.njit(inline="always")
def _draw(state):  # xorshift128+, upper 32 bits; S. Vigna, doi:10.1016/j.cam.2016.11.006
    a, b = state[0], state[1]
    state[0] = b
    a ^= a << np.uint64(23)
    a = a ^ b ^ (a >> np.uint64(17)) ^ (b >> np.uint64(26))
    state[1] = a
    return (a + b) >> np.uint64(32)


@numba.njit(cache=True, nogil=True)
def _checkerboard(spins, costs, sweeps, state):
    rows, cols = spins.shape
    for _ in range(sweeps):
        for colour in range(2):
            for i in range(rows):
                up, here, down = spins[i - 1], spins[i], spins[(i + 1) % rows]
                for j in range((i + colour) % 2, cols, 2):
                    right = j + 1 if j + 1 < cols else 0
                    surplus = here[j] * (up[j] + down[j] + here[j - 1] + here[right])
                    if surplus <= 0 or _draw(state) < costs[(surplus >> 1) - 1]:
                        here[j] = -here[j]


@numba.njit(cache=True, nogil=True)
def _wolff(spins, joins, clusters, state):
    rows, cols = spins.shape
    stack = np.empty(rows * cols, np.int64)
    for _ in range(clusters):
        first = (_draw(state) * np.uint64(rows * cols)) >> np.uint64(32)
        stack[0], top = np.int64(first), 1
        sign = spins[stack[0] // cols, stack[0] % cols]
        spins[stack[0] // cols, stack[0] % cols] = -sign
        while top:
            top -= 1
            i, j = stack[top] // cols, stack[top] % cols
            for k in range(4):
                r = (i + (1 if k == 0 else rows - 1 if k == 1 else 0)) % rows
                c = (j + (1 if k == 2 else cols - 1 if k == 3 else 0)) % cols
                if spins[r, c] == sign and _draw(state) < joins:
                    spins[r, c] = -sign
                    stack[top] = r * cols + c
                    top += 1
