"""Label maps: from boundary maps and back, and how well two of them agree."""

from nital.science.labels.boundaries import (
    boundaries_from_label_map,
    fill_boundaries,
    label_map_from_boundaries,
    line_width_px,
)
from nital.science.labels.checks import check_label_map, check_valid
from nital.science.labels.gaps import bridge_gaps
from nital.science.labels.matching import BoundaryScore, adjusted_rand_index, boundary_f1, relative_tolerance_px
from nital.science.labels.merging import drop_small, renumber

__all__ = [
    "BoundaryScore", "adjusted_rand_index", "boundaries_from_label_map", "boundary_f1", "bridge_gaps",
    "check_label_map", "check_valid", "drop_small", "fill_boundaries", "label_map_from_boundaries", "line_width_px",
    "relative_tolerance_px", "renumber",
]  # fmt: skip
