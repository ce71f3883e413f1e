"""Units and calibration: how many micrometres a pixel spans, and who says so.

An uncalibrated picture is a value of its own (`UNCALIBRATED`), never a pixel size of 1.0:
lengths stay in pixels and every physical quantity is `None`.
"""

import math
import re
from dataclasses import dataclass

from nital.core.errors import InputError

__all__ = ["SOURCES", "UNCALIBRATED", "Calibration", "checked_pixel_size_um", "to_um", "unit_text"]

SOURCES = ("argument", "metadata", "scale_bar", "none")

# Smallest and largest pixel that any microscope gives: 1 pm and 10 mm.
SMALLEST_PIXEL_UM, LARGEST_PIXEL_UM = 1e-6, 1e4

_UM_PER_UNIT = {
    "m": 1e6, "cm": 1e4, "mm": 1e3, "um": 1.0, "µm": 1.0, "μm": 1.0, "micron": 1.0, "microns": 1.0,
    "nm": 1e-3, "pm": 1e-6, "angstrom": 1e-4, "å": 1e-4, "a": 1e-4, "inch": 25400.0,
}  # fmt: skip


def unit_text(unit: str) -> str:
    """A unit as people read it, on pages, in headlines and on terminals; names of fields and columns keep `um`.

    >>> unit_text("um"), unit_text("um^-1/2"), unit_text("HRC")
    ('µm', 'µm^-1/2', 'HRC')
    """
    return re.sub(r"\bum", "µm", unit)


def to_um(value: float, unit: str) -> float:
    """Turn a length into micrometres.

    Args:
        value: the length in `unit`.
        unit: m, cm, mm, um (also µm, micron), nm, pm, angstrom, inch; case is ignored.

    Raises:
        InputError: an unknown unit.

    >>> to_um(222.5, "nm")
    0.2225
    """
    factor = _UM_PER_UNIT.get(unit.strip().lower())
    if factor is None:
        raise InputError(f"'{unit}' is not a unit of length. Use one of: m, mm, µm, nm, pm.")
    return value * factor


def checked_pixel_size_um(value: float, *, where: str) -> float:
    """Return `value` if a microscope could have that pixel size in micrometres.

    Raises:
        InputError: not a finite number between 1e-6 um (1 pm) and 1e4 um (10 mm).
    """
    if not (math.isfinite(value) and SMALLEST_PIXEL_UM <= value <= LARGEST_PIXEL_UM):
        raise InputError(
            f"{where} gives a pixel size of {value:g} µm, which no microscope has. "
            f"Give micrometres per pixel, between {SMALLEST_PIXEL_UM:g} and {LARGEST_PIXEL_UM:g}."
        )
    return float(value)


@dataclass(frozen=True, slots=True)
class Calibration:
    """The size of a pixel and where it was learned.

    Args:
        pixel_size_um: micrometres per pixel (square pixels), or None when nothing says.
        source: one of `SOURCES`; "none" exactly when `pixel_size_um` is None.
        detail: for people, such as "FEI metadata, Scan/PixelWidth".
    """

    pixel_size_um: float | None
    source: str
    detail: str = ""

    def __post_init__(self) -> None:
        if self.source not in SOURCES:
            raise InputError(f"'{self.source}' is not a source of calibration: {', '.join(SOURCES)}.")
        if (self.pixel_size_um is None) != (self.source == "none"):
            raise InputError("A calibration has a pixel size exactly when it has a source.")
        if self.pixel_size_um is not None:
            checked_pixel_size_um(self.pixel_size_um, where=self.detail or self.source)

    @property
    def known(self) -> bool:
        """Whether physical lengths can be given."""
        return self.pixel_size_um is not None


UNCALIBRATED = Calibration(None, "none", "neither metadata, scale bar nor user give a pixel size")
