"""Two phases in maps of two channels."""
