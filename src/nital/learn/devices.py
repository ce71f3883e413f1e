"""Devices that networks can be trained on."""

import torch

from nital.core.errors import InputError

__all__ = ["checked_device", "devices"]


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
