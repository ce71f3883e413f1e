"""What jobs that answer for every pixel share: crops to learn from, the loss where not every pixel has a label."""

import math
from typing import NamedTuple, cast

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional

__all__ = ["IGNORED", "Looks", "changed_greys", "dense_loss", "random_crops"]

IGNORED = 255
"""The label of pixels that nobody has labelled."""

CENTRED_ON_A_CLASS = 0.5
"""Share of crops around a pixel of a class that is drawn evenly among those there are, so that rare ones are seen."""

CROSS_ENTROPY = 0.7
"""Its weight beside the Dice loss."""

Images = Float[Tensor, "batch 1 height width"]
Labels = UInt8[Tensor, "batch height width"]
Crops = tuple[Float[Tensor, "batch 1 side side"], UInt8[Tensor, "batch side side"]]


class Looks(NamedTuple):
    """How far a picture may differ from the one that was labelled.

    Attributes:
        zoom: largest magnification either way; 1: none. turns: by any angle, else mirrored alone.
        grey_response: largest change of contrast and of the grey curve. blur_px, sharpen, shading, noise: the most.
    """

    zoom: float = 1.4
    turns: bool = True
    grey_response: float = 0.3
    blur_px: float = 1.2
    sharpen: float = 0.6
    shading: float = 0.3
    noise: float = 0.15


def random_crops(images: Images, labels: Labels, side: int, looks: Looks) -> tuple[Crops, Tensor]:
    """One square crop for each picture of a batch, turned, mirrored and magnified at random.

    Half of the crops lie around a pixel of an evenly drawn class, which may be in another picture of the batch.

    Args:
        images: standardised grey. labels: classes, IGNORED where there is none. side: of the crops, px.

    Returns:
        crops of both, what lies outside of a picture is mirrored into it and IGNORED; and (batch,) the index of the
        picture that each crop is from.
    """
    n, _, rows, cols = images.shape
    picture, centre = _centres(labels)
    angle = 2 * math.pi * torch.rand(n) if looks.turns else math.pi / 2 * torch.randint(4, (n,))
    zoom = torch.exp(math.log(looks.zoom) * (2 * torch.rand(n) - 1)) if looks.zoom > 1 else torch.ones(n)
    mirror = 2.0 * torch.randint(2, (n,)) - 1
    step = torch.arange(side) - (side - 1) / 2
    down, right = torch.meshgrid(step, step, indexing="ij")
    cos, sin = (torch.cos(angle) / zoom)[:, None, None], (torch.sin(angle) / zoom)[:, None, None]
    shift = (torch.rand(n, 2) - 0.5) * side * 0.8  # the pixel of the class lies anywhere in the crop
    down, right = down + shift[:, 0, None, None], right + shift[:, 1, None, None]
    row = centre[:, 0, None, None] + cos * down + sin * right
    col = centre[:, 1, None, None] + mirror[:, None, None] * (cos * right - sin * down)
    grid = torch.stack([2 * (col + 0.5) / cols - 1, 2 * (row + 0.5) / rows - 1], -1)
    cut = functional.grid_sample(images[picture], grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    plus = labels[picture][:, None].float() - IGNORED  # zeros come in from outside
    found = functional.grid_sample(plus, grid, mode="nearest", padding_mode="zeros", align_corners=False) + IGNORED
    return (cut.contiguous(memory_format=torch.channels_last), found[:, 0].round().to(torch.uint8)), picture


def _centres(labels: Tensor) -> tuple[Tensor, Tensor]:
    """For each crop the picture that it is cut from, and a pixel (row, col) in it that has a label."""
    n, _, cols = labels.shape
    picture, centre = torch.arange(n), torch.zeros(n, 2)
    known = [labels[k] != IGNORED for k in range(n)]
    found = torch.cat([labels[k][known[k]] for k in range(n)])
    classes = cast(Tensor, torch.unique(found))  # pyright: ignore[reportUnknownMemberType]
    for crop in range(n):
        mask = known[crop]
        if len(classes) and (torch.rand(()) < CENTRED_ON_A_CLASS or not mask.any()):
            wanted = classes[torch.randint(len(classes), ())]
            holders = [k for k in range(n) if (labels[k] == wanted).any()]
            picture[crop] = holders[int(torch.randint(len(holders), ()))]
            mask = labels[picture[crop]] == wanted
        places = torch.nonzero(mask.flatten())[:, 0]
        if len(places):
            place = int(places[torch.randint(len(places), ())])
            centre[crop] = torch.tensor([place // cols, place % cols], dtype=torch.float32)
    return picture, centre


def changed_greys(images: Images, looks: Looks) -> Images:
    """Another exposure of the same field: contrast, grey curve, focus, light and noise.

    Args:
        images: standardised grey; a new tensor is given back.
    """
    n, _, rows, cols = images.shape

    def drawn(most: float) -> Tensor:
        return most * (2 * torch.rand(n, 1, 1, 1) - 1)

    images = images + drawn(looks.grey_response / 2) * images.square().clamp_max(4)
    images = images * torch.exp(drawn(looks.grey_response)) + drawn(looks.grey_response)
    if looks.blur_px or looks.sharpen:
        soft = _blurred(images, max(looks.blur_px, 0.5) * (0.3 + 0.7 * float(torch.rand(()))))
        much, blurs, changes = torch.rand(3, n, 1, 1, 1)
        share = torch.where(blurs < 0.5, much, -looks.sharpen * much)
        images = torch.where(changes < 0.5, images + share * (soft - images), images)
    if looks.shading:
        down, right = torch.linspace(-1, 1, rows)[:, None], torch.linspace(-1, 1, cols)[None]
        images = images + drawn(looks.shading) * down + drawn(looks.shading) * right
    return images + looks.noise * torch.rand(n, 1, 1, 1) * torch.randn(images.shape)


def _blurred(images: Tensor, spread_px: float) -> Tensor:
    reach = math.ceil(3 * spread_px)
    kernel = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / spread_px).square())
    kernel = kernel / kernel.sum()
    padded = functional.pad(images, (reach,) * 4, mode="reflect")
    return functional.conv2d(functional.conv2d(padded, kernel.view(1, 1, -1, 1)), kernel.view(1, 1, 1, -1))


def dense_loss(
    logits: Float[Tensor, "batch classes height width"], labels: Labels, weights: Float[Tensor, " classes"]
) -> Float[Tensor, ""]:
    """Dice over the classes that are there, and weighted cross-entropy; unlabelled pixels count for nothing.

    Args:
        labels: 0 ... classes-1, or IGNORED. weights: of the classes in the cross-entropy.
    """
    known = labels != IGNORED
    if not known.any():
        return 0 * logits.sum()
    truth = labels.long().masked_fill(~known, 0)
    entropy = functional.cross_entropy(logits, labels.long(), weights, ignore_index=IGNORED)
    chance = logits.softmax(1) * known[:, None]
    here = functional.one_hot(truth, logits.shape[1]).movedim(-1, 1) * known[:, None]
    common, size = (chance * here).sum((0, 2, 3)), chance.sum((0, 2, 3)) + here.sum((0, 2, 3))
    there = here.sum((0, 2, 3)) > 0
    dice = 1 - (2 * common[there] + 1) / (size[there] + 1)
    return dice.mean() + CROSS_ENTROPY * entropy
