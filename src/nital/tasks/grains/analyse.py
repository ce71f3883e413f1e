"""From a micrograph to the ASTM grain size number: what `nital predict grains` does."""

from pathlib import Path

import numpy as np

from nital.core.errors import InputError
from nital.core.outcome import Map, Outcome, Picture
from nital.core.progress import Say, part
from nital.core.sections import Table
from nital.core.task import Network
from nital.io.micrographs import check_contrast, open_micrograph
from nital.science.labels import boundaries_from_label_map
from nital.science.labels.overlay import label_overlay
from nital.science.scaling import resized
from nital.science.stereology import measure
from nital.tasks.grains.doubt import compare_with_classical, doubts
from nital.tasks.grains.options import GrainsOptions
from nital.tasks.grains.scale import working_scale
from nital.tasks.grains.segment import Segmented, segment
from nital.tasks.grains.values import facts_of, headline_of, row_of, table_of, values_of

__all__ = ["analyse", "lines_drawn", "size_histogram"]

CAPTION = "Blue: boundaries that were found. Dimmed: not specimen."
CLASSICAL_CAPTION = (
    "Blue: boundaries that a classical method confirms. Orange: boundaries that the network alone sees; look at these "
    "first. Dimmed: not specimen."
)


def analyse(network: Network, path: Path, options: GrainsOptions, say: Say = None) -> Outcome:
    """Measure the grains of one micrograph.

    Raises:
        InputError: the file or an option cannot be used.
    """
    micrograph = open_micrograph(
        path, page=options.page, pixel_size_um=options.pixel_size_um, scale_bar_um=options.scale_bar_um
    )
    check_contrast(micrograph)
    scale = working_scale(network, micrograph.image, micrograph.valid, options, say=part(say, 0, 2))
    found = segment(network, micrograph.image, micrograph.valid, scale, twins=options.twins, say=part(say, 1, 2))
    pixel_um = micrograph.calibration.pixel_size_um
    fine_um = None if pixel_um is None else pixel_um / found.grid
    if found.labels.max(initial=0) == 0:
        raise InputError(f"{path} shows no grain: everything is margin. Crop the specimen and try again.")
    measurement = measure(found.labels, valid=found.valid, pixel_size_um=fine_um)
    doubt = compare_with_classical(micrograph, found, scale, fine_um)
    values = values_of(micrograph, measurement, found, scale, options.twins, doubt)
    outcome = Outcome(values, row=row_of(values), facts=facts_of(values), headline=headline_of(values))
    outcome.warnings = [
        *micrograph.warnings, *doubts(micrograph.calibration.known, measurement, found, doubt, options.twins)
    ]  # fmt: skip
    outcome.pictures["overlay"] = Picture(
        label_overlay(
            micrograph.image if micrograph.colour is None else micrograph.colour,
            found.labels, None if doubt is None else doubt.confirmed,
        ),
        "What was found", CLASSICAL_CAPTION if doubt else CAPTION,
    )  # fmt: skip
    outcome.maps["label_map"] = Map("labels", label_map_of(found, micrograph.image.shape), pixel_um)  # draws in place
    table = table_of(measurement, found.grid, pixel_um)
    outcome.tables["grains"] = table
    if (sizes := size_histogram(table)) is not None:
        outcome.pictures["sizes"] = Picture(sizes, "Sizes", "Grains that touch the edge of the field are left out.")
    return outcome


def label_map_of(found: Segmented, shape: tuple[int, ...]) -> np.ndarray:
    """The label map in picture pixels, with boundaries one pixel wide as 0."""
    if found.grid == 1 and isinstance(found.labels, np.memmap):
        return lines_drawn(found.labels)  # too large to copy
    labels = resized(found.labels, (shape[0], shape[1]))
    return np.where(boundaries_from_label_map(labels), 0, labels)


def lines_drawn(labels: np.ndarray, band: int = 1024) -> np.ndarray:
    """A partition with its boundaries set to 0 in place, band by band.

    Args:
        labels: int (rows, cols), may be memory-mapped. band: rows in memory at a time.
    """
    for start in range(0, labels.shape[0], band):
        part = np.asarray(labels[start : start + band + 1])  # a line depends on the row below, which is still whole
        labels[start : start + band] = np.where(boundaries_from_label_map(part), 0, part)[:band]
    return labels


BLUE, ORANGE = "#0b7fab", "#d9730d"


def size_histogram(table: Table) -> np.ndarray | None:
    """Histogram of the equivalent diameters of whole grains, by number and by area.

    Args:
        table: of the grains, with `touches_edge` and `equivalent_diameter_um` or `_px`.

    Returns:
        uint8 (rows, cols, 3); None for fewer than five whole grains.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator

    columns = list(table.columns)
    unit = "um" if "equivalent_diameter_um" in columns else "px"
    edge, diameter = columns.index("touches_edge"), columns.index(f"equivalent_diameter_{unit}")
    size = np.array([row[diameter] for row in table.rows if not row[edge]], float)
    if len(size) < 5:
        return None
    edges = np.geomspace(size.min(), size.max() * 1.001, 25)
    figure = Figure(figsize=(6.4, 3.2), dpi=130, layout="constrained")
    canvas, axes = FigureCanvasAgg(figure), figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    share, area = np.full(len(size), 100 / len(size)), 100 * size**2 / (size**2).sum()
    axes.hist(size, edges, weights=share, color=BLUE, alpha=0.75, label="share of grains")
    axes.hist(size, edges, weights=area, histtype="step", color=ORANGE, linewidth=2, label="share of area")
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(LogLocator(subs=(2, 3, 5)))
    axes.xaxis.set_minor_formatter("{x:g}")
    axes.tick_params(which="both", labelsize=9)
    axes.set_xlabel("equivalent circle diameter, " + ("µm" if unit == "um" else "px"))
    axes.set_ylabel("%")
    axes.legend(frameon=False)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()
