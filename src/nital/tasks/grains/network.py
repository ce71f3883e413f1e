"""The network of the job `grains`."""

from typing import final

import torch
from torch import Tensor, nn

from nital.nets.unet import UNet

__all__ = ["BoundaryNetwork"]


@final
class BoundaryNetwork(nn.Module):
    """A U-Net with three classes: interior, grain boundary, twin boundary.

    Takes {"image": (n, 1, h, w)}, standardised grey; gives {"logits": (n, 3, h, w)} and, in evaluation,
    {"probability": (n, 3, h, w)}.
    """

    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.unet = UNet(1, 3, width, depth)

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        logits = self.unet(batch["image"])
        return {"logits": logits} if self.training else {"logits": logits, "probability": torch.softmax(logits, 1)}
