"""Array autograd: every operation forward and backward against torch in float64 to 1e-10, over shapes drawn."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import mutually_broadcastable_shapes
from torch.nn import functional

from nital.teach import tensor
from nital.teach.tensor import (
    Tensor,
    average_pool2d,
    constant,
    conv2d,
    global_average_pool2d,
    max_pool2d,
    numerical_gradient,
)

shapes = st.lists(st.integers(1, 4), min_size=1, max_size=4).map(tuple)
seeds = st.integers(0, 10**6)
ATOL = 1e-10
UNHURRIED = settings(deadline=None, max_examples=60)  # the first call of torch takes long


def draw(seed: int, *shapes: Sequence[int]) -> list[np.ndarray]:
    """Numbers that stay away from 0, where relu, abs and division bend or break."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(0.1, 2, shape) * rng.choice([-1, 1], shape) for shape in shapes]


def agree(ours: Callable[..., Tensor], theirs: Callable[..., torch.Tensor], *arrays: np.ndarray) -> None:
    """The same result, and the same gradient of each argument for a random gradient of the result."""
    a = [Tensor(array) for array in arrays]
    b = [torch.tensor(array, requires_grad=True) for array in arrays]
    y, expected = ours(*a), theirs(*b)
    np.testing.assert_allclose(y.data, expected.detach().numpy(), rtol=ATOL, atol=ATOL)
    assert y.shape == tuple(expected.shape)
    g = np.random.default_rng(7).normal(size=y.shape)
    y.backward(g)
    expected.backward(torch.tensor(g))
    for mine, other in zip(a, b, strict=True):
        assert mine.grad is not None and other.grad is not None
        np.testing.assert_allclose(mine.grad, other.grad.numpy(), rtol=ATOL, atol=ATOL)


BINARY: dict[str, Callable] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "the same tensor twice": lambda a, b: (a * b) * a,
}
UNARY: dict[str, Callable] = {
    "-": lambda a: -a,
    "**2": lambda a: a**2,
    "**-1.5 of abs": lambda a: a.abs() ** -1.5,
    "exp": lambda a: a.exp(),
    "log of abs": lambda a: a.abs().log(),
    "tanh": lambda a: a.tanh(),
    "sigmoid": lambda a: a.sigmoid(),
    "relu": lambda a: a.relu(),
    "sum": lambda a: a.sum(),
    "mean": lambda a: a.mean(),
    "softmax": lambda a: a.softmax(-1),
    "softmax over axis 0": lambda a: a.softmax(0),
    "log_softmax": lambda a: a.log_softmax(-1),
    "number minus": lambda a: 1.5 - a,
    "number over": lambda a: 1.5 / a,
}


@pytest.mark.parametrize("name", BINARY)
@UNHURRIED
@given(drawn=mutually_broadcastable_shapes(num_shapes=2, max_dims=4, max_side=4), seed=seeds)
def test_arithmetic_with_broadcasting_agrees_with_torch(name: str, drawn, seed: int) -> None:
    agree(BINARY[name], BINARY[name], *draw(seed, *drawn.input_shapes))


@pytest.mark.parametrize("name", UNARY)
@UNHURRIED
@given(shape=shapes, seed=seeds)
def test_functions_of_one_array_agree_with_torch(name: str, shape: tuple[int, ...], seed: int) -> None:
    agree(UNARY[name], UNARY[name], *draw(seed, shape))


@UNHURRIED
@given(shape=shapes, seed=seeds)
def test_leaky_relu_agrees_with_torch(shape: tuple[int, ...], seed: int) -> None:
    agree(lambda a: a.leaky_relu(0.2), lambda a: functional.leaky_relu(a, 0.2), *draw(seed, shape))


@UNHURRIED
@given(n=st.integers(1, 4), m=st.integers(1, 4), k=st.integers(1, 4), batch=st.integers(1, 3), seed=seeds)
def test_matrix_products_agree_with_torch(n: int, m: int, k: int, batch: int, seed: int) -> None:
    for left, right in (((n, m), (m, k)), ((batch, n, m), (m, k)), ((n, m), (batch, m, k)), ((batch, n, m), (1, m, k))):
        agree(lambda a, b: a @ b, lambda a, b: a @ b, *draw(seed, left, right))


@pytest.mark.parametrize("keepdims", [False, True])
@UNHURRIED
@given(shape=shapes, seed=seeds, data=st.data())
def test_reductions_over_axes_agree_with_torch(
    keepdims: bool, shape: tuple[int, ...], seed: int, data: st.DataObject
) -> None:
    axes = tuple(data.draw(st.sets(st.integers(0, len(shape) - 1), min_size=1)))
    axis = data.draw(st.sampled_from([axes, axes[0], axes[0] - len(shape)]))
    [x] = draw(seed, shape)
    agree(lambda a: a.sum(axis, keepdims), lambda a: a.sum(axis, keepdims), x)
    agree(lambda a: a.mean(axis, keepdims), lambda a: a.mean(axis, keepdims), x)
    agree(lambda a: a.max(axis, keepdims), lambda a: a.amax(axis, keepdims), x)


def test_equal_largest_elements_share_the_gradient_as_in_torch() -> None:
    x = np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]])
    agree(lambda a: a.max(1), lambda a: a.amax(1), x)
    agree(lambda a: a.max(), lambda a: a.amax(), x)


@UNHURRIED
@given(shape=st.lists(st.integers(1, 4), min_size=2, max_size=4).map(tuple), seed=seeds, data=st.data())
def test_shapes_and_pieces_agree_with_torch(shape: tuple[int, ...], seed: int, data: st.DataObject) -> None:
    [x] = draw(seed, shape)
    order = data.draw(st.permutations(range(len(shape))))
    rows = data.draw(st.lists(st.integers(0, shape[0] - 1), min_size=1, max_size=5))
    agree(lambda a: a.flatten(), lambda a: a.flatten(1), x)
    agree(lambda a: a.reshape(-1, shape[-1]), lambda a: a.reshape(-1, shape[-1]), x)
    agree(lambda a: a.transpose(*order), lambda a: a.permute(*order), x)
    agree(lambda a: a[rows], lambda a: a[rows], x)  # a row may be taken twice
    agree(lambda a: a[..., 0], lambda a: a[..., 0], x)


def test_transpose_without_axes_turns_them_round() -> None:
    x = Tensor(np.zeros((2, 3, 4)))
    assert x.transpose().shape == (4, 3, 2)


# ---- convolution and pooling ----

picture_shapes = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(1, 7), st.integers(1, 7))


@UNHURRIED
@given(shape=picture_shapes, o=st.integers(1, 3), stride=st.integers(1, 3), padding=st.integers(0, 2), data=st.data())
def test_convolution_agrees_with_torch(
    shape: tuple[int, ...], o: int, stride: int, padding: int, data: st.DataObject
) -> None:
    kernel = [data.draw(st.integers(1, min(4, side + 2 * padding))) for side in shape[2:]]
    x, weight, bias = draw(data.draw(seeds), shape, (o, shape[1], *kernel), (o,))
    agree(
        lambda x, k, b: conv2d(x, k, b, stride, padding),
        lambda x, k, b: functional.conv2d(x, k, b, stride, padding),
        x,
        weight,
        bias,
    )


@UNHURRIED
@given(shape=picture_shapes, stride=st.none() | st.integers(1, 3), seed=seeds, data=st.data())
def test_pooling_agrees_with_torch(shape: tuple[int, ...], stride: int | None, seed: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, min(*shape[2:], 4)))
    [x] = draw(seed, shape)
    agree(lambda x: max_pool2d(x, size, stride), lambda x: functional.max_pool2d(x, size, stride), x)
    agree(lambda x: average_pool2d(x, size, stride), lambda x: functional.avg_pool2d(x, size, stride), x)
    agree(global_average_pool2d, lambda x: functional.adaptive_avg_pool2d(x, 1)[:, :, 0, 0], x)


def test_the_first_of_equal_pixels_gets_the_gradient_of_max_pooling_as_in_torch() -> None:
    x = np.ones((1, 1, 4, 4))
    agree(lambda x: max_pool2d(x, 2), lambda x: functional.max_pool2d(x, 2), x)
    agree(lambda x: max_pool2d(x, 3, 1), lambda x: functional.max_pool2d(x, 3, 1), x)


def test_convolution_does_not_flip_its_kernel() -> None:
    x = np.zeros((1, 1, 3, 3))
    x[0, 0, 1, 1] = 1
    kernel = np.arange(9.0).reshape(1, 1, 3, 3)
    # A bright pixel copies a kernel that was flipped; a cross-correlation shows it turned by 180 degrees.
    np.testing.assert_array_equal(conv2d(x, kernel, padding=1).data, kernel[:, :, ::-1, ::-1])


# ---- finite differences ----


@pytest.mark.parametrize(
    "function",
    [
        lambda x: (conv2d(x, np.ones((2, 2, 2, 2)), stride=2).tanh() ** 2).sum(),
        lambda x: average_pool2d(max_pool2d(x, 2, 1), 2, 1).exp().mean(),
        lambda x: (x.flatten() @ np.linspace(-1, 1, 32)[:, None]).sigmoid().sum(),
        lambda x: (x.reshape(2, 16).softmax() * np.arange(16)).sum() / 3 - x.leaky_relu().mean(),
        lambda x: global_average_pool2d(x * x).log_softmax()[:, 0].sum() + x.max(1).abs().sum(),
    ],
)
def test_gradients_are_those_of_finite_differences(function: Callable[[Tensor], Tensor]) -> None:
    [at] = draw(3, (1, 2, 4, 4))
    x = Tensor(at)
    function(x).backward()
    expected = numerical_gradient(lambda array: function(constant(array)).item(), at)
    assert x.grad is not None
    np.testing.assert_allclose(x.grad, expected, rtol=1e-6, atol=1e-6)


# ---- numbers at the edge, dtypes, constants ----


def test_softmax_and_sigmoid_stand_large_numbers() -> None:
    y = Tensor([[1e4, 0.0, -1e4]])
    np.testing.assert_array_equal(y.softmax().data, [[1, 0, 0]])
    np.testing.assert_array_equal(y.log_softmax().data, [[0, -1e4, -2e4]])
    np.testing.assert_array_equal(y.sigmoid().data, [[1, 0.5, 0]])
    assert Tensor(-40.0).sigmoid().item() == pytest.approx(math.exp(-40), rel=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_of_the_arrays_is_kept_forward_and_backward(dtype: type) -> None:
    x = Tensor(np.ones((2, 1, 6, 6), dtype))
    kernel = Tensor(np.ones((3, 1, 3, 3), dtype))
    y = max_pool2d(conv2d(x, kernel, padding=1).relu() * 0.5 + 1, 2) / np.float64(3)
    y = average_pool2d(y, 2, 1).leaky_relu().tanh().flatten()
    loss = ((1 - y).sigmoid().log_softmax() ** 2).mean() + y.max() + y.softmax().exp().log().abs().sum()
    loss.backward()
    assert loss.data.dtype == dtype
    assert all(node.grad is not None and node.grad.dtype == node.data.dtype == dtype for node in loss.graph())


def test_a_float32_tensor_in_float64_work_gets_a_float32_gradient() -> None:
    x = Tensor(np.ones(3, np.float32))
    (x * np.arange(3.0)).sum().backward()
    assert x.grad is not None and x.grad.dtype == np.float32


def test_arrays_are_constants_and_get_no_gradient() -> None:
    x = np.ones((2, 3))
    y = constant(x) @ np.ones((3, 1))
    assert not y.needs_grad and y.parents == ()
    w = Tensor(np.ones((3, 1)))
    z = (x @ w + np.ones(1)).sum()
    z.backward()
    assert len(z.graph()) == 4  # w, the product, the sum with the constant, z
    np.testing.assert_array_equal(w.grad, [[2], [2], [2]])


def test_numpy_leaves_its_operators_to_the_tensor_on_the_right() -> None:
    x = Tensor([1.0, 2.0])
    for y in (np.ones(2) + x, np.ones(2) - x, np.ones(2) * x, np.ones(2) / x, np.ones((1, 2)) @ x.reshape(2, 1)):
        assert isinstance(y, Tensor)


def test_backward_adds_to_gradients_that_are_there() -> None:
    x = Tensor([1.0, 2.0])
    y = (x * x).sum()
    y.backward()
    y.backward()
    np.testing.assert_array_equal(x.grad, [4, 8])


def test_a_graph_deeper_than_the_recursion_limit_is_no_problem() -> None:
    x = y = Tensor(1.0)
    for _ in range(5000):
        y = y + 1
    y.backward()
    assert x.grad == 1


# ---- bad input ----


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Tensor([1.0, math.nan]), "data holds 1 NaN"),
        (lambda: Tensor(["a"]), "data must be numbers"),
        (lambda: Tensor(np.ones((2, 3))) @ np.ones((2, 3)), r"\(2, 3\) @ \(2, 3\)"),
        (lambda: Tensor(np.ones(3)) @ np.ones(3), r"@ needs \(\.\.\., n, m\)"),
        (lambda: Tensor(np.ones(3)).backward(), "single number, not from"),
        (lambda: Tensor(np.ones(3)).backward(np.ones(2)), r"grad has shape \(2,\); expected \(3,\)"),
        (lambda: conv2d(np.ones((1, 2, 4, 4)), np.ones((1, 3, 2, 2))), "the same C"),
        (lambda: conv2d(np.ones((4, 4)), np.ones((2, 2))), r"x must be \(N, C, H, W\)"),
        (lambda: conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 5, 5))), r"window \(5, 5\) inside"),
        (lambda: conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2)), stride=0), "stride 0 >= 1"),
        (lambda: conv2d(np.ones((1, 1, 4, 4)), np.ones((1, 1, 2, 2)), padding=-1), "padding must be 0 or more"),
        (
            lambda: conv2d(np.ones((1, 1, 4, 4)), np.ones((2, 1, 2, 2)), np.ones(3)),
            r"bias have shape \(2,\), not 0 and \(3,\)",
        ),
        (lambda: max_pool2d(np.ones((1, 1, 2, 2)), 3), r"window \(3, 3\) inside"),
        (lambda: average_pool2d(np.ones((2, 2)), 1), r"x must be \(N, C, H, W\), not \(2, 2\)"),
        (lambda: global_average_pool2d(np.ones((2, 2))), r"x must be \(N, C, H, W\), not \(2, 2\)"),
    ],
)
def test_bad_input_is_named_with_what_was_expected(call: Callable, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_a_power_that_is_a_tensor_says_how_to_write_it() -> None:
    with pytest.raises(TypeError, match=r"x\.log\(\)"):
        Tensor(2.0) ** Tensor(3.0)  # pyright: ignore[reportOperatorIssue]


def test_the_whole_of_array_autograd_is_below_350_lines() -> None:
    assert len(Path(tensor.__file__).read_text().splitlines()) < 350
