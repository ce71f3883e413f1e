import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.sections import Axis, Estimate, Mark, Plot, Section, Series, Table

finite = st.floats(allow_nan=False, allow_infinity=False)
interval = st.none() | st.tuples(finite, finite)
cell = st.none() | st.booleans() | st.integers() | finite | st.text() | st.builds(Estimate, finite, interval)
table = st.integers(1, 4).flatmap(
    lambda width: st.builds(
        Table,
        st.lists(st.text(), min_size=width, max_size=width),
        st.lists(st.lists(cell, min_size=width, max_size=width)),
    )
)
axis = st.builds(
    Axis, st.text(), st.text(), low=st.none() | finite, high=st.none() | finite, logarithmic=st.booleans()
)  # fmt: skip
style = st.sampled_from(["line", "points", "line_and_points", "bars"])
optional = st.none() | st.lists(finite)
series = st.builds(
    Series, st.lists(finite) | st.lists(st.text()), st.lists(finite), style, st.text(), optional, optional
)  # fmt: skip
mark = st.builds(Mark, finite, interval, st.text())
plot = st.builds(Plot, st.lists(series, max_size=3), axis, axis, st.lists(mark, max_size=3), st.booleans())


@given(st.builds(Section, st.text(), table | plot, st.text()))
def test_a_section_comes_back_from_its_json_text(section):
    assert Section.from_json(json.loads(json.dumps(section.to_json()))) == section


def test_the_json_says_whether_it_is_a_table_or_a_plot():
    rows = Section("Rows", Table(["a"], [[Estimate(1.0, (0.5, 1.5))]])).to_json()
    assert rows["table"]["rows"] == [[{"value": 1.0, "interval": (0.5, 1.5)}]] and "plot" not in rows
    drawn = Section("Curve", Plot([Series([0, 1], [2, 3])], Axis("x"), Axis("y", "um"))).to_json()
    assert drawn["plot"]["y"]["unit"] == "um" and "table" not in drawn


def test_tuples_and_lists_make_the_same_json():
    one = Section("Rows", Table(("a", "b"), ((1, 2),)))
    other = Section("Rows", Table(["a", "b"], [[1, 2]]))
    assert json.dumps(one.to_json()) == json.dumps(other.to_json())


@pytest.mark.parametrize(
    "values",
    [
        {}, {"title": "t", "caption": ""}, {"title": "t", "caption": "", "table": {"columns": []}},
        {"title": "t", "caption": "", "plot": {"series": [{"z": 1}], "x": {}, "y": {}, "marks": [], "diagonal": False}},
    ],
)  # fmt: skip
def test_a_damaged_section_is_not_read(values):
    with pytest.raises((KeyError, TypeError)):
        Section.from_json(values)
