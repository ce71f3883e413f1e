"""Numbers from label maps: grain size by ASTM E112, distributions, 2D to 3D."""

from nital.science.stereology.counting import Planimetric, planimetric
from nital.science.stereology.distribution import SizeDistribution, size_distribution
from nital.science.stereology.e112 import grain_size_number_from_density, grain_size_number_from_intercept
from nital.science.stereology.fields import FieldStatistics, combine_fields
from nital.science.stereology.grains import GRAIN_COLUMNS, grain_table
from nital.science.stereology.lineal import Intercepts, circle_intercepts, intercepts
from nital.science.stereology.measurement import Measurement, measure
from nital.science.stereology.saltykov import Unfolded, unfold_saltykov

__all__ = [
    "GRAIN_COLUMNS", "FieldStatistics", "Intercepts", "Measurement", "Planimetric", "SizeDistribution", "Unfolded",
    "circle_intercepts", "combine_fields", "grain_size_number_from_density", "grain_size_number_from_intercept",
    "grain_table", "intercepts", "measure", "planimetric", "size_distribution", "unfold_saltykov",
]  # fmt: skip
