"""What one value of a layer sees of the image, measured; `nital.nets.receptive_field` has the formula."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from nital.core.errors import InputError
from nital.learn.layers import evaluating, find_layer

__all__ = ["ReceptiveField", "measure_receptive_field"]

Images = Float[Tensor, "batch channels height width"]

HOLDS = 0.95
"""Share of the gradient that the effective receptive field holds."""


@dataclass(frozen=True)
class ReceptiveField:
    """What one value of a layer can see of the image, found with gradients.

    Attributes:
        layer: dotted module name.
        reach_px: side of the square that has any influence.
        effective_px: side of the centred square that has 95 % of the influence.
        stride_px: pixels of the image between neighbouring values of the layer.
        first_px: where its first value is centred, from the centre of the first pixel.
        cut: the square meets the edge of the image on two sides, so the reach may be larger.
    """

    layer: str
    reach_px: int
    effective_px: int
    stride_px: float
    first_px: float
    cut: bool


def measure_receptive_field(
    model: nn.Module, image: Images, layer: str | None = None, *, draws: int = 16, seed: int = 0
) -> ReceptiveField:
    """What one value of a layer sees: gradients of the middle value with respect to noise images.

    Noise of the mean and spread of the image, because in one picture some paths through the network are shut.

    Args:
        model: images (n, c, h, w) -> logits (n, classes).
        image: (n, c, h, w), larger than the receptive field to be found; only the first counts.
        layer: dotted module name; None: the last with feature maps.
        draws: noise images.
        seed: of the noise.

    Raises:
        UnknownName: no such layer.
        InputError: no layer has feature maps, or a dead layer without gradient.

    Source: effective receptive field after W. Luo et al., NIPS 2016, arXiv:1701.04128, with the share of the gradient
        in a square (own) instead of their count of pixels.
    """
    name, module = find_layer(model, image, layer)
    here, beside, value = _influence(model, module, image[:1], draws, seed)
    corners = _extent(here)
    middle = corners.mean(1)
    stride = float((_extent(beside).mean(1) - middle).mean())
    cut = bool(((corners[:, 0] == 0) & (corners[:, 1] == np.array(here.shape) - 1)).any())
    return ReceptiveField(
        layer=name,
        reach_px=int((corners[:, 1] - corners[:, 0]).max()) + 1,
        effective_px=_effective_side(here, middle),
        stride_px=stride,
        first_px=float((middle - stride * value).mean()),
        cut=cut,
    )


def _influence(
    model: nn.Module, layer: nn.Module, image: Tensor, draws: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean |gradient| of a layer's middle value and of its diagonal neighbour, and (row, col) of the middle one."""
    generator = torch.Generator().manual_seed(seed)
    kept: list[Tensor] = []
    hook = layer.register_forward_hook(lambda _module, _inputs, output: kept.append(output.clone()))
    total = np.zeros((2, *image.shape[-2:]))
    row = col = 0
    try:
        with evaluating(model), torch.enable_grad():
            for _ in range(draws):
                kept.clear()
                noise = torch.randn(image.shape, generator=generator).to(image) * image.std() + image.mean()
                noise.requires_grad_()
                model(noise)
                row, col = (kept[0].shape[2] - 1) // 2, (kept[0].shape[3] - 1) // 2
                # Random signs: with equal ones the maps of a layer could cancel each other.
                sign = torch.randn(kept[0].shape[1], generator=generator).to(image)
                for part, (r, c) in enumerate(((row, col), (row + 1, col + 1))):
                    if r < kept[0].shape[2] and c < kept[0].shape[3]:
                        (slope,) = torch.autograd.grad(kept[0][0, :, r, c] @ sign, noise, retain_graph=True)
                        total[part] += slope[0].abs().sum(0).double().cpu().numpy()
    finally:
        hook.remove()
    if not total[0].any():
        raise InputError("The middle value of this layer does not depend on the image at all. Choose another layer.")
    if not total[1].any():
        raise InputError("This layer has one value per row or column, so it sees everything. Choose an earlier layer.")
    return total[0], total[1], np.array([row, col])


def _extent(influence: np.ndarray) -> np.ndarray:
    """First and last row, first and last column with any influence, (2, 2)."""
    rows, cols = np.nonzero(influence)
    return np.array([[rows.min(), rows.max()], [cols.min(), cols.max()]])


def _effective_side(influence: np.ndarray, middle: np.ndarray) -> int:
    """Side of the smallest square around `middle` that holds 95 % of the influence."""
    rows, cols = np.indices(influence.shape)
    distance = np.maximum(np.abs(rows - middle[0]), np.abs(cols - middle[1])).ravel()
    order = np.argsort(distance, kind="stable")
    share = np.cumsum(influence.ravel()[order]) / influence.sum()
    return round(2 * distance[order][np.searchsorted(share, HOLDS)] + 1)
