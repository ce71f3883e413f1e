"""The network alone, untrained: answers from a picture and its mirror image."""

import itertools
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("sklearn")

import torch

from nital.core.errors import InputError
from nital.science.activation_maps import enlarge
from nital.tasks.classes.calibrate import _receptive_field
from nital.tasks.classes.recipe import RECIPES
from nital.tasks.classes.task import TASK


def test_a_network_that_looks_at_the_mirror_image_too_answers_both_alike_and_mirrors_its_map():
    images = torch.randn(2, 1, 32, 32, generator=torch.Generator().manual_seed(5))
    both = []
    for too in (True, False):
        torch.manual_seed(3)
        model = TASK.model(
            RECIPES["tiny"].replace(mirrored_too=too), {"classes": ["a", "b", "c"], "value": None}
        ).eval()
        both.append([model({"image": picture}) for picture in (images, images.flip(3))])
    (found, turned), (one, other) = both
    torch.testing.assert_close(found["logits"], turned["logits"])
    torch.testing.assert_close(found["activation"], turned["activation"].flip(3))
    torch.testing.assert_close(found["logits"], (one["logits"] + other["logits"]) / 2)
    assert (one["logits"] - other["logits"]).abs().max() > 1e-6


@pytest.mark.parametrize("too", [True, False])
def test_the_map_of_a_network_that_looks_at_the_mirror_image_too_stands_where_the_picture_does(too: bool):
    """One bright point: the middle of the response, enlarged as the card says, lies on it in rows and columns."""
    recipe = RECIPES["tiny"].replace(mirrored_too=too, widths=(16, 32, 64))
    torch.manual_seed(0)
    model = TASK.model(recipe, {"classes": ["a", "b"], "value": None}).eval()
    images = torch.zeros(1, 1, 128, 128)
    dataset = TASK.dataset(recipe.replace(number=10, side_px=128))
    receptive_field = _receptive_field(model, dataset)
    assert receptive_field is not None and not receptive_field["cut"]
    errors = []
    for row, column in itertools.product((52, 57, 63, 70), repeat=2):
        spot = images.clone()
        spot[0, 0, row, column] = 40
        maps = [model.classifier.maps(image) for image in (spot, images)]
        if too:
            turned = [model.classifier.maps(image.flip(3)).flip(3) for image in (spot, images)]
            maps = [(one + other) / 2 for one, other in zip(maps, turned, strict=True)]
        change = (maps[0] - maps[1]).abs().sum(1)[0].detach().numpy()
        heat = enlarge(change, (128, 128), stride_px=receptive_field["stride_px"], first_px=receptive_field["first_px"])
        share = heat / heat.sum()
        errors.append([(share.sum(1 - axis) * np.arange(128)).sum() - place for axis, place in ((0, row), (1, column))])
    assert np.abs(np.mean(errors, axis=0)).max() < 1.0


@pytest.mark.parametrize("changes", [{"mirror": False}, {"network": "lenet5"}])
def test_looking_at_mirror_images_is_refused_where_it_makes_no_sense(changes: dict[str, Any]):
    with pytest.raises(InputError, match="mirrored_too"):
        RECIPES["tiny"].replace(mirrored_too=True, **changes).check()
