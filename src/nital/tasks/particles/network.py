"""The network of the job `particles`."""

from typing import final

import torch
from torch import Tensor, nn

from nital.nets.unet import UNet

__all__ = ["ParticleNetwork"]


@final
class ParticleNetwork(nn.Module):
    """A U-Net with two answers for each pixel: whether it is of a particle, and how deep inside of one it lies.

    Takes {"image": (n, 1, h, w)}, standardised grey; gives {"logits": (n, 2, h, w)} and, in evaluation,
    {"probability": (n, 2, h, w)}, both 0 to 1.
    """

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.unet = UNet(1, 2, width, depth)

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        logits = self.unet(batch["image"])
        return {"logits": logits} if self.training else {"logits": logits, "probability": torch.sigmoid(logits)}
