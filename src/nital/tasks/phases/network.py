"""The network of the job `phases`: several that learn side by side, and which of them answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor, nn

from nital.learn.transfer import load_part
from nital.nets.frozen_features import FrozenFeatures
from nital.nets.lite_unet import CHANNELS, LiteEncoder, LiteUNet, encoder_installed
from nital.nets.unet import UNet
from nital.tasks.phases.recipe import PhasesRecipe

__all__ = ["PhaseNetwork", "build_network", "groups_by_way", "start_from"]

BUNDLED = Path(__file__).parent / "bundled"


@final
class PhaseNetwork(nn.Module):
    """Takes {"image": (n, 1, h, w)}, standardised grey.

    Gives `logits_WAY` (n, classes, h, w) of each way and `weights` (classes,), those of the loss; in evaluation
    `probability` (n, classes, h, w) besides, the mean over the ways that were chosen.

    Args:
        ways: name -> network. weights: of the classes in the loss.

    Attributes:
        chosen: (ways,), 1 for those that answer. temperature: (ways,), what their logits are divided by.
    """

    chosen: Tensor
    temperature: Tensor
    weights: Tensor

    def __init__(self, ways: Mapping[str, nn.Module], weights: Sequence[float]) -> None:
        super().__init__()
        self.ways = nn.ModuleDict(ways)
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32))
        self.register_buffer("chosen", torch.ones(len(ways)))
        self.register_buffer("temperature", torch.ones(len(ways)))

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        image = batch["image"]
        found = {f"logits_{name}": way(image) for name, way in self.ways.items()}
        if self.training:
            return found | {"weights": self.weights}
        use = [number for number, share in enumerate(self.chosen.tolist()) if share]
        logits = list(found.values())
        chances = [torch.softmax(logits[number] / self.temperature[number], 1) for number in use]
        return found | {"weights": self.weights, "probability": torch.stack(chances).mean(0)}


def build_network(recipe: PhasesRecipe, facts: Mapping[str, Any]) -> PhaseNetwork:
    """The networks of a recipe for the classes of a dataset's facts; ways that need a package that is not here are
    left out.

    Raises:
        MissingExtra: no way is left.
    """
    classes = len(facts["classes"])
    installed = encoder_installed()
    ways: dict[str, nn.Module] = {}
    for name in recipe.ways:
        if name == "unet":
            ways[name] = UNet(1, classes, recipe.width, recipe.depth)
        elif installed or len(recipe.ways) == 1:
            encoder = FrozenFeatures(LiteEncoder(), CHANNELS, classes) if name == "features" else LiteUNet(classes)
            ways[name] = encoder
    return PhaseNetwork(ways, facts["weights"])


def start_from(model: PhaseNetwork, recipe: PhasesRecipe) -> PhaseNetwork:
    """Take over the networks of another model, all but the heads where it has other classes.

    Raises:
        ArtifactError: no such model, or one of another shape.
    """
    if recipe.start_from is None:
        return model
    if recipe.start_from == "bundled":
        if "unet" in model.ways and (BUNDLED / "weights.safetensors").is_file():
            _take_over(model, "unet", BUNDLED)
        return model
    for name in model.ways:
        _take_over(model, name, Path(recipe.start_from))
    return model


def _take_over(model: PhaseNetwork, way: str, folder: Path) -> None:
    for part, _ in model.ways[way].named_children():
        if part != "head":
            load_part(model, f"ways.{way}.{part}", folder)


def groups_by_way(model: PhaseNetwork, recipe: PhasesRecipe) -> list[dict[str, Any]]:
    """Parameters for the optimiser; an encoder that has seen ImageNet learns more slowly."""
    groups: list[dict[str, Any]] = []
    for name, parameter in model.named_parameters():
        share = recipe.pretrained_share if ".encoder." in name else 1.0
        if not groups or groups[-1]["rate_share"] != share:
            groups.append({"params": [], "rate_share": share})
        groups[-1]["params"].append(parameter)
    return groups
