"""Numbers from phase maps: area fractions, regions, intercepts, contiguity, each with what it is worth."""

from nital.science.phases.contiguity import Contiguity, contiguity
from nital.science.phases.fields import FieldsFraction, fractions_over_fields
from nital.science.phases.fractions import PhaseFraction, phase_fractions
from nital.science.phases.lineal import PhaseIntercepts, phase_intercepts
from nital.science.phases.network_error import NetworkError, network_error, with_network_error
from nital.science.phases.phase_map import check_phase_map
from nital.science.phases.points import PointCount, point_count
from nital.science.phases.regions import REGION_COLUMNS, Regions, regions

__all__ = [
    "REGION_COLUMNS", "Contiguity", "FieldsFraction", "NetworkError", "PhaseFraction", "PhaseIntercepts", "PointCount",
    "Regions", "check_phase_map", "contiguity", "fractions_over_fields", "network_error", "phase_fractions",
    "phase_intercepts", "point_count", "regions", "with_network_error",
]  # fmt: skip
