"""Numbers from label maps: grain size by ASTM E112, distributions, correlations, 2D to 3D."""

from nital.science.labels import merge_labels
from nital.science.stereology.correlation import TwoPoint, same_grain_correlation, two_point_correlation
from nital.science.stereology.counting import Planimetric, planimetric
from nital.science.stereology.distribution import SizeDistribution, size_distribution
from nital.science.stereology.e112 import grain_size_number_from_density, grain_size_number_from_intercept
from nital.science.stereology.fields import FieldStatistics, combine_fields
from nital.science.stereology.grains import GRAIN_COLUMNS, grain_table
from nital.science.stereology.lattice import LATTICE_DIRECTIONS
from nital.science.stereology.lineal import Intercepts, circle_intercepts, intercepts
from nital.science.stereology.measurement import Measurement, measure
from nital.science.stereology.saltykov import Unfolded, unfold_saltykov

__all__ = [
    "GRAIN_COLUMNS", "LATTICE_DIRECTIONS", "FieldStatistics", "Intercepts", "Measurement", "Planimetric",
    "SizeDistribution", "TwoPoint", "Unfolded", "circle_intercepts", "combine_fields",
    "grain_size_number_from_density", "grain_size_number_from_intercept", "grain_table", "intercepts", "measure",
    "merge_labels", "planimetric", "same_grain_correlation", "size_distribution", "two_point_correlation",
    "unfold_saltykov",
]  # fmt: skip
