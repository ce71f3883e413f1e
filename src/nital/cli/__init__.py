"""The command line: verb, then job. stdout is the result, stderr the progress and the complaints.

    main        runs a command, turns every error into one line and an exit code
    verbs       the commands; those of a job are built in predicting and training
    course      nital learn
    flags       a job's options as flags
    summaries   results and scores as text
    text        what they are made of: tables, progress, complaints, JSON lines

Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted.
"""

import sys
import traceback
from collections.abc import Sequence

import click

from nital.cli.text import complain, write_anywhere
from nital.core.errors import NitalError, UnknownName

__all__ = ["main"]

DONE, FAILED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code.

    Args:
        arguments: the words after `nital`; None: those of the process.
    """
    write_anywhere()
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(words))


def _run(words: list[str]) -> int:
    from nital.cli.course import learn
    from nital.cli.verbs import nital

    nital.add_command(learn)
    try:
        code = nital.main(words, prog_name="nital", standalone_mode=False)
        return code if isinstance(code, int) else DONE
    except click.ClickException as error:
        error.show()
        return WRONG_USAGE
    except click.Abort:
        complain(f"interrupted. {_how_to_go_on(words)}")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 the outermost border: every error becomes one line
        if "--debug" in words:
            traceback.print_exc()
        return _explain(error)


def _explain(error: Exception) -> int:
    if isinstance(error, NitalError):
        complain(str(error))
        return WRONG_USAGE if isinstance(error, UnknownName) else FAILED
    if isinstance(error, OSError) and error.strerror:
        complain(
            f"{error.filename or 'The system'}: {error.strerror}. Check the place, its permissions and free space."
        )
    elif isinstance(error, MemoryError):
        complain("not enough memory. Close other programs, or cut the picture into parts.")
    else:
        complain(f"this is a fault in nital: {type(error).__name__}: {error}; run again with --debug")
    return FAILED


def _how_to_go_on(words: list[str]) -> str:
    if not {"predict", "train"} & set(words[:1]):
        return "Nothing was written; run the same command again."
    if "--table-only" in words:
        return "The table holds the files that were done; the same command begins again with the first."
    for flag in ("--no-resume", "--overwrite"):
        if flag in words:
            return f"Finished results are kept; run the same command without {flag} to go on from there."
    return "Finished results are kept; run the same command again to go on from there."
