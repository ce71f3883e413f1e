"""The network of the job."""

import torch
from torch import Tensor, nn


class PairNetwork(nn.Module):
    """Chances of two phases, (n, 2, rows, cols), from {"image": (n, 2, rows, cols)}."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(2, 8, 5, padding=2), nn.ReLU(), nn.Conv2d(8, 2, 3, padding=1))

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        logits = self.layers(batch["image"])
        return {"logits": logits, "probability": torch.sigmoid(logits)}
