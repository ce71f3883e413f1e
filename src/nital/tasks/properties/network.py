"""The MLP ensemble: members that stop early on groups of their own, trained all at once."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional

from nital.learn.split import group_folds
from nital.nets.mlp import PerceptronMembers

__all__ = ["EnsembleWeights", "train_ensemble"]

HIDDEN = (64, 64)
LEARNING_RATE, WEIGHT_DECAY = 3e-3, 1e-2
"""Of AdamW."""
PATIENCE = 20
"""Epochs without a better validation error before a member stops."""
PARTS = 5
"""Into so many parts the groups are dealt; each member keeps one of them back to stop early on."""
FEWEST_STEPS = 8
"""An epoch has at least so many steps: the rows of a small table come several times in it."""


@dataclass(frozen=True)
class EnsembleWeights:
    """Weights (members, inputs, outputs) and biases (members, 1, outputs) of each layer, float32."""

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]

    def apply(self, rows: np.ndarray) -> np.ndarray:
        """Shape (n, members), of prepared rows (n, inputs), in units of the scaled target."""
        values = rows.astype(np.float64)[None]  # so that a row's value does not depend on the rows beside it
        for number, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            values = np.matmul(values, weight) + bias
            if number < len(self.weights) - 1:
                values = np.maximum(values, 0)
        return values[:, :, 0].T

    def module(self) -> PerceptronMembers:
        """The same as a torch module, for gradients."""
        members, inputs, _ = self.weights[0].shape
        model = PerceptronMembers(members, inputs, tuple(weight.shape[2] for weight in self.weights[:-1]))
        with torch.no_grad():
            for parameter, value in zip((*model.weights, *model.biases), (*self.weights, *self.biases), strict=True):
                parameter.copy_(torch.from_numpy(value))
        return model.eval()


def train_ensemble(
    rows: np.ndarray, target: np.ndarray, groups: np.ndarray, seed: int, *, members: int = 8, epochs: int = 120
) -> EnsembleWeights:
    """Train all members.

    Args:
        rows: shape (n, inputs), prepared. target: shape (n,), mean 0, spread 1.
        groups: shape (n,); none stands on both sides of a member's early stopping.
        members: networks. epochs: at most.
    """
    x = torch.from_numpy(np.ascontiguousarray(rows, dtype=np.float32))
    y = torch.from_numpy(np.ascontiguousarray(target, dtype=np.float32))
    sides = _sides(groups, members, seed)
    order = np.random.default_rng(seed)
    torch.manual_seed(seed)
    model = PerceptronMembers(members, x.shape[1], HIDDEN)
    optimizer = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY, fused=True)
    held, held_weights = _held_back(sides)
    held_x, held_y = x[held], y[held]
    best = [parameter.detach().clone() for parameter in model.parameters()]
    best_error = torch.full((members,), float("inf"))
    best_epoch = torch.zeros(members, dtype=torch.long)
    batch = min(int(np.clip(len(y) // 32, 32, 256)), min(len(train) for train, _ in sides))
    steps = max(FEWEST_STEPS, round(float(np.mean([len(train) for train, _ in sides])) / batch))
    for epoch in range(epochs):
        model.train()
        rate = LEARNING_RATE * 0.5 * (1 + np.cos(np.pi * epoch / epochs))
        optimizer.param_groups[0]["lr"] = max(rate, 0.02 * LEARNING_RATE)
        drawn = torch.from_numpy(np.stack([_drawn(train, steps * batch, order) for train, _ in sides]))
        for step in range(steps):
            chosen = drawn[:, step * batch : (step + 1) * batch]
            optimizer.zero_grad(set_to_none=True)
            given = model(x[chosen])[:, :, 0]
            functional.smooth_l1_loss(given, y[chosen], beta=0.5, reduction="sum").div(batch).backward()
            optimizer.step()
        error = _errors(model, held_x, held_y, held_weights)
        better = error < best_error
        if better.any():
            best_error, best_epoch[better] = torch.where(better, error, best_error), epoch
            for kept, parameter in zip(best, model.parameters(), strict=True):
                kept[better] = parameter.detach()[better]
        if (epoch - best_epoch >= PATIENCE).all():
            break
    layers = len(HIDDEN) + 1
    arrays = [value.numpy() for value in best]
    return EnsembleWeights(tuple(arrays[:layers]), tuple(arrays[layers:]))


def _sides(groups: np.ndarray, members: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each member the rows to learn from and the rows to stop on; the groups are dealt anew once all were kept."""
    count = len(np.unique(groups))
    labels = groups if count >= 2 else np.arange(len(groups))  # a single group is parted by rows, for want of better
    parts = min(PARTS, len(np.unique(labels)))
    sides: list[tuple[np.ndarray, np.ndarray]] = []
    while len(sides) < members:
        sides += group_folds(labels, parts, seed + len(sides))
    return sides[:members]


def _held_back(sides: list[tuple[np.ndarray, np.ndarray]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Rows that each member stops on, filled up to equal length, and their weights, both (members, most).

    The weights of a member sum to 1; those of the filling are 0.
    """
    most = max(len(held) for _, held in sides)
    rows, weights = torch.zeros(len(sides), most, dtype=torch.long), torch.zeros(len(sides), most)
    for number, (_, held) in enumerate(sides):
        rows[number, : len(held)] = torch.from_numpy(held)
        weights[number, : len(held)] = 1 / len(held)
    return rows, weights


def _drawn(rows: np.ndarray, number: int, order: np.random.Generator) -> np.ndarray:
    """So many of the rows, each once before any comes again."""
    turns = -(-number // len(rows))
    return np.concatenate([order.permutation(rows) for _ in range(turns)])[:number]


@torch.no_grad()
def _errors(model: PerceptronMembers, x: torch.Tensor, y: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """Mean absolute error of each member on the rows (members, most, inputs) that it kept back."""
    model.eval()
    return ((model(x)[:, :, 0] - y).abs() * weights).sum(dim=1)
