"""Plots that jobs state as data, drawn: each part of the data changes the picture."""

import base64
import dataclasses
import io

import numpy as np
import pytest
from PIL import Image

from nital.core.sections import Axis, Mark, Plot, Series
from nital.runs.plots import COLOURS, plot_uri

PLOT = Plot([Series([1.0, 2.0, 4.0], [0.5, 0.7, 0.9])], Axis("grain size", "um"), Axis("share right", low=0, high=1.05))


def drawn(plot: Plot) -> np.ndarray:
    head, _, data = plot_uri(plot).partition(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"))


def test_a_plot_is_drawn_in_its_size() -> None:
    assert drawn(PLOT).shape == (416, 832, 3)
    assert len(np.unique(drawn(PLOT))) > 10


@pytest.mark.parametrize(
    "change",
    [
        {"diagonal": True},
        {"marks": [Mark(2.0, (1.5, 2.5), "changes at 2")]},
        {"x": Axis("grain size", "um", logarithmic=True)},
        {"y": Axis("share right", low=0, high=2)},
        {"series": [dataclasses.replace(PLOT.series[0], style="points")]},
        {"series": [dataclasses.replace(PLOT.series[0], label="unseen")]},
        {"series": [dataclasses.replace(PLOT.series[0], spread=[0.1, 0.1, 0.2])]},
        {"series": [dataclasses.replace(PLOT.series[0], weight=[1, 5, 9])]},
        {"series": [*PLOT.series, Series([1.0, 4.0], [0.1, 0.2])]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_the_data_is_seen(change: dict[str, object]) -> None:
    assert not np.array_equal(drawn(dataclasses.replace(PLOT, **change)), drawn(PLOT))  # type: ignore[arg-type]


def test_bars_of_several_series_stand_side_by_side() -> None:
    """A series whose bars are twice as long does not cover the other: both colours are seen in full."""
    names = ["carbon", "manganese"]
    short, long = Series(names, [1.0, 1.0], "bars", "one"), Series(names, [2.0, 2.0], "bars", "other")
    axes = (Axis("growth of the error", "MPa", low=0, high=2.5), Axis(""))

    def painted(picture: np.ndarray, colour: str) -> int:
        return int((picture == [int(colour[n : n + 2], 16) for n in (1, 3, 5)]).all(2).sum())

    one, other = (painted(drawn(Plot([short, long], *axes)), colour) for colour in COLOURS[:2])
    assert other == pytest.approx(2 * one, rel=0.1)


def test_bars_lie_beside_their_names_the_first_on_top() -> None:
    bars = Series(["carbon", "manganese/silicon"], [3.0, 1.0], "bars", spread=[0.1, 0.1])
    turned = Series(bars.x[::-1], bars.y[::-1], "bars", spread=[0.1, 0.1])
    axes = (Axis("growth of the error", "MPa"), Axis(""))
    assert not np.array_equal(drawn(Plot([bars], *axes)), drawn(Plot([turned], *axes)))
