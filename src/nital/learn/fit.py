"""fit: the one training loop of all jobs.

    fit -> run_epoch -> train_step          levels of the loop, each on one screen
    state.py                                what is on disk after each epoch

A run is a function of recipe and data alone. Nothing random outlives an epoch: the seeds are set at its
start from (seed, epoch), so a run that was killed goes on from its last epoch and ends with the same bits.
"""

import copy
import hashlib
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from nital.core.dataset import Dataset
from nital.core.errors import InputError, NitalError
from nital.core.recipe import Recipe
from nital.core.task import NetworkTask, Say
from nital.learn.batches import to_tensors, train_batches, valid_batches
from nital.learn.state import Epoch, History, Progress, clear_states, load_state, save_state

__all__ = ["Epoch", "History", "fit", "learning_rate", "train_step"]


def fit(
    task: NetworkTask,
    recipe: Recipe,
    train: Dataset,
    valid: Dataset,
    *,
    folder: Path | None = None,
    progress: Say = None,
    resume: bool = True,
) -> tuple[nn.Module, History]:
    """Train the task's model and return it with its best weights.

    AdamW; linear warm-up, then the schedule of the recipe; gradients clipped; the weights with the smallest validation
    loss are kept; stops early after `recipe.patience` epochs without a better one.

    Args:
        train, valid: the two sides of a split by group.
        folder: the run's folder; after each epoch its state is written to `state/` there. None: nothing is.
        progress: is given one line of text per epoch.
        resume: go on from the state in `folder`; False: remove it and start afresh.

    Returns:
        the model, in evaluation mode, and the history: one entry per epoch with `epoch` (from 1), `train_loss`,
        `valid_loss`, `seconds` and `learning_rate`.

    Raises:
        InputError: an empty side, or a recipe with impossible numbers.
        ArtifactError: the state in `folder` is of another run, or damaged.
        NitalError: the loss is not finite; the state of the last good epoch stays in `folder`.
    """
    recipe.check()
    _check_sides(train, valid)
    states = folder / "state" if folder else None
    with _reproducible(recipe):
        run = _Run(task, recipe, train)
        reached = Progress(_fingerprint(task, recipe, train, valid))
        if states and not resume:
            clear_states(states)
        if states and (found := load_state(states, reached.fingerprint)):
            run.restore(found[0])
            reached = found[1]
            _say(progress, f"resumed after epoch {len(reached.history)} from {states}")
        while not _finished(reached, recipe):
            entry = run_epoch(run, train, valid, len(reached.history), progress)
            if entry["valid_loss"] < reached.best_loss:
                reached.best_loss, reached.best_epoch = entry["valid_loss"], int(entry["epoch"])
                run.keep_weights()
            reached.history.append(entry)
            if states:
                save_state(states, run.tensors(), reached)
            _say(progress, _line(reached, recipe, run.steps))
    run.model.load_state_dict(run.best)
    return run.model.to(memory_format=torch.contiguous_format).eval(), reached.history  # pyright: ignore[reportCallIssue]


def run_epoch(run: "_Run", train: Dataset, valid: Dataset, epoch: int, progress: Say = None) -> Epoch:
    """Train for one epoch (counted from 0), then validate."""
    recipe, started = run.recipe, time.perf_counter()
    torch.manual_seed(int(np.random.SeedSequence([recipe.seed, epoch]).generate_state(1)[0]))
    run.model.train()
    losses: list[float] = []
    rate = 0.0
    for batch in train_batches(train, recipe.batch_size, run.steps, epoch, recipe.seed):
        rate = learning_rate(epoch * run.steps + len(losses), recipe, run.steps * recipe.epochs)
        batch = run.task.augment(to_tensors(batch), recipe)
        losses.append(train_step(run.task, run.model, run.optimizer, batch, rate, recipe.gradient_clip))
        _check_loss(losses[-1], "training", epoch, len(losses), recipe)
    valid_loss = mean_loss(run.task, run.model, valid, recipe.batch_size)
    _check_loss(valid_loss, "validation", epoch, len(losses), recipe)
    return {
        "epoch": epoch + 1,
        "train_loss": float(np.mean(losses)),
        "valid_loss": valid_loss,
        "seconds": time.perf_counter() - started,
        "learning_rate": rate,
    }


def train_step(
    task: NetworkTask,
    model: nn.Module,
    optimizer: torch.optim.Optimizer,
    batch: dict[str, torch.Tensor],
    rate: float,
    gradient_clip: float,
) -> float:
    """One step of the optimiser at learning rate `rate`; returns the loss before it."""
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.zero_grad(set_to_none=True)
    loss = task.loss(model(batch), batch)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), gradient_clip)
    optimizer.step()
    return loss.item()


@torch.no_grad()
def mean_loss(task: NetworkTask, model: nn.Module, dataset: Dataset, batch_size: int) -> float:
    """Mean loss over a dataset, every sample counting the same."""
    model.eval()
    total = 0.0
    for batch in valid_batches(dataset, batch_size):
        tensors = to_tensors(batch)
        total += task.loss(model(tensors), tensors).item() * len(next(iter(tensors.values())))
    return total / len(dataset)


def learning_rate(step: int, recipe: Recipe, steps: int) -> float:
    """Linear warm-up over `recipe.warmup_steps` to the peak, then half a cosine to zero at `steps`, or the peak.

    Args:
        step: counted from 0.
        steps: all steps of the run; the warm-up takes at most half of them.

    Source: I. Loshchilov, F. Hutter (2017), "SGDR", arXiv:1608.03983, eq. 5, without restarts.

    >>> learning_rate(50, Recipe(name="r", learning_rate=0.002, warmup_steps=0), 100)
    0.001
    """
    warmup = min(recipe.warmup_steps, steps // 2)
    if step < warmup:
        return recipe.learning_rate * (step + 1) / warmup
    if recipe.schedule == "constant":
        return recipe.learning_rate
    return recipe.learning_rate * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (steps - warmup)))


class _Run:
    """Model, optimiser and best weights of one run: all that changes while it trains."""

    def __init__(self, task: NetworkTask, recipe: Recipe, train: Dataset) -> None:
        torch.manual_seed(recipe.seed)
        self.task, self.recipe = task, recipe
        self.steps = recipe.steps_per_epoch or max(1, len(train) // recipe.batch_size)
        model = task.begin(task.model(recipe, train.facts), recipe)
        self.model = model.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay, fused=True
        )
        self.best = copy.deepcopy(self.model.state_dict())

    def keep_weights(self) -> None:
        self.best = copy.deepcopy(self.model.state_dict())

    def tensors(self) -> dict[str, torch.Tensor]:
        """Everything that a resumed run needs, by name."""
        tensors = {f"model/{name}": tensor for name, tensor in self.model.state_dict().items()}
        tensors |= {f"best/{name}": tensor for name, tensor in self.best.items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{number}/{name}": tensor for name, tensor in state.items()}
        return tensors

    def restore(self, tensors: dict[str, torch.Tensor]) -> None:
        """Put back what `tensors` gave."""
        parts: dict[str, dict[str, torch.Tensor]] = {"model": {}, "best": {}, "optimizer": {}}
        for name, tensor in tensors.items():
            part, _, rest = name.partition("/")
            parts[part][rest] = tensor
        self.model.load_state_dict(parts["model"])
        for name, tensor in self.best.items():
            tensor.copy_(parts["best"][name])
        for number, parameter in enumerate(self.model.parameters()):
            prefix = f"{number}/"
            self.optimizer.state[parameter] = {
                # The moments take the parameter's memory layout, as they have in an unbroken run.
                name[len(prefix) :]: torch.empty_like(parameter).copy_(tensor) if tensor.ndim else tensor.clone()
                for name, tensor in parts["optimizer"].items()
                if name.startswith(prefix)
            }


@contextmanager
def _reproducible(recipe: Recipe) -> Iterator[None]:
    """Threads as the recipe says and deterministic kernels, put back afterwards."""
    threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    settings: Any = torch.utils.deterministic
    filling = settings.fill_uninitialized_memory
    torch.set_num_threads(recipe.threads)
    torch.use_deterministic_algorithms(True, warn_only=True)
    settings.fill_uninitialized_memory = False  # guards against bugs only, and costs time
    try:
        yield
    finally:
        torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(deterministic)
        settings.fill_uninitialized_memory = filling


def _check_sides(train: Dataset, valid: Dataset) -> None:
    for side, dataset in (("training", train), ("validation", valid)):
        if len(dataset) == 0:
            raise InputError(
                f"The {side} part of '{dataset.name}' is empty. Give more groups, or change the fractions."
            )


def _check_loss(loss: float, kind: str, epoch: int, step: int, recipe: Recipe) -> None:
    if not math.isfinite(loss):
        raise NitalError(
            f"The {kind} loss is {loss} in epoch {epoch + 1}, step {step}. The state of the epoch before is kept. "
            f"Check the data for NaN, or lower learning_rate (now {recipe.learning_rate:g})."
        )


def _fingerprint(task: NetworkTask, recipe: Recipe, train: Dataset, valid: Dataset) -> str:
    text = f"{task.card.job}\n{recipe.to_json()}\n{train.fingerprint()}\n{valid.fingerprint()}"
    return hashlib.sha256(text.encode()).hexdigest()


def _finished(reached: Progress, recipe: Recipe) -> bool:
    done = len(reached.history)
    out_of_patience = recipe.patience is not None and done - reached.best_epoch >= recipe.patience > 0
    return done >= recipe.epochs or (done > 0 and out_of_patience)


def _line(reached: Progress, recipe: Recipe, steps: int) -> str:
    last, done = reached.history[-1], len(reached.history)
    seconds = float(np.mean([entry["seconds"] for entry in reached.history[-5:]]))
    best = " (best)" if reached.best_epoch == done else ""
    return (
        f"epoch {done}/{recipe.epochs}  train {last['train_loss']:.4f}  valid {last['valid_loss']:.4f}{best}  "
        f"{steps * recipe.batch_size / last['seconds']:.1f} samples/s  "
        f"{seconds * (recipe.epochs - done) / 60:.1f} min left"
    )


def _say(progress: Say, text: str) -> None:
    if progress:
        progress(text)
