"""What an explanation is worth: does the map depend on the network at all?"""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from scipy import stats
from skimage.metrics import structural_similarity
from torch import Tensor, nn

from nital.core.errors import InputError
from nital.learn.layers import Target, class_indices

__all__ = ["SanityCheck", "randomised", "sanity_check"]

Images = Float[Tensor, "batch channels height width"]

ALIKE = 0.5
"""Mean rank correlation or structural similarity from which on two maps count as the same picture."""


@dataclass(frozen=True)
class SanityCheck:
    """How alike the maps of a network and of the same network with random weights are.

    Attributes:
        rank_correlation: Spearman's, mean over images and draws, -1 to 1; 0 if a map is constant.
        structural_similarity: of the maps, each stretched from 0 to 1, mean over images and draws, at most 1.
        draws: how many random networks.
        empty: all maps of the network itself are the same everywhere, so there is nothing that could change.
    """

    rank_correlation: float
    structural_similarity: float
    draws: int
    empty: bool = False

    @property
    def passed(self) -> bool | None:
        """The map changed; None: not checked, it is empty."""
        if self.empty:
            return None
        return self.rank_correlation < ALIKE and self.structural_similarity < ALIKE

    @property
    def words(self) -> str:
        """The result in a few words."""
        if self.passed is None:
            return "not checked: the map is empty"
        alike = "another map" if self.passed else "MUCH THE SAME map"
        return f"{alike} (rank correlation {self.rank_correlation:.2f})"

    def sentence(self) -> str:
        """The result in words."""
        if self.passed is None:
            return "The map is the same everywhere: it shows nothing, and was not checked."
        figures = (
            f"rank correlation {self.rank_correlation:.2f}, structural similarity {self.structural_similarity:.2f}, "
            f"mean of {self.draws} random networks; {ALIKE} and more counts as the same"
        )
        if self.passed:
            meaning = "it depends on the network, not on the picture alone"
            return f"With random weights the map is another one: {meaning} ({figures})."
        return (
            "With random weights the map stays much the same, so it shows the picture and not what was learned: do not "
            f"use it as a reason ({figures})."
        )


def sanity_check(
    method: Callable[[nn.Module, Tensor, Sequence[int]], np.ndarray],
    model: nn.Module,
    image: Images,
    target: Target = None,
    *,
    draws: int = 3,
    seed: int = 0,
) -> SanityCheck:
    """Randomise the weights of a network: the map must change.

    A map that passes depends on the weights, which it must; that does not yet make it a good reason. The result is
    that of one way to show a map: signed integrated gradients change, while their absolute values stay alike for
    any weights, because they follow the contrast of the picture.

    Args:
        method: (model, images, classes) -> maps (n, rows, cols), such as `grad_cam`.
        model: images (n, c, h, w) -> logits (n, classes); it is not changed.
        image: (n, c, h, w), at least 7 x 7 px.
        target: class or classes to explain; None: those that the trained network gives, for the random ones as well.
        draws: random networks.
        seed: of their weights.

    Raises:
        InputError: fewer than one draw, images below 7 x 7 px, or a target that is not a class.

    Source: J. Adebayo et al., NeurIPS 2018, doi:10.48550/arXiv.1810.03292 (all layers
        at once; the limit that separates "changed" from "the same" is own).
    """
    if draws < 1 or min(image.shape[-2:]) < 7:
        raise InputError(f"{draws} draws on images of {tuple(image.shape[-2:])} px: at least 1 draw and 7 x 7 px.")
    classes = [int(index) for index in class_indices(model, image, target)]
    before = method(model, image, classes)
    pairs = [
        (old, new)
        for draw in range(draws)
        for old, new in zip(before, method(randomised(model, seed + draw), image, classes), strict=True)
    ]
    return SanityCheck(
        float(np.mean([_rank_correlation(old, new) for old, new in pairs])),
        float(np.mean([structural_similarity(_stretched(o), _stretched(n), data_range=1.0) for o, n in pairs])),
        draws,
        empty=all(np.ptp(heat) == 0 for heat in before),
    )


def randomised(model: nn.Module, seed: int) -> nn.Module:
    """A copy of a network with fresh random weights.

    Modules that can start anew do; other parameters are shuffled, so that only their order is lost.
    """
    device = next(model.parameters()).device
    copied = copy.deepcopy(model).cpu()  # drawn there, the weights are the same on every device
    with torch.random.fork_rng(devices=[]), torch.no_grad():  # pyright: ignore[reportUnknownMemberType]
        torch.default_generator.manual_seed(seed)
        for module in copied.modules():
            start_anew = getattr(module, "reset_parameters", None)
            if callable(start_anew):
                start_anew()
                continue
            for parameter in module.parameters(recurse=False):
                parameter.copy_(parameter.flatten()[torch.randperm(parameter.numel())].reshape(parameter.shape))
    return copied.to(device)


def _rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(stats.rankdata(one), stats.rankdata(other))[0, 1])


def _stretched(heat: np.ndarray) -> np.ndarray:
    return (heat - heat.min()) / (np.ptp(heat) or 1.0)
