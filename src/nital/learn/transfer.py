"""Transfer: learning on from a part of another model, with stages that stay as they are or learn more slowly."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from nital.core.errors import ArtifactError, InputError

__all__ = ["freeze", "load_part", "parameter_groups", "part_shapes"]


def load_part(model: nn.Module, part: str, folder: Path, *, of: str | None = None) -> None:
    """Take the weights of one part of a model over from another model.

    Args:
        model: is changed in place. part: dotted module name, such as "classifier.body". folder: a model folder.
        of: what the part is called there; None: the same.

    Raises:
        ArtifactError: no such model, or one whose part has another shape.
    """
    weights = _weights(folder)
    module, prefix = model.get_submodule(part), f"{of or part}."
    ours = module.state_dict()
    theirs = {name.removeprefix(prefix): value for name, value in weights.items() if name.startswith(prefix)}
    wrong = [name for name in ours if name not in theirs or theirs[name].shape != ours[name].shape]
    if wrong := [*wrong, *(name for name in theirs if name not in ours)]:
        raise ArtifactError(
            f"{folder} is a model of another shape ({len(wrong)} of {len(ours)} arrays differ, such as {wrong[0]}). "
            "Set what shapes the network (such as widths, depth and the network's name) as that model's recipe.json "
            "has it, or set start_from to null."
        )
    module.load_state_dict(theirs)


def part_shapes(folder: Path) -> dict[str, tuple[int, ...]]:
    """Names of all arrays of a model folder, and their shapes.

    Raises:
        ArtifactError: no such model.
    """
    return {name: tuple(value.shape) for name, value in _weights(folder).items()}


def _weights(folder: Path) -> Mapping[str, Tensor]:
    from safetensors.torch import load_file

    path = folder / "weights.safetensors"
    try:
        return load_file(path)
    except Exception as error:
        raise ArtifactError(
            f"{path} cannot be read ({error}). Give a folder that `nital train` wrote, or set start_from to null."
        ) from error


def freeze(model: nn.Module, stages: Sequence[str]) -> None:
    """Keep stages as they are: their weights do not learn, and their batch norms keep the statistics they came with.

    Args:
        model: is changed in place. stages: dotted module names.

    Raises:
        InputError: the model has no such stage; the message names those that lie beside it.
    """
    for stage in stages:
        try:
            module = model.get_submodule(stage)
        except AttributeError as error:
            raise InputError(f"There is no stage '{stage}' to freeze. There are: {_beside(model, stage)}.") from error
        module.requires_grad_(False)
        module.register_forward_pre_hook(_stay_in_evaluation)


def parameter_groups(model: nn.Module, stages: Sequence[str], share: float = 1.0) -> list[dict[str, Any]]:
    """Groups for an optimiser in which each stage learns with a share of the rate of the next one.

    The last stage has `share` of the full rate, the one before it share^2, and so on; what is in no stage
    has all of it.

    Args:
        model: its parameters come in its own order, all of them. stages: dotted module names, from input to output.
        share: 0 to 1; 1: everything learns at one rate.

    Returns:
        `params`, and `rate_share`, by which the learning rate of the recipe is multiplied.

    Raises:
        InputError: a share out of range.

    Source: J. Howard, S. Ruder, ACL 2018, arXiv:1801.06146, section 3.2 (discriminative fine-tuning).
    """
    if not 0 < share <= 1:
        raise InputError(f"A stage cannot learn with {share} of the rate of the next. Give more than 0, at most 1.")
    groups: list[dict[str, Any]] = []
    for name, parameter in model.named_parameters():
        depth = next((n for n, stage in enumerate(stages) if name.startswith(f"{stage}.")), len(stages))
        rate_share = share ** (len(stages) - depth)
        if not groups or groups[-1]["rate_share"] != rate_share:
            groups.append({"params": [], "rate_share": rate_share})
        groups[-1]["params"].append(parameter)
    return groups


def _stay_in_evaluation(module: nn.Module, _inputs: tuple[torch.Tensor, ...]) -> None:
    module.eval()


def _beside(model: nn.Module, stage: str) -> str:
    """Names of the modules in the deepest part of a dotted name that there is."""
    found, path = model, ""
    for word in stage.split("."):
        children = dict(found.named_children())
        if word not in children:
            break
        found, path = children[word], f"{path}{word}."
    return ", ".join(f"{path}{name}" for name, _ in found.named_children()) or "none"
