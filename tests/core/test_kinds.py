import math
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from nital.core.kinds import fits, kind_name


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, int), (1, float), (1.5, float), (True, bool), ("a", str), (Path("a"), Path), (None, int | None),
        (3, int | None), ("a", Literal["a", "b"]), (1, Literal[1, "b"]), ((), tuple[int, ...]),
        ((1, 2), tuple[int, ...]), ((1, 2.5), tuple[int, float]), (((1, 2), "x"), tuple[tuple[int, int], str]),
        (np.float64(1.5), float), ((1, None), tuple[int | None, ...]), (True, bool | int),
    ],
)  # fmt: skip
def test_a_value_fits_its_kind(value, kind):
    assert fits(value, kind)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.0, int), (True, int), (True, float), (1, bool), (0, bool), ("1", int), (None, int), (1.5, int | None),
        ("a", Path), ("c", Literal["a", "b"]), (True, Literal[1]), (1, Literal[True]), (1.0, Literal[1]),
        ([1, 2], tuple[int, ...]), ((1, "2"), tuple[int, ...]), ((1,), tuple[int, int]), ((1, 2, 3), tuple[int, int]),
        ((True,), tuple[int, ...]), (np.int64(1), int), (np.bool_(True), bool), (3, str),
        (math.inf, float), (math.nan, float), ((1.0, -math.inf), tuple[float, ...]), (np.float64("nan"), float | None),
    ],
)  # fmt: skip
def test_a_value_does_not_fit_another_kind(value, kind):
    assert not fits(value, kind)


def test_kinds_are_written_as_people_write_them():
    kinds = (bool, float | None, tuple[int, ...], tuple[float, str], Literal["a", 2])
    assert [kind_name(kind) for kind in kinds] == [
        "true or false", "a finite number or None", "a list: each a whole number", "a list: a finite number, a text",
        "one of: a, 2",
    ]  # fmt: skip
