"""The ledger: what a result depends on, kept with it, so that a batch that was stopped finds what it has done."""

import dataclasses
import hashlib
import json
from pathlib import Path
from typing import Any

from nital import __version__
from nital.core.errors import InputError
from nital.core.options import Options
from nital.runs.artifact import sha256_of
from nital.runs.engine import OnnxNetwork
from nital.runs.result import Result, result_from_folder

__all__ = ["finished", "ledger_of", "same_input"]

FORM = 2
"""Of result.json; a result of another form is made again."""


def ledger_of(file: Path, network: OnnxNetwork, options: Options) -> dict[str, Any]:
    """Hashes of what a result depends on; the text files beside a picture may give its pixel size.

    Raises:
        InputError: the file cannot be read.
    """
    from nital.io.micrographs import sidecar_files

    try:
        digest = sha256_of(file)
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror or error}.") from error
    chosen = hashlib.sha256(json.dumps(dataclasses.asdict(options), sort_keys=True).encode()).hexdigest()
    ledger = {
        "form": FORM, "input_sha256": digest, "model_sha256": network.sha256, "card_sha256": network.card_sha256,
        "options_sha256": chosen, "nital": __version__,
    }  # fmt: skip
    beside = {path.name: _digest_or_none(path) for path in sidecar_files(file)}
    return {**ledger, "sidecar_sha256": beside} if beside else ledger


def finished(folder: Path, file: Path, network: OnnxNetwork, options: Options) -> Result | None:
    """The result that `folder` already holds for this file, model and options; None if it holds another or none."""
    result = result_from_folder(folder)
    if result is None or not file.is_file() or result.values.get("ledger") != ledger_of(file, network, options):
        return None
    if not all(path.is_file() for path in result.files.values()):
        return None  # someone has taken a part of it away
    result.values["file"] = str(file)
    return result


def same_input(result: Result, file: Path) -> bool:
    """Whether a result is of this file, or of the same picture by another path: moved, or named from elsewhere."""
    if Path(str(result.values.get("file"))).resolve() == file.resolve():
        return True
    ledger = result.values.get("ledger") or {}
    return file.is_file() and ledger.get("input_sha256", "") == _digest_or_none(file)


def _digest_or_none(path: Path) -> str | None:
    try:
        return sha256_of(path)
    except OSError:
        return None
