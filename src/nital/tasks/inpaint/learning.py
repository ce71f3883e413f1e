"""What the network is trained for: better than kriging on each map, and an interval that holds nine of ten."""

from collections.abc import Mapping

import torch
from torch import Tensor

__all__ = ["fill_loss", "turned"]

SMALLEST = 1e-6
QUANTILES = (0.05, 0.95)


def fill_loss(prediction: Mapping[str, Tensor], batch: Mapping[str, Tensor]) -> Tensor:
    """Mean over maps of (squared error of the network / of kriging), plus the pinball losses of the interval's ends in
    kriging's error; missing pixels alone count. 1 and a little more for kriging itself."""
    filled, truth, missing = prediction["filled"], batch["truth"], batch["missing"].float()
    number = missing.sum((1, 2, 3)).clamp(min=1)

    def over_missing(one: Tensor) -> Tensor:
        return (one * missing).sum((1, 2, 3)) / number

    before = over_missing((batch["image"][:, :1] - truth) ** 2) + SMALLEST
    loss = over_missing((filled[:, :1] - truth) ** 2) / before
    for channel, quantile in enumerate(QUANTILES, 1):
        error = truth - filled[:, channel : channel + 1]
        loss = loss + over_missing(torch.maximum(quantile * error, (quantile - 1) * error)) / before.sqrt()
    return loss.clamp(max=20).mean()


def turned(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    """A batch turned, mirrored and, half of the time, with its values upside down."""
    draw = torch.randint(0, 2, (4,)).tolist()
    changed = dict(batch)
    for name in ("image", "truth", "missing"):
        one = changed[name]
        for axis in (2, 3):
            one = one.flip(axis) if draw[axis - 2] else one
        changed[name] = one.transpose(2, 3) if draw[2] else one
    if draw[3]:
        sign = torch.tensor([-1.0, -1.0, 1.0, 1.0])[:, None, None]
        changed |= {"image": changed["image"] * sign, "truth": -changed["truth"]}
    return changed
