"""Training: model and optimiser of one run, on their device, as `fit` changes and `state` keeps them."""

import copy
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from nital.core.dataset import Dataset
from nital.core.errors import InputError
from nital.core.recipe import Recipe
from nital.core.task import NetworkTask

__all__ = ["Training", "checked_device", "devices", "reproducible"]


class Training:
    """Model, optimiser and kept weights of one run: all that changes while it trains.

    Attributes:
        steps: of the optimiser in one epoch.
        device: of the model and of what it is given.
    """

    def __init__(self, task: NetworkTask, recipe: Recipe, train: Dataset, device: torch.device) -> None:
        torch.manual_seed(recipe.seed)  # pyright: ignore[reportUnknownMemberType]
        self.task, self.recipe, self.device = task, recipe, device
        self.steps = recipe.steps_per_epoch or max(1, len(train) // recipe.batch_size)
        model = task.initial_weights(task.model(recipe, train.facts), recipe)  # made on the CPU: the same on any device
        self.model = _moved(model, device, torch.channels_last)
        self.optimizer = _optimizer(task.parameter_groups(self.model, recipe), recipe)
        self.kept = copy.deepcopy(self.model.state_dict())

    def keep_weights(self) -> None:
        self.kept = copy.deepcopy(self.model.state_dict())

    def kept_model(self) -> nn.Module:
        """The model with the weights that were kept, on the CPU and in evaluation mode."""
        self.model.load_state_dict(self.kept)
        return _moved(self.model, torch.device("cpu"), torch.contiguous_format).eval()

    def tensors(self) -> dict[str, torch.Tensor]:
        """Everything that a resumed run needs, by name."""
        tensors = {f"model/{name}": tensor for name, tensor in self.model.state_dict().items()}
        tensors |= {f"best/{name}": tensor for name, tensor in self.kept.items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{number}/{name}": tensor for name, tensor in state.items()}
        return tensors

    def restore(self, tensors: dict[str, torch.Tensor]) -> None:
        """Put back what `tensors` gave."""
        parts: dict[str, dict[str, torch.Tensor]] = {"model": {}, "best": {}, "optimizer": {}}
        for name, tensor in tensors.items():
            part, _, rest = name.partition("/")
            parts[part][rest] = tensor
        self.model.load_state_dict(parts["model"])
        for name, tensor in self.kept.items():
            tensor.copy_(parts["best"][name])
        learned = (parameter for group in self.optimizer.param_groups for parameter in group["params"])
        for number, parameter in enumerate(learned):
            prefix = f"{number}/"
            self.optimizer.state[parameter] = {
                # The moments take the parameter's memory layout, as they have in an unbroken run.
                name[len(prefix) :]: torch.empty_like(parameter).copy_(tensor)
                if tensor.ndim
                else tensor.to(self.device, copy=True)
                for name, tensor in parts["optimizer"].items()
                if name.startswith(prefix)
            }


def _moved(model: nn.Module, device: torch.device, memory_format: torch.memory_format) -> nn.Module:
    move: Any = model.to  # whose stub knows no memory format together with a device
    return move(device, memory_format=memory_format)


def _optimizer(groups: list[dict[str, Any]], recipe: Recipe) -> torch.optim.Optimizer:
    return torch.optim.AdamW(groups, lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True)


@contextmanager
def reproducible(recipe: Recipe, device: torch.device) -> Generator[None, None, None]:
    """Threads as the recipe says and, on the CPU, deterministic kernels; put back afterwards."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    settings: Any = torch.utils.deterministic
    filling = settings.fill_uninitialized_memory
    torch.set_num_threads(recipe.threads)
    torch.use_deterministic_algorithms(device.type == "cpu", warn_only=True)
    settings.fill_uninitialized_memory = False  # guards against bugs only, and costs time
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(deterministic)
        settings.fill_uninitialized_memory = filling


def devices() -> list[str]:
    """Names of the devices of this machine, "cpu" first, then such as "cuda:0"."""
    accelerator = torch.accelerator.current_accelerator(check_available=True)
    if accelerator is None:
        return ["cpu"]
    return ["cpu", *(f"{accelerator.type}:{number}" for number in range(torch.accelerator.device_count()))]


def checked_device(name: str) -> torch.device:
    """The device of that name; "cuda" is the first of its kind.

    Raises:
        InputError: this machine does not have it.

    >>> checked_device("cpu")
    device(type='cpu')
    """
    known = devices()
    if name not in known and f"{name}:0" not in known:
        raise InputError(f"This machine has no device '{name}'. Choose one of: {', '.join(known)}.")
    return torch.device(name)
