"""Maps with missing pixels, filled from the known ones: kriging, and the simple interpolations beside it."""

from nital.science.filling.covariance import FAMILIES, Covariance, fit_covariance
from nital.science.filling.held_out import hold_out
from nital.science.filling.kriging import Kriged, krige_map
from nital.science.filling.simple import biharmonic, constant, linear, nearest
from nital.science.filling.voting import most_probable

__all__ = [
    "FAMILIES", "Covariance", "Kriged", "biharmonic", "constant", "fit_covariance", "hold_out", "krige_map", "linear",
    "most_probable", "nearest",
]  # fmt: skip
