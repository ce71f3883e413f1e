"""Artifact: a folder with a trained model and all that is needed to use, check and continue it.

model.onnx            to predict, without torch
weights.safetensors   to train on
recipe.json           every number of the run
card.json, card.md    data, split, scores, versions, limits; for machines and for people
"""

import dataclasses
import datetime
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nital import __version__
from nital.core.errors import ArtifactError
from nital.core.plain import plain
from nital.core.recipe import Recipe
from nital.core.report import Report
from nital.core.task import FittedTask, NetworkTask, Task, Trained
from nital.io.atomic import atomic_path, atomic_write_bytes, atomic_write_text, make_folder

if TYPE_CHECKING:
    import torch

__all__ = [
    "Artifact", "bundled", "keep_artifact", "load_artifact", "save_artifact", "save_fitted", "save_scores", "sha256_of",
]  # fmt: skip

_TASKS = Path(__file__).parent.parent / "tasks"


@dataclass(frozen=True)
class Artifact:
    """A checked model folder.

    Attributes:
        folder: where it is. job, name: what it does, and the recipe that made it.
        sha256: of model.onnx. card, recipe: the contents of card.json and recipe.json.
    """

    folder: Path
    job: str
    name: str
    sha256: str
    card: dict[str, Any]
    recipe: dict[str, Any]

    @property
    def model(self) -> Path:
        """The file for ONNX Runtime."""
        return self.folder / "model.onnx"


def bundled(job: str) -> Path:
    """The folder of the model that comes with nital.

    Raises:
        ArtifactError: this installation has none; says how to train one.
    """
    folder = _TASKS / job / "bundled"
    if not (folder / "model.onnx").is_file():
        raise ArtifactError(
            f"This installation has no bundled model for {job}. Train one (nital train {job}), then pass its "
            "folder as `artifact`."
        )
    return folder


def load_artifact(folder: Path) -> Artifact:
    """Read a model folder and check that the model is the one that its card describes.

    Raises:
        ArtifactError: a file is missing, damaged, or not the one of the card.
    """
    folder = Path(folder)
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        recipe = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
        found = sha256_of(folder / "model.onnx")
        artifact = Artifact(folder, card["job"], card["name"], card["model_sha256"], card, recipe)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(
            f"{folder} is not a complete model folder ({error}). It needs model.onnx, card.json and recipe.json as "
            "`nital train` writes them."
        ) from error
    if found != artifact.sha256:
        raise ArtifactError(
            f"{artifact.model} is not the model that its card describes: it was changed or damaged. Copy it again."
        )
    return artifact


def save_artifact(
    folder: Path,
    task: NetworkTask,
    recipe: Recipe,
    model: "torch.nn.Module",
    history: list[dict[str, float]],
    facts: dict[str, Any],
    *,
    of_its_own: bool = True,
) -> Artifact:
    """Write a model folder; the exported model is compared with the torch model first.

    Args:
        folder: made if missing. model: trained, of `task`. history: of the training.
        facts: goes into the card as it is: `data`, `split`.
        of_its_own: whether the job made the samples itself, so that its own words say what they are.

    Raises:
        OutputError: the folder cannot be written to.
    """
    import torch
    from safetensors.torch import save_file

    from nital.learn.export import export_onnx

    make_folder(folder)
    example = {task.input_name: torch.from_numpy(task.example(recipe))}
    difference = export_onnx(model, folder / "model.onnx", example, output_names=task.outputs(recipe))
    with atomic_path(folder / "weights.safetensors") as temporary:
        save_file({name: value.contiguous() for name, value in model.state_dict().items()}, temporary)
        temporary.chmod(0o644)
    learned = {
        "trained_on": task.card.trained_on if of_its_own else "'{name}', {source}.".format(**facts["data"]),
        "onnx_max_abs_difference": difference,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "training": {"epochs": len(history), "seconds": round(sum(entry["seconds"] for entry in history)),
                     "best_valid_loss": min((entry["valid_loss"] for entry in history), default=None)},
        **facts,
    }  # fmt: skip
    return _save_card(folder, task, recipe, learned, ("torch", "numpy", "onnx", "onnxruntime"))


def save_fitted(folder: Path, task: FittedTask, recipe: Recipe, trained: Trained) -> Artifact:
    """Write the model folder of a job that fits several kinds of models.

    Raises:
        OutputError: the folder cannot be written to.
    """
    make_folder(folder)
    atomic_write_bytes(folder / "model.onnx", trained.model)
    learned = {
        "trained_on": f"'{trained.report.data.name}', the user's table.",
        "onnx_max_abs_difference": trained.onnx_max_abs_difference,
        "facts": trained.facts,
        "data": dataclasses.asdict(trained.report.data),
        "split": dataclasses.asdict(trained.report.split),
    }
    _save_card(folder, task, recipe, learned, ("numpy", "scikit-learn", "onnx", "onnxruntime"))
    return save_scores(folder, task, trained.report)


def keep_artifact(made: Path, folder: Path) -> None:
    """Move the files of a finished model folder into another, the card last: half a move is a model of no card."""
    for path in sorted(made.iterdir(), key=lambda path: path.name == "card.json"):
        path.replace(folder / path.name)
    made.rmdir()


def save_scores(
    folder: Path, task: Task, report: Report, simpler: dict[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Artifact:  # fmt: skip
    """Put the scores of network and baselines, and what follows from them, into the card of a model folder.

    Args:
        simpler: what predicting with the chosen model needs, where that is not the network; `Baseline.kept`.
        facts: what predicting needs to know of the scores; joins those of the model.
    """
    card = load_artifact(folder).card
    card |= {
        "facts": {**card.get("facts", {}), **(facts or {})},
        "scores": report.rows(), "metrics": [dataclasses.asdict(metric) for metric in report.metrics],
        "verdict": report.verdict, "chosen": report.chosen, "simpler": simpler,
    }  # fmt: skip
    _write_card(folder, task, card)
    return load_artifact(folder)


def _save_card(
    folder: Path, task: Task, recipe: Recipe, learned: dict[str, Any], packages: tuple[str, ...]
) -> Artifact:
    card = {
        "job": task.card.job,
        "name": recipe.name,
        "title": task.card.title,
        "created": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "model_sha256": sha256_of(folder / "model.onnx"),
        **learned,
        "scores": [],
        "limits": list(task.card.limits),
        "versions": {"nital": __version__, "python": platform.python_version()}
        | {name: importlib.metadata.version(name) for name in packages},
    }
    atomic_write_text(folder / "recipe.json", recipe.to_json() + "\n")
    _write_card(folder, task, card)
    return load_artifact(folder)


def _write_card(folder: Path, task: Task, card: dict[str, Any]) -> None:
    atomic_write_text(folder / "card.json", json.dumps(plain(card), indent=2) + "\n")
    atomic_write_text(folder / "card.md", _card_text(task, card))


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal text."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _card_text(task: Task, card: dict[str, Any]) -> str:
    """The card for people."""
    training = card.get("training")
    made = f"Model `{card['name']}` of the job `{card['job']}`, made on {card['created']}."
    if "parameters" in card:
        made += f" {card['parameters']:,} parameters."
    parts = [
        f"# {card['title']}",
        f"{made} Largest difference between ONNX and its origin: {card['onnx_max_abs_difference']:.1e}.",
        f"**Answers:** {task.card.answers}",
        f"**Trained on:** {card['trained_on']}",
        *(
            [f"**Training:** {training['epochs']} epochs in {training['seconds'] / 60:.0f} minutes."]
            if training
            else []
        ),
        *([f"**Verdict:** {card['verdict']}"] if card.get("verdict") else []),
        *_score_table(card),
        "**Limits:**",
        "\n".join(f"- {limit}" for limit in task.card.limits),
        "**Sources:**",
        "\n".join(f"- {source}" for source in task.card.sources),
    ]
    return "\n\n".join(parts) + "\n"


def _score_table(card: dict[str, Any]) -> list[str]:
    if not card["scores"]:
        return []
    metrics = [metric["name"] for metric in card["metrics"]]
    rows = [
        f"| {row['name']} | " + " | ".join("–" if row.get(m) is None else f"{row[m]:.3g}" for m in metrics) + " |"
        for row in card["scores"]
    ]
    head = [f"| model | {' | '.join(metrics)} |", f"|---{'|---' * len(metrics)}|"]
    return [f"**Scores on unseen samples** (means over {card['split']['test']} samples):", "\n".join([*head, *rows])]
