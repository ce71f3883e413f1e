"""What a network looked at: Grad-CAM, integrated gradients, occlusion.

All work on a module that maps images (n, c, h, w) to logits (n, classes). The module is used in evaluation mode and
left in the mode that it came in. Check every kind of map with `nital.learn.sanity.sanity_check`.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from nital.core.errors import InputError, need
from nital.learn.layers import Target, class_indices, evaluating, find_layer
from nital.science.activation_maps import enlarge

need("captum", "train", "Explaining a network")
from captum import attr  # noqa: E402  (after the check that names the extra)

__all__ = ["Gradients", "grad_cam", "integrated_gradients", "occlusion"]

Images = Float[Tensor, "batch channels height width"]

BATCH = 16
"""Changed images that go through the network at a time."""


@dataclass(frozen=True)
class Gradients:
    """Integrated gradients of n images.

    Attributes:
        map: float32 (n, rows, cols), summed over channels, in units of the logit; negative: evidence against the class.
        gap: (n,) sum of the map less the rise of the logit from baseline to image; 0 in exact integration.
        rise: (n,) that rise.
    """

    map: np.ndarray
    gap: np.ndarray
    rise: np.ndarray

    def sentence(self) -> str:
        """How complete the map is, in words."""
        share = float(np.max(np.abs(self.gap) / np.maximum(np.abs(self.rise), 1e-6)))
        more = "" if share <= 0.05 else " That is more than 5 %: take more steps before trusting the map."
        return f"The map accounts for the logit's change to within {share:.1%} of it.{more}"


def grad_cam(
    model: nn.Module,
    image: Images,
    target: Target = None,
    *,
    layer: str | None = None,
    stride_px: float | None = None,
    first_px: float | None = None,
) -> np.ndarray:
    """Where a layer holds evidence for a class (Grad-CAM).

    L(x, y) = ReLU(sum over k of a_k A_k(x, y)), a_k the mean over all places of d(logit) / d(A_k).

    Args:
        model: images (n, c, h, w) -> logits (n, classes).
        image: (n, c, h, w).
        target: class or classes to explain; None: the one that the network gives.
        layer: dotted module name; None: the last that has feature maps.
        stride_px, first_px: where the values of the layer stand in the image, as
            `nital.learn.measured_receptive_field` finds them; None: they share the image out evenly, which may
            be wrong by half a stride.

    Returns:
        float32 (n, rows, cols) at the size of the images, not negative, in units of the logit.

    Raises:
        UnknownName: no such layer.
        InputError: no layer has feature maps, or the target is not a class.

    Valid for: the last layers; early ones give maps that are sharp and mean little.

    Source: R. R. Selvaraju et al., ICCV 2017, doi:10.1109/ICCV.2017.74, eq. 1 and 2.
    """
    _, module = find_layer(model, image, layer)
    classes = class_indices(model, image, target)
    with evaluating(model):
        found = attr.LayerGradCam(model, module).attribute(_differentiable(image), classes, relu_attributions=True)
    rows, cols = image.shape[-2:]
    coarse = found.detach().float().cpu().numpy()[:, 0]
    return np.stack([enlarge(heat, (rows, cols), stride_px=stride_px, first_px=first_px) for heat in coarse])


def integrated_gradients(
    model: nn.Module, image: Images, target: Target = None, *, baseline: float | None = None, steps: int = 64
) -> Gradients:
    """Share of each pixel in the logit's rise from an empty image to this one.

    IG_i = (x_i - b_i) integral from 0 to 1 of dF(b + a (x - b)) / dx_i da; their sum is F(x) - F(b).

    Args:
        model, image, target: as for `grad_cam`.
        baseline: value of the empty image; None: the mean of each image and channel.
        steps: points of Gauss-Legendre quadrature.

    Returns:
        The map, with the gap that the quadrature left.

    Raises:
        InputError: the target is not a class, or fewer than 2 steps.

    Valid for: one baseline, which is a choice: what equals it gets no share, however much it matters.

    Source: M. Sundararajan, A. Taly, Q. Yan, ICML 2017, arXiv:1703.01365.
    """
    if steps < 2:
        raise InputError(f"{steps} steps are too few to integrate over. Take at least 2; 64 are usual.")
    classes = class_indices(model, image, target)
    empty = _empty(image, baseline)
    with evaluating(model):
        found, gap = attr.IntegratedGradients(model).attribute(
            _differentiable(image), empty, target=classes, n_steps=steps, method="gausslegendre",
            internal_batch_size=max(BATCH, len(image)), return_convergence_delta=True,
        )  # fmt: skip
        with torch.no_grad():
            rise = (model(image) - model(empty)).gather(1, classes[:, None])[:, 0]
    return Gradients(found.detach().sum(1).float().cpu().numpy(), gap.detach().cpu().numpy(), rise.cpu().numpy())


def occlusion(
    model: nn.Module,
    image: Images,
    target: Target = None,
    *,
    window_px: int = 16,
    stride_px: int = 8,
    fill: float | None = None,
) -> np.ndarray:
    """How far the logit falls when a window of the image is covered.

    Args:
        model, image, target: as for `grad_cam`.
        window_px: side of the window; about the size of what may matter.
        stride_px: its step; at most the window.
        fill: what covers; None: the mean of each image and channel.

    Returns:
        float32 (n, rows, cols): mean fall over all windows that cover a pixel, in units of the logit.

    Raises:
        InputError: a window that does not fit, a step beyond the window, or a target that is not a class.

    Source: M. D. Zeiler, R. Fergus, ECCV 2014, doi:10.1007/978-3-319-10590-1_53.
    """
    channels, rows, cols = image.shape[1:]
    if not 1 <= stride_px <= window_px <= min(rows, cols):
        raise InputError(
            f"A window of {window_px} px in steps of {stride_px} px does not cover an image of {rows} x {cols} px. "
            "The window must fit into the image, and the step into the window."
        )
    classes = class_indices(model, image, target)
    with evaluating(model), torch.no_grad():
        found = attr.Occlusion(model).attribute(
            image, (channels, window_px, window_px), (channels, stride_px, stride_px),
            baselines=_empty(image, fill), target=classes, perturbations_per_eval=max(BATCH // len(image), 1),
        )  # fmt: skip
    return found.mean(1).float().cpu().numpy()


def _differentiable(image: Tensor) -> Tensor:
    return image.detach().clone().requires_grad_()


def _empty(image: Tensor, value: float | None) -> Tensor:
    if value is not None:
        return torch.full_like(image, value)
    return image.mean((2, 3), keepdim=True).expand_as(image).contiguous()
