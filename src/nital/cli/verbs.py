"""The commands. Heavy packages are imported inside them, so that help appears at once."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nital import __version__
from nital.cli.flags import flags, parse_setting
from nital.cli.summaries import doctor_text, found_text, result_text, scores_text
from nital.cli.text import Progress, aligned, json_line, tell_failure

if TYPE_CHECKING:
    from nital.core.task import Task

__all__ = ["nital"]

_FOLDER = click.Path(file_okay=False, path_type=Path)
_JSON = click.Option(["--json", "as_json"], is_flag=True, help="Print one JSON object per input, one per line.")
_DEBUG = click.Option(["--debug"], is_flag=True, expose_value=False, help="Show the traceback of an error.")
_EXAMPLE = click.Option(["--example"], is_flag=True, help="Use the example that comes with nital.")
_TABLE_ONLY = click.Option(
    ["--table-only"], is_flag=True, help="Write one row per file and no pictures or reports; much faster."
)
_ONE_SPECIMEN = click.Option(
    ["--one-specimen"], is_flag=True, help="The files are fields of one specimen: say what they say together, too."
)
_ARTIFACT = click.Option(["--artifact"], type=_FOLDER, help="Model folder to use instead of the bundled one.")


class Verb(click.Group):
    """A group with one sub-command per job, each built when it is asked for."""

    def __init__(
        self, build: "Callable[[Task], click.Command]", has: "Callable[[Task], bool] | None" = None, **settings: Any
    ) -> None:
        super().__init__(name=build.__name__.strip("_"), subcommand_metavar="JOB [OPTIONS] ...", **settings)
        self.build, self.has = build, has

    def list_commands(self, ctx: click.Context) -> list[str]:
        from nital.runs.jobs import get_task, job_names

        return [name for name in job_names() if self.has is None or self.has(get_task(name))]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        from nital.core.errors import UnknownName
        from nital.runs.jobs import get_task

        try:
            command = self.build(get_task(cmd_name))
        except UnknownName as error:
            raise click.UsageError(str(error), ctx) from error
        command.params.append(_DEBUG)
        return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, no_args_is_help=True)
@click.version_option(__version__, message="%(prog)s %(version)s")
def nital() -> None:
    """Neural networks for microstructure: numbers for a report, with units and intervals.

    \b
    nital predict grains steel.tif --pixel-size-um 0.2252
    nital predict grains folder/ --out results/ --json
    """


def _predict(task: "Task") -> click.Command:
    from nital.runs.jobs import example_of

    job = task.card.job

    def predict(
        files: tuple[Path, ...], out: Path, as_json: bool, table_only: bool = False, one_specimen: bool = False,
        example: bool = False, **options: Any,
    ) -> int:  # fmt: skip
        from nital.runs.batch import combine, expand

        folder = example_of(job)
        if example and folder is not None:
            files = (*files, folder)
        if not files:
            raise click.UsageError("Give at least one file or folder, or --example.")
        rows = _predicted(job, expand(files, task.opens), out, as_json, table_only, options)
        good = [row for row in rows if "error" not in row]
        if one_specimen:
            together = combine(out, job, good)
            text = found_text(f"All {len(good)} together", together.headline, together.warnings)
            click.echo(json_line(together.values) if as_json else text)
        return 1 if len(good) < len(rows) else 0

    return click.Command(
        job,
        callback=predict,
        short_help=task.card.title,
        help=f"{task.card.title}.\n\nFILES are {_kind_of_files(task)}, or folders of these. {_limits(task)}",
        params=[
            click.Argument(["files"], nargs=-1, type=click.Path(readable=False, path_type=Path)),
            *flags(task.options_type),
            click.Option(
                ["--out"], type=_FOLDER, default=Path("nital-results"), show_default=True, help="Folder for results."
            ),
            _ARTIFACT,
            click.Option(["--overwrite"], is_flag=True, help="Compute again what the folder already holds."),
            *([_TABLE_ONLY] if task.quick else []),
            *([_ONE_SPECIMEN] if task.combines else []),
            *([_EXAMPLE] if example_of(job) else []),
            _JSON,
        ],
    )


def _predicted(
    job: str, paths: list[Any], out: Path, as_json: bool, table_only: bool, options: dict[str, Any]
) -> list[dict[str, Any]]:
    """Predict, print each result, leave a table; the values of each, `file` and `error` of what failed."""
    from nital.runs.batch import Failure, predict_many, write_summary
    from nital.runs.predict import check_place

    check_place(out)  # the table goes there also where the results do not
    progress, failed = Progress(len(paths)), 0
    rows: list[dict[str, Any]] = []
    try:
        for result in predict_many(job, paths, out=None if table_only else out, progress=progress.passing, **options):
            if isinstance(result, Failure):
                failed += 1
                rows.append({"file": str(result.file), "error": str(result.error)})
                progress.done(f"{result.file}: failed")
                tell_failure(job, result.file, result.error, as_json)
                continue
            progress.done(str(result.values["file"]))
            rows.append(result.values)
            if as_json or not table_only or len(paths) == 1:
                click.echo(result.to_json() if as_json else result_text(result))
    finally:  # an interruption must not lose the rows that are done
        if len(rows) > 1 or (table_only and len(rows) > failed):
            progress.line(f"All results in one table: {write_summary(out, job, rows)}")
    if failed and len(paths) > 1:
        others = f"the others are in {out}" if len(rows) > failed else "the table says why"
        progress.line(f"{failed} of {len(paths)} inputs failed; {others}.")
    return rows


def _kind_of_files(task: "Task") -> str:
    return "pictures" if ".png" in task.opens else f"tables ({', '.join(task.opens)})"


def _train(task: "Task") -> click.Command:
    from nital.core.task import FittedTask, NetworkTask

    def train(
        recipe: str, out: Path | None, settings: tuple[str, ...], as_json: bool, data: Path | None = None,
        no_resume: bool = False, **options: Any,
    ) -> int:  # fmt: skip
        from nital.runs.train import train as train_job

        job = task.card.job
        changes = dict(parse_setting(task.recipe_type, setting) for setting in settings) | options
        out = out or Path("runs") / f"{job}-{recipe}"
        progress = Progress().line
        report = train_job(job, data, recipe=recipe, out=out, resume=not no_resume, progress=progress, **changes)
        click.echo(json_line(report) if as_json else f"{scores_text(report)}\n  model  {out}")
        return 0

    about = f"{task.card.title}: train a model."
    own: list[click.Parameter] = []
    if isinstance(task, FittedTask):
        own = [click.Argument(["data"], type=click.Path(path_type=Path)), *flags(task.train_options_type)]
    elif isinstance(task, NetworkTask):
        about += " After an interruption the same command goes on from the last epoch."
        own = [click.Option(["--no-resume"], is_flag=True, help="Start afresh, even if the folder holds a run.")]
        if task.learns_from is not None:
            own.append(click.Argument(["data"], required=False, type=click.Path(path_type=Path)))
            about += f" DATA: {task.learns_from}."

    return click.Command(
        task.card.job,
        callback=train,
        short_help=task.card.title,
        help=about,
        params=[
            *own,
            click.Option(
                ["--recipe"], type=click.Choice(list(task.recipes())), default=next(iter(task.recipes())),
                show_default=True, help="Named set of all numbers of the run.",
            ),
            click.Option(["--out"], type=_FOLDER, help="Folder of the run.  [default: runs/JOB-RECIPE]"),
            click.Option(
                ["--set", "settings"], multiple=True, metavar="FIELD=VALUE", help="Change a field; repeatable."
            ),
            _JSON,
        ],
    )  # fmt: skip


def _evaluate(task: "Task") -> click.Command:
    def evaluate(data: Path, as_json: bool, artifact: Path | None = None, **options: Any) -> int:
        from nital.runs.evaluate import evaluate as evaluate_job

        report = evaluate_job(task.card.job, data, artifact=artifact, progress=Progress().line, **options)
        click.echo(json_line(report) if as_json else scores_text(report))
        return 0

    return click.Command(
        task.card.job,
        callback=evaluate,
        short_help=task.card.title,
        help="Score the models of this job on labelled DATA: a folder of files, or a table.",
        params=[
            click.Argument(["data"], type=click.Path(path_type=Path)),
            *flags(task.evaluate_options_type or task.options_type),
            *([_ARTIFACT] if task.evaluates_a_model else []),
            _JSON,
        ],
    )


def _explain(task: "Task") -> click.Command:
    from nital.core.task import NetworkTask

    job = task.card.job
    if not isinstance(task, NetworkTask) or task.explain_options_type is None:
        raise click.UsageError(f"The job {job} has no explanations beyond its results: use nital predict {job}.")

    def explain(files: tuple[Path, ...], out: Path, artifact: Path | None, as_json: bool, **options: Any) -> int:
        from nital.core.errors import NitalError
        from nital.runs.batch import Failure, expand
        from nital.runs.explain import explainer

        one = explainer(job, artifact, out, **options)
        paths, failed = expand(files, task.opens), 0
        for path in paths:
            try:
                if isinstance(path, Failure):
                    raise NitalError(path.error)
                result = one(path)
                click.echo(result.to_json() if as_json else result_text(result))
            except NitalError as error:
                failed += 1
                tell_failure(job, path.file if isinstance(path, Failure) else path, str(error), as_json)
        return 1 if failed else 0

    return click.Command(
        job,
        callback=explain,
        short_help=task.card.title,
        help="Show what the network looked at in FILES, pictures or folders. Needs the extra train.",
        params=[
            click.Argument(["files"], nargs=-1, required=True, type=click.Path(readable=False, path_type=Path)),
            *flags(task.explain_options_type),
            click.Option(
                ["--out"], type=_FOLDER, default=Path("nital-results"), show_default=True, help="Folder for results."
            ),
            _ARTIFACT,
            click.Option(["--overwrite"], is_flag=True, help="Compute again what the folder already holds."),
            _JSON,
        ],
    )


def _has_explanations(task: "Task") -> bool:
    from nital.runs.explain import explains

    return explains(task)


def _has_generator(task: "Task") -> bool:
    from nital.core.task import Task

    return type(task).write_synthetic is not Task.write_synthetic


def _synth(task: "Task") -> click.Command:
    def synth(number: int, seed: int, out: Path, as_json: bool) -> int:
        files = task.write_synthetic(out, number, seed)
        facts = {"job": task.card.job, "number": number, "seed": seed, "out": out, "files": files}
        click.echo(json_line(facts) if as_json else f"{number} synthetic samples with their truth: {out}")
        return 0

    return click.Command(
        task.card.job,
        callback=synth,
        short_help=task.card.title,
        help="Write synthetic samples with exact truth. The same seed gives the same samples.",
        params=[
            click.Option(["--number"], type=click.IntRange(1), default=10, show_default=True, help="How many."),
            click.Option(["--seed"], type=click.IntRange(0), default=0, show_default=True, help="Where chance starts."),
            click.Option(["--out"], type=_FOLDER, default=Path("synthetic"), show_default=True, help="Folder."),
            _JSON,
        ],
    )


for _name, _build, _about in (
    ("predict", _predict, "Measure files with a trained model."),
    ("train", _train, "Train a model from a recipe."),
    ("evaluate", _evaluate, "Score a model and its baselines on labelled files."),
    ("explain", _explain, "Show what a network looked at in files."),
    ("synth", _synth, "Write synthetic samples with exact truth."),
):
    _only = {"explain": _has_explanations, "synth": _has_generator}.get(_name)
    nital.add_command(Verb(_build, _only, help=_about, no_args_is_help=True), _name)


@nital.command()
@click.argument("folder", type=_FOLDER)
def report(folder: Path, as_json: bool) -> int:
    """Write report.html anew.

    FOLDER is the folder of one result, or of a training run.
    """
    from nital.runs.report import write_report

    written = write_report(folder)
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
    _command.params.extend((_JSON, _DEBUG))


def _limits(task: "Task") -> str:
    return f"Limits: {' '.join(task.card.limits)}" if task.card.limits else ""
