"""run: what is scored, and that no model stands there without its verdict."""

from pathlib import Path

import numpy as np
import pytest

import nital
from nital.core.dataset import ArrayDataset
from nital.core.errors import InputError, NitalError
from nital.core.outcome import Map, Outcome, Picture
from nital.core.report import Report, Source, Split
from nital.learn.judge import Scored
from nital.runs import predict, run
from nital.tasks.grains.task import TASK


def test_of_each_group_the_first_samples_are_scored_when_there_are_too_many() -> None:
    groups = np.repeat(["a", "b", "c"], [100, 80, 2])
    dataset = ArrayDataset("crops", {"image": np.arange(182)}, groups, source="own", licence="")
    some = run._some(dataset, TASK)
    assert len(some) == TASK.most_test_samples
    assert np.unique(some.groups, return_counts=True)[1].tolist() == [31, 31, 2]


def fold(*names: str) -> run._Scores:
    """Scores of one fold; a constant baseline says so in its name."""
    models = [Scored(name, "baseline", {"f1": np.ones(2)}, constant="always" in name) for name in names]
    return run._Scores([Scored("network", "network", {"f1": np.ones(2)}), *models], {})


def test_a_baseline_that_some_folds_lack_is_left_out_with_a_note() -> None:
    found = run._pooled([fold("always a", "trees"), fold("always a", "lines"), fold("always a", "trees")])
    assert [(one.name, len(one.values["f1"])) for one in found.models] == [("network", 6), ("always a", 6)]
    assert found.notes == (
        "trees: not compared. It was fitted in 2 of 3 folds only.",
        "lines: not compared. It was fitted in 1 of 3 folds only.",
    )


def test_folds_without_a_common_constant_baseline_are_an_error_that_names_them() -> None:
    with pytest.raises(NitalError, match=r"always a: not compared\. .*always b: not compared\. .*folds=0"):
        run._pooled([fold("always a", "trees"), fold("always b", "trees")])


def test_a_run_that_ends_before_its_verdict_leaves_the_old_model_as_it_was(
    run_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    recipe = TASK.recipe_type.from_json((run_folder / "recipe.json").read_text(encoding="utf-8"))
    before = {path.name: path.read_bytes() for path in run_folder.iterdir() if path.is_file()}

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "judge", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run.run(TASK, recipe, run_folder)
    assert {path.name: path.read_bytes() for path in run_folder.iterdir() if path.is_file()} == before


def test_a_recipe_that_leaves_nothing_to_score_on_is_refused_before_it_trains(tmp_path: Path) -> None:
    recipe = TASK.recipes()["tiny"].replace(test_fraction=0.0, folds=0)
    with pytest.raises(InputError, match="nothing to score on"):
        run.run(TASK, recipe, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_job_that_learns_from_data_alone_asks_for_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    monkeypatch.setattr(type(TASK), "needs_data", True)
    with pytest.raises(InputError, match="learns from your data"):
        nital.train("grains", recipe="tiny", out=tmp_path)


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome({"row": 1}),
        Outcome({"file": "x"}),
        Outcome({"a": {"b": 1}}, pictures={"a": Picture(np.zeros((2, 2, 3), np.uint8), "", "")}),
        Outcome({}, pictures={"report": Picture(np.zeros((2, 2, 3), np.uint8), "", "")}),
        Outcome({}, maps={"a": Map("image", np.zeros((2, 2)))}, pictures={"a": Picture(np.zeros((2, 2)), "", "")}),
    ],
)
def test_a_name_that_would_hide_another_is_refused(outcome: Outcome) -> None:
    with pytest.raises(ValueError, match="names of their own"):
        predict._check_names(outcome)


def test_the_details_of_a_report_cannot_change_its_verdict() -> None:
    with pytest.raises(ValueError, match="verdict"):
        Report(
            job="grains", data=Source("a", "b"), split=Split(by="row"), groups=(), metrics=(), scores=(), verdict="",
            chosen=None, details={"verdict": "The network is great."},
        )  # fmt: skip
