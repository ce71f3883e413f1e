"""Everything that a report says of the grains of one field."""

from dataclasses import dataclass

import numpy as np

from nital.science.labels import fill_boundaries
from nital.science.stereology.counting import Planimetric, planimetric
from nital.science.stereology.distribution import SizeDistribution, size_distribution
from nital.science.stereology.grains import grain_table
from nital.science.stereology.lineal import Intercepts, circle_intercepts, intercepts

__all__ = ["Measurement", "measure"]


@dataclass(frozen=True)
class Measurement:
    """The grains of one field.

    Attributes:
        n_grains: grains in the label map, cut ones included.
        intercepts: along straight lines in all directions; the grain size number to report.
        circles: along ASTM E112's three circles.
        planimetric: grains per area.
        table: one row for each grain, by column.
        distribution: of diameters; None where every grain touches the edge.
    """

    n_grains: int
    intercepts: Intercepts
    circles: Intercepts
    planimetric: Planimetric
    table: dict[str, np.ndarray]
    distribution: SizeDistribution | None


def measure(
    label_map: np.ndarray, *, valid: np.ndarray | None = None, pixel_size_um: float | None = None
) -> Measurement:
    """Measure a label map in every way that a report needs.

    Args:
        label_map, valid, pixel_size_um: as for `intercepts`; without a pixel size, physical values are None.

    Raises:
        InputError: not a label map, a mask that does not fit, or an absurd pixel size.

    Source: as for the functions it calls.

    >>> import numpy as np
    >>> squares = np.kron(np.arange(1, 101).reshape(10, 10), np.ones((10, 10), int))
    >>> measure(squares).n_grains
    100
    """
    labels = fill_boundaries(label_map, valid)
    table = grain_table(labels, valid=valid, pixel_size_um=pixel_size_um)
    return Measurement(
        n_grains=len(table["grain"]),
        intercepts=intercepts(labels, valid=valid, pixel_size_um=pixel_size_um),
        circles=circle_intercepts(labels, valid=valid, pixel_size_um=pixel_size_um),
        planimetric=planimetric(labels, valid=valid, pixel_size_um=pixel_size_um),
        table=table,
        distribution=size_distribution(table),
    )
