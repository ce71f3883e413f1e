"""The network of the job `classes`: a classifier with what calibrates it, so that one exported file says all."""

from collections.abc import Mapping
from typing import Any, final

import torch
from torch import Tensor, nn
from torch.nn import functional

from nital.nets.classics import Classifier, alexnet, lenet5, two_convolutions
from nital.nets.resnet import RESNETS, micrograph_resnet, resnet
from nital.tasks.classes.recipe import FLAT, ClassesRecipe

__all__ = ["BODY", "ClassNetwork", "build_classifier"]

BODY = "classifier.body"

_BUILT = dict(zip(FLAT, (two_convolutions, lenet5, alexnet), strict=True))


@final
class ClassNetwork(nn.Module):
    """Takes {"image": (n, 1, side, side)}, standardised grey.

    Gives {"logits": (n, classes)}, with a value `value` (n,); and in evaluation `probability` (n, classes), calibrated;
    `activation` (n, classes, h, w), the share of each place in the logit, where the network has such a map; `features`
    (n, maps), the means of the last feature maps; `distance` (n,), how far these lie from those of the nearest class.

    Args:
        classifier: body and head, with one output per class.
        classes: number of classes.
        value: mean and spread of the value in the training part; None: there is none.
        activation: whether the head is one global mean and one dense layer.
        features: maps that the body gives.
        mirrored_too: in evaluation the last feature maps are the mean of those of a picture and of its mirror image,
            turned back.
    """

    temperature: Tensor
    centres: Tensor
    whitening: Tensor

    def __init__(
        self, classifier: Classifier, classes: int, value: tuple[float, float] | None, activation: bool, features: int,
        mirrored_too: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.mirrored_too = mirrored_too
        self.classifier, self.classes, self.value, self.activation = classifier, classes, value, activation
        if value is not None:
            self.value_head = nn.Sequential(nn.Linear(features, 64), nn.ReLU(), nn.Linear(64, 1))
        self.register_buffer("temperature", torch.ones(()))
        self.register_buffer("centres", torch.zeros(classes, features))
        self.register_buffer("whitening", torch.eye(features))

    def forward(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        maps = self.classifier.maps(batch["image"])
        if self.mirrored_too and not self.training:
            maps = (maps + self.classifier.maps(batch["image"].flip(3)).flip(3)) / 2
        features = maps.mean((2, 3))
        found = {"logits": self.classifier.head(maps)}
        if self.value is not None:
            found["value"] = self.value_head(features)[:, 0] * self.value[1] + self.value[0]
        if self.training:
            return found
        away = (features[:, None] - self.centres[None]) @ self.whitening
        found |= {
            "probability": torch.softmax(found["logits"] / self.temperature, 1),
            "features": features,
            "distance": away.square().sum(2).amin(1).clamp_min(1e-12).sqrt(),
        }
        if self.activation:
            dense = self.classifier.head[-1]  # pyright: ignore[reportIndexIssue]
            found["activation"] = functional.conv2d(maps, dense.weight[:, :, None, None])
        return found


def build_classifier(recipe: ClassesRecipe, facts: Mapping[str, Any]) -> ClassNetwork:
    """The network of a recipe for the classes and the value of a dataset's facts."""
    classes = len(facts["classes"])
    value = facts.get("value")
    if recipe.network == "micrograph":
        classifier = micrograph_resnet(
            classes, widths=recipe.widths, blocks=recipe.blocks, unshuffle=recipe.unshuffle, periodic=recipe.periodic
        )
        features = recipe.widths[-1]
    elif recipe.network in FLAT:
        classifier = _BUILT[recipe.network](classes, 1)
        features = {"two_convolutions": 64, "lenet5": 16, "alexnet": 256}[recipe.network]
    else:
        classifier = resnet(recipe.network, classes, 1)
        features = 2048 if RESNETS[recipe.network][1] else 512
    scale = None if value is None else (float(value["mean"]), float(value["spread"]))
    return ClassNetwork(classifier, classes, scale, recipe.network not in FLAT, features, recipe.mirrored_too)
