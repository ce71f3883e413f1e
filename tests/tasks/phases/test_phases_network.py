"""Ways that learn side by side, the choice among them, and learning on."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import nital.tasks.phases.network as network_module  # noqa: E402
from nital.learn.fit import fit  # noqa: E402
from nital.nets.unet import UNet  # noqa: E402
from nital.tasks.phases.calibrate import calibrate  # noqa: E402
from nital.tasks.phases.network import PhaseNetwork, build_network, groups_by_way  # noqa: E402
from nital.tasks.phases.recipe import RECIPES  # noqa: E402
from nital.tasks.phases.samples import picture_samples  # noqa: E402
from nital.tasks.phases.task import TASK  # noqa: E402

SMALL = RECIPES["tiny"].replace(
    structures=(), crop_px=32, window_px=64, ways=("unet",), threads=1, epochs=2, steps_per_epoch=15, batch_size=8
)
TWO = {"classes": ["matrix", "particles"], "weights": [1.0, 1.0]}


class Fixed(torch.nn.Module):
    """The same logits for every picture: sure of one class, as far as `sure` says, on the bright side or everywhere."""

    def __init__(self, sure: float, *, bright: bool) -> None:
        super().__init__()
        self.sure, self.bright = sure, bright

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        where = torch.tanh(20 * (image[:, 0] - 0.4)) if self.bright else torch.ones_like(image[:, 0])
        return torch.stack([-self.sure * where, self.sure * where], 1)


def test_the_way_that_is_right_on_the_validation_part_is_chosen(folder: Path) -> None:
    dataset = picture_samples(SMALL, folder)
    network = PhaseNetwork({"wrong": Fixed(400, bright=False), "right": Fixed(3, bright=True)}, [1, 1])
    facts = calibrate(network, dataset, 8)
    assert facts["chosen_ways"] == ["right"]
    assert facts["way_scores"]["right"] > 0.85 > facts["way_scores"]["wrong"]
    batch = {"image": torch.from_numpy(dataset.batch([0])["image"])}
    network.eval()
    assert torch.equal(network(batch)["probability"].argmax(1), network(batch)["logits_right"].argmax(1))


def test_the_mean_is_taken_where_no_way_is_better_than_it(folder: Path) -> None:
    network = PhaseNetwork({"one": Fixed(3, bright=True), "other": Fixed(2, bright=True)}, [1, 1])
    assert calibrate(network, picture_samples(SMALL, folder), 8)["chosen_ways"] == ["one", "other"]


def test_a_way_that_is_too_sure_is_damped(folder: Path) -> None:
    network = PhaseNetwork({"right": Fixed(60, bright=True)}, [1, 1])
    assert calibrate(network, picture_samples(SMALL, folder), 8)["temperatures"][0] > 3


def test_a_short_training_tells_bright_blobs_from_their_matrix(folder: Path) -> None:
    dataset = picture_samples(SMALL, folder)
    train, valid = dataset.take(np.flatnonzero(dataset.groups != "specimen2")), dataset.take(
        np.flatnonzero(dataset.groups == "specimen2")
    )  # fmt: skip
    model, _ = fit(TASK, SMALL.replace(epochs=4), train, valid)
    assert calibrate(model, valid, 8)["way_scores"]["unet"] > 0.8


def test_without_the_encoder_the_other_ways_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_module, "encoder_installed", lambda: False)
    network = build_network(RECIPES["usual"].replace(width=4, depth=3), TWO)
    assert list(network.ways) == ["unet", "features"]
    assert network.train()({"image": torch.zeros(1, 1, 32, 32)})["logits_features"].shape == (1, 2, 32, 32)


def test_an_encoder_that_has_seen_imagenet_learns_more_slowly() -> None:
    pytest.importorskip("efficientnet_lite_pytorch")
    recipe = RECIPES["usual"].replace(width=4, depth=3, pretrained_share=0.25)
    network = build_network(recipe, TWO)
    groups = groups_by_way(network, recipe)
    assert {group["rate_share"] for group in groups} == {0.25, 1.0}
    assert sum(len(group["params"]) for group in groups) == len(list(network.parameters()))


def test_learning_goes_on_from_a_model_folder_with_other_classes(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    old = PhaseNetwork({"unet": UNet(1, 5, SMALL.width, SMALL.depth)}, [1.0] * 5)
    save_file({name: value.contiguous() for name, value in old.state_dict().items()}, tmp_path / "weights.safetensors")
    recipe = SMALL.replace(start_from=str(tmp_path))
    new = TASK.initial_weights(TASK.model(recipe, TWO), recipe)
    assert torch.equal(new.ways["unet"].down[0].first.weight, old.ways["unet"].down[0].first.weight)
    assert new.ways["unet"].head.weight.shape[0] == 8
