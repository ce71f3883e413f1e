"""Maps of numbers in: pictures, arrays and grids of one or many channels, and which of their pixels are missing."""

from nital.io.maps.reading import MapFile, open_map

__all__ = ["MapFile", "open_map"]
