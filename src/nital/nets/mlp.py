"""Many small multilayer perceptrons side by side: one batched product per layer for all of them."""

import itertools
import math

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["PerceptronMembers"]


class PerceptronMembers(nn.Module):
    """An ensemble of independent perceptrons of one shape; member m of the output depends on member m's weights alone.

    Args:
        members: how many. inputs: values per row. hidden: widths of the hidden layers. outputs: values per row.
        dropout: share of hidden values that are dropped while training.
    """

    def __init__(
        self, members: int, inputs: int, hidden: tuple[int, ...] = (64, 64), outputs: int = 1, dropout: float = 0.0
    ) -> None:
        super().__init__()
        widths = (inputs, *hidden, outputs)
        self.weights = nn.ParameterList(
            nn.Parameter(torch.randn(members, before, after) * math.sqrt((2.0 if k < len(hidden) else 1.0) / before))
            for k, (before, after) in enumerate(itertools.pairwise(widths))
        )
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(members, 1, width)) for width in widths[1:])
        self.dropout = nn.Dropout(dropout)

    def forward(self, rows: Float[Tensor, "members batch inputs"]) -> Float[Tensor, "members batch outputs"]:
        """Each member on rows of its own; expand one batch to give all the same."""
        values = rows
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = torch.baddbmm(bias, values, weight)
            if number < len(self.weights) - 1:
                values = self.dropout(torch.relu(values))
        return values
