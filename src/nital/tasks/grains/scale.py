"""The scale rule: at which magnification does the network see the boundaries most decisively?

The network knows grains of about 9 to 110 px and lines of 1 to 8 px. A micrograph may have grains of 5 or of
500 px. No fixed number of pixels per grain fits all: what matters is where lines are clear and textures are not.
"""

from dataclasses import dataclass

import numpy as np

from nital.core.errors import InputError
from nital.core.progress import Say, tell
from nital.core.task import Network
from nital.tasks.grains.decode import MERGE_BELOW, decisiveness, merge_weak_edges, over_segment, shared_edges
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.view import MULTIPLE, Window, view

__all__ = ["SCALES", "Trial", "choose_scale", "working_scale"]

SCALES = tuple(2.0 ** (k / 2) for k in range(4, -7, -1))  # 4 to 1/8 in steps of sqrt 2
SEARCH_PX = 512  # side of the window that is looked at, in network pixels
FEW_PX, FEW_PENALTY = 34.0, 0.3  # grains smaller than this in network pixels may vanish
SMALLEST_PX = 64  # side under which a picture is too small to look at
LARGEST_PX = 1600  # a picture is not blown up beyond this side


@dataclass(frozen=True)
class Trial:
    """What the network made of the picture at one scale.

    Attributes:
        scale: network pixels per picture pixel.
        decisiveness: -1 to 1, see `nital.tasks.grains.decode.decisiveness`.
        grain_px: diameter of the mean grain area in network pixels.
    """

    scale: float
    decisiveness: float
    grain_px: float

    @property
    def merit(self) -> float:
        """Decisiveness, less 0.3 for each halving of the grains below 34 px: small grains must not be lost."""
        return self.decisiveness - FEW_PENALTY * max(0.0, float(np.log2(FEW_PX / self.grain_px)))


def working_scale(
    network: Network,
    image: np.ndarray,
    valid: np.ndarray | None,
    options: GrainsOptions,
    *,
    say: Say = None,
) -> float:
    """The magnification that the user asks for, else the best one.

    Raises:
        InputError: a magnification that leaves too little of the picture.
    """
    if options.scale is None:
        return choose_scale(network, image, valid, say=say)[0].scale
    if min(image.shape) * options.scale < MULTIPLE:
        raise InputError(
            f"At a `scale` of {options.scale:g} only {min(image.shape) * options.scale:.0f} of {min(image.shape)} px "
            f"are left. Use {MULTIPLE / min(image.shape):.2g} or more, or leave it out to let nital choose."
        )
    return options.scale


def choose_scale(network: Network, image: np.ndarray, valid: np.ndarray | None, *, say: Say = None) -> list[Trial]:
    """Try all scales on the middle of the picture; the best comes first.

    Args:
        network: the boundary network.
        image: (rows, cols), may be memory-mapped. valid: bool or None.

    Returns:
        the trials, highest merit first; at least one.
    """
    trials = []
    for number, scale in enumerate(SCALES):
        side = np.array(image.shape) * scale
        if (side.max() > LARGEST_PX and scale > 1) or side.min() < (SMALLEST_PX if trials else MULTIPLE):
            continue
        tell(say, number, len(SCALES), f"looking at scale {scale:.2f}")
        trials.append(_trial(network, image, valid, scale))
    return sorted(trials, key=lambda trial: -trial.merit)


def _trial(network: Network, image: np.ndarray, valid: np.ndarray | None, scale: float) -> Trial:
    window = _middle(image.shape, valid, SEARCH_PX / scale)
    part = view(image[window], None if valid is None else valid[window], scale)
    boundary, specimen = part.boundaries(network), part.specimen()
    regions = over_segment(boundary, specimen)
    edges = shared_edges(regions, boundary)
    grains = int(merge_weak_edges(regions, edges, MERGE_BELOW).max())
    area = boundary.size if specimen is None else max(int(specimen.sum()), 1)
    diameter = float(np.sqrt(4 * area / np.pi / max(grains, 1)))
    return Trial(scale, decisiveness(edges), diameter)


def _middle(shape: tuple[int, ...], valid: np.ndarray | None, side: float) -> Window:
    """A window of about `side` around the middle of the specimen."""
    centre = [size / 2 for size in shape]
    if valid is not None and valid.any():
        step = max(1, max(shape) // 1000)
        centre = [float(where.mean()) * step for where in np.nonzero(valid[::step, ::step])]
    starts = [int(np.clip(c - side / 2, 0, max(size - side, 0))) for c, size in zip(centre, shape, strict=True)]
    return slice(starts[0], starts[0] + round(side)), slice(starts[1], starts[1] + round(side))
