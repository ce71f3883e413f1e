"""Result: what a job found in one file, to be read, printed, shown in a notebook, and found again in its folder."""

import base64
import html
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nital.core.outcome import Outcome, made
from nital.core.plain import plain

__all__ = ["Result", "result_from_folder", "with_paths"]

OF_THE_FOLDER = ("headline", "row", "facts", "sections", "pictures", "tables", "files", "ledger")
"""What result.json holds beside what is printed: for the page, the table of a batch and the next run."""


class Result:
    """What a job found in one file: values as in the JSON, and pictures.

    Values can be read as attributes: `result.astm_grain_size_number`.

    Attributes:
        values: the JSON object of `nital predict`, and what else result.json holds.
        outcome: arrays, tables and headline; None for a result that was found finished in its folder.
        folder: where the files are; None when nothing was written.
    """

    def __init__(self, values: dict[str, Any], outcome: Outcome | None, folder: Path | None) -> None:
        self.values, self.outcome, self.folder = values, outcome, folder

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__.get("values", {})
        if name not in values:
            raise AttributeError(f"This result has no '{name}'. It has: {', '.join(values)}.")
        return values[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.values]

    def __repr__(self) -> str:
        lines = "\n".join(f"  {label}: {value}" for label, value in self.headline)
        return f"Result of {self.values['job']} for {self.values['file']}\n{lines}"

    @property
    def headline(self) -> list[tuple[str, str]]:
        """The few numbers that a person wants first."""
        return [(label, value) for label, value in self.values["headline"]]

    @property
    def row(self) -> dict[str, Any]:
        """This file's row in the table of a batch."""
        general = {name: self.values[name] for name in ("file", "job", "seconds")}
        return {**general, "warnings": " ".join(self.values["warnings"]), **self.values["row"]}

    @property
    def files(self) -> dict[str, Path]:
        """Name in the JSON -> path, of the files that were written."""
        return {} if self.folder is None else {
            name: self.folder / file for name, file in self.values.get("files", {}).items()
        }  # fmt: skip

    def without_arrays(self) -> "Result":
        """The same result without its maps and pictures, which need memory."""
        return Result(self.values, None, self.folder)

    def to_json(self) -> str:
        """The values as one line of JSON; numbers that are not finite become null."""
        return json.dumps(plain({k: v for k, v in self.values.items() if k not in OF_THE_FOLDER}))

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><th>{html.escape(a)}</th><td>{html.escape(b)}</td></tr>" for a, b in self.headline)
        notes = "".join(f"<p>&#9888; {html.escape(warning)}</p>" for warning in self.values["warnings"])
        picture = self._picture()
        image = f'<img style="max-width:640px" src="data:image/png;base64,{picture}">' if picture else ""
        return f"<table>{rows}</table>{notes}{image}"

    def _picture(self) -> str | None:
        """The first picture as base64 PNG."""
        if self.outcome is not None:
            from PIL import Image

            for picture in self.outcome.pictures.values():
                buffer = io.BytesIO()
                Image.fromarray(made(picture.pixels)).save(buffer, "PNG")
                return base64.b64encode(buffer.getvalue()).decode()
            return None
        names = [picture["name"] for picture in self.values.get("pictures", [])]
        path = self.files.get(names[0]) if names else None
        return base64.b64encode(path.read_bytes()).decode() if path and path.exists() else None


def result_from_folder(folder: Path) -> Result | None:
    """Read a result that was written before; None if there is none."""
    try:
        values = json.loads((folder / "result.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(values, dict) or "job" not in values:
        return None
    if not isinstance(values.get("files"), dict):  # written by an early nital: known to be a result, never shown as one
        values |= {"files": {Path(name).name: name for name in values.get("files", ())}, "ledger": None}
    return Result(with_paths(values, folder), None, folder)


def with_paths(values: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The values with the path of each file under its name, where the folder is now."""
    return {**values, **{name: str(folder / file) for name, file in values["files"].items()}}
