"""UNet: the network of the dense jobs, which gives every pixel of an image its logits."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from nital.core.errors import InputError
from nital.nets.receptive_field import receptive_field

__all__ = ["ConvBlock", "UNet"]


@final
class ConvBlock(nn.Module):
    """Two 3 x 3 convolutions with batch normalisation and ReLU; the second one adds to the first (residual)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(out_channels)
        self.second = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Float[Tensor, "batch in height width"]) -> Float[Tensor, "batch out height width"]:
        x = functional.relu(self.first_norm(self.first(x)), inplace=True)
        return functional.relu(self.second_norm(self.second(x)) + x, inplace=True)


@final
class UNet(nn.Module):
    """A U-Net that works at half resolution and below, and answers at full resolution.

    Each 2 x 2 block of pixels becomes four channels on the way in (pixel unshuffle) and comes back on the
    way out (pixel shuffle), so that no convolution runs at full resolution: a quarter of the work, and no
    pixel is lost. Level k = 0 ... depth-1 has width * 2^k channels at 1 / 2^(k+1) of the resolution.

    Args:
        in_channels: channels of the image.
        out_channels: logits per pixel.
        width: channels of the first level; work and weights grow with its square.
        depth: levels, at least 1; each doubles the receptive field.

    Attributes:
        multiple: height and width of the input must be multiples of this, 2^depth.
        coarsest: channels of the last of `maps`.
        receptive_field: pixels on a side that can reach one output pixel; most of the weight is far nearer.

    Source: O. Ronneberger et al. (2015), doi:10.1007/978-3-319-24574-4_28; the shuffle from W. Shi et al. (2016),
        doi:10.1109/CVPR.2016.207.

    >>> network = UNet(width=8, depth=3)
    >>> network.multiple, network(torch.zeros(2, 1, 64, 40)).shape
    (8, torch.Size([2, 3, 64, 40]))
    """

    def __init__(self, in_channels: int = 1, out_channels: int = 3, width: int = 16, depth: int = 4) -> None:
        super().__init__()
        if min(in_channels, out_channels, width, depth) < 1:
            raise InputError(f"A UNet needs positive sizes, not {in_channels=}, {out_channels=}, {width=}, {depth=}.")
        widths = [width * 2**level for level in range(depth)]
        self.multiple = 2**depth
        self.down = nn.ModuleList(map(ConvBlock, [4 * in_channels, *widths[:-1]], widths))
        self.reduce = nn.ModuleList(nn.Conv2d(2 * w, w, 1) for w in widths[:-1])
        self.up = nn.ModuleList(ConvBlock(2 * w, w) for w in widths[:-1])
        self.head = nn.Conv2d(width, 4 * out_channels, 1)
        self.coarsest = widths[-1]
        down = [layer for _ in range(depth - 1) for layer in ((3, 1), (3, 1), (2, 2))]
        up = [layer for _ in range(depth - 1) for layer in ((1, 0.5), (3, 1), (3, 1))]
        self.receptive_field = receptive_field([(2, 2), *down, (3, 1), (3, 1), *up])

    def forward(
        self, image: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch out_channels height width"]:
        return self.answer(self.maps(image))

    def answer(self, maps: list[Tensor]) -> Float[Tensor, "batch out_channels height width"]:
        """The logits that follow from `maps`."""
        return functional.pixel_shuffle(self.head(maps[0]), 2)

    def maps(self, image: Float[Tensor, "batch channels height width"]) -> list[Tensor]:
        """The feature maps on the way out, from half resolution to the coarsest: width * 2^k channels at level k."""
        if image.shape[-2] % self.multiple or image.shape[-1] % self.multiple:
            size = f"{image.shape[-2]} x {image.shape[-1]}"
            raise InputError(f"An image of {size} px does not fit: pad both sides to multiples of {self.multiple}.")
        x = functional.pixel_unshuffle(image, 2)
        skips = []
        for level, block in enumerate(self.down):
            x = block(functional.max_pool2d(x, 2) if level else x)
            skips.append(x)
        found = [x]
        for level in reversed(range(len(self.up))):
            x = functional.interpolate(self.reduce[level](x), scale_factor=2.0, mode="nearest")
            x = self.up[level](torch.cat([skips[level], x], dim=1))
            found.insert(0, x)
        return found
