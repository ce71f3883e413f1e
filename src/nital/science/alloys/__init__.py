"""Physics features of alloys: grain size, tempering, carbon equivalents, and mixing rules of compositions."""

from nital.science.alloys.features import Feature
from nital.science.alloys.offering import offer_with_reasons

__all__ = ["Feature", "offer_with_reasons"]
