import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nital.core.report import NETWORK, Metric, Report, Score, Source, Split
from nital.core.sections import Section, Table

F1 = Metric("boundary_f1", "", "higher", "boundary F1 within 3 px", (0, 1))
ERROR = Metric("error_um", "um", "lower", bounds=(0, None))
BIAS = Metric("bias_um", "um", None)


def report(**changes) -> Report:
    full = Report(
        job="grains", recipe="tiny", data=Source("steels", "own", "BSD-3-Clause", "ab12"),
        split=Split(by="specimen", train=8, valid=2, test=3, folds=3, repeats=2, note="Each is tested once."),
        groups=("s1", "s2"), metrics=(F1, ERROR, BIAS),
        scores=(
            Score(NETWORK, "network", "boundary_f1", 0.91, (0.85, 0.96)),
            Score(NETWORK, "network", "error_um", 0.4, None, "um"),
            Score("mean", "baseline", "boundary_f1", None, None, constant=True),
            Score("Sobel", "baseline", "boundary_f1", 0.5, (0.4, 0.6)),
            Score("Sobel", "baseline", "bias_um", -0.5, (-1.0, 0.0), "um"),
        ),
        verdict="The network is better.", chosen=NETWORK, notes=("Few groups.",), account=("13 files were read.",),
        sections=(Section("Rows", Table(["a", "b"], [[1, None], ["x", True]]), "How to read it."),),
        models={NETWORK: {"per_picture": [0.9, 0.92]}, "mean": {}, "Sobel": {"setting": 3}},
        details={"confusion": [[1, 0], [2, 3]], "scores": {"own": 1}}, history=[{"epoch": 1, "train_loss": 0.5}],
    )  # fmt: skip
    return dataclasses.replace(full, **changes)


def test_a_report_comes_back_from_its_json_text():
    assert Report.from_json(json.loads(json.dumps(report().to_json()))) == report()


def test_a_report_with_nothing_optional_comes_back_too():
    bare = report(
        recipe=None, chosen=None, notes=(), account=(), sections=(), details={}, history=[], groups=(),
        models={name: {} for name in report().model_names},
    )  # fmt: skip
    assert Report.from_json(json.loads(json.dumps(bare.to_json()))) == bare


numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
intervals = st.none() | st.tuples(st.floats(-9, 9), st.floats(-9, 9))


@given(st.lists(st.tuples(numbers, intervals, numbers, intervals), min_size=1, max_size=4), st.text(), st.data())
def test_any_scores_come_back(rows, verdict, data):
    constant = data.draw(st.lists(st.booleans(), min_size=len(rows), max_size=len(rows)))
    scores = tuple(
        Score(f"model {number}", "baseline", metric.name, value, interval, metric.unit, constant[number])
        for number, row in enumerate(rows)
        for metric, value, interval in ((F1, row[0], row[1]), (ERROR, row[2], row[3]))
    )
    one = report(scores=scores, metrics=(F1, ERROR), verdict=verdict, models={score.model: {} for score in scores})
    assert Report.from_json(json.loads(json.dumps(one.to_json()))) == one


def test_details_stand_at_the_top_of_the_json_and_models_keep_their_further_entries():
    values = report().to_json()
    assert values["confusion"] == [[1, 0], [2, 3]] and "details" not in values
    first, second, third = values["models"]
    assert first == {
        "name": "network", "kind": "network", "constant": False, "boundary_f1": 0.91, "boundary_f1_ci95": [0.85, 0.96],
        "error_um": 0.4, "error_um_ci95": None, "per_picture": [0.9, 0.92],
    }  # fmt: skip
    assert second["constant"] and second["boundary_f1"] is None
    assert third["setting"] == 3 and "error_um" not in third


def test_a_score_is_found_by_model_and_metric_the_first_metric_if_none_is_named():
    assert report().score("Sobel").value == 0.5
    assert report().score("Sobel", "bias_um").value == -0.5
    assert report().model_names == ("network", "mean", "Sobel")
    with pytest.raises(LookupError, match="no score of mean in bias_um"):
        report().score("mean", "bias_um")


@pytest.mark.parametrize("missing", ["job", "data", "split", "metrics", "models", "verdict", "sections", "history"])
def test_a_damaged_report_is_not_read(missing):
    values = report().to_json()
    del values[missing]
    with pytest.raises((KeyError, TypeError)):
        Report.from_json(values)


def test_a_metric_without_title_is_called_by_its_name():
    assert (F1.words, ERROR.words) == ("boundary F1 within 3 px", "error um")
