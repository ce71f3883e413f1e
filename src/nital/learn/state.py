"""The state of a training run on disk: one file per epoch, written whole or not at all."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from nital.core.errors import ArtifactError
from nital.io.atomic import atomic_path, make_folder

__all__ = ["Epoch", "History", "Progress", "clear_states", "load_state", "save_state"]

Epoch = dict[str, int | float]
"""epoch, train_loss, valid_loss, seconds and learning_rate (at the epoch's end) of one epoch."""

History = list[Epoch]

KEPT = 2  # the newest state and the one before it, should the newest be damaged


@dataclass
class Progress:
    """What a run has reached, apart from its tensors.

    Attributes:
        fingerprint: SHA-256 of recipe and data; a state is continued by the same run only.
        history: one entry per finished epoch.
        best_loss: smallest validation loss so far.
        best_epoch: the epoch that gave it, counted from 1; 0: none yet.
    """

    fingerprint: str
    history: History = field(default_factory=list[Epoch])
    best_loss: float = float("inf")
    best_epoch: int = 0


def save_state(folder: Path, tensors: dict[str, torch.Tensor], reached: Progress) -> None:
    """Write the state after an epoch and drop all but the newest two."""
    path = folder / f"epoch_{len(reached.history):05d}.safetensors"
    # safetensors stores row-major tensors; load_state's caller copies them into its own layout.
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    metadata = {"progress": json.dumps(asdict(reached))}
    make_folder(folder)
    with atomic_path(path) as temporary:
        save_file(plain, temporary, metadata=metadata)
    for old in _states(folder)[KEPT:]:
        old.unlink(missing_ok=True)


def load_state(folder: Path, fingerprint: str) -> tuple[dict[str, torch.Tensor], Progress] | None:
    """Read the newest whole state in `folder`; None if there is none.

    Raises:
        ArtifactError: the state belongs to another run, or all states are damaged.
    """
    for leftover in folder.glob(".epoch_*.part.*"):  # of a run that was killed while it wrote
        leftover.unlink(missing_ok=True)
    states = _states(folder)
    for path in states:
        try:
            opened: Any = safe_open(path, framework="pt")
            with opened as file:
                reached = Progress(**json.loads(file.metadata()["progress"]))
                tensors: dict[str, torch.Tensor] = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 not a dict
        except (SafetensorError, OSError, ValueError, TypeError, KeyError):
            continue
        if reached.fingerprint != fingerprint:
            raise ArtifactError(
                f"{folder} holds the state of a run with another recipe or other data. "
                "Choose another folder, or start afresh with `no_resume` (in Python: resume=False)."
            )
        return tensors, reached
    if states:
        raise ArtifactError(
            f"{folder} holds only damaged states. Start afresh with `no_resume` (in Python: resume=False)."
        )
    return None


def clear_states(folder: Path) -> None:
    """Remove every state in `folder`."""
    for path in _states(folder):
        path.unlink(missing_ok=True)


def _states(folder: Path) -> list[Path]:
    return sorted(folder.glob("epoch_*.safetensors"), reverse=True)
