"""Pictures of Ising structures: quenches and equilibria over all temperatures, with the phase and the temperature."""

import numpy as np

from nital.synth.ising import CRITICAL_TEMPERATURE, equilibrium, quench

__all__ = ["CLASSES", "ising_pictures"]

CLASSES = ("ordered", "disordered")
LOWEST, HIGHEST = 0.05, 4.6  # J / k_B
SWEEPS = (5, 100)
"""Longer ones are near equilibrium, or hold few straight walls, and are drawn as equilibria."""
EQUILIBRIA = 0.1
"""Share of the pictures that are in equilibrium; the others are quenches stopped after a random number of sweeps."""


def ising_pictures(number: int, side_px: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Configurations of 0 and 255, one spin per pixel.

    A third of the temperatures lie within 0.4 of the critical one, where the phases are hard to tell; sweeps are
    log-uniform from 5 to 100, because nobody knows how long a picture that comes along had to order. (The range was
    widened downwards after a look at the energies of the published set MDS-2, which stopped after about 10.)

    Args:
        number: of pictures. side_px: even, at least 4. seed: where chance starts.

    Returns:
        uint8 (number, side, side); label int64 (number,), 0 below the critical temperature ("ordered"), 1 above;
        temperature float64 (number,) in J / k_B.

    Source: own; the physics as in `nital.synth.ising`.
    """
    rng = np.random.default_rng([0x15106, seed])
    images = np.empty((number, side_px, side_px), np.uint8)
    near = rng.random(number) < 1 / 3
    temperature = np.where(
        near, CRITICAL_TEMPERATURE + rng.uniform(-0.4, 0.4, number), rng.uniform(LOWEST, HIGHEST, number)
    )
    sweeps = np.exp(rng.uniform(np.log(SWEEPS[0]), np.log(SWEEPS[1]), number)).astype(int)
    balanced = rng.random(number) < EQUILIBRIA
    for n in range(number):
        of = int(rng.integers(2**62))
        shape = (side_px, side_px)
        spins = (
            equilibrium(shape, temperature[n], of) if balanced[n] else quench(shape, temperature[n], int(sweeps[n]), of)
        )
        images[n] = np.where(spins > 0, np.uint8(255), np.uint8(0))
    return images, (temperature > CRITICAL_TEMPERATURE).astype(np.int64), temperature
