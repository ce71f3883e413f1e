"""Training pictures, changed in ways that leave the class as it is; which ways, the recipe says."""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from nital.tasks.classes.recipe import ClassesRecipe

__all__ = ["augment_pictures"]

Images = Float[Tensor, "batch 1 side side"]

STEEPEST = 0.15
"""Curvature of the grey response at full strength, per spread of the grey."""


def augment_pictures(images: Images, recipe: ClassesRecipe) -> Images:
    """Random turns, mirrors, shifts, magnification, covers, grey response and noise, as far as the recipe allows each.

    Args:
        images: standardised grey; a new tensor is given back.
    """
    if recipe.turns:
        images = _turned(images)
    if recipe.mirror:
        images = torch.where(_coin(images), images.flip(3), images)
    if recipe.invert:
        middle = 0.0 if recipe.grey == "picture" else images.amin() + images.amax()
        images = torch.where(_coin(images), middle - images, images)
    if recipe.zoom > 1:
        images = _magnified(images, recipe.zoom)
    if recipe.shift_px:
        images = _shifted(images, recipe.shift_px, recipe.periodic)
    if recipe.cover:
        images = _covered(images, recipe.cover)
    if recipe.grey_response:
        images = _developed(images, recipe.grey_response, recipe.grey == "picture")
    if recipe.noise:
        loud = recipe.noise * torch.rand(len(images), 1, 1, 1)
        images = images + loud * torch.randn(images.shape)
    return images.contiguous(memory_format=torch.channels_last)


def _coin(images: Tensor) -> Tensor:
    return torch.rand(len(images), 1, 1, 1) < 0.5


def _turned(images: Tensor) -> Tensor:
    """Each picture by a random multiple of 90 degrees."""
    quarter = torch.randint(4, (len(images), 1, 1, 1))
    images = torch.where(quarter >= 2, images.flip((2, 3)), images)
    return torch.where(quarter % 2 == 1, images.rot90(1, (2, 3)), images)


def _magnified(images: Tensor, most: float) -> Tensor:
    """A random part of the pictures at their full size; the same part of all, which costs little."""
    side = images.shape[-1]
    part = max(8, round(side / (1 + (most - 1) * float(torch.rand(())))))
    top, left = (int(torch.randint(side - part + 1, ())) for _ in range(2))
    cut = images[..., top : top + part, left : left + part]
    return cut if part == side else functional.interpolate(cut, (side, side), mode="bilinear", align_corners=False)


def _shifted(images: Tensor, most: int, periodic: bool) -> Tensor:
    """Each picture by its own random number of pixels; what leaves comes back, or the darkest comes in."""
    n, _, rows, cols = images.shape
    down, right = torch.randint(2 * most + 1, (2, n, 1))
    row, col = down + torch.arange(rows), right + torch.arange(cols)
    if periodic:
        row, col = row % rows, col % cols
    else:
        images = functional.pad(images, (most,) * 4, value=float(images.amin()))
    return images[torch.arange(n)[:, None, None], :, row[:, :, None], col[:, None, :]].permute(0, 3, 1, 2)


def _covered(images: Tensor, share: float) -> Tensor:
    """A square of random place and size in each picture becomes even grey (Zhong et al. 2020, arXiv:1708.04896)."""
    n, _, rows, cols = images.shape
    half = share * min(rows, cols) / 2 * torch.rand(n, 1)
    row, col = rows * torch.rand(n, 1), cols * torch.rand(n, 1)
    inside = ((torch.arange(rows) - row).abs() < half)[:, :, None] & ((torch.arange(cols) - col).abs() < half)[:, None]
    return images.masked_fill(inside[:, None], 0.0)


def _developed(images: Tensor, strength: float, level: bool) -> Tensor:
    """Another contrast and another curve of grey; brought back to mean 0 and spread 1 where each picture was."""
    n = len(images)
    bend = STEEPEST * strength * (2 * torch.rand(n, 1, 1, 1) - 1) / 0.3
    images = images + bend * images.square().clamp_max(4)
    if level:
        mean = images.mean((2, 3), keepdim=True)
        images = (images - mean) / images.std((2, 3), keepdim=True).clamp_min(1e-6)
    return images * torch.exp(strength * (2 * torch.rand(n, 1, 1, 1) - 1))
