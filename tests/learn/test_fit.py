import itertools
import math
import multiprocessing
import random
import time
from pathlib import Path

import numpy as np
import pytest
import torch
import toy_task
from toy_task import LONG, TASK, TINY, sides, train_long

from nital.core.dataset import ArrayDataset, Dataset, GeneratedDataset
from nital.core.errors import ArtifactError, InputError, NitalError
from nital.core.recipe import Recipe
from nital.learn import fit as fit_module
from nital.learn.batches import epoch_indices, prefetched, to_tensors
from nital.learn.fit import fit, learning_rate


def same(left: torch.nn.Module, right: torch.nn.Module) -> bool:
    pairs = zip(left.state_dict().values(), right.state_dict().values(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs)


def interrupt_after(epochs: int):
    def say(done: int, total: int, text: str) -> None:
        if text.startswith(f"epoch {epochs}/"):
            raise KeyboardInterrupt

    return say


def into(lines: list[str]):
    return lambda done, total, text: lines.append(text)


def test_training_lowers_the_loss_well_below_that_of_a_coin():
    recipe = TINY.replace(epochs=25, learning_rate=0.03)
    model, history = fit(TASK, recipe, *sides(recipe))
    assert [entry["epoch"] for entry in history] == list(range(1, 26))
    assert history[-1]["valid_loss"] < 0.85 * math.log(2)
    assert not model.training


def test_the_same_recipe_gives_the_same_bits():
    first, _ = fit(TASK, TINY, *sides(TINY))
    second, _ = fit(TASK, TINY, *sides(TINY))
    assert same(first, second)


def test_another_seed_gives_other_weights():
    other = TINY.replace(seed=1)
    assert not same(fit(TASK, TINY, *sides(TINY))[0], fit(TASK, other, *sides(TINY))[0])


@pytest.mark.parametrize("epochs", [1, 3, 5])
def test_an_interrupted_run_ends_with_the_same_bits(tmp_path, epochs):
    unbroken, history = fit(TASK, TINY, *sides(TINY))
    with pytest.raises(KeyboardInterrupt):
        fit(TASK, TINY, *sides(TINY), folder=tmp_path, say=interrupt_after(epochs))
    lines = []
    resumed, continued = fit(TASK, TINY, *sides(TINY), folder=tmp_path, say=into(lines))
    assert lines[0].startswith(f"resumed after epoch {epochs}")
    assert same(unbroken, resumed)
    assert [e["train_loss"] for e in continued] == [e["train_loss"] for e in history]


def run_in_child(folder: Path, kill_after: str | None = None) -> list[str]:
    """What a process of its own tells while it trains; it is killed a moment after it tells `kill_after`."""
    context = multiprocessing.get_context(
        "forkserver"
    )  # whose children need not import torch again, nor what a first step does
    context.set_forkserver_preload(["nital.learn.fit", "nital.nets.unet", "torch._dynamo"])
    heard, tell = context.Pipe(duplex=False)
    child = context.Process(target=train_long, args=(folder, tell))
    child.start()
    tell.close()
    lines = []
    try:
        while True:
            lines.append(heard.recv())
            if kill_after and lines[-1].startswith(kill_after):
                time.sleep(random.uniform(0, 0.06))
                child.kill()
    except EOFError:
        child.join()
    heard.close()
    assert child.exitcode == (-9 if kill_after else 0)
    return lines


def test_a_run_killed_three_times_ends_with_the_same_weights(tmp_path):
    unbroken, _ = fit(TASK, LONG, *sides(LONG))
    random.seed(0)
    for stop_at in (2, 6, 11):
        assert "done" not in run_in_child(tmp_path, kill_after=f"epoch {stop_at}/")
    last = run_in_child(tmp_path)
    assert last[0].startswith("resumed after epoch 1")
    assert last[-1] == "done"
    again, _ = fit(TASK, LONG, *sides(LONG), folder=tmp_path)
    assert same(unbroken, again)
    assert not list((tmp_path / "state").glob(".*"))


def test_a_finished_run_is_read_back_without_training(tmp_path):
    model, history = fit(TASK, TINY, *sides(TINY), folder=tmp_path)
    lines = []
    again, same_history = fit(TASK, TINY, *sides(TINY), folder=tmp_path, say=into(lines))
    assert len(lines) == 1
    assert same_history == history
    assert same(model, again)


def test_a_damaged_newest_state_costs_one_epoch_only(tmp_path):
    unbroken, _ = fit(TASK, TINY, *sides(TINY))
    with pytest.raises(KeyboardInterrupt):
        fit(TASK, TINY, *sides(TINY), folder=tmp_path, say=interrupt_after(4))
    newest = tmp_path / "state" / "epoch_00004.safetensors"
    newest.write_bytes(newest.read_bytes()[:1000])
    lines = []
    resumed, _ = fit(TASK, TINY, *sides(TINY), folder=tmp_path, say=into(lines))
    assert lines[0].startswith("resumed after epoch 3")
    assert same(unbroken, resumed)


def test_only_damaged_states_are_an_error_that_names_the_folder(tmp_path):
    fit(TASK, TINY, *sides(TINY), folder=tmp_path)
    for path in (tmp_path / "state").iterdir():
        path.write_bytes(b"")
    with pytest.raises(ArtifactError, match="only damaged states"):
        fit(TASK, TINY, *sides(TINY), folder=tmp_path)


def test_two_states_are_kept(tmp_path):
    fit(TASK, TINY, *sides(TINY), folder=tmp_path)
    names = sorted(path.name for path in (tmp_path / "state").iterdir())
    assert names == ["epoch_00005.safetensors", "epoch_00006.safetensors"]


def test_a_state_of_another_recipe_is_refused_unless_started_afresh(tmp_path):
    fit(TASK, TINY, *sides(TINY), folder=tmp_path)
    other = TINY.replace(learning_rate=0.02, epochs=2)
    with pytest.raises(ArtifactError, match="another recipe"):
        fit(TASK, other, *sides(other), folder=tmp_path)
    _, history = fit(TASK, other, *sides(other), folder=tmp_path, resume=False)
    assert len(history) == 2
    assert len(list((tmp_path / "state").iterdir())) == 2


def test_a_generator_that_changed_but_not_its_text_is_not_resumed(tmp_path):
    def made_by(noise: float) -> Dataset:
        def make(index: int) -> dict[str, np.ndarray]:
            image = np.random.default_rng(index).integers(0, 256, (1, 16, 16)).astype(np.uint8)
            return {"image": image, "bright": (image > 128 + noise).astype(np.float32)}

        return GeneratedDataset("made", make, np.arange(32), recipe="made 1", source="own", licence="none")

    def train(noise: float) -> Path:
        data = made_by(noise)
        fit(TASK, TINY, data.take(np.arange(24)), data.take(np.arange(24, 32)), folder=tmp_path)
        return tmp_path

    assert train(0) == train(0)
    with pytest.raises(ArtifactError, match="other data"):
        train(1)


def test_epochs_and_now_and_then_steps_are_told_on_one_scale(monkeypatch):
    recipe, told = TINY.replace(epochs=3, steps_per_epoch=25), []
    monkeypatch.setattr(fit_module, "SECONDS_BETWEEN", 0.0)
    fit(TASK, recipe, *sides(recipe), say=lambda *one: told.append(one))
    assert {total for _, total, _ in told} == {75}
    assert [done for done, _, text in told if text.startswith("epoch")] == [25, 50, 75]
    within = [done for done, _, text in told if text.startswith("step")]
    assert within[:3] == [3, 6, 9] and len(within) <= 3 * fit_module.TOLD_WITHIN_EPOCH
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


def test_short_epochs_are_told_once_each():
    told = []
    fit(TASK, TINY, *sides(TINY), say=into(told))
    assert [text[:8] for text in told] == [f"epoch {number}/" for number in range(1, 7)]


def test_a_device_that_is_not_there_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match=r"no device 'meta'.*cpu"):
        fit(TASK, TINY, *sides(TINY), folder=tmp_path, device="meta")
    assert not list(tmp_path.iterdir())


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")
def test_a_gpu_learns_what_the_cpu_learns_and_each_continues_the_other(tmp_path, monkeypatch):
    monkeypatch.setattr(toy_task, "DROPOUT", 0.0)  # its random numbers differ between devices
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    _, history = fit(TASK, TINY, *sides(TINY))
    on_gpu, beside = fit(TASK, TINY, *sides(TINY), device="cuda")
    assert {tensor.device.type for tensor in on_gpu.state_dict().values()} == {"cpu"}
    for name in ("train_loss", "valid_loss"):
        assert [e[name] for e in beside] == pytest.approx([e[name] for e in history], abs=1e-3)
    for number, (first, second) in enumerate([("cuda", "cpu"), ("cpu", "cuda")]):
        folder = tmp_path / str(number)
        with pytest.raises(KeyboardInterrupt):
            fit(TASK, TINY, *sides(TINY), folder=folder, device=first, say=interrupt_after(3))
        _, continued = fit(TASK, TINY, *sides(TINY), folder=folder, device=second)
        assert [e["valid_loss"] for e in continued] == pytest.approx([e["valid_loss"] for e in history], abs=1e-3)


def test_only_pictures_have_their_channels_last_in_memory():
    batch = {"image": np.zeros((3, 2, 8, 8)), "curve": np.zeros((3, 2, 50)), "label": np.zeros(3)}
    tensors = to_tensors(batch)
    assert {name: tuple(tensor.shape) for name, tensor in tensors.items()} == {n: a.shape for n, a in batch.items()}
    assert tensors["image"].is_contiguous(memory_format=torch.channels_last)
    assert tensors["curve"].is_contiguous() and tensors["label"].is_contiguous()


def test_patience_stops_a_run_whose_validation_no_longer_improves_and_keeps_the_best():
    recipe = TINY.replace(epochs=60, patience=2, learning_rate=0.1)
    train, valid = sides(recipe)
    noise = np.random.default_rng(0).integers(0, 2, (8, 1, 16, 16)).astype(np.float32)
    valid = ArrayDataset("n", {**valid.batch(range(8)), "bright": noise}, valid.groups, source="own", licence="none")
    model, history = fit(TASK, recipe, train, valid)
    losses = [entry["valid_loss"] for entry in history]
    assert len(losses) < 60
    assert len(losses) - 1 - int(np.argmin(losses)) == 2
    inputs = {name: torch.from_numpy(array) for name, array in valid.batch(range(8)).items()}
    with torch.no_grad():
        assert TASK.loss(model(inputs), inputs).item() == pytest.approx(min(losses), rel=1e-4)


def test_the_weights_of_the_last_epoch_are_taken_where_the_recipe_says_so():
    recipe = TINY.replace(epochs=5, learning_rate=0.1, schedule="constant")
    train, valid = sides(recipe)
    noise = np.random.default_rng(0).integers(0, 2, (8, 1, 16, 16)).astype(np.float32)
    valid = ArrayDataset("n", {**valid.batch(range(8)), "bright": noise}, valid.groups, source="own", licence="none")
    inputs = {name: torch.from_numpy(array) for name, array in valid.batch(range(8)).items()}
    model, history = fit(TASK, recipe.replace(weights="last"), train, valid)
    losses = [entry["valid_loss"] for entry in history]
    with torch.no_grad():
        assert TASK.loss(model(inputs), inputs).item() == pytest.approx(losses[-1], rel=1e-4)
    assert losses[-1] > min(losses) * 1.001


def test_a_loss_that_is_not_finite_stops_and_the_last_good_state_stays(tmp_path):
    recipe = TINY.replace(epochs=3)
    train, valid = sides(recipe)
    with pytest.raises(KeyboardInterrupt):
        fit(TASK, recipe, train, valid, folder=tmp_path, say=interrupt_after(1))
    arrays = train.batch(range(24))
    arrays["bright"] = np.full_like(arrays["bright"], np.nan)
    broken = _SameFingerprint(arrays, train)
    with pytest.raises(NitalError, match=r"training loss is nan in epoch 2, step 1\. .*learning_rate"):
        fit(TASK, recipe, broken, valid, folder=tmp_path)
    assert [path.name for path in (tmp_path / "state").iterdir()] == ["epoch_00001.safetensors"]


class _SameFingerprint(Dataset):
    """Data that break on disk while a run is going on."""

    def __init__(self, arrays, original):
        self.arrays, self.name, self.groups = arrays, original.name, original.groups
        self.original = original

    def fingerprint(self):
        return self.original.fingerprint()

    def take(self, indices):
        return self.original.take(indices)

    def batch(self, indices):
        return {key: value[indices] for key, value in self.arrays.items()}


@pytest.mark.parametrize("change", [{"batch_size": 0}, {"epochs": 0}, {"learning_rate": -1.0}, {"threads": 0}])
def test_an_impossible_recipe_is_refused_by_its_field(change):
    with pytest.raises(InputError, match=next(iter(change))):
        fit(TASK, TINY.replace(**change), *sides(TINY))


def test_an_empty_side_is_refused():
    train, _ = sides(TINY)
    with pytest.raises(InputError, match="validation part of 'toy' is empty"):
        fit(TASK, TINY, train, train.take(np.arange(0)))


def test_threads_and_deterministic_mode_are_put_back():
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    fit(TASK, TINY.replace(threads=before[0] % 2 + 1, epochs=1, steps_per_epoch=1), *sides(TINY))
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


def test_the_learning_rate_rises_in_a_line_and_ends_at_zero():
    recipe = Recipe(name="r", learning_rate=1.0, warmup_steps=10)
    rates = [learning_rate(step, recipe, 110) for step in range(111)]
    assert rates[:10] == pytest.approx(np.arange(1, 11) / 10)
    assert rates[60] == pytest.approx(0.5)
    assert rates[110] == pytest.approx(0.0)
    assert all(b <= a for a, b in itertools.pairwise(rates[10:]))


def test_epochs_together_see_every_sample_equally_often():
    seen = np.concatenate([epoch_indices(7, 5, epoch, seed=3) for epoch in range(7)])
    assert np.bincount(seen).tolist() == [5] * 7


def test_batches_are_made_ahead_in_order_and_a_fault_reaches_the_caller():
    def make(number: int) -> dict[str, np.ndarray]:
        if number == 5:
            raise InputError("sample 5 is damaged")
        return {"number": np.array([number])}

    batches = prefetched(make, 9)
    assert [int(next(batches)["number"][0]) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(InputError, match="sample 5"):
        next(batches)
