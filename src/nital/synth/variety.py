"""What training micrographs are drawn from; ingredients can be switched off, so that the worth of each can be measured.

A module of its own because a recipe holds these numbers too, and reading one must not need numba.
"""

from dataclasses import dataclass

__all__ = ["PLAIN", "Variety"]


@dataclass(frozen=True, kw_only=True)
class Variety:
    """Which ingredients the generator draws from.

    Attributes:
        grain_px: smallest and largest mean grain diameter in pixels (log-uniform).
        real_shapes: unequal, curved, elongated, two-fold, merged grains; else Voronoi alone.
        twins: annealing twins in some structures.
        etching: uneven, broken, beaded lines, halos; else perfect lines.
        contrasts: bright lines, channelling steps and relief beside dark lines.
        distractors: pits, scratches, slip lines, attacked grains, second phase, stains.
        optics: blur, uneven light, noise, clipping, JPEG.
        truth_px: thickness of the boundaries in the truth.
    """

    grain_px: tuple[float, float] = (9.0, 110.0)
    real_shapes: bool = True
    twins: bool = True
    etching: bool = True
    contrasts: bool = True
    distractors: bool = True
    optics: bool = True
    truth_px: float = 2.6


PLAIN = Variety(
    real_shapes=False, twins=False, etching=False, contrasts=False, distractors=False, optics=False
)  # as in the lectures
