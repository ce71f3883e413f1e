"""`nital predict JOB` and `nital explain JOB`: files in, results out."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nital.cli.flags import ARTIFACT, OUT, OVERWRITE, flags, job_command
from nital.cli.summaries import found_text, result_text
from nital.cli.text import Progress, json_line, tell_failure

if TYPE_CHECKING:
    from nital.core.task import Task
    from nital.runs.batch import Failure
    from nital.runs.result import Result

__all__ = ["explain_command", "predict_command"]

_EXAMPLE = click.Option(["--example"], is_flag=True, help="Use the example that comes with nital.")
_TABLE_ONLY = click.Option(
    ["--table-only"], is_flag=True, help="Write one row per file and no pictures or reports; much faster."
)
_ONE_SPECIMEN = click.Option(
    ["--one-specimen"], is_flag=True, help="The files are fields of one specimen: say what they say together, too."
)


def predict_command(task: "Task") -> click.Command:
    """The command that applies a job's model to files."""
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
        paths = expand(files, task.opens)
        good = _predicted(job, paths, out, as_json, table_only, options)
        if one_specimen:
            together = combine(out, job, good)
            text = found_text(f"All {len(good)} together", together.headline, together.warnings)
            click.echo(json_line(together.values) if as_json else text)
        return 1 if len(good) < len(paths) else 0

    limits = f" Limits: {' '.join(task.card.limits)}" if task.card.limits else ""
    suffixes = ", ".join(task.opens)
    about = f"{task.card.title}.\n\nFILES are {task.card.opens} ({suffixes}), or folders of these.{limits}"
    params = [_files(required=False), *flags(task.options_type), OUT, ARTIFACT, OVERWRITE]
    params += [_TABLE_ONLY] if task.quick else []
    params += [_ONE_SPECIMEN] if task.combines else []
    params += [_EXAMPLE] if example_of(job) else []
    return job_command(task, predict, about, params)


def explain_command(task: "Task") -> click.Command:
    """The command that shows what a job's network looked at."""
    from nital.runs.explain import explains, no_explanations

    job = task.card.job
    if not explains(task) or task.explain_options_type is None:
        raise click.UsageError(str(no_explanations(job)))

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

    about = f"Show what the network looked at in FILES: {task.card.opens}, or folders. Needs the extra train."
    params = [_files(required=True), *flags(task.explain_options_type), OUT, ARTIFACT, OVERWRITE]
    return job_command(task, explain, about, params)


def _files(required: bool) -> click.Argument:
    return click.Argument(["files"], nargs=-1, required=required, type=click.Path(readable=False, path_type=Path))


def _predicted(
    job: str, paths: "Sequence[Path | Failure]", out: Path, as_json: bool, table_only: bool, options: dict[str, Any]
) -> "list[Result]":
    """Predict, print each result, leave a table of all; the results that came out."""
    from nital.runs.batch import Failure, predict_many, write_summary
    from nital.runs.places import check_place

    check_place(out)  # the table goes there also where the results do not
    progress = Progress(len(paths))
    rows: list[dict[str, Any]] = []
    good: list[Result] = []
    try:
        for result in predict_many(job, paths, out=None if table_only else out, say=progress.passing, **options):
            if isinstance(result, Failure):
                rows.append({"file": str(result.file), "error": str(result.error)})
                progress.done(f"{result.file}: failed")
                tell_failure(job, result.file, result.error, as_json)
                continue
            good.append(result.without_arrays())
            rows.append(result.row)
            progress.done(str(result.values["file"]))
            if as_json or not table_only or len(paths) == 1:
                click.echo(result.to_json() if as_json else result_text(result))
    finally:  # an interruption must not lose the rows that are done
        if len(rows) > 1 or (table_only and good):
            progress.line(f"All results in one table: {write_summary(out, job, rows)}")
    failed = len(rows) - len(good)
    if failed and len(paths) > 1:
        others = f"the others are in {out}" if good else "the table says why"
        progress.line(f"{failed} of {len(paths)} inputs failed; {others}.")
    return good
