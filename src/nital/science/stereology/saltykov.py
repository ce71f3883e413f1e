"""From section to space: Saltykov's unfolding of circle diameters to sphere diameters."""

from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular

from nital.core.errors import InputError

__all__ = ["Unfolded", "unfold_saltykov"]


class Unfolded(NamedTuple):
    """Sphere diameters by class.

    Attributes:
        diameter_um: upper limit of each class.
        n_per_area: sections in each class, per um2 (or their number, where no area was given).
        n_per_volume: spheres in each class, per um3 (or their number per um times that of the area).
        mean_diameter_um: mean over the spheres, each class at its upper limit, as the method takes it.
        n_clipped: classes that came out negative and were set to 0.
        clipped_share: what was cut off, as a share of the positive total: above .1, do not trust the unfolding.
    """

    diameter_um: np.ndarray
    n_per_area: np.ndarray
    n_per_volume: np.ndarray
    mean_diameter_um: float
    n_clipped: int
    clipped_share: float


def unfold_saltykov(
    equivalent_diameters_um: np.ndarray, n_classes: int = 10, *, area_um2: float | None = None
) -> Unfolded:
    """Unfold diameters seen in a plane section to diameters of spheres.

    A sphere of diameter D_j = j w meets the plane as a circle of class i with a chance in proportion to
    k_ij = sqrt(j^2 - (i - 1)^2) - sqrt(j^2 - i^2): N_A(i) = w sum_j k_ij N_V(j), solved from the
    largest class down.

    Args:
        equivalent_diameters_um: section diameters of uncut grains, shape (n,), above 0.
        n_classes: equal classes from 0 to the largest diameter; 7 to 15 are usual. More classes make more noise.
        area_um2: area of the section; None: densities are in sections of the whole picture.

    Raises:
        InputError: no diameter, diameters that are not positive, or no class.

    Valid for: spheres, or nearly; a few hundred sections at least. Space-filling grains are not spheres: the
    small classes are then too few or negative. Negative classes are clipped and reported.

    Source: S. A. Saltykov, Stereometric Metallography, 2nd ed. (1958); E. E. Underwood, Quantitative
    Stereology (1970), chapter 5.

    >>> import numpy as np
    >>> spheres = 10 * np.sqrt(1 - np.linspace(0, 1, 2000, endpoint=False) ** 2)  # all of diameter 10
    >>> round(unfold_saltykov(spheres, 5).mean_diameter_um, 1)
    10.0
    """
    diameters = np.asarray(equivalent_diameters_um, dtype=np.float64).ravel()
    if diameters.size == 0 or not (np.isfinite(diameters) & (diameters > 0)).all():
        raise InputError("Saltykov's unfolding needs diameters above 0. Give those of grains that are not cut.")
    if n_classes < 1 or (area_um2 is not None and not area_um2 > 0):
        raise InputError(f"{n_classes} classes on an area of {area_um2} um2 cannot be unfolded.")
    width = float(diameters.max()) / n_classes
    # A diameter on a class limit belongs to the class below it.
    index = np.clip(np.ceil(diameters / width - 1e-9).astype(int) - 1, 0, n_classes - 1)
    per_area = np.bincount(index, minlength=n_classes) / (1.0 if area_um2 is None else area_um2)
    i, j = np.ogrid[1 : n_classes + 1, 1 : n_classes + 1]
    kernel = np.sqrt(np.maximum(j**2 - (i - 1) ** 2, 0)) - np.sqrt(np.maximum(j**2 - i**2, 0))
    raw = solve_triangular(np.triu(kernel), per_area) / width
    negative = raw < -1e-12 * raw.max()
    per_volume = np.where(raw > 0, raw, 0.0)
    limits = width * np.arange(1, n_classes + 1)
    mean = float(np.sum(limits * per_volume) / per_volume.sum())
    clipped = float(-raw[negative].sum() / per_volume.sum())
    return Unfolded(limits, per_area, per_volume, mean, int(negative.sum()), clipped)
