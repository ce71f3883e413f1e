"""Writing of manifest.csv, which says what the files of a labelled folder are."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

from nital.io.atomic import atomic_write_text

__all__ = ["manifest_row", "write_manifest"]


def manifest_row(folder: Path, file: str, role: str, shape: tuple[int, ...], **columns: object) -> dict[str, object]:
    """What the manifest says of one file that has been written.

    Args:
        file: its path inside the folder. shape: (rows, cols). columns: further cells, such as `specimen`.
    """
    sha256 = hashlib.sha256((folder / file).read_bytes()).hexdigest()
    return {"file": file, "role": role, "width": shape[1], "height": shape[0], "sha256": sha256, **columns}


def write_manifest(folder: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write manifest.csv with the columns of the first row; the last file: a folder that has one is whole."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    atomic_write_text(folder / "manifest.csv", buffer.getvalue())
