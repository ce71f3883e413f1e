"""What every job's network must do: learn, be saved, come back the same."""

import json
from typing import Any

import numpy as np
import pytest

from nital.core.errors import ArtifactError
from nital.core.plain import plain
from nital.core.report import Report
from nital.core.task import NetworkTask
from nital.runs.artifact import load_artifact
from nital.runs.engine import OnnxNetwork

torch = pytest.importorskip("torch")

LARGEST_DIFFERENCE = 1e-4


def test_an_artifact_comes_back_as_it_was_saved(trained: Any) -> None:
    artifact = load_artifact(trained.folder)
    assert artifact.job == trained.task.card.job
    assert trained.task.recipe_type.from_dict(artifact.recipe) == trained.recipe
    for name in ("model.onnx", "weights.safetensors", "recipe.json", "card.json", "card.md"):
        assert (trained.folder / name).stat().st_size > 0


def test_the_card_of_a_model_states_data_split_versions_and_limits(trained: Any) -> None:
    card = json.loads((trained.folder / "card.json").read_text(encoding="utf-8"))
    assert len(card["data"]["fingerprint"]) == len(card["model_sha256"]) == 64
    assert card["split"]
    assert card["limits"] == list(trained.task.card.limits)
    assert {"nital", "python", "torch", "numpy", "onnxruntime"} <= set(card["versions"])
    assert 0 <= card["onnx_max_abs_difference"] < LARGEST_DIFFERENCE


def test_saved_weights_give_the_same_answers_in_a_fresh_network(trained: Any) -> None:
    from safetensors.torch import load_file

    fresh = trained.task.model(trained.recipe, trained.test.facts)
    fresh.load_state_dict(load_file(trained.folder / "weights.safetensors"))
    batch = {trained.task.input_name: torch.from_numpy(trained.test.batch(np.arange(2))[trained.task.input_name])}
    with torch.no_grad():
        one, other = trained.model.eval()(batch), fresh.eval()(batch)
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("number", [1, 3])
def test_onnx_gives_what_torch_gives_on_samples_of_the_job(trained: Any, number: int) -> None:
    name = trained.task.input_name
    image = trained.test.batch(np.arange(number))[name]
    with torch.no_grad():
        expected = trained.model.eval()({name: torch.from_numpy(image)})
    given = OnnxNetwork(trained.folder, threads=1)(image)
    assert set(given) == set(trained.task.outputs(trained.recipe))
    for name, value in given.items():
        np.testing.assert_allclose(value, expected[name].numpy(), rtol=0, atol=LARGEST_DIFFERENCE)


def test_a_changed_model_is_refused(trained: Any, tmp_path: Any) -> None:
    for file in trained.folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    with (tmp_path / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(ArtifactError, match=r"model\.onnx"):
        load_artifact(tmp_path)


RATES = (3e-3, 1e-2, 3e-2)


def test_the_network_can_learn_eight_samples_by_heart(network_task: NetworkTask, samples: Any, small: Any) -> None:
    """At one of three learning rates: which one suits a job is its own affair."""
    from nital.learn.fit import fit

    for rate in RATES:
        recipe = small(
            epochs=1, steps_per_epoch=60, batch_size=8, warmup_steps=5, weight_decay=0.0, learning_rate=rate
        )  # fmt: skip
        eight = samples(recipe).take(np.arange(8))
        before = _mean_loss(network_task, recipe, eight, None)
        model, _ = fit(network_task, recipe, eight, eight)
        if _mean_loss(network_task, recipe, eight, model) < 0.5 * before:
            return
    pytest.fail(f"the loss on eight samples was not halved at any of the learning rates {RATES}")


def _mean_loss(network_task: NetworkTask, recipe: Any, dataset: Any, model: Any) -> float:
    torch.manual_seed(recipe.seed)
    network = (model or network_task.model(recipe, dataset.facts)).eval()
    batch = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in dataset.batch(np.arange(8)).items()}
    with torch.no_grad():
        return float(network_task.loss(network(batch), batch))


@pytest.mark.slow
def test_the_tiny_recipe_beats_every_baseline_on_unseen_groups(
    network_task: NetworkTask, tiny: Any, tmp_path: Any
) -> None:
    from nital.runs.run import run

    data, _ = network_task.trial_data(tmp_path)
    report = run(network_task, network_task.recipes()[tiny[1]], tmp_path / "run", data)
    first = report.metrics[0]
    network = report.score("network").value
    for name in report.model_names[1:]:
        score = report.score(name).value
        assert network is not None and score is not None
        better = network > score if first.better == "higher" else network < score
        assert better, f"{name}: {score:.3f}, network: {network:.3f} in {first.name}"


def test_what_was_fitted_is_kept_scored_and_predicts_its_own_data(fitted: Any, tmp_path: Any) -> None:
    import nital

    task, data, folder, report = fitted
    artifact = load_artifact(folder)
    assert artifact.job == task.card.job and artifact.card["chosen"] == report.chosen
    assert report.metrics[0].better is not None
    assert any(score.constant for score in report.scores)
    assert report.chosen in {*report.model_names, None}
    assert len(set(report.groups)) == len(report.groups) > 1
    again = Report.from_json(json.loads((folder / "report.json").read_text(encoding="utf-8")))
    assert again.rows() == json.loads(json.dumps(plain(report.rows())))
    result = nital.predict(task.card.job, data, artifact=folder, out=tmp_path)
    assert result.facts and result.row and result.folder is not None
