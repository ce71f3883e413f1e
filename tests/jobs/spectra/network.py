"""The network of the job."""

import torch
from torch import Tensor, nn


class LineNetwork(nn.Module):
    """Where the line is, from {"curve": (n, 1, points)}: the mean place of what two convolutions find."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(1, width, 9, padding=4), nn.ReLU(), nn.Conv1d(width, 1, 9, padding=4)
        )  # fmt: skip

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        chance = torch.softmax(self.layers(batch["curve"])[:, 0], 1)
        places = torch.linspace(0, 1, chance.shape[1], device=chance.device)
        return {"position": (chance * places).sum(1)}
