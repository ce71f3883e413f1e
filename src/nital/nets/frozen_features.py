"""FrozenFeatures: one dense layer for each pixel on features that do not learn; fitted in seconds."""

from collections.abc import Sequence
from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from nital.nets.unet import UNet

__all__ = ["FrozenFeatures", "UNetMaps"]


@final
class UNetMaps(nn.Module):
    """What a U-Net sees on its way out, without its answer: feature maps from half resolution to the coarsest."""

    def __init__(self, unet: UNet) -> None:
        super().__init__()
        self.unet = unet
        self.unet.head = nn.Identity()  # pyright: ignore[reportAttributeAccessIssue]

    def forward(self, image: Float[Tensor, "batch channels height width"]) -> list[Tensor]:
        return self.unet.maps(image)


@final
class FrozenFeatures(nn.Module):
    """Logits from standardised feature maps of several resolutions, each weighted where it is and then enlarged.

    Args:
        encoder: image -> feature maps from fine to coarse; it is kept as it is.
        channels: of each of these maps. out_channels: logits per pixel.
    """

    def __init__(self, encoder: nn.Module, channels: Sequence[int], out_channels: int) -> None:
        super().__init__()
        self.encoder = encoder.requires_grad_(False)
        self.norms = nn.ModuleList(nn.BatchNorm2d(number, affine=False) for number in channels)
        self.heads = nn.ModuleList(nn.Conv2d(number, out_channels, 1) for number in channels)

    def train(self, mode: bool = True) -> "FrozenFeatures":
        super().train(mode)
        self.encoder.eval()
        return self

    def forward(self, image: Float[Tensor, "batch 1 height width"]) -> Float[Tensor, "batch out_channels height width"]:
        with torch.no_grad():
            maps = self.encoder(image)
        logits = image.new_zeros(())
        for found, norm, head in zip(reversed(maps), reversed(self.norms), reversed(self.heads), strict=True):
            here = head(norm(found))
            logits = here if logits.ndim == 0 else here + _doubled(logits)
        return _doubled(logits)


def _doubled(maps: Tensor) -> Tensor:
    return functional.interpolate(maps, scale_factor=2.0, mode="bilinear", align_corners=False)
