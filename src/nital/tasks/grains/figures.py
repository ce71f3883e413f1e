"""Pictures of a grain measurement."""

import numpy as np

from nital.core.sections import Table

__all__ = ["size_histogram"]

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
