"""The network of the job `phases`: several that learn side by side, and which of them answer."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, final

import torch
from torch import Tensor, nn

from nital.learn.transfer import load_part, part_shapes
from nital.nets.frozen_features import FrozenFeatures, UNetMaps
from nital.nets.lite_unet import CHANNELS, LiteEncoder, LiteUNet, encoder_installed
from nital.nets.unet import UNet
from nital.tasks.phases.recipe import PhasesRecipe, several_structures

__all__ = ["PhaseNetwork", "build_network", "groups_by_way", "start_from"]

BUNDLED = Path(__file__).parent / "bundled"
HEADS = ("head", "heads")


@final
class PhaseNetwork(nn.Module):
    """Takes {"image": (n, 1, h, w)}, standardised grey.

    Gives `logits_WAY` (n, classes, h, w) of each way and `weights` (classes,), those of the loss; of several
    structures `structure_logits` (n, structures). In evaluation `probability` (n, classes, h, w) besides, the mean over
    the ways that were chosen, and `structure` (n, structures), how likely the picture shows each.

    Args:
        ways: name -> network. weights: of the classes in the loss. structures: that the U-Net is to tell apart from
            its coarsest map; 0: none.

    Attributes:
        chosen: (ways,), 1 for those that answer. temperature: (ways,), what their logits are divided by.
    """

    chosen: Tensor
    temperature: Tensor
    weights: Tensor

    def __init__(self, ways: Mapping[str, nn.Module], weights: Sequence[float], structures: int = 0) -> None:
        super().__init__()
        self.ways = nn.ModuleDict(ways)
        self.structures = nn.Linear(self._unet().coarsest, structures) if structures else None
        self.register_buffer("weights", torch.tensor(weights, dtype=torch.float32))
        self.register_buffer("chosen", torch.ones(len(ways)))
        self.register_buffer("temperature", torch.ones(len(ways)))

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        image = batch["image"]
        beside: dict[str, Tensor] = {"weights": self.weights}
        if self.structures is None:
            found = {f"logits_{name}": way(image) for name, way in self.ways.items()}
        else:
            maps = self._unet().maps(image)
            found = {"logits_unet": self._unet().answer(maps)}
            beside["structure_logits"] = self.structures(maps[-1].mean((2, 3)))
        if self.training:
            return found | beside
        if "structure_logits" in beside:
            beside["structure"] = torch.softmax(beside["structure_logits"], 1)
        use = [number for number, share in enumerate(self.chosen.tolist()) if share]
        logits = list(found.values())
        if self.structures is not None:
            # The loss weighs rare classes of all structures; among the phases of one that weight is a wrong prior.
            logits = [one - self.weights.log()[None, :, None, None] for one in logits]
        chances = [torch.softmax(logits[number] / self.temperature[number], 1) for number in use]
        return found | beside | {"probability": torch.stack(chances).mean(0)}

    def _unet(self) -> UNet:
        unet = self.ways["unet"]
        assert isinstance(unet, UNet)
        return unet


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
        elif name == "features":
            ways[name] = _frozen(recipe, classes)
        elif installed or len(recipe.ways) == 1:
            ways[name] = LiteUNet(classes)
    return PhaseNetwork(ways, facts["weights"], len(facts["structures"]) if several_structures(recipe) else 0)


def _frozen(recipe: PhasesRecipe, classes: int) -> FrozenFeatures:
    """One dense layer on the encoder that has seen ImageNet; where it is not installed, on nital's own U-Net."""
    if encoder_installed():
        return FrozenFeatures(LiteEncoder(), CHANNELS, classes)
    channels = [recipe.width * 2**level for level in range(recipe.depth)]
    return FrozenFeatures(UNetMaps(UNet(1, 1, recipe.width, recipe.depth)), channels, classes)


def start_from(model: PhaseNetwork, recipe: PhasesRecipe) -> PhaseNetwork:
    """Take over the networks of another model; of a user's those that it has, with their heads where these fit.

    Raises:
        ArtifactError: no such model, or one of another shape.
    """
    if recipe.start_from is None:
        return model
    if recipe.start_from == "bundled":
        for name, way in model.ways.items():
            if isinstance(way, UNet):
                _take_over(model, f"ways.{name}", BUNDLED)
            elif isinstance(way, FrozenFeatures) and isinstance(way.encoder, UNetMaps):
                _take_over(model, f"ways.{name}.encoder.unet", BUNDLED, of="ways.unet")
        return model
    folder = Path(recipe.start_from)
    shapes = part_shapes(folder)
    for name, way in model.ways.items():
        if any(key.startswith(f"ways.{name}.") for key in shapes):
            ours = {f"ways.{name}.{key}": tuple(value.shape) for key, value in way.state_dict().items()}
            heads = [key for key in ours if key.split(".")[2] in HEADS]
            _take_over(model, f"ways.{name}", folder, heads=all(shapes.get(key) == ours[key] for key in heads))
    return model


def _take_over(model: PhaseNetwork, network: str, folder: Path, of: str | None = None, *, heads: bool = False) -> None:
    """All parts of a network; its head, which belongs to the classes, only where that is asked for."""
    for part, _ in model.get_submodule(network).named_children():
        if heads or part not in HEADS:
            load_part(model, f"{network}.{part}", folder, of=f"{of or network}.{part}")


def groups_by_way(model: PhaseNetwork, recipe: PhasesRecipe) -> list[dict[str, Any]]:
    """Parameters for the optimiser; an encoder that has seen ImageNet learns more slowly."""
    groups: list[dict[str, Any]] = []
    for name, parameter in model.named_parameters():
        share = recipe.pretrained_share if ".encoder." in name else 1.0
        if not groups or groups[-1]["rate_share"] != share:
            groups.append({"params": [], "rate_share": share})
        groups[-1]["params"].append(parameter)
    return groups
