"""Residual networks: those of the paper, and a small one for micrographs."""

from typing import final

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from nital.core.errors import unknown_name
from nital.nets.classics import Classifier

__all__ = ["RESNETS", "Residual", "micrograph_resnet", "resnet"]

# Name -> (blocks in each of the four stages, whether the blocks have a bottleneck).
RESNETS: dict[str, tuple[tuple[int, ...], bool]] = {
    "resnet18": ((2, 2, 2, 2), False),
    "resnet34": ((3, 4, 6, 3), False),
    "resnet50": ((3, 4, 6, 3), True),
    "resnet101": ((3, 4, 23, 3), True),
    "resnet152": ((3, 8, 36, 3), True),
}

Shapes = list[tuple[int, int, int, int]]
"""(channels in, channels out, kernel, stride) of the convolutions of a block."""


@final
class Residual(nn.Module):
    """Convolutions with batch normalisation whose result is added to what came in.

    Args:
        shapes: of the convolutions, in order; ReLU between them and after the sum.
        shortcut: False leaves out the sum: a plain stack.
        periodic: opposite edges of the image belong together.
    """

    def __init__(self, shapes: Shapes, shortcut: bool = True, periodic: bool = False) -> None:
        super().__init__()
        edge = "circular" if periodic else "zeros"
        self.convolutions = nn.ModuleList(
            nn.Conv2d(inner, outer, kernel, stride, kernel // 2, bias=False, padding_mode=edge)
            for inner, outer, kernel, stride in shapes
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(outer) for _, outer, _, _ in shapes)
        first, last = shapes[0][0], shapes[-1][1]
        self.stride = max(shape[3] for shape in shapes)
        self.shortcut: nn.Module | None = nn.Identity() if shortcut else None
        if shortcut and (first != last or self.stride > 1):
            self.shortcut = nn.Sequential(nn.Conv2d(first, last, 1, bias=False), nn.BatchNorm2d(last))

    def forward(self, x: Float[Tensor, "batch in height width"]) -> Float[Tensor, "batch out rows columns"]:
        y = x
        for number, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True), 1):
            y = norm(convolution(y))
            if number < len(self.convolutions):
                y = functional.relu(y, inplace=True)
        if self.shortcut is None:
            return functional.relu(y, inplace=True)
        # Every second pixel is taken before the 1 x 1 convolution: the same numbers as with a stride, whose backward
        # pass crashes torch 2.13 for some sizes on processors with AVX-512.
        seen = x if self.stride == 1 else x[..., :: self.stride, :: self.stride]
        return functional.relu(y + self.shortcut(seen), inplace=True)


def resnet(name: str, classes: int = 1000, in_channels: int = 3) -> Classifier:
    """ResNet-18, -34, -50, -101 or -152 for images of about 224 px; the stride of a bottleneck is in its 3 x 3.

    Raises:
        UnknownName: no such ResNet.

    Source: K. He et al., CVPR 2016, doi:10.1109/CVPR.2016.90. What it cures is degradation: deeper plain stacks had a
        larger *training* error although batch normalisation kept their gradients alive.

    >>> sum(parameter.numel() for parameter in resnet("resnet18").parameters())
    11689512
    """
    if name not in RESNETS:
        raise unknown_name("ResNet", name, RESNETS)
    counts, bottleneck = RESNETS[name]
    stem = [nn.Conv2d(in_channels, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True)]
    body: list[nn.Module] = [*stem, nn.MaxPool2d(3, 2, 1)]
    layers, channels = [(7, 2), (3, 2)], 64
    for stage, count in enumerate(counts):
        width = 64 * 2**stage
        for block in range(count):
            stride = 2 if stage and not block else 1
            shapes = _bottleneck(channels, width, stride) if bottleneck else _basic(channels, width, stride)
            body.append(Residual(shapes))
            layers += [(kernel, step) for _, _, kernel, step in shapes]
            channels = shapes[-1][1]
    return Classifier(nn.Sequential(*body), _pooled(channels, classes), layers)


def micrograph_resnet(
    classes: int,
    in_channels: int = 1,
    widths: tuple[int, ...] = (24, 48, 96),
    blocks: int = 1,
    unshuffle: int = 1,
    periodic: bool = False,
) -> Classifier:
    """A small residual network for grey micrographs of any size: few weights, early fine detail, pooling over all.

    It looks at full resolution first, because boundaries and particles are a few pixels wide, and averages over all
    places last, because a texture is a class wherever it stands.

    Args:
        widths: channels of the stages; each stage after the first halves the resolution.
        blocks: residual blocks of each stage.
        unshuffle: 2 turns squares of 2 x 2 px into channels first, which loses nothing and costs a quarter; the sides
            of the image must then be even.
        periodic: opposite edges of the image belong together, as in a simulation.

    >>> import torch
    >>> micrograph_resnet(4)(torch.zeros(1, 1, 96, 128)).shape
    torch.Size([1, 4])
    """
    body: list[nn.Module] = [] if unshuffle == 1 else [nn.PixelUnshuffle(unshuffle)]
    edge = "circular" if periodic else "zeros"
    body += [
        nn.Conv2d(in_channels * unshuffle**2, widths[0], 3, padding=1, bias=False, padding_mode=edge),
        nn.BatchNorm2d(widths[0]), nn.ReLU(inplace=True),
    ]  # fmt: skip
    layers, channels = [(unshuffle, unshuffle), (3, 1)], widths[0]
    for stage, width in enumerate(widths):
        for block in range(blocks):
            shapes = _basic(channels, width, 2 if stage and not block else 1)
            body.append(Residual(shapes, periodic=periodic))
            layers += [(kernel, step) for _, _, kernel, step in shapes]
            channels = width
    return Classifier(nn.Sequential(*body), _pooled(channels, classes), layers)


def _basic(channels: int, width: int, stride: int) -> Shapes:
    return [(channels, width, 3, stride), (width, width, 3, 1)]


def _bottleneck(channels: int, width: int, stride: int) -> Shapes:
    return [(channels, width, 1, 1), (width, width, 3, stride), (width, 4 * width, 1, 1)]


def _pooled(channels: int, classes: int) -> nn.Module:
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))
