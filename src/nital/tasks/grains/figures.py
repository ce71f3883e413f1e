"""Pictures of a grain measurement."""

import numpy as np
from PIL import Image

from nital.core.sections import Table
from nital.science.labels import boundaries_from_label_map
from nital.science.scaling import resized

__all__ = ["overlay", "size_histogram"]

SURE = (0, 190, 255)
DOUBTFUL = (255, 120, 0)
LARGEST_SIDE_PX = 2400
BLUE, ORANGE = "#0b7fab", "#d9730d"
NEAR_SHARE = 0.08  # of a grain diameter: how far apart two lines may be and still be the same boundary


def overlay(image: np.ndarray, labels: np.ndarray, confirmed: np.ndarray | None) -> np.ndarray:
    """The micrograph with its boundaries: blue where a classical method sees them too, orange where it does not.

    Args:
        image: grey (rows, cols) or colour (rows, cols, 3).
        labels: label map of any resolution over the same field; 0 outside the specimen, which is dimmed.
        confirmed: bool, shape of `labels`: boundaries that the classical method confirms; None: all blue.

    Returns:
        uint8 (rows, cols, 3), the longer side at most 2400 px; enlarged where the labels are finer than the image.
    """
    # A small picture whose grains were found on a finer grid is shown on that grid: its lines are too near for its own.
    shrink = min(max(1.0, labels.shape[0] / image.shape[0]), LARGEST_SIDE_PX / max(image.shape[:2]))
    shape = (max(round(image.shape[0] * shrink), 1), max(round(image.shape[1] * shrink), 1))
    step = max(1, int(0.5 / shrink))  # a large picture may be a memory map: read only what is needed
    picture = Image.fromarray(_as_rgb(image[::step, ::step]))
    canvas = np.asarray(picture.resize((shape[1], shape[0]), Image.Resampling.LANCZOS)).copy()
    small = resized(labels, shape)
    canvas[small == 0] = (0.45 * canvas[small == 0]).astype(np.uint8)
    line = boundaries_from_label_map(small, 2) & (small > 0)
    canvas[line] = SURE
    if confirmed is not None:
        canvas[line & resized(~confirmed, shape)] = DOUBTFUL
    return canvas


def _as_rgb(image: np.ndarray) -> np.ndarray:
    """Any grey or colour image as uint8 RGB, stretched between its 0.5 and 99.5 percentiles unless it is 8 bit."""
    if image.dtype != np.uint8:
        low, high = np.percentile(image[:: max(1, image.shape[0] // 1000)], (0.5, 99.5))
        image = (np.clip((image - low) / max(high - low, 1e-9), 0, 1) * 255).astype(np.uint8)
    return np.repeat(image[..., None], 3, -1) if image.ndim == 2 else image


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
