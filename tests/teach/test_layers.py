"""Layers and initialisers: against torch, and by what they promise."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from nital.teach.layers import (
    AveragePool2d,
    BatchNorm,
    Conv2d,
    Dense,
    Dropout,
    Layer,
    MaxPool2d,
    Sequential,
    he,
    normal,
    xavier_normal,
    xavier_uniform,
    zero,
)
from nital.teach.tensor import Tensor
from nital.teach.training import SGD, categorical_cross_entropy

UNHURRIED = settings(deadline=None, max_examples=40)  # the first call of torch takes long
CLOSE = {"rtol": 1e-10, "atol": 1e-10}


def copy_to_torch(ours: Sequential, theirs: nn.Module) -> None:
    """Torch keeps the matrix of a dense layer turned over."""
    with torch.no_grad():
        for mine, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            other.copy_(torch.tensor(mine.data.T if mine.data.ndim == 2 else mine.data))


def lenet(rng: np.random.Generator) -> tuple[Sequential, nn.Module]:
    ours = Sequential(
        *(Conv2d(1, 2, 5, rng, padding=2), Tensor.relu, MaxPool2d(2)),
        *(Conv2d(2, 3, 3, rng, stride=2), Tensor.tanh, AveragePool2d(2), Tensor.flatten),
        *(Dense(27, 8, rng), BatchNorm(8), Tensor.sigmoid, Dense(8, 4, rng)),
    )
    theirs = nn.Sequential(
        *(nn.Conv2d(1, 2, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(2, 3, 3, stride=2), nn.Tanh(), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.Linear(27, 8), nn.BatchNorm1d(8), nn.Sigmoid(), nn.Linear(8, 4)),
    ).double()
    copy_to_torch(ours, theirs)
    return ours, theirs


def test_a_small_convolutional_network_learns_as_in_torch_step_by_step() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = lenet(rng)
    x, labels = rng.normal(size=(10, 1, 28, 28)), rng.integers(0, 4, 10)
    optimiser, other = SGD(ours.parameters(), 0.1), torch.optim.SGD(theirs.parameters(), 0.1)
    for _ in range(5):
        loss = categorical_cross_entropy(ours(x), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        expected = nn.functional.cross_entropy(theirs(torch.tensor(x)), torch.tensor(labels))
        other.zero_grad()
        expected.backward()
        other.step()
        assert loss.item() == pytest.approx(expected.item(), rel=1e-10)
    np.testing.assert_allclose(ours.predict(x), theirs.eval()(torch.tensor(x)).detach().numpy(), **CLOSE)


@UNHURRIED
@given(n=st.integers(2, 5), c=st.integers(1, 4), side=st.none() | st.integers(1, 3), seed=st.integers(0, 1000))
def test_batch_norm_and_its_running_statistics_agree_with_torch(n: int, c: int, side: int | None, seed: int) -> None:
    rng = np.random.default_rng(seed)
    ours, theirs = BatchNorm(c), (nn.BatchNorm1d(c) if side is None else nn.BatchNorm2d(c)).double()
    for parameter, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        parameter.data = rng.normal(size=c)
        other.data = torch.tensor(parameter.data)
    for _ in range(3):
        array = rng.normal(1, 2, (n, c) if side is None else (n, c, side, side))
        x, x_torch = Tensor(array), torch.tensor(array, requires_grad=True)
        y, expected = ours(x), theirs(x_torch)
        np.testing.assert_allclose(y.data, expected.detach().numpy(), **CLOSE)
        y.backward(np.cos(array))
        expected.backward(torch.cos(x_torch.detach()))
        for mine, other in ((x, x_torch), (ours.scale, theirs.weight), (ours.shift, theirs.bias)):
            assert mine.grad is not None and other.grad is not None
            # two samples nearly alike: the gradient is a small difference of large numbers
            np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=1e-9, atol=1e-9)
    for mine, other in ((ours.running_mean, theirs.running_mean), (ours.running_variance, theirs.running_var)):
        assert other is not None
        np.testing.assert_allclose(mine, other.numpy(), **CLOSE)
    ours.training = False
    np.testing.assert_allclose(ours(array).data, theirs.eval()(torch.tensor(array)).detach().numpy(), **CLOSE)


# ---- initialisers ----


@pytest.mark.parametrize(
    ("initialise", "std"),
    [
        (zero, 0),
        (normal(0.01), 0.01),
        (xavier_normal, np.sqrt(2 / 700)),
        (xavier_uniform, np.sqrt(2 / 700)),
        (he, np.sqrt(2 / 300)),
    ],
)
def test_weights_have_the_mean_and_spread_of_their_initialiser(initialise: Callable, std: float) -> None:
    weights = Dense(300, 400, np.random.default_rng(0), initialise).weight.data
    assert weights.std() == pytest.approx(std, rel=0.01)  # 120,000 draws: the spread is known to 0.2 %
    assert abs(weights.mean()) <= 4 * std / np.sqrt(weights.size)


def test_uniform_xavier_fills_its_interval_and_no_more() -> None:
    weights = xavier_uniform(np.random.default_rng(0), (1000, 10), 20, 40)
    assert 0.309 < np.abs(weights).max() <= np.sqrt(6 / 60) < 0.3163


def test_kernels_count_their_pixels_as_inputs() -> None:
    weights = Conv2d(16, 64, 5, np.random.default_rng(0)).weight.data
    assert weights.std() == pytest.approx(np.sqrt(2 / (16 * 25)), rel=0.02)


@pytest.mark.parametrize(("initialise", "activation"), [(he, Tensor.relu), (xavier_normal, Tensor.tanh)])
def test_twenty_layers_keep_their_signal_with_the_right_initialiser(initialise: Callable, activation: Callable) -> None:
    rng = np.random.default_rng(0)
    layers = [part for _ in range(20) for part in (Dense(256, 256, rng, initialise), activation)]
    assert 0.1 < Sequential(*layers)(rng.normal(size=(200, 256))).data.std() < 2
    layers = [part for _ in range(20) for part in (Dense(256, 256, rng, normal(0.01)), activation)]
    assert Sequential(*layers)(rng.normal(size=(200, 256))).data.std() < 1e-12


def test_biases_are_zero_unless_drawn_after_the_weights() -> None:
    assert not Dense(3, 4, np.random.default_rng(0)).bias.data.any()
    rng = np.random.default_rng(0)
    layer = Dense(3, 4, np.random.default_rng(0), xavier_uniform, xavier_uniform)
    np.testing.assert_array_equal(layer.weight.data, xavier_uniform(rng, (3, 4), 3, 4))
    np.testing.assert_array_equal(layer.bias.data, xavier_uniform(rng, (4,), 3, 4))


# ---- behaviour ----


def test_dropout_keeps_the_mean_while_training_and_does_nothing_afterwards() -> None:
    layer, x = Dropout(0.3, np.random.default_rng(0)), np.ones((200, 200))
    y = layer(x).data
    assert set(np.unique(y)) == {0.0, 1 / 0.7}
    assert y.mean() == pytest.approx(1, abs=4 * np.sqrt(0.3 / 0.7 / x.size))
    layer.training = False
    np.testing.assert_array_equal(layer(x).data, x)


def test_the_gradient_passes_where_dropout_let_the_signal_pass() -> None:
    x = Tensor(np.ones((5, 5)))
    y = Dropout(0.5, np.random.default_rng(0))(x)
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, y.data)


def test_predict_is_as_after_training_and_leaves_the_mode_as_it_was() -> None:
    rng = np.random.default_rng(0)
    network = Sequential(Sequential(Dense(2, 50, rng), Dropout(0.5, rng)), Dense(50, 1, rng))
    x = np.ones((3, 2))
    np.testing.assert_array_equal(network.predict(x), network.predict(x))
    assert network.training and (network(x).data != network(x).data).any()
    network.train(False)
    np.testing.assert_array_equal(network(x).data, network.predict(x))
    assert not network.training


def test_parameters_are_listed_in_the_order_of_the_layers() -> None:
    rng = np.random.default_rng(0)
    network = Sequential(
        Conv2d(1, 2, 3, rng), Tensor.relu, Sequential(BatchNorm(2), Dropout(0.1, rng)), Dense(8, 3, rng)
    )
    assert [p.shape for p in network.parameters()] == [(2, 1, 3, 3), (2,), (2,), (2,), (8, 3), (3,)]


def test_a_dense_layer_of_20_to_64_has_the_1344_parameters_of_the_lecture() -> None:
    assert sum(p.data.size for p in Dense(20, 64, np.random.default_rng(0)).parameters()) == 1344


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_keep_their_dtype(dtype: type) -> None:
    rng = np.random.default_rng(0)
    network = Sequential(
        Conv2d(1, 2, 3, rng, dtype=dtype), BatchNorm(2, dtype=dtype), Dropout(0.2, rng), Tensor.flatten,
        Dense(8, 3, rng, dtype=dtype),
    )  # fmt: skip
    y = network(np.ones((2, 1, 4, 4), dtype) * np.arange(2, dtype=dtype).reshape(2, 1, 1, 1))
    y.sum().backward()
    assert y.data.dtype == network.predict(np.ones((2, 1, 4, 4), dtype)).dtype == dtype
    assert all(p.grad is not None and p.grad.dtype == dtype for p in network.parameters())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: Dense(0, 3, rng), "n_in must be an integer above 0, not 0"),
        (lambda rng: Dense(3, 2.5, rng), "n_out must be an integer above 0, not 2.5"),
        (lambda rng: Conv2d(1, 1, 0, rng), "size must be an integer above 0"),
        (lambda rng: Dropout(1.0, rng), "p must be at least 0 and below 1"),
        (lambda rng: Dense(3, 2, rng)(np.ones((5, 4))), r"x must be \(N, 3\) for this layer, not \(5, 4\)"),
        (lambda rng: Dense(3, 2, rng)(np.ones(3)), r"x must be \(N, 3\) for this layer, not \(3,\)"),
        (lambda rng: Dense(1, 2, rng)(np.full((1, 1), np.nan)), "data holds 1 NaN"),
        (lambda rng: BatchNorm(3)(np.ones((5, 4))), r"x must be \(N, 3\) or \(N, 3, H, W\)"),
        (lambda rng: BatchNorm(3)(np.ones((1, 3))), "x has a single value for each channel"),
    ],
)
def test_bad_input_is_named_with_what_was_expected(call: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))


def test_a_layer_without_a_call_says_so() -> None:
    with pytest.raises(TypeError, match="Layer is no layer"):
        Layer()(np.ones((1, 1)))
