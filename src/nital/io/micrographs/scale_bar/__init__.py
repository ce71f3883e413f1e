"""What is printed over a micrograph: the scale bar is found and read, data bars and margins are left out."""

from nital.io.micrographs.scale_bar.banner import specimen_mask
from nital.io.micrographs.scale_bar.finding import ScaleBar, find_scale_bar, with_paper

__all__ = ["ScaleBar", "find_scale_bar", "specimen_mask", "with_paper"]
