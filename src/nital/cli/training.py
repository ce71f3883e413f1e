"""`nital train JOB`, `nital evaluate JOB` and `nital synth JOB`."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nital.cli.flags import ARTIFACT, FOLDER, flags, job_command, parse_setting
from nital.cli.summaries import scores_text
from nital.cli.text import Progress, json_line

if TYPE_CHECKING:
    from nital.core.task import Task

__all__ = ["evaluate_command", "synth_command", "train_command"]

_NO_RESUME = click.Option(["--no-resume"], is_flag=True, help="Start afresh, even if the folder holds a run.")
_DEVICE = click.Option(
    ["--device"], default="cpu", show_default=True, help="Where to train: cpu, cuda, cuda:1 ...; see nital doctor."
)
_RUN = click.Option(["--out"], type=FOLDER, help="Folder of the run.  [default: runs/JOB-RECIPE]")
_FROM = click.Option(["--from", "start_from"], metavar="FOLDER", help="Model folder to learn on from.")
_SET = click.Option(["--set", "settings"], multiple=True, metavar="FIELD=VALUE", help="Change a field; repeatable.")
_DATA = click.Argument(["data"], type=click.Path(path_type=Path))


def train_command(task: "Task") -> click.Command:
    """The command that trains a job's model."""
    from nital.core.task import FittedTask, NetworkTask

    def train(
        recipe: str, out: Path | None, settings: tuple[str, ...], as_json: bool, data: Path | None = None,
        no_resume: bool = False, start_from: str | None = None, **options: Any,
    ) -> int:  # fmt: skip
        from nital.runs.train import train as train_job

        job = task.card.job
        changes = dict(parse_setting(task.recipe_type, setting) for setting in settings) | options
        changes |= {} if start_from is None else {"start_from": start_from}
        out = out or Path("runs") / f"{job}-{recipe}"
        say = Progress().logged
        report = train_job(job, data, recipe=recipe, out=out, resume=not no_resume, say=say, **changes)
        click.echo(json_line(report.to_json()) if as_json else f"{scores_text(report)}\n  model  {out}")
        return 0

    about = f"{task.card.title}: train a model."
    own: list[click.Parameter] = []
    if isinstance(task, FittedTask):
        own = [_DATA, *flags(task.train_options_type)]
    elif isinstance(task, NetworkTask):
        about += " After an interruption the same command goes on from the last epoch."
        own = [_NO_RESUME, _DEVICE]
        if "start_from" in {field.name for field in dataclasses.fields(task.recipe_type)}:
            own.append(_FROM)
        if task.learns_from is not None:
            own.append(click.Argument(["data"], required=False, type=click.Path(path_type=Path)))
            about += f" DATA: {task.learns_from}."
    names = list(task.recipes())
    recipe = click.Option(
        ["--recipe"], type=click.Choice(names), default=names[0], show_default=True,
        help="Named set of all numbers of the run.",
    )  # fmt: skip
    return job_command(task, train, about, [*own, recipe, _RUN, _SET])


def evaluate_command(task: "Task") -> click.Command:
    """The command that scores models on labelled data."""

    def evaluate(data: Path, as_json: bool, artifact: Path | None = None, **options: Any) -> int:
        from nital.runs.evaluate import evaluate as evaluate_job

        report = evaluate_job(task.card.job, data, artifact=artifact, say=Progress().logged, **options)
        click.echo(json_line(report.to_json()) if as_json else scores_text(report))
        return 0

    about = "Score the models of this job on labelled DATA: a folder of files, or a table."
    params = [_DATA, *flags(task.evaluate_options_type or task.options_type)]
    return job_command(task, evaluate, about, [*params, ARTIFACT] if task.evaluates_a_model else params)


def synth_command(task: "Task") -> click.Command:
    """The command that writes synthetic samples."""

    def synth(number: int, seed: int, out: Path, as_json: bool, **knobs: Any) -> int:
        files = task.write_synthetic(out, number, seed, task.synth_options_type(**knobs))
        facts = {"job": task.card.job, "number": number, "seed": seed, "out": out, "files": files}
        click.echo(json_line(facts) if as_json else f"{number} synthetic samples with their truth: {out}")
        return 0

    about = "Write synthetic samples with exact truth. The same seed gives the same samples."
    params = [
        click.Option(["--number"], type=click.IntRange(1), default=10, show_default=True, help="How many."),
        click.Option(["--seed"], type=click.IntRange(0), default=0, show_default=True, help="Where chance starts."),
        click.Option(["--out"], type=FOLDER, default=Path("synthetic"), show_default=True, help="Folder."),
        *flags(task.synth_options_type),
    ]
    return job_command(task, synth, about, params)
