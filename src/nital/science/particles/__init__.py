"""Particles: what was found against what is there, sizes and their distribution."""

from nital.science.particles.choosing import Candidates, strongest
from nital.science.particles.matching import Matched, boxes_of, match_boxes
from nital.science.particles.parting import part_by_depth
from nital.science.particles.sizes import LogNormal, fit_lognormal
from nital.science.particles.table import COLUMNS, measure_particles

__all__ = [
    "COLUMNS", "Candidates", "LogNormal", "Matched", "boxes_of", "fit_lognormal", "match_boxes", "measure_particles",
    "part_by_depth", "strongest",
]  # fmt: skip
