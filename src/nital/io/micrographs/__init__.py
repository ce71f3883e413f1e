"""Micrographs in, pictures and label maps out."""

from nital.io.micrographs.opening import Micrograph, check_contrast, open_micrograph
from nital.io.micrographs.saving import save_label_map, save_png, save_tiff
from nital.io.micrographs.sidecar import sidecar_files

__all__ = [
    "Micrograph", "check_contrast", "open_micrograph", "save_label_map", "save_png", "save_tiff", "sidecar_files",
]  # fmt: skip
