"""Scalar autograd against torch, finite differences, and derivatives done by hand."""

import math
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nital.teach import value
from nital.teach.value import Value

numbers = st.floats(-3, 3).filter(lambda number: abs(number) > 0.01)
above_zero = st.floats(0.05, 3)
UNHURRIED = settings(deadline=None)  # the first call of torch takes long
SVG = "{http://www.w3.org/2000/svg}"

UNARY: dict[str, Callable] = {
    "negative": lambda a: -a,
    "exp": lambda a: a.exp(),
    "tanh": lambda a: a.tanh(),
    "sigmoid": lambda a: a.sigmoid(),
    "relu": lambda a: a.relu(),
    "cube": lambda a: a**3,
    "reciprocal": lambda a: a**-1,
    "number plus": lambda a: 2 + a,
    "number minus": lambda a: 2 - a,
    "number times": lambda a: 2 * a,
    "number over": lambda a: 2 / a,
    "used twice": lambda a: a * a + a,
}
BINARY: dict[str, Callable] = {
    "plus": lambda a, b: a + b,
    "minus": lambda a, b: a - b,
    "times": lambda a, b: a * b,
    "over": lambda a, b: a / b,
    "neuron": lambda a, b: (a * b - 0.5 / a).tanh() * a + b.sigmoid(),
}


def agrees_with_torch(function: Callable, *arguments: float) -> None:
    ours = [Value(argument) for argument in arguments]
    theirs = [torch.tensor(argument, dtype=torch.float64, requires_grad=True) for argument in arguments]
    y, expected = function(*ours), function(*theirs)
    y.backward()
    expected.backward()
    assert y.data == pytest.approx(expected.item(), rel=1e-10, abs=1e-10)
    for a, b in zip(ours, theirs, strict=True):
        assert b.grad is not None
        assert a.grad == pytest.approx(b.grad.item(), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("name", UNARY)
@UNHURRIED
@given(a=numbers)
def test_operations_on_one_number_agree_with_torch(name: str, a: float) -> None:
    agrees_with_torch(UNARY[name], a)


@pytest.mark.parametrize("name", BINARY)
@UNHURRIED
@given(a=numbers, b=numbers)
def test_operations_on_two_numbers_agree_with_torch(name: str, a: float, b: float) -> None:
    agrees_with_torch(BINARY[name], a, b)


@pytest.mark.parametrize("function", [lambda a: a.log(), lambda a: a**0.5, lambda a: a**2.7])
@UNHURRIED
@given(a=above_zero)
def test_operations_that_need_numbers_above_zero_agree_with_torch(function: Callable, a: float) -> None:
    agrees_with_torch(function, a)


@pytest.mark.parametrize("name", UNARY)
@UNHURRIED
@given(a=numbers)
def test_gradients_are_those_of_finite_differences(name: str, a: float) -> None:
    x, step = Value(a), 1e-6
    UNARY[name](x).backward()
    slope = (UNARY[name](Value(a + step)).data - UNARY[name](Value(a - step)).data) / (2 * step)
    assert x.grad == pytest.approx(slope, rel=1e-6, abs=1e-6 * (1 + abs(slope) / abs(a)))


def test_worked_example_of_a_network_with_two_relus() -> None:
    # x = 1, target 0.5, W1 = [2, -1], b1 = [-0.5, 0.5], w2 = [1, 2]: prediction 1.5 and loss 0.5, by hand.
    w1, b1, w2 = [Value(2.0), Value(-1.0)], [Value(-0.5), Value(0.5)], [Value(1.0), Value(2.0)]
    hidden = [(w * 1.0 + b).relu() for w, b in zip(w1, b1, strict=True)]
    prediction = hidden[0] * w2[0] + hidden[1] * w2[1]
    loss = 0.5 * (prediction - 0.5) ** 2
    loss.backward()
    assert (prediction.data, loss.data) == (1.5, 0.5)
    assert [w.grad for w in w1] == [1.0, 0.0]
    assert [w.grad for w in w2] == [1.5, 0.0]


def test_relu_has_slope_zero_at_zero_as_in_torch() -> None:
    x = Value(0.0)
    x.relu().backward()
    assert x.grad == 0.0


@pytest.mark.parametrize("x", [-1e4, 1e4])
def test_sigmoid_does_not_overflow(x: float) -> None:
    y = Value(x).sigmoid()
    assert y.data == (x > 0)


def test_small_sigmoid_keeps_its_digits() -> None:
    assert Value(-40.0).sigmoid().data == pytest.approx(math.exp(-40), rel=1e-12)


def test_backward_adds_to_gradients_that_are_there() -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad == 12.0
    assert y.grad == 2.0


def test_a_graph_deeper_than_the_recursion_limit_is_no_problem() -> None:
    x = y = Value(1.0)
    for _ in range(5000):
        y = y + 1
    y.backward()
    assert (y.data, x.grad) == (5001.0, 1.0)


def test_graph_lists_every_value_after_its_parents_and_once() -> None:
    x = Value(2.0)
    y = (x * x + x).exp()
    order = y.graph()
    assert order[-1] is y and len(order) == len({id(node) for node in order}) == 4
    for place, node in enumerate(order):
        assert all(any(parent is earlier for earlier in order[:place]) for parent, _ in node.parents)


def test_picture_shows_data_gradient_and_local_derivative_of_each_node() -> None:
    x, w = Value(2.0, "x"), Value(-3.0, "w <1>")
    y = (x * w).tanh()
    y.backward()
    picture = ElementTree.fromstring(y.svg())
    texts = [text.text for text in picture.iter(f"{SVG}text")]
    assert len(list(picture.iter(f"{SVG}g"))) == len(y.graph()) == 4
    assert len(list(picture.iter(f"{SVG}path"))) == 3
    assert {"x", "w <1>", "*", "tanh", "data -6", f"grad {x.grad:.4g}", "-3", "2"} <= set(texts)


@UNHURRIED
@given(st.integers(1, 4), st.integers(1, 4))
def test_nodes_of_the_picture_do_not_cover_one_another_and_stand_right_of_their_parents(wide: int, deep: int) -> None:
    nodes = [Value(float(k), f"leaf {k}") for k in range(wide)]
    y = nodes[0]
    for _ in range(deep):
        for node in nodes:
            y = y * node + 1
    boxes = [box for box in ElementTree.fromstring(y.svg()).iter(f"{SVG}rect") if box.get("x")]
    corners = [(int(box.attrib["x"]), int(box.attrib["y"])) for box in boxes]
    assert len(set(corners)) == len(y.graph())
    left = {id(node): x for node, (x, _) in zip(y.graph(), corners, strict=True)}
    assert all(left[id(parent)] < left[id(node)] for node in y.graph() for parent, _ in node.parents)


def test_a_leaf_alone_has_a_picture_too() -> None:
    assert "data 1.5" in Value(1.5, "alone").svg()


@pytest.mark.parametrize("data", ["3", None, [1.0], math.nan])
def test_data_that_is_no_number_is_refused_by_name(data: object) -> None:
    with pytest.raises(ValueError, match="data must be a number, not"):
        Value(data)  # pyright: ignore[reportArgumentType]


def test_log_of_zero_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="log needs a number above zero, not 0"):
        Value(0.0).log()


@pytest.mark.parametrize(("base", "power"), [(0.0, -1), (0.0, 0.5), (-2.0, 0.5)])
def test_powers_without_value_or_slope_are_refused(base: float, power: float) -> None:
    with pytest.raises(ValueError, match="to the power"):
        Value(base) ** power


def test_a_power_that_is_a_value_says_how_to_write_it() -> None:
    with pytest.raises(TypeError, match=r"x\.log\(\)"):
        Value(2.0) ** Value(3.0)  # pyright: ignore[reportOperatorIssue]


def test_the_whole_of_scalar_autograd_is_below_120_lines() -> None:
    assert len(Path(value.__file__).read_text().splitlines()) < 120


def test_an_arrow_past_other_nodes_sags_below_them() -> None:
    x = Value(2.0, "x")
    y = x.tanh().tanh().tanh() + x
    paths = [path.attrib["d"] for path in ElementTree.fromstring(y.svg()).iter(f"{SVG}path")]
    straight = [path for path in paths if len(set(path.replace("C", "").replace("M", "").split()[1::2])) == 1]
    assert (len(paths), len(straight)) == (5, 4)  # all on one level but the one from x to the sum
