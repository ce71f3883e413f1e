"""Pictures of the lessons: one style, colours that colour-blind people can tell apart, saved or shown.

    panels        an empty figure with its axes
    show_image    a grey picture in one of them
    show_plane    which side of a boundary each point of a plane lies on
    picture       the figure is ready: save it, or show it in a notebook

matplotlib is imported when the first figure is made; no window is ever opened.
"""

import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "BLUE",
    "GREEN",
    "GREY",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILION",
    "panels",
    "picture",
    "pictures_into",
    "show_image",
    "show_plane",
]

# The palette of Okabe and Ito (2008), told apart by people with any common colour blindness.
BLUE, ORANGE, GREEN, VERMILION = "#0072b2", "#e69f00", "#009e73", "#d55e00"
SKY, PURPLE, GREY = "#56b4e9", "#cc79a7", "#666666"

_DPI = 130
_album: ContextVar[tuple[Path, list[Path]] | None] = ContextVar("album", default=None)


def panels(rows: int = 1, columns: int = 1, width: float = 4.2, height: float = 3.3) -> "tuple[Figure, Any]":
    """An empty figure with its axes.

    Args:
        rows: panels under one another.
        columns: panels side by side.
        width: of one panel, in inches.
        height: of one panel, in inches.

    Returns:
        The figure, and its axes: one, or an array of shape (columns,), (rows,) or (rows, columns).
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(columns * width, rows * height), layout="constrained")
    axes = figure.subplots(rows, columns)
    for one in np.atleast_1d(axes).ravel():
        one.set_prop_cycle(color=[BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY, GREY])
        one.spines[["top", "right"]].set_visible(False)
    return figure, axes


def show_image(axes: "Axes", image: ArrayLike, title: str, low: float | None = None, high: float | None = None) -> None:
    """Show a grey picture without ticks.

    Args:
        axes: where.
        image: shape (height, width).
        title: above it.
        low: value shown black; None: the smallest.
        high: value shown white; None: the largest.
    """
    axes.imshow(np.asarray(image), cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.set_axis_off()


def show_plane(
    axes: "Axes",
    score: Callable[[NDArray[np.float64]], ArrayLike],
    x_range: tuple[float, float],
    y_range: tuple[float, float],
    points: int = 201,
) -> None:
    """Colour the plane where a model says yes (orange) and where it says no (blue), with the boundary in black.

    Args:
        axes: where.
        score: takes points of shape (number, 2), gives one number each; above 0 means yes. Pass the weighted sum z
            or, for a probability p, p - 0.5: the boundary is drawn smoothly where the number crosses 0.
        x_range: left and right end.
        y_range: lower and upper end.
        points: per side of the grid on which the model is asked.
    """
    x, y = np.linspace(*x_range, points), np.linspace(*y_range, points)
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    height = np.asarray(score(grid), dtype=float).reshape(points, points)
    top = np.abs(height).max() + 1
    axes.contourf(x, y, height, levels=[-top, 0, top], colors=[BLUE, ORANGE], alpha=0.35)
    if height.min() < 0 < height.max():
        axes.contour(x, y, height, levels=[0], colors="black", linewidths=1.2)


def picture(figure: "Figure | str", name: str) -> None:
    """Save a finished picture in the lesson's folder; in a notebook show it instead.

    Args:
        figure: from `panels`, saved as `name`.png; or the text of an SVG, such as `Value.svg()`, saved as `name`.svg.
        name: file name without ending, such as `"boundary"`.
    """
    album = _album.get()
    if album is None and _in_notebook():
        _show(figure)
        return
    folder, saved = album or (_folder_of_script(), [])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (f"{name}.svg" if isinstance(figure, str) else f"{name}.png")
    if isinstance(figure, str):
        path.write_text(figure, encoding="utf-8")
    else:
        figure.savefig(path, dpi=_DPI, metadata={"Software": None})
    saved.append(path)


@contextmanager
def pictures_into(folder: Path) -> Iterator[list[Path]]:
    """Pictures made inside the block are saved in `folder`; gives the growing list of their paths."""
    saved: list[Path] = []
    token = _album.set((folder, saved))
    try:
        yield saved
    finally:
        _album.reset(token)


def _folder_of_script() -> Path:
    """Where a lesson that runs as a script puts its pictures: nital-lessons/13 for lesson_13_counting.py."""
    number = re.match(r"lesson_(\d\d)", Path(sys.argv[0]).name)
    return Path("nital-lessons") / (number[1] if number else "")


def _in_notebook() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None


def _show(figure: "Figure | str") -> None:
    from IPython.display import SVG, Image, display  # pyright: ignore[reportMissingImports]

    if isinstance(figure, str):
        display(SVG(data=figure))
        return
    png = io.BytesIO()
    figure.savefig(png, format="png", dpi=_DPI)
    display(Image(data=png.getvalue(), width=int(figure.get_figwidth() * 90)))
