from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.errors import InputError, UnknownName
from nital.core.options import Options, checked_options, option, options_of


@dataclass(frozen=True, kw_only=True)
class Look(Options):
    page: int | None = option(None, "Page of a TIFF.", minimum=1)
    width_um: float = option(2.0, "Width of a line.", unit="um", minimum=0.5, maximum=8)
    tone: Literal["dark", "bright"] = option("dark", "What is looked for.")
    merge: bool = option(False, "Whether twins are merged.")
    model: Path | None = option(None, "A model folder.")  # noqa: RUF009 makes a field
    share: float | None = option(None, "A share.", maximum=1)
    offset: float = option(0.0, "An offset.")


def chosen(**given: object) -> Look:
    return checked_options("look", Look, given)


def test_an_option_is_described_with_kind_unit_bounds_and_choices():
    described = {one.name: one for one in options_of(Look)}
    assert list(described) == ["page", "width_um", "tone", "merge", "model", "share", "offset"]
    page, width = described["page"], described["width_um"]
    assert (page.kind, page.optional, page.default) == (int, True, None)
    assert (width.kind, width.optional, width.default) == (float, False, 2.0)
    assert described["tone"].choices == ("dark", "bright")
    assert described["model"].kind is Path
    assert width.help == "Width of a line. In µm. From 0.5 to 8."
    assert page.help == "Page of a TIFF. At least 1."
    assert described["share"].help == "A share. At most 1."


def test_what_is_not_given_keeps_its_default():
    assert chosen() == Look()
    assert chosen(width_um=3, page=None) == Look(width_um=3)


@given(st.floats(allow_nan=True))
def test_a_number_is_taken_exactly_where_it_is_within_the_bounds(width):
    if 0.5 <= width <= 8:
        assert chosen(width_um=width).width_um == width
    else:
        with pytest.raises(InputError, match=r"^`width_um` is "):
            chosen(width_um=width)


@pytest.mark.parametrize("name", ["width_um", "share", "offset"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), np.float32("nan")])
def test_what_is_no_finite_number_is_refused_even_without_bounds(name, value):
    with pytest.raises(InputError, match=f"`{name}` is .*not a finite number"):
        chosen(**{name: value})


def test_out_of_bounds_is_said_with_value_unit_range_and_meaning():
    with pytest.raises(InputError, match=r"^`width_um` is 9 µm\. From 0\.5 to 8\. Width of a line\.$"):
        chosen(width_um=9)
    with pytest.raises(InputError, match=r"^`page` is 0\. At least 1\. Page of a TIFF\.$"):
        chosen(page=0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("page", True), ("page", 1.0), ("page", "1"), ("width_um", False), ("width_um", "3"), ("width_um", None),
        ("merge", 1), ("merge", "yes"), ("merge", None), ("model", "folder"), ("page", np.array([1, 2])),
        ("page", np.array([1])), ("width_um", np.bool_(True)), ("width_um", 1j), ("width_um", (1.0,)),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused_with_name_and_value(name, value):
    with pytest.raises(InputError, match=f"^`{name}` is .*, which is not "):
        chosen(**{name: value})


def test_a_value_of_another_kind_is_refused_with_what_is_allowed():
    with pytest.raises(
        InputError, match=r"^`page` is 1\.5, .* not a whole number\. Give a whole number, at least 1\. Page"
    ):
        chosen(page=1.5)
    with pytest.raises(InputError, match=r"Give a finite number, from 0\.5 to 8\."):
        chosen(width_um="wide")


@pytest.mark.parametrize("value", ["grey", "Dark", 1, None])
def test_a_word_that_is_no_choice_is_refused_with_the_choices(value):
    with pytest.raises(InputError, match=r"`tone` is .*\. Use one of: dark, bright\."):
        chosen(tone=value)


def test_scalars_of_numpy_count_as_numbers():
    look = chosen(page=np.int32(2), width_um=np.float32(1.5), merge=np.bool_(True), tone=np.str_("bright"))
    assert look == Look(page=2, width_um=1.5, merge=True, tone="bright")
    assert type(look.page) is int and type(look.merge) is bool


def test_an_unknown_option_is_refused_with_the_nearest():
    with pytest.raises(UnknownName, match=r"option of look 'width'\. Did you mean 'width_um'"):
        chosen(width=3)
