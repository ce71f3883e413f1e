"""The commands. Heavy packages are imported inside them, so that help appears at once."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nital import __version__
from nital.cli.flags import DEBUG, FOLDER, JSON
from nital.cli.predicting import explain_command, predict_command
from nital.cli.summaries import doctor_text
from nital.cli.text import aligned, json_line
from nital.cli.training import evaluate_command, synth_command, train_command

if TYPE_CHECKING:
    from nital.core.task import Task

__all__ = ["nital"]


class Verb(click.Group):
    """A group with one sub-command per job, each built when it is asked for."""

    def __init__(
        self, build: "Callable[[Task], click.Command]", has: "Callable[[Task], bool] | None" = None, **settings: Any
    ) -> None:
        super().__init__(subcommand_metavar="JOB [OPTIONS] ...", **settings)
        self.build, self.has = build, has

    def list_commands(self, ctx: click.Context) -> list[str]:
        from nital.runs.jobs import get_task, job_names

        return [name for name in job_names() if self.has is None or self.has(get_task(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        from nital.core.errors import UnknownName
        from nital.runs.jobs import get_task

        try:
            return self.build(get_task(cmd_name))
        except UnknownName as error:
            raise click.UsageError(str(error), ctx) from error


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, message="%(prog)s %(version)s")
def nital() -> None:
    """Neural networks for microstructure: numbers for a report, with units and intervals.

    \b
    nital predict grains steel.tif --pixel-size-um 0.2252
    nital predict grains folder/ --out results/ --json
    """


def _has_explanations(task: "Task") -> bool:
    from nital.runs.explain import explains

    return explains(task)


def _has_generator(task: "Task") -> bool:
    from nital.core.task import Task

    return type(task).write_synthetic is not Task.write_synthetic


for _name, _build, _has, _about in (
    ("predict", predict_command, None, "Measure files with a trained model."),
    ("train", train_command, None, "Train a model from a recipe."),
    ("evaluate", evaluate_command, None, "Score a model and its baselines on labelled files."),
    ("explain", explain_command, _has_explanations, "Show what a network looked at in files."),
    ("synth", synth_command, _has_generator, "Write synthetic samples with exact truth."),
):
    nital.add_command(Verb(_build, _has, name=_name, help=_about, no_args_is_help=True))


@nital.command()
@click.argument("folder", type=FOLDER)
def report(folder: Path, as_json: bool) -> int:
    """Write report.html anew.

    FOLDER is the folder of one result, or of a training run.
    """
    from nital.runs.pages import write_page

    written = write_page(folder)
    click.echo(json_line({"report": written}) if as_json else str(written))
    return 0


@nital.command("list")
def list_jobs(as_json: bool) -> int:
    """List the jobs and their bundled models."""
    from nital.runs.doctor import bundled_model
    from nital.runs.jobs import get_task, job_names

    rows = []
    for name in job_names():
        task = get_task(name)
        model = bundled_model(name)
        facts = {"job": name, "title": task.card.title, "answers": task.card.answers, "recipes": sorted(task.recipes())}
        if as_json:
            click.echo(json_line({**facts, "model": model}))
        none = "no model yet: nital train" if model["needed"] else "learns from your data: nital train"
        rows.append((name, task.card.title, "model bundled" if model["usable"] else none))
    if not as_json:
        click.echo(aligned(rows, indent=""))
    return 0


@nital.command()
def doctor(as_json: bool) -> int:
    """Say what is installed and how to get the rest."""
    from nital.runs.doctor import examine

    facts = examine()
    click.echo(json_line(facts) if as_json else doctor_text(facts))
    return 0 if facts["healthy"] else 1


for _command in (list_jobs, doctor, report):
    _command.params.extend((JSON, DEBUG))
