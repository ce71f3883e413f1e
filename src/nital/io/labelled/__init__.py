"""Labelled pictures in, for jobs that learn or are scored on a user's own."""

from nital.io.labelled.classes import LabelledPictures, read_labelled
from nital.io.labelled.columns import Columns
from nital.io.labelled.manifest import manifest_row, write_manifest
from nital.io.labelled.maps import LabelledPair, labelled_pairs
from nital.io.labelled.numbered import read_objects
from nital.io.labelled.phase_labels import ClassLabels, LabelledPhases, read_phase_labels
from nital.io.labelled.pictures import Picture, cut_to_specimen, open_picture
from nital.io.labelled.stored import UNLABELLED

__all__ = [
    "UNLABELLED", "ClassLabels", "Columns", "LabelledPair", "LabelledPhases", "LabelledPictures", "Picture",
    "cut_to_specimen", "labelled_pairs", "manifest_row", "open_picture", "read_labelled", "read_objects",
    "read_phase_labels", "write_manifest",
]  # fmt: skip
