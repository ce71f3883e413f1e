"""Writing a result: all its files into a new folder, which is then moved into place."""

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from nital.core.errors import OutputError
from nital.core.outcome import Map, Outcome, made
from nital.core.plain import plain
from nital.core.sections import Estimate, Table
from nital.core.task import Card
from nital.io.atomic import atomic_write_text
from nital.runs.result import result_from_folder, with_paths

__all__ = ["LARGE_BYTES", "csv_text", "save_large_label_map", "write_result"]

REPORT = "report.html"


def write_result(folder: Path, card: Card, values: Mapping[str, Any], outcome: Outcome) -> dict[str, Any]:
    """Write maps, pictures, tables, report.html and result.json of a result; whole or not at all.

    Args:
        values: what result.json says, but for the files.

    Returns:
        the values with the paths of the files.

    Raises:
        OutputError: the folder cannot be written to, or holds files that are not of a result.
    """
    from nital.runs.pages import result_html

    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise OutputError(
            f"{folder.parent} cannot be written to ({error.strerror}). Choose another place with `out`."
        ) from error
    try:
        files = {**_write_parts(temporary, outcome), "report": REPORT}
        bars = [None if one.bar is None else asdict(made(one.bar)) for one in outcome.pictures.values()]
        pictures = [{**said, "bar": bar} for said, bar in zip(values["pictures"], bars, strict=True)]
        said = plain({**values, "files": files, "pictures": pictures})
        atomic_write_text(temporary / REPORT, result_html(said, temporary, card))
        atomic_write_text(temporary / "result.json", json.dumps(said, indent=2) + "\n")
        temporary.chmod(0o755)
        _swap(temporary, folder)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written ({error.strerror}). Choose another place with `out`.") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return with_paths(said, folder)


def csv_text(table: Table) -> str:
    """A table as CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(table.columns)
    writer.writerows([cell.value if isinstance(cell, Estimate) else cell for cell in row] for row in table.rows)
    return buffer.getvalue()


def _write_parts(folder: Path, outcome: Outcome) -> dict[str, str]:
    """Name in the JSON -> file name, of maps, pictures and tables."""
    from nital.io.micrographs import save_png

    for name, one in outcome.maps.items():
        _save_map(folder / f"{name}.tif", one)
    for name, picture in outcome.pictures.items():
        save_png(folder / f"{name}.png", made(picture.pixels))
    for name, table in outcome.tables.items():
        atomic_write_text(folder / f"{name}.csv", csv_text(table))
    return (
        {name: f"{name}.tif" for name in outcome.maps}
        | {name: f"{name}.png" for name in outcome.pictures}
        | {f"{name}_csv": f"{name}.csv" for name in outcome.tables}
    )


def _save_map(path: Path, one: Map) -> None:
    from nital.io.micrographs import save_label_map, save_tiff

    pixels = made(one.pixels)
    if one.kind == "labels" and pixels.nbytes > LARGE_BYTES:
        save_large_label_map(path, pixels, one.pixel_size_um)
    elif one.kind == "labels":
        save_label_map(path, pixels, one.pixel_size_um)
    else:
        kept = pixels.astype(np.float32) if one.kind == "doubt" else pixels
        save_tiff(path, kept, one.pixel_size_um, channels_first=True)


def _swap(temporary: Path, folder: Path) -> None:
    """Put a finished folder in the place of an old one; only folders that nital wrote are replaced."""
    if not folder.exists():
        temporary.rename(folder)
        return
    if not (folder / "result.json").exists() and any(folder.iterdir()):
        raise OutputError(f"{folder} exists and holds other files. Choose another place with `out`.")
    before = result_from_folder(folder)
    ours = {"result.json", *(before.values["files"].values() if before else ())}
    strangers = [path.name for path in folder.iterdir() if path.name not in ours]
    if taken := [name for name in strangers if (temporary / name).exists()]:
        raise OutputError(f"{folder} holds {', '.join(taken)}, not written by nital. Move it, or change `out`.")
    old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
    folder.rename(old / "result")
    temporary.rename(folder)
    for name in strangers:  # what the user has put there stays
        (old / "result" / name).rename(folder / name)
    shutil.rmtree(old, ignore_errors=True)


LARGE_BYTES = 2**31  # maps above this are not copied
TILE_PX = 512  # a TIFF is written in tiles of this side; one row of them is in memory at a time


def save_large_label_map(path: Path, labels: np.ndarray, pixel_size_um: float | None = None) -> None:
    """Save a label map of any size as a tiled, deflated BigTIFF, holding one row of tiles at a time.

    Args:
        path: the file; not written atomically, so it belongs into a folder that is moved into place as a whole.
        labels: (rows, columns), integers from 0 (boundary or outside); usually memory-mapped.
        pixel_size_um: micrometres per pixel, kept where `save_label_map` keeps it; None: none is written.
    """
    import tifffile

    bands = range(0, labels.shape[0], TILE_PX)
    largest = max(int(labels[start : start + TILE_PX].max(initial=0)) for start in bands)
    kind = np.dtype(np.uint16 if largest < 65536 else np.uint32)

    def tiles() -> Iterator[np.ndarray]:
        for start in bands:
            band = np.asarray(labels[start : start + TILE_PX]).astype(kind)
            for left in range(0, labels.shape[1], TILE_PX):
                part = band[:, left : left + TILE_PX]
                yield np.pad(part, [(0, TILE_PX - part.shape[0]), (0, TILE_PX - part.shape[1])])

    scale = {}
    if pixel_size_um is not None:
        per_um = 1.0 / pixel_size_um
        scale = {"resolution": (per_um, per_um), "resolutionunit": 1, "description": "ImageJ=1.54f\nunit=micron\n"}
    tifffile.imwrite(
        path, tiles(), shape=labels.shape, dtype=kind, tile=(TILE_PX, TILE_PX), bigtiff=True, compression="zlib",
        photometric="minisblack", metadata=None, **scale,
    )  # fmt: skip
