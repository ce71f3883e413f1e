import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from nital.core.errors import ArtifactError, InputError, OutputError
from nital.learn.export import export_onnx, onnx_difference
from nital.nets.unet import UNet


class Dense(nn.Module):
    def __init__(self, in_channels: int = 1) -> None:
        super().__init__()
        self.network = UNet(in_channels, width=4, depth=2)

    def forward(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        logits = self.network(batch["image"])
        return {"logits": logits, "boundary": torch.sigmoid(logits[:, :1])}


@pytest.fixture
def model():
    torch.manual_seed(0)
    dense = Dense()
    for _ in range(5):
        dense({"image": torch.rand(4, 1, 32, 32)})
    return dense


def test_onnx_runtime_gives_what_torch_gives_at_every_size(tmp_path, model, capfd):
    path = tmp_path / "deep" / "model.onnx"
    difference = export_onnx(model, path, {"image": torch.rand(2, 1, 32, 32)})
    assert difference < 1e-5
    assert capfd.readouterr() == ("", "")
    for shape in [(1, 1, 64, 32), (3, 1, 16, 128)]:
        image = torch.rand(shape)
        with torch.no_grad():
            expected = model({"image": image})
        assert onnx_difference(path, {"image": image}, expected) < 1e-5
    assert [entry.name for entry in path.parent.iterdir()] == ["model.onnx"]


class Curves(nn.Module):
    """A class and a smoothed copy for each curve of two channels."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv1d(2, 4, 5, padding=2), nn.BatchNorm1d(4), nn.ReLU())
        self.smooth, self.head = nn.Conv1d(4, 2, 1), nn.Linear(4, 3)

    def forward(self, batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        features = self.body(batch["curve"])
        return {"smooth": self.smooth(features), "logits": self.head(features.mean(-1))}


def test_curves_are_exported_with_any_number_of_curves_and_points(tmp_path):
    torch.manual_seed(0)
    model = Curves().eval()
    path = tmp_path / "model.onnx"
    assert export_onnx(model, path, {"curve": torch.rand(2, 2, 50)}) < 1e-5
    assert onnxruntime.InferenceSession(path).get_inputs()[0].shape == ["batch", 2, "curve_points"]
    for shape in [(1, 2, 20), (5, 2, 301)]:
        curve = torch.rand(shape)
        with torch.no_grad():
            expected = model({"curve": curve})
        assert expected["smooth"].shape == shape
        assert onnx_difference(path, {"curve": curve}, expected) < 1e-5


def test_pictures_of_two_channels_are_exported_at_every_size(tmp_path):
    torch.manual_seed(0)
    model = Dense(in_channels=2)
    path = tmp_path / "model.onnx"
    assert export_onnx(model, path, {"image": torch.rand(1, 2, 32, 32)}) < 1e-5
    image = torch.rand(3, 2, 16, 48)
    with torch.no_grad():
        expected = model({"image": image})
    assert onnx_difference(path, {"image": image}, expected) < 1e-5


def test_normalisation_is_folded_into_the_convolutions(tmp_path, model):
    export_onnx(model, tmp_path / "model.onnx", {"image": torch.rand(1, 1, 32, 32)})
    graph = onnx.load(tmp_path / "model.onnx").graph
    assert "BatchNormalization" not in {node.op_type for node in graph.node}
    assert sum(node.op_type == "Conv" for node in graph.node) == 8


def test_only_the_named_outputs_are_exported(tmp_path, model):
    path = tmp_path / "model.onnx"
    export_onnx(model, path, {"image": torch.rand(1, 1, 32, 32)}, output_names=["boundary"])
    session = onnxruntime.InferenceSession(path)
    assert [output.name for output in session.get_outputs()] == ["boundary"]
    assert [entry.name for entry in session.get_inputs()] == ["image"]


def test_a_difference_is_seen(tmp_path, model):
    path = tmp_path / "model.onnx"
    image = torch.rand(1, 1, 32, 32)
    export_onnx(model, path, {"image": image})
    with torch.no_grad():
        logits = model({"image": image})["logits"]
    assert onnx_difference(path, {"image": image}, {"logits": logits + 0.5}) == pytest.approx(0.5, abs=1e-5)
    with pytest.raises(ArtifactError, match="output 'logits'"):
        onnx_difference(path, {"image": image}, {"logits": logits[..., :16]})


def test_an_unknown_output_is_refused(tmp_path, model):
    example = {"image": torch.rand(1, 1, 32, 32)}
    with pytest.raises(InputError, match="no output"):
        export_onnx(model, tmp_path / "m.onnx", example, output_names=["phases"])
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_be_written_to_is_named(tmp_path, model):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"file cannot be made"):
        export_onnx(model, tmp_path / "file" / "model.onnx", {"image": torch.rand(1, 1, 32, 32)})
