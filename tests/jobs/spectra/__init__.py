"""The position of a line in a spectrum."""
