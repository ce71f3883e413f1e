"""fit: the one training loop of all jobs.

    fit -> run_epoch -> train_step          levels of the loop, each on one screen
    training.py                             model and optimiser, all that changes
    state.py                                what is on disk after each epoch

A run is a function of recipe and data alone. Nothing random outlives an epoch: the seeds are set at its
start from (seed, epoch), so a run that was killed goes on from its last epoch and ends with the same bits.
"""

import hashlib
import math
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from nital.core.dataset import Dataset
from nital.core.errors import InputError, NitalError
from nital.core.progress import Say, tell
from nital.core.recipe import Recipe
from nital.core.task import NetworkTask
from nital.learn.batches import moved, to_tensors, train_batches, valid_batches
from nital.learn.state import Epoch, History, Progress, clear_states, load_state, save_state
from nital.learn.training import Training, checked_device, reproducible

__all__ = ["Epoch", "History", "fit", "learning_rate", "train_step"]

TOLD_WITHIN_EPOCH, SECONDS_BETWEEN = 10, 10.0
"""So often at most a listener is told of steps within an epoch, and only after so many seconds of silence."""


def fit(
    task: NetworkTask,
    recipe: Recipe,
    train: Dataset,
    valid: Dataset,
    *,
    folder: Path | None = None,
    device: str = "cpu",
    say: Say = None,
    resume: bool = True,
) -> tuple[nn.Module, History]:
    """Train the task's model and return it with its best or its last weights.

    AdamW; linear warm-up, then the schedule of the recipe; gradients clipped; the weights with the smallest validation
    loss are kept, or those of the last epoch, as the recipe says; stops early after `recipe.patience` epochs without a
    better one.

    Args:
        train, valid: the two sides of a split by group.
        folder: the run's folder; after each epoch its state is written to `state/` there. None: nothing is.
        device: where the network is trained, such as "cuda" or "cuda:1"; `augment` changes batches on the CPU before
            they go there. Another device may continue a run; only on the CPU it ends with the same bits.
        say: is told of each epoch, and now and then within a long one, in steps of the optimiser done of all.
        resume: go on from the state in `folder`; False: remove it and start afresh.

    Returns:
        the model, on the CPU and in evaluation mode, and the history: one entry per epoch with `epoch` (from 1),
        `train_loss`, `valid_loss`, `seconds` and `learning_rate`.

    Raises:
        InputError: an empty side, a recipe with impossible numbers, or a device that this machine does not have.
        ArtifactError: the state in `folder` is of another run, or damaged.
        NitalError: the loss is not finite; the state of the last good epoch stays in `folder`.
    """
    recipe.check()
    _check_sides(train, valid)
    states = folder / "state" if folder else None
    where = checked_device(device)
    with reproducible(recipe, where):
        run = Training(task, recipe, train, where)
        reached = Progress(_fingerprint(task, recipe, train, valid))
        if states and not resume:
            clear_states(states)
        if states and (found := load_state(states, reached.fingerprint)):
            run.restore(found[0])
            reached = found[1]
            tell(say, *_steps(run, len(reached.history)), f"resumed after epoch {len(reached.history)} from {states}")
        while not _finished(reached, recipe):
            entry = run_epoch(run, train, valid, len(reached.history), say)
            if better := entry["valid_loss"] < reached.best_loss:
                reached.best_loss, reached.best_epoch = entry["valid_loss"], int(entry["epoch"])
            if better or recipe.weights == "last":
                run.keep_weights()
            reached.history.append(entry)
            if states:
                save_state(states, run.tensors(), reached)
            tell(say, *_steps(run, len(reached.history)), _line(reached, recipe, run.steps))
    return run.kept_model(), reached.history


def run_epoch(run: Training, train: Dataset, valid: Dataset, epoch: int, say: Say = None) -> Epoch:
    """Train for one epoch (counted from 0), then validate."""
    recipe, started = run.recipe, time.perf_counter()
    told = started
    seed = int(np.random.SeedSequence([recipe.seed, epoch]).generate_state(1)[0])
    torch.manual_seed(seed)  # pyright: ignore[reportUnknownMemberType]
    run.model.train()
    losses: list[float] = []
    rate = 0.0
    for batch in train_batches(train, recipe.batch_size, run.steps, epoch, recipe.seed):
        rate = learning_rate(epoch * run.steps + len(losses), recipe, run.steps * recipe.epochs)
        batch = moved(run.task.augment(to_tensors(batch), recipe), run.device)
        losses.append(train_step(run.task, run.model, run.optimizer, batch, rate, recipe.gradient_clip))
        _check_loss(losses[-1], "training", epoch, len(losses), recipe)
        if len(losses) % -(-run.steps // TOLD_WITHIN_EPOCH) == 0 and time.perf_counter() - told >= SECONDS_BETWEEN:
            told = time.perf_counter()
            tell(say, *_steps(run, epoch, len(losses)), f"step {len(losses)} of {run.steps} in epoch {epoch + 1}")
    valid_loss = mean_loss(run.task, run.model, valid, recipe.batch_size, run.device)
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
    """One step of the optimiser at learning rate `rate` times the share of each group; returns the loss before it."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["rate_share"]
    optimizer.zero_grad(set_to_none=True)
    loss = task.loss(model(batch), batch)
    loss.backward()  # pyright: ignore[reportUnknownMemberType]
    nn.utils.clip_grad_norm_(model.parameters(), gradient_clip)
    optimizer.step()
    return loss.item()


@torch.no_grad()
def mean_loss(task: NetworkTask, model: nn.Module, dataset: Dataset, batch_size: int, device: torch.device) -> float:
    """Mean loss over a dataset, every sample counting the same."""
    model.eval()
    total = 0.0
    for batch in valid_batches(dataset, batch_size):
        tensors = moved(to_tensors(batch), device)
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


def _steps(run: Training, epochs: int, steps: int = 0) -> tuple[int, int]:
    """Steps of the optimiser that are done, and all there may be."""
    return epochs * run.steps + steps, run.recipe.epochs * run.steps


def _line(reached: Progress, recipe: Recipe, steps: int) -> str:
    last, done = reached.history[-1], len(reached.history)
    best = " (best)" if reached.best_epoch == done else ""
    return (
        f"epoch {done}/{recipe.epochs}  train {last['train_loss']:.4f}  valid {last['valid_loss']:.4f}{best}  "
        f"{steps * recipe.batch_size / last['seconds']:.1f} samples/s"
    )
