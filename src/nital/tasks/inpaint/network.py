"""The network of the job `inpaint`."""

from typing import final

import torch
from torch import Tensor, nn

from nital.nets.unet import UNet

__all__ = ["FillNetwork"]

GAUSSIAN90 = 1.645


@final
class FillNetwork(nn.Module):
    """A U-Net that corrects kriging, and begins as kriging.

    Takes {"image": (n, 4, h, w)}: map filled by kriging, map filled by the nearest pixel, 1 where known, and kriging's
    standard deviation, all in spreads of the map. Gives {"filled": (n, 3, h, w)}: value, and the ends of its 90 %
    interval. All are changed in units of kriging's standard deviation, which is 0 where a pixel is known.
    """

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.unet = UNet(4, 3, width, depth)
        nn.init.zeros_(self.unet.head.weight)
        nn.init.zeros_(self.unet.head.bias)  # pyright: ignore[reportArgumentType]

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        image = batch["image"]
        raw, sd = self.unet(image), image[:, 3:4]
        value = image[:, :1] + sd * raw[:, :1]
        width = GAUSSIAN90 * sd * torch.exp(raw[:, 1:].clamp(-5, 3))
        return {"filled": torch.cat([value, value - width[:, :1], value + width[:, 1:]], 1)}
