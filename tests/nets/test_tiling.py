import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from nital.core.errors import InputError
from nital.nets.tiling import predict_tiled, tile_starts
from nital.nets.unet import UNet


def mean_3x3(x: np.ndarray) -> dict[str, np.ndarray]:
    """A network whose receptive radius is one pixel, and which sees zeros beyond its input."""
    return {"mean": ndimage.uniform_filter(x, (0, 0, 3, 3), mode="constant")}


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    model = UNet(out_channels=2, width=8, depth=3)
    for _ in range(10):  # fills the running statistics of the normalisation
        model(torch.rand(4, 1, 64, 64))
    model.eval()

    def call(x: np.ndarray) -> dict[str, np.ndarray]:
        with torch.no_grad():
            return {"logits": model(torch.from_numpy(x)).numpy()}

    return call, model


@given(
    height=st.integers(1, 90), width=st.integers(1, 90), tiles=st.integers(2, 5), overlap=st.integers(2, 8)
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_tiled_equals_untiled_where_the_overlap_covers_the_receptive_field(height, width, tiles, overlap):
    image = np.random.default_rng(height * 100 + width).random((height, width), dtype=np.float32)
    tiled = predict_tiled(mean_3x3, image, tile=8 * tiles, overlap=overlap, multiple=8)
    whole = predict_tiled(mean_3x3, image, tile=96, overlap=0, multiple=8)
    assert tiled.shape == (1, height, width)
    np.testing.assert_allclose(tiled, whole, atol=1e-6)


def test_a_unet_in_tiles_equals_the_whole_image_to_rounding(network):
    call, model = network
    overlap = 2 * model.multiple * -(-model.receptive_field // (2 * model.multiple))
    image = np.random.default_rng(0).random((300, 421), dtype=np.float32)
    tiled = predict_tiled(call, image, tile=256, overlap=overlap, multiple=model.multiple)
    whole = predict_tiled(call, image, tile=512, overlap=0, multiple=model.multiple)
    assert np.abs(tiled - whole).max() < 1e-5


def test_half_the_receptive_field_as_overlap_is_nearly_enough(network):
    call, model = network
    image = np.random.default_rng(0).random((300, 421), dtype=np.float32)
    tiled = predict_tiled(call, image, tile=128, overlap=model.receptive_field // 2, multiple=model.multiple)
    whole = predict_tiled(call, image, tile=512, overlap=0, multiple=model.multiple)
    assert np.abs(tiled - whole).max() < 0.01 * whole.std()


def test_every_tile_of_a_large_image_has_the_same_size():
    shapes = set()

    def network(x):
        shapes.add(x.shape)
        return {"same": x}

    image = np.arange(300 * 217, dtype=np.float32).reshape(300, 217)
    result = predict_tiled(network, image, tile=96, overlap=16, multiple=16)
    assert shapes == {(1, 1, 96, 96)}
    np.testing.assert_array_equal(result[0], image)


def test_a_memory_map_goes_in_and_out_with_prepare_and_finish(tmp_path):
    image = np.memmap(tmp_path / "in", np.uint8, "w+", shape=(200, 150))
    image[:] = np.random.default_rng(0).integers(0, 256, image.shape)
    out = np.memmap(tmp_path / "out", np.uint8, "w+", shape=image.shape)
    seen = []
    result = predict_tiled(
        lambda x: {"a": x[:, 0], "b": x[:, 0] * 0}, image, tile=64, overlap=16, multiple=16, output="a", out=out,
        prepare=lambda raw: raw / 255, finish=lambda y: np.rint(y * 255).astype(np.uint8),
        say=lambda done, total, text: seen.append((done, total, text)),
    )  # fmt: skip
    assert result is out
    np.testing.assert_array_equal(out, image)
    assert seen[-1] == (len(seen), len(seen), f"tile {len(seen)} of {len(seen)}")


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_each_channel_of_an_image_is_seen_as_if_it_were_alone(channels):
    image = np.random.default_rng(0).random((channels, 61, 75), dtype=np.float32)
    options = {"tile": 32, "overlap": 8, "multiple": 8}
    together = predict_tiled(mean_3x3, image, **options)
    assert together.shape == image.shape
    for seen, alone in zip(together, image, strict=True):
        np.testing.assert_array_equal(seen, predict_tiled(mean_3x3, alone, **options)[0])


def test_a_memory_map_of_two_channels_goes_tile_by_tile_through_prepare_and_finish(tmp_path):
    stack = np.memmap(tmp_path / "in", np.uint16, "w+", shape=(2, 130, 90))
    stack[:] = np.random.default_rng(0).integers(0, 4000, stack.shape)
    out = np.memmap(tmp_path / "out", np.float32, "w+", shape=(130, 90))
    prepared, given = set(), set()

    def prepare(raw: np.ndarray) -> np.ndarray:
        prepared.add(raw.shape)
        return raw / raw.dtype.type(1000)

    def ratio(x: np.ndarray) -> dict[str, np.ndarray]:
        given.add(x.shape)
        return {"ratio": x[:, 0] / (1 + x[:, 1])}

    predict_tiled(ratio, stack, tile=64, overlap=16, multiple=16, prepare=prepare, finish=np.sqrt, out=out)
    assert (prepared, given) == ({(2, 64, 64)}, {(1, 2, 64, 64)})
    first, second = np.asarray(stack, np.float32) / 1000
    np.testing.assert_allclose(out, np.sqrt(first / (1 + second)), rtol=1e-6)


def test_an_image_within_one_tile_needs_no_overlap_that_fits():
    image = np.ones((20, 31), np.float32)
    assert predict_tiled(lambda x: {"y": x}, image, tile=32, overlap=64).shape == (1, 20, 31)


def test_only_one_tile_is_read_at_a_time():
    class Watched(np.ndarray):
        largest = 0

        def __getitem__(self, key):
            part = np.asarray(super().__getitem__(key))
            Watched.largest = max(Watched.largest, part.size)
            return part

    predict_tiled(lambda x: {"y": x}, np.zeros((500, 500), np.uint8).view(Watched), tile=64, overlap=16, multiple=16)
    assert Watched.largest == 64 * 64


@given(st.integers(1, 5000), st.integers(1, 8), st.integers(1, 8), st.sampled_from([1, 8, 16, 32]))
def test_tiles_cover_the_axis_on_the_grid_with_at_least_the_overlap(size, tiles, free, multiple):
    tile = (tiles + 1) * multiple
    overlap = tile - min(free, tiles) * multiple
    starts = tile_starts(size, tile, overlap, multiple)
    padded = -(-size // multiple) * multiple
    assert starts[0] == 0
    assert all(start % multiple == 0 for start in starts)
    assert len(starts) == 1 or starts[-1] == padded - tile
    assert all(overlap <= tile - (b - a) < tile for a, b in itertools.pairwise(starts))


@pytest.mark.parametrize(
    ("shape", "options", "words"),
    [
        ((64, 48, 3), {}, r"shape \(64, 48, 3\).* channels first"),
        ((2, 3, 8, 8), {}, r"shape \(2, 3, 8, 8\)"),
        ((8,), {}, r"shape \(8,\)"),
        ((0, 7), {}, r"shape \(0, 7\)"),
        ((64, 64), {"tile": 100}, "100 px"),
        ((64, 64), {"tile": 32, "overlap": 32}, "overlap of 32"),
        ((64, 64), {"overlap": -2}, "overlap of -2"),
        ((64, 64), {"output": "nothing"}, "no output 'nothing'"),
    ],
)
def test_what_does_not_fit_is_refused(shape, options, words):
    with pytest.raises(InputError, match=words):
        predict_tiled(mean_3x3, np.zeros(shape), **options)
