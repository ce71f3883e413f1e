"""The fraction of a phase over several fields, as ASTM E562 reports it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from nital.core.errors import InputError

__all__ = ["FieldsFraction", "fractions_over_fields"]

# Fields whose areas differ by more than this factor should not count alike.
_UNLIKE_AREAS = 2.0


@dataclass(frozen=True)
class FieldsFraction:
    """The mean fraction of a phase over fields.

    Attributes:
        n_fields: fields that were averaged.
        mean, std: over the fields, which count alike; std with n - 1.
        ci95_half: t s / sqrt(n), as E562 prints it: mean +- ci95_half.
        ci95: the same as an interval, cut at 0 and 1.
        relative_accuracy_percent: %RA = 100 ci95_half / mean; None for a mean of 0.
        warning: why the mean should not be trusted as it stands; "" where nothing is wrong.
    """

    n_fields: int
    mean: float
    std: float
    ci95_half: float
    ci95: tuple[float, float]
    relative_accuracy_percent: float | None
    warning: str


def fractions_over_fields(fractions: Sequence[float], areas: Sequence[float] | None = None) -> FieldsFraction:
    """Average the fraction of one phase over fields of one specimen.

    Args:
        fractions: of each field, 0 to 1, at least two.
        areas: of each field, in any one unit, to warn where they are unlike; None: alike.

    Raises:
        InputError: fewer than two fields, a fraction outside 0 to 1, or areas that do not fit.

    Valid for: fields chosen without regard to what they show, far enough apart to be independent.

    Source: ASTM E562-02, calculation of the volume percentage and the % relative accuracy (same formulae in -11, -19).

    >>> found = fractions_over_fields([0.20, 0.24, 0.22])
    >>> round(found.mean, 3), round(found.ci95_half, 3), round(found.relative_accuracy_percent)
    (0.22, 0.05, 23)
    """
    values = np.asarray(fractions, dtype=np.float64)
    if values.ndim != 1 or len(values) < 2:
        raise InputError(f"An interval over fields cannot be had from {values.size}. Give the fractions of 2 or more.")
    if not ((values >= 0) & (values <= 1)).all():
        raise InputError(f"A fraction of {values[~((values >= 0) & (values <= 1))][0]:g} cannot be. Give 0 to 1.")
    mean, std = float(values.mean()), float(values.std(ddof=1))
    half = float(stats.t.ppf(0.975, len(values) - 1)) * std / math.sqrt(len(values))
    return FieldsFraction(
        len(values), mean, std, half, (max(mean - half, 0.0), min(mean + half, 1.0)),
        100 * half / mean if mean > 0 else None, _warning(areas, len(values)),
    )  # fmt: skip


def _warning(areas: Sequence[float] | None, n_fields: int) -> str:
    if areas is None:
        return ""
    sizes = np.asarray(areas, dtype=np.float64)
    if sizes.shape != (n_fields,) or not (sizes > 0).all():
        raise InputError(f"{n_fields} fields have areas {sizes.tolist()}. Give one area above 0 for each.")
    ratio = float(sizes.max() / sizes.min())
    if ratio <= _UNLIKE_AREAS:
        return ""
    return (
        f"The largest field is {ratio:.1f} times as large as the smallest, but all count alike in the mean, as in "
        "ASTM E562. Use fields of one size."
    )
