"""Plots of a training's report: one for what the report has numbers for, and no other."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nital.runs.plots import plots_of

HISTORY = [{"epoch": 1, "train_loss": 2.0, "valid_loss": 1.0}, {"epoch": 2, "train_loss": 1.0, "valid_loss": 0.9}]
EXTRA: dict[str, tuple[str, Any]] = {
    "calibration": ("Calibration", {"bins": [[0.9, 0.8, 10], [0.6, 0.5, 2]]}),
    "by_value": ("Along the value", {"name": "temperature", "bins": [[1.0, 1.0, 0.1, 5], [2.0, 0.7, 0.1, 5]]}),
    "learning_curve": ("Learning curve", {"points": [[50, 0.7], [100, 0.8]]}),
}


@pytest.mark.parametrize("name", [None, *EXTRA])
def test_a_report_gets_the_plots_that_it_has_numbers_for(name: str | None) -> None:
    extra = {name: EXTRA[name][1]} if name else {}
    titles = [plot["title"] for plot in plots_of({"history": HISTORY, **extra})]
    assert titles == ["Losses by epoch", *([EXTRA[name][0]] if name else [])]


def test_without_epochs_and_with_one_point_nothing_is_drawn() -> None:
    assert plots_of({"history": [], "learning_curve": {"points": [[50, 0.7]]}}) == []


def test_the_place_where_the_answer_changes_is_drawn() -> None:
    report = {"history": [], "by_value": EXTRA["by_value"][1]}
    change = {"transition": {"value": 1.5, "ci95": [1.4, 1.7], "width": 0.1}}
    without, with_it = (plots_of({**report, **more})[0]["source"] for more in ({}, change))
    drawn = Image.open(io.BytesIO(base64.b64decode(with_it.partition(",")[2])))
    assert drawn.size == (832, 416) and len(np.unique(np.asarray(drawn))) > 10
    assert with_it != without
