"""The inside of a network: its layers by name, its filters and its feature maps.

All work on a module that maps images (n, c, h, w) to logits (n, classes). The module is used in evaluation mode and
left in the mode that it came in.
"""

import contextlib
from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from typing import cast

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from nital.core.errors import InputError, unknown_name

__all__ = [
    "Target", "class_indices", "evaluating", "feature_maps", "find_layer", "first_layer_filters", "list_layers",
]  # fmt: skip

Images = Float[Tensor, "batch channels height width"]
Target = int | Sequence[int] | None
"""The class to explain: one for all images, one per image, or None for the class that the network gives each."""


def list_layers(model: nn.Module, image: Images) -> dict[str, tuple[int, int, int]]:
    """Every layer whose feature maps can be shown, in the order in which they are computed.

    Args:
        model: images (n, c, h, w) -> logits (n, classes).
        image: (n, c, h, w), of the size that matters.

    Returns:
        dotted module name -> (maps, rows, cols). A module that is used several times in one pass is left out.
    """
    shapes: dict[str, list[tuple[int, ...]]] = {}
    with contextlib.ExitStack() as stack, torch.no_grad():
        stack.enter_context(evaluating(model))
        modules = cast(Iterator[tuple[str, nn.Module]], model.named_modules())
        for name, module in islice(modules, 1, None):

            def remember(_module: nn.Module, _inputs: object, output: object, name: str = name) -> None:
                if isinstance(output, Tensor) and output.ndim == 4:
                    times = shapes.pop(name, [])  # the order is that of the last use
                    shapes[name] = [*times, tuple(output.shape[1:])]

            stack.callback(module.register_forward_hook(remember).remove)
        model(image[:1])
    return {name: (s[0][0], s[0][1], s[0][2]) for name, s in shapes.items() if len(s) == 1}


def first_layer_filters(model: nn.Module) -> np.ndarray:
    """Kernels of the first convolution: what the network looks for in the picture itself.

    Returns:
        float32 (filters, channels, rows, cols); `tile_pictures(filters[:, 0], symmetric=True)` draws them.

    Raises:
        InputError: the network has no two-dimensional convolution.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            return module.weight.detach().cpu().numpy().copy()
    raise InputError("This network has no convolution, so it has no filters to show. Explain it by occlusion.")


def feature_maps(model: nn.Module, image: Images, layer: str) -> np.ndarray:
    """What a layer gives for images, float32 (n, maps, rows, cols).

    Raises:
        UnknownName: no such layer; the message names those that there are.
    """
    _, module = find_layer(model, image, layer)
    kept: list[Tensor] = []
    hook = module.register_forward_hook(lambda _module, _inputs, output: kept.append(output.clone()))
    try:
        with evaluating(model), torch.no_grad():
            model(image)
    finally:
        hook.remove()
    return kept[0].float().cpu().numpy()


@contextlib.contextmanager
def evaluating(model: nn.Module) -> Generator[None, None, None]:
    """Put a module into evaluation mode, and every part of it back into its own mode after."""
    modes = {module: module.training for module in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for module, mode in modes.items():
            module.training = mode


def find_layer(model: nn.Module, image: Images, name: str | None = None) -> tuple[str, nn.Module]:
    """The layer of a dotted name, or the last one with feature maps of more than one place.

    Raises:
        UnknownName: no such layer with feature maps; the message names those that there are.
        InputError: no layer has feature maps.
    """
    layers = list_layers(model, image)
    if name is None:
        spread = [known for known, (_, rows, cols) in layers.items() if rows * cols > 1]
        if not spread:
            raise InputError("No layer of this network gives feature maps. Explain it by occlusion.")
        name = spread[-1]
    if name not in layers:
        raise unknown_name("layer with feature maps", name, layers)
    return name, model.get_submodule(name)


def class_indices(model: nn.Module, image: Images, target: Target = None) -> Tensor:
    """The class to explain for each image, int64 (n,): the given one, or the one that the network gives.

    Raises:
        InputError: not a class of this network, or not one per image.
    """
    with evaluating(model), torch.no_grad():
        logits = model(image)
    if target is None:
        return logits.argmax(1)
    given = torch.as_tensor(target, device=logits.device)
    classes = given.expand(len(image)) if given.ndim == 0 else given
    if classes.shape != (len(image),) or not ((classes >= 0) & (classes < logits.shape[1])).all():
        raise InputError(
            f"The target {target} does not name a class for each of {len(image)} images. "
            f"Give one class from 0 to {logits.shape[1] - 1}, or one per image."
        )
    return classes
